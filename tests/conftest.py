"""Tiny random encoders, small converted corpora made by hand, and the public corpora where they are."""

import os
import tarfile
from pathlib import Path
from typing import Callable, Dict

import pytest
import spacy
import srsly
import torch
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from tokenizers import Tokenizer
from tokenizers.models import BPE, WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, ByteLevel
from tokenizers.processors import ByteLevel as ByteLevelProcessor
from tokenizers.processors import TemplateProcessing
from transformers import (
    AutoModel,
    BertConfig,
    BertTokenizerFast,
    ModernBertConfig,
    PretrainedConfig,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaTokenizerFast,
)

from spacy_mtclinical import make_pair
from spacy_mtclinical.documents import DOC_ID

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("MTCLINICAL_DATA", ROOT / ".." / "shared" / "data" / "public"))
os.environ.setdefault("HF_HUB_OFFLINE", "1")

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = [chr(code) for code in range(33, 127)]
WORDS = "patient has pain rash aspirin mg daily fever no the and ##in ##ing".split()


def save_encoder(config: PretrainedConfig, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Save an encoder whose random weights are the same whichever tests ran before."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        AutoModel.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def make_tiny_bert(folder: Path, positions: int = 64) -> Path:
    vocab = {piece: index for index, piece in enumerate([*PIECES, *LETTERS, *("##" + c for c in LETTERS), *WORDS])}
    backend = Tokenizer(WordPiece(vocab, unk_token="[UNK]"))
    backend.normalizer = BertNormalizer(lowercase=True)
    backend.pre_tokenizer = BertPreTokenizer()
    backend.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer = BertTokenizerFast(tokenizer_object=backend)
    config = BertConfig(
        vocab_size=len(vocab),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=positions,
    )
    save_encoder(config, tokenizer, folder)
    return folder


def make_byte_level(folder: Path, kind: str) -> Path:
    symbols = sorted(ByteLevel.alphabet())
    names = {"roberta": ["<s>", "<pad>", "</s>", "<unk>", "<mask>"], "modernbert": ["[CLS]", "[PAD]", "[SEP]", "[UNK]"]}
    vocab = {piece: index for index, piece in enumerate([*names[kind], *symbols, "Ġp", "Ġa", "in"])}
    backend = Tokenizer(BPE(vocab, merges=[("Ġ", "p"), ("Ġ", "a"), ("i", "n")]))
    backend.pre_tokenizer = ByteLevel(add_prefix_space=False)
    sizes = dict(vocab_size=len(vocab), hidden_size=16, num_hidden_layers=2, num_attention_heads=2)
    if kind == "roberta":
        backend.post_processor = ByteLevelProcessor(trim_offsets=True)
        tokenizer = RobertaTokenizerFast(tokenizer_object=backend, trim_offsets=True)
        backend = tokenizer.backend_tokenizer
        backend.post_processor = TemplateProcessing(
            single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
        )
        config = RobertaConfig(
            **sizes, intermediate_size=32, max_position_embeddings=66, pad_token_id=1, type_vocab_size=1
        )
    else:
        backend.post_processor = TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 0), ("[SEP]", 2)]
        )
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=backend,
            pad_token="[PAD]",
            unk_token="[UNK]",
            cls_token="[CLS]",
            sep_token="[SEP]",
            model_input_names=["input_ids", "attention_mask"],
        )
        config = ModernBertConfig(
            **sizes, intermediate_size=32, max_position_embeddings=64, pad_token_id=1, cls_token_id=0, sep_token_id=2
        )
    save_encoder(config, tokenizer, folder)
    return folder


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory) -> Path:
    return make_tiny_bert(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="session", params=["bert", "roberta", "modernbert"])
def any_encoder(request, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    return make_tiny_bert(folder) if request.param == "bert" else make_byte_level(folder, request.param)


@pytest.fixture(scope="session")
def public_corpus(tmp_path_factory) -> Callable[[str], Path]:
    """Unpack a public corpus once, or skip where it is not there."""
    unpacked: Dict[str, Path] = {}

    def find(name: str) -> Path:
        archive = DATA / f"{name}.tar.xz"
        if not archive.exists():
            pytest.skip(f"the public corpus {name} is not in MTCLINICAL_DATA")
        if name not in unpacked:
            folder = tmp_path_factory.mktemp("public")
            with tarfile.open(archive) as tar:
                tar.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
            unpacked[name] = folder / name
        return unpacked[name]

    return find


HEADS = {
    "drugs": {"@architectures": "spacy-mtclinical.EntityHead.v1", "nested": False},
    "groups": {"@architectures": "spacy-mtclinical.EntityHead.v1", "nested": True},
    "implies": {"@architectures": "spacy-mtclinical.PairClassifier.v1"},
    "alike": {"@architectures": "spacy-mtclinical.PairRegressor.v1", "low": 0.0, "high": 5.0},
}
LABELS = {"drugs": ["ADE", "Drug"], "groups": ["ANAT", "DISO"], "implies": ["no", "yes"], "alike": []}


def make_nlp(encoder: Path, *, heads=None, window: int = 64, context: int = 8, **settings) -> Language:
    """An untrained pipeline with one head of each kind."""
    nlp = spacy.blank("en")
    model = {
        "@architectures": "spacy-mtclinical.MultitaskModel.v1",
        "heads": HEADS if heads is None else heads,
        "encoder": {
            "@architectures": "spacy-mtclinical.Encoder.v1",
            "name": str(encoder),
            "window": window,
            "context": context,
        },
    }
    nlp.add_pipe("mtclinical", config={"model": model, **settings})
    return nlp


def make_note(nlp: Language, text: str, **spans) -> Doc:
    """A gold note: task = [(first character, last character, label), ...]."""
    doc = nlp.make_doc(text)
    for task, found in spans.items():
        doc.spans[task] = [doc.char_span(start, end, label=label) for start, end, label in found]
    return doc


def gold_docs(nlp: Language) -> Dict[str, list]:
    """A few gold documents a task, of invented text."""
    notes = [
        make_note(nlp, "patient has rash and aspirin 5 mg daily.", drugs=[(12, 16, "ADE"), (21, 28, "Drug")]),
        make_note(nlp, "no fever, aspirin daily", drugs=[(10, 17, "Drug")]),
        make_note(nlp, "the patient has no pain", drugs=[]),
    ]
    groups = [
        make_note(nlp, "pain and rash in the arm", groups=[(0, 24, "DISO"), (17, 24, "ANAT")]),
        make_note(nlp, "no fever", groups=[(3, 8, "DISO")]),
    ]
    implies = []
    for first, second, yes in [("has pain", "pain", 1.0), ("no pain", "pain", 0.0), ("fever", "has fever", 1.0)]:
        pair = make_pair(nlp, first, second)
        pair._.mtclinical["implies"] = {"yes": yes, "no": 1.0 - yes}
        implies.append(pair)
    alike = []
    for first, second, score in [("pain", "pain", 5.0), ("rash", "fever today", 0.5), ("no pain", "pain", 2.0)]:
        pair = make_pair(nlp, first, second)
        pair._.mtclinical["alike"] = score
        alike.append(pair)
    return {"drugs": notes, "groups": groups, "implies": implies, "alike": alike}


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> Path:
    """A converted corpus of all four kinds, as `convert` lays it out."""
    path = tmp_path_factory.mktemp("corpus")
    nlp = spacy.blank("en")
    for task, docs in gold_docs(nlp).items():
        for split in ("train", "dev"):
            for index, doc in enumerate(docs):
                doc.user_data[DOC_ID] = f"{task}-{split}-{index}"
            (path / task).mkdir(exist_ok=True)
            DocBin(docs=docs, store_user_data=True).to_disk(path / task / f"{split}.spacy")
        srsly.write_json(path / task / "labels.json", LABELS[task])
    return path


@pytest.fixture()
def nlp(tiny_bert) -> Language:
    """An initialised pipeline of four heads on a tiny random encoder."""
    spacy.util.fix_random_seed(0)
    nlp = make_nlp(tiny_bert, ents_from=["drugs", "groups"])
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
    return nlp
