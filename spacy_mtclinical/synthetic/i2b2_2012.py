"""i2b2 2012 as distributed: XML with events, times and links, and the line formats beside it."""

from dataclasses import replace
from random import Random
from typing import Iterator, List, NamedTuple
from xml.sax.saxutils import escape

from ..formats import i2b2_temporal_xml
from ..formats.line_tokens import make_grid, touched
from ..formats.records import Annotation, Note
from . import narrative
from .banks import digits
from .markup import annotate
from .plan import File, Item, Names, documents
from .vocabulary import HELD, SHARED, TRAIN

LABELS = {
    "P": "PROBLEM",
    "T": "TREATMENT",
    "S": "TEST",
    "D": "CLINICAL_DEPT",
    "O": "OCCURRENCE",
    "E": "EVIDENTIAL",
}
STATUS = {  # modality and polarity of the values in narrative
    "": ("FACTUAL", "POS"),
    "absent": ("FACTUAL", "NEG"),
    "possible": ("POSSIBLE", "POS"),
    "conditional": ("CONDITIONAL", "POS"),
    "hypothetical": ("CONDITIONAL", "POS"),
    "proposed": ("PROPOSED", "POS"),
    "associated_with_someone_else": ("FACTUAL", "POS"),
}


class Written(NamedTuple):
    """A note with its events, and the section times, which are no events."""

    note: Note
    times: List[Annotation]


def files(*, size: float, rng: Random) -> Iterator[File]:
    """Write the training release and the ground truth of the test set."""
    names = Names(rng)
    for item in documents(size=size, train=60, held=15):
        doc_id = names.draw(lambda rng: str(rng.randint(1, 99_999)), split=item.split, key=str)
        written = write_note(item, doc_id=doc_id, rng=rng)
        xml = write_xml(written, item=item)
        if item.split == "test":
            yield File(f"ground_truth/merged_xml/{doc_id}.xml", xml, 1)
            continue
        stem = f"2012-07-15.original-annotation.release/{doc_id}.xml"
        yield File(stem, xml, 1)
        yield File(f"{stem}.txt", written.note.text[1:])
        yield File(f"{stem}.extent", "".join(f"{line}\n" for line in extent_lines(written)))
        yield File(f"{stem}.tlink", "".join(f"{line}\n" for line in _links(written.note, as_xml=False)))


def write_note(item: Item, *, doc_id: str, rng: Random) -> Written:
    """Write a note; its text begins with a line end, as in the files."""
    sections, bank = (narrative.TRAIN, TRAIN) if item.is_train else (narrative.HELD, HELD)
    year = rng.randint(2031, 2069)
    lines = ["", "Admission Date :", digits(f"[A {year}-03-0~]", rng=rng)]
    lines += ["Discharge Date :", digits(f"[A {year}-03-1~]", rng=rng)]
    lines += narrative.write_narrative(sections, {**SHARED, **bank}, rng=rng, is_long=item.is_long)
    note = annotate("\n".join(lines) + "\n", doc_id=doc_id)
    events = [annotation for annotation in note.annotations if annotation.label in LABELS]
    times = [replace(a, id=f"T{i}") for i, a in enumerate(a for a in note.annotations if a.label == "A")]
    return Written(replace(note, annotations=tuple(map(_event, range(len(events)), events))), times)


def write_xml(written: Written, *, item: Item) -> str:
    """Write the XML: with times and links; in some documents `&` un-escaped in TAGS, in some an event twice."""
    lines = i2b2_temporal_xml.write(written.note).split("\n")
    start = lines.index("<TAGS>") + 1
    if item.is_train and item.number % 11 == 3:
        lines.insert(start, lines[start])
    if item.number % 3 == 0:
        lines[start:] = [line.replace("&amp;", "&") for line in lines[start:]]
    end = lines.index("</TAGS>", start)
    for kind, time in zip(("ADMISSION", "DISCHARGE"), written.times):
        where = f'start="{time.start}" end="{time.end}" text="{time.text}"'
        lines.insert(end, f'<SECTIME id="S{time.id[1:]}" {where} type="{kind}" dvalue="{time.text}" />')
        lines.insert(end, f'<TIMEX3 id="{time.id}" {where} type="DATE" val="{time.text}" mod="NA" />')
    end = lines.index("</TAGS>", start)
    lines[end:end] = _links(written.note, as_xml=True)
    return "\n".join(lines)


def extent_lines(written: Written) -> List[str]:
    """Write the `.extent` lines: positions are line:token in the text without its first line end."""
    grid = make_grid(written.note.text[1:])
    lines = []
    for annotation in (*written.note.annotations, *written.times):
        found = touched(grid, annotation.start - 1, annotation.end - 1) or (0, 0)
        first, last = ("{}:{}".format(*grid.tokens[index][2:]) for index in found)
        kind, fields = "EVENT", {"type": annotation.label, **annotation.attributes}
        if annotation in written.times:
            kind, fields = "TIMEX3", {"type": "DATE", "val": annotation.text, "mod": "NA"}
        stated = "||".join(f'{key}="{value}"' for key, value in fields.items())
        lines.append(f'{kind}="{annotation.text}" {first} {last}||{stated}')
    return lines


def _event(number: int, annotation: Annotation) -> Annotation:
    modality, polarity = STATUS[annotation.attributes.get("value", "")]
    attributes = {"modality": modality, "polarity": polarity}
    return replace(annotation, id=f"E{number}", label=LABELS[annotation.label], attributes=attributes)


def _links(note: Note, *, as_xml: bool) -> List[str]:
    """Link each event in five to the next, in files and elements that this project does not read."""
    lines = []
    for number, (first, second) in enumerate(zip(note.annotations[::5], note.annotations[1::5])):
        kind = ("BEFORE", "OVERLAP", "AFTER")[number % 3]
        texts = [escape(a.text) for a in (first, second)]
        if as_xml:
            ends = f'fromID="{first.id}" fromText="{texts[0]}" toID="{second.id}" toText="{texts[1]}"'
            lines.append(f'<TLINK id="TL{number}" {ends} type="{kind}" />')
        else:
            lines.append(f'EVENT="{first.text}" {first.id}||EVENT="{second.text}" {second.id}||type="{kind}"')
    return lines
