"""Whether a pipeline to which a task was added answers the old tasks as before, to the last bit.

    python benchmarks/added.py OLD NEW NOTES [--notes 2000]

OLD and NEW are pipelines; NOTES is a folder of .txt files. Compared are the spans of every task of OLD, their scores,
`Doc.ents`, the answers of pairs made of the beginnings of neighbouring notes, and the weights of the encoder and of the
old heads. Writes `metrics/added.json`.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Dict, List

from spacy.language import Language

from spacy_mtclinical import make_pair
from spacy_mtclinical.loading import find_component, load_pipeline
from spacy_mtclinical.model import get_heads
from spacy_mtclinical.outputs import write_json

ROOT = Path(__file__).resolve().parent.parent


def read_texts(folder: Path, number: int) -> List[str]:
    return [path.read_text("utf8", errors="replace") for path in sorted(folder.glob("*.txt"))[:number]]


def answer(nlp: Language, texts: List[str], tasks: List[str]) -> List[Any]:
    pairs = [make_pair(nlp, first[:200], second[:200]) for first, second in zip(texts, texts[1:])]
    found = []
    for doc in nlp.pipe([*texts, *pairs]):
        spans = {
            task: [[(span.start, span.end, span.label_) for span in doc.spans[task]], doc.spans[task].attrs["scores"]]
            for task in tasks
            if task in doc.spans
        }
        classes = {task: value for task, value in doc._.mtclinical.items() if task in tasks}
        found.append((spans, classes, [(ent.start, ent.end, ent.label_) for ent in doc.ents]))
    return found


def read_weights(nlp: Language, tasks: List[str]) -> Dict[str, bytes]:
    model = find_component(nlp).model
    found = {
        f"{task} {name}": get_heads(model)[task].layers[-1].get_param(name).tobytes()
        for task in tasks
        for name in ("W", "b")
    }
    shim: Any = model.get_ref("encoder").layers[0].shims[0]
    for name, value in shim._model.state_dict().items():
        found[f"encoder {name}"] = value.cpu().numpy().tobytes()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--notes", type=int, default=2000)
    options = parser.parse_args()
    old, new = load_pipeline(options.old), load_pipeline(options.new)
    tasks = find_component(old).tasks
    texts = read_texts(options.folder, options.notes)
    before, after = answer(old, texts, tasks), answer(new, texts, tasks)
    weights, others = read_weights(old, tasks), read_weights(new, tasks)
    found = {
        "old": tasks,
        "added": sorted(set(find_component(new).tasks) - set(tasks)),
        "notes": len(texts),
        "pairs": len(before) - len(texts),
        "spans": sum(len(spans) for groups, _, _ in before for spans, _ in groups.values()),
        "different_answers": sum(one != other for one, other in zip(before, after)),
        "different_weights": [name for name in weights if weights[name] != others.get(name)],
    }
    (ROOT / "metrics").mkdir(exist_ok=True)
    write_json(ROOT / "metrics" / "added.json", found)
    sys.stdout.write(json.dumps(found) + "\n")
    if found["different_answers"] or found["different_weights"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
