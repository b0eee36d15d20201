"""What ordinary fine-tuning of an encoder on one task reaches in a plain PyTorch loop: the bar for single-task models.

    python benchmarks/plain_finetuning.py ENCODER CORPUS --task bc5cdr --task stsb --epochs 3

CORPUS is a folder as `convert` writes it (or OUT/corpus, as `compare` draws it). Entities: BIO tags of our tokens on
their first sub-words, the longest of overlapping spans; pairs: classes or a number from [CLS]. Scored on dev by the
package's scorers, exact spans against the gold as it was annotated. Writes `metrics/plain_finetuning.json`.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path

import spacy
import torch
import transformers
from spacy.training import Example, biluo_tags_to_spans, iob_to_biluo
from spacy.util import filter_spans

from spacy_mtclinical.corpus import copy_words, find_tasks
from spacy_mtclinical.docbins import read_docs
from spacy_mtclinical.outputs import write_json
from spacy_mtclinical.scoring.answers import score_accuracy, score_pearson
from spacy_mtclinical.scoring.spans import score_exact_spans

IGNORED = -100  # the target of sub-words that are not the first of a word
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def encode_note(doc, task, tokenizer, window, tags):
    """Rows of at most one window: inputs, targets, and the words whose first sub-words are where."""
    names = ["O"] * len(doc)
    for span in filter_spans(doc.spans[task]):
        names[span.start : span.end] = ["B-" + span.label_] + ["I-" + span.label_] * (len(span) - 1)
    words = [token for token in doc if not token.is_space]
    if not words:
        return []
    cut = {"is_split_into_words": True, "truncation": True, "return_overflowing_tokens": True}
    found = tokenizer([word.text for word in words], max_length=window, **cut)
    rows, before = [], None
    for index, ids in enumerate(found["input_ids"]):
        places, y = {}, [IGNORED] * len(ids)
        for place, word in enumerate(found.word_ids(index)):
            if word is not None and word != before:
                places[place], y[place], before = words[word].i, tags[names[words[word].i]], word
        rows.append({"input_ids": ids, "labels": y, "places": places})
    return rows


def encode_pair(doc, task, tokenizer, window, labels):
    """One row: [CLS] a [SEP] b [SEP]."""
    first, second = (side.text for side in doc.spans["pair"])
    answer = doc._.mtclinical[task]
    y = labels[max(answer, key=answer.get)] if labels else float(answer)
    return [{**tokenizer(first, second, truncation=True, max_length=window), "labels": y}]


def collate(rows, tokenizer):
    inputs = [{key: row[key] for key in tokenizer.model_input_names if key in row} for row in rows]
    batch = tokenizer.pad(inputs, return_tensors="pt")
    targets = [row["labels"] for row in rows]
    if isinstance(targets[0], list):
        targets = [y + [IGNORED] * (batch["input_ids"].shape[1] - len(y)) for y in targets]
    return {key: value.to(DEVICE) for key, value in {**batch, "labels": torch.tensor(targets)}.items()}


def train(model, rows, tokenizer, options):
    """AdamW, a tenth of the steps of warm-up, linear decay."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=0.01)
    steps = options.epochs * -(-len(rows) // options.batch)
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, steps // 10, steps)
    model.to(DEVICE).train()
    for _ in range(options.epochs):
        random.shuffle(rows)
        for start in range(0, len(rows), options.batch):
            with torch.autocast(DEVICE, dtype=torch.bfloat16, enabled=options.bf16):
                loss = model(**collate(rows[start : start + options.batch], tokenizer)).loss
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()


def spans_of(doc, tags):
    """Read BIO tags of words as spans; an I that continues nothing begins one."""
    return biluo_tags_to_spans(doc, iob_to_biluo(tags))


def run(task, options, vocab, tokenizer):
    golds, devs = (list(read_docs(options.corpus / task / f"{split}.spacy", vocab)) for split in ("train", "dev"))
    names = json.loads((options.corpus / task / "labels.json").read_text("utf8"))
    is_pair = "pair" in golds[0].spans
    tags = names if is_pair else ["O", *(f"{prefix}-{name}" for name in names for prefix in "BI")]
    index = {tag: number for number, tag in enumerate(tags)}
    encode = encode_pair if is_pair else encode_note
    random.seed(options.seed)
    torch.manual_seed(options.seed)
    kind = transformers.AutoModelForSequenceClassification if is_pair else transformers.AutoModelForTokenClassification
    eager = {"attn_implementation": "eager"}  # in bfloat16 on a CPU several times as quick backwards as torch's kernel
    model = kind.from_pretrained(options.encoder, num_labels=max(1, len(tags)), **eager)
    rows = [row for doc in golds for row in encode(doc, task, tokenizer, options.window, index)]
    begun, examples = time.perf_counter(), []
    train(model, rows, tokenizer, options)
    seconds = time.perf_counter() - begun
    model.eval()
    for gold in devs:
        doc, predicted = copy_words(gold), ["O"] * len(gold)
        for row in encode(gold, task, tokenizer, options.window, index):
            with torch.no_grad(), torch.autocast(DEVICE, dtype=torch.bfloat16, enabled=options.bf16):
                scores = model(**collate([row], tokenizer)).logits[0].float().cpu()
            if is_pair:
                doc._.mtclinical = {task: dict(zip(tags, scores.softmax(-1).tolist())) if tags else scores.item()}
            for place, word in row.get("places", {}).items():
                predicted[word] = tags[int(scores[place].argmax())]
        if not is_pair:
            doc.spans[task] = spans_of(doc, predicted)
        examples.append(Example(doc, gold))
    way = "fragments" if task in options.fragments else "hull"
    pairs = score_accuracy if tags else score_pearson
    found = pairs(examples, task) if is_pair else score_exact_spans(examples, task, discontinuous=way)
    return {"metric": next(iter(found)), "score": next(iter(found.values())), "seconds": seconds, "rows": len(rows)}


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("encoder")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--task", action="append", help="repeatable; all by default")
    parser.add_argument("--fragments", nargs="*", default=["quaero_2014"], help="tasks scored by all fragments")
    parser.add_argument("--bf16", action="store_true", help="mixed precision, as configs/public.cfg has it")
    parser.add_argument("--output", type=Path, default=Path("metrics/plain_finetuning.json"))
    for name, default in {"epochs": 3, "batch": 16, "window": 256, "seed": 0, "rate": 2e-4}.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    options = parser.parse_args(arguments)
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.encoder)
    settings = {name: str(value) for name, value in vars(options).items() if name not in ("task", "output")}
    found = {"settings": {**settings, "device": DEVICE}, "tasks": {}}
    for task in find_tasks(options.corpus, "train", options.task):
        found["tasks"][task] = run(task, options, spacy.blank("xx").vocab, tokenizer)
        sys.stdout.write(f"{task}: {found['tasks'][task]['metric']} {found['tasks'][task]['score']:.4f}\n")
        write_json(options.output, found)


if __name__ == "__main__":
    main()
