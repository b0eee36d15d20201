"""The model card of a pipeline: tasks, figures, data and their licences, use and limits, as Markdown."""

from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

import srsly
from spacy.language import Language

from .datasets.terms import Terms, find_terms
from .loading import find_component, read_kinds
from .pretrained import get_shim
from .scoring.tally import CLASSES, ENTITIES

MARK = "<!-- Written by `python -m spacy mtclinical card`; edit a copy, or it is replaced. -->"
FILE = "README.md"
HEADS = {ENTITIES: "entities in notes", CLASSES: "class of a pair"}
INVENTED = Terms("Invented sentences in the format of this dataset", "as in it", "MIT", "`synthesize`", "", True)
OWN = Terms("A corpus of its maker's", "not stated", "not stated: ask the maker of this pipeline", "", "", False)
WHO = "the maker of this pipeline"

USE = """\
For research and for tools that people check: finding mentions in clinical text, comparing sentences, taking out what
identifies patients before a person reads what is left. Not a medical device, and not tested for use in care: no
decision about a patient may rest on its answers alone. It answers about text of the kind that it was trained on (see
Data); measure it on yours before you use it: `python -m spacy mtclinical evaluate`."""
LIMITS = """\
- An answer of a head means little for a text of another kind or language than those of its corpus. Take the tasks that
  fit.
- It says what is mentioned. Whether that is denied, past or of a relative is another tool's work (negspacy, medspaCy).
- A mention of several fragments is given as one span from its first to its last character. A flat head gives no
  overlapping spans, a nested one no overlapping spans of one type.
- A long note is read in windows with context on both sides: nothing is skipped, but what is far away is not seen. A
  pair that is too long is shortened, and says so.
- Protected health information is found as other entities are: with errors. What is left identifies patients.
- It may repeat what it has read, and has the biases of its corpora and of the checkpoint that it started from."""
OFFLINE = """\
Everything that it needs is inside: encoder, tokenizer, labels. Carry this package and the wheels of `spacy_mtclinical`
and what that requires to the machine, then:

```bash
python -m pip install --no-index --find-links wheels {package}
python -m spacy mtclinical annotate {package} notes output/notes.parquet
```

Nothing is downloaded and nothing is sent anywhere; `HF_HUB_OFFLINE=1` forbids it besides."""


class About(NamedTuple):
    """What a card says that a pipeline does not know of itself.

    scores: What `evaluate` wrote, if it was run.
    reports: Task to the reports of conversion by split, as they lie in the folder of the corpus.
    encoder: The checkpoint that training started from, in words.
    invented: Whether the corpora are those of `synthesize`.
    """

    scores: Optional[Mapping[str, Any]] = None
    reports: Mapping[str, Mapping[str, Any]] = {}
    encoder: str = ""
    invented: bool = False


def find_places(path: Path) -> List[Path]:
    """Find the folders of a pipeline that hold a README.md and a meta.json, the pipeline's own last.

    path: A pipeline, or what `spacy package` made of one.
    RAISES: ValueError if it is neither.
    """
    if (path / "config.cfg").is_file() and (path / "meta.json").is_file():
        return [path]
    inner = [found.parent for found in path.glob("*/*/config.cfg") if (found.parent / "meta.json").is_file()]
    if len(inner) != 1 or not (path / "meta.json").is_file():
        raise ValueError(f"Expected the folder of a pipeline, or one that spacy package wrote, got {path}.")
    return [path, *inner]


def read_reports(corpus: Path) -> Dict[str, Dict[str, Any]]:
    """Read the reports of conversion in the folder of a corpus: task to split to report."""
    found: Dict[str, Dict[str, Any]] = {}
    for path in sorted(corpus.glob("*/*.report.json")):
        found.setdefault(path.parent.name, {})[path.name[: -len(".report.json")]] = srsly.read_json(path)
    return found


def find_data(task: str, about: About) -> Terms:
    """What is known of the corpus of a task."""
    report = about.reports.get(task, {}).get("train", {})
    known = find_terms(report.get("dataset", task))
    if known is None:
        return OWN
    return INVENTED._replace(title=f"{INVENTED.title} ({task})", language=known.language) if about.invented else known


def make_card(nlp: Language, about: About, *, meta: Mapping[str, Any]) -> str:
    """Write the card of a trained pipeline.

    meta: Its name and version, as it is packaged.
    """
    component = find_component(nlp)
    kinds = read_kinds(component)
    package = f"{meta['lang']}_{meta['name']}"
    sections = [
        f"# {package} {meta['version']}",
        MARK,
        f"{describe(nlp)} Made with spacy_mtclinical for spaCy {nlp.meta['spacy_version']}.",
        _describe_encoder(nlp, about.encoder),
        *("## Tasks", list_tasks(kinds, component.label_data)),
        *("## Figures", list_figures(sorted(kinds), about.scores)),
        *("## Data", list_data(sorted(kinds), about)),
        *("## Intended use", USE),
        *("## Limits", "\n".join([LIMITS, *_own_limits(component, about)])),
        *("## Use without a network", OFFLINE.format(package=package)),
    ]
    return "\n\n".join(sections) + "\n"


def describe(nlp: Language) -> str:
    """Say in a sentence what a pipeline is."""
    kinds = list(read_kinds(find_component(nlp)).values())
    notes = kinds.count(ENTITIES)
    return (
        f"A spaCy pipeline that answers {len(kinds)} clinical tasks with one encoder: {notes} find entities in notes, "
        f"{len(kinds) - notes} compare two texts."
    )


def list_sources(tasks: Sequence[str], about: About) -> List[Dict[str, str]]:
    """The corpora as spaCy's meta.json has them under "sources"."""
    found = [find_data(task, about) for task in tasks]
    return [{"name": own.title, "author": own.source or WHO, "url": own.url, "license": own.licence} for own in found]


def _describe_encoder(nlp: Language, name: str) -> str:
    transformer = get_shim(find_component(nlp).model.get_ref("encoder"))._model
    config = transformer.config
    millions = sum(weight.numel() for weight in transformer.parameters()) / 1e6
    begun = f"begun from {name or 'a checkpoint that is not stated'}"
    return (
        f"Encoder: {config.model_type}, {config.num_hidden_layers} layers, {config.hidden_size} wide, {millions:,.1f} "
        f"million parameters, {config.vocab_size:,} sub-words, {begun}."
    )


def list_tasks(kinds: Mapping[str, str], labels: Mapping[str, Sequence[str]]) -> str:
    """A table of tasks: where the answer is, and its labels."""
    rows = []
    for task, kind in sorted(kinds.items()):
        place = f'`doc.spans["{task}"]`' if kind == ENTITIES else f'`doc._.mtclinical["{task}"]`'
        names = ", ".join(f"`{label}`" for label in labels.get(task, ())) or "a number"
        rows.append([f"`{task}`", HEADS.get(kind, "number for a pair"), place, names])
    return make_table(["task", "answer", "where", "labels"], rows)


def list_figures(tasks: Sequence[str], scores: Optional[Mapping[str, Any]]) -> str:
    """A table of each task's first figure, and how it is defined."""
    if scores is None:
        return "It was not scored. `python -m spacy mtclinical evaluate` does that."
    rows, definitions = [], {}
    for task in tasks:
        found = scores["tasks"].get(task)
        if found is None:
            rows.append([f"`{task}`", "not scored", "", "", ""])
            continue
        name, interval = found["metric"], found.get("interval")
        ranged = "" if not interval else "{:.3f} to {:.3f}".format(*interval)
        rows.append([f"`{task}`", name, format_figure(found["score"]), ranged, f"{found['documents']:,}"])
        definitions[task] = found.get("definitions", {}).get(name)
    told = [f"- `{task}`: {meaning}" for task, meaning in definitions.items() if meaning]
    drawn = f", at most {scores['limit']:,} documents a task" if scores.get("limit") else ""
    head = f"On the {scores['split']} split of each corpus{drawn}, against the gold as it was annotated:"
    if scores["split"] == "dev":
        head = f"{head[:-1]}; the best of several moments of training was chosen on it:"
    table = make_table(["task", "figure", "score", "95 % interval", "documents"], rows)
    return "\n\n".join([head, table, *(["\n".join(told)] if told else [])])


def list_data(tasks: Sequence[str], about: About) -> str:
    """A table of the corpora: what, how much, from whom, under which terms."""
    rows = []
    for task in tasks:
        own = find_data(task, about)
        source = f"[{own.source}]({own.url})" if own.url else own.source or WHO
        rows.append([f"`{task}`", own.title, own.language, _count(task, about), own.licence, source])
    told = make_table(["task", "corpus", "language", "trained on", "licence", "from"], rows)
    if all(find_data(task, about).is_open for task in tasks):
        return told
    return (
        f"{told}\n\nSome of these corpora may be had on request only, under agreements that forbid passing them on. "
        "Whether this pipeline may be passed on is for their owners to say."
    )


def _count(task: str, about: About) -> str:
    report = about.reports.get(task, {}).get("train")
    if not report:
        return "not stated"
    counts, annotated = report["counts"], report["total"]["annotated"]
    what = "pairs" if "pairs" in counts else "documents"
    return f"{counts.get(what, 0):,} {what}" + (f", {annotated:,} annotations" if annotated else "")


def _own_limits(component: Any, about: About) -> List[str]:
    own = []
    if about.invented:
        own.append(
            "- It knows invented sentences alone. It shows that everything works, and is of no use on real notes."
        )
    if not component.cfg["temperatures"]:
        own.append("- Its scores are not calibrated (`calibrate`): do not read .8 as right in 80 of 100.")
    if component.thresholds:
        own.append(f"- It gives spans above a score only: {', '.join(sorted(component.thresholds))}.")
    return own


def make_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def format_figure(value: Optional[float]) -> str:
    """A figure with three decimals, "-" where there is none."""
    return "-" if value is None else f"{value:.3f}"
