"""Laws over all formats: whatever a file holds, it is read or refused with a FormatError that quotes none of it."""

import pytest
from generated_notes import SECRET
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.formats import (
    brat,
    i2b2_concept,
    i2b2_phi_xml,
    i2b2_temporal_xml,
    iob,
    nli_jsonl,
    pair_table,
    pubtator,
    rqe_xml,
    sts_tsv,
)
from spacy_mtclinical.formats.records import Annotation, FormatError, Note, Pair

TEXT = f"{SECRET} is ill. {SECRET} is well."
NOTE = Note("d1", TEXT, (Annotation("T1", "X", ((0, 9),), "", {"notes": [SECRET]}), Annotation("T2", "Y", ((18, 27),))))
PAIRS = [Pair("1", SECRET, SECRET, "true"), Pair("2", SECRET, "b", "false")]
SCORED = [Pair("1", SECRET, SECRET, 1.5), Pair("2", SECRET, "b", 2.0)]
EXTENT = f'EVENT="{SECRET}" 1:0 1:0||type="X"||modality="FACTUAL"\nTIMEX3="{SECRET}" 1:0 1:0||type="DATE"\n'
COLUMNS = {"name": "f", "first": "first", "second": "second", "answer": "answer"}
CASES = {
    "brat": (brat.write(NOTE), lambda data: brat.parse(TEXT, data, doc_id="d", name="f")),
    "i2b2_concept": (i2b2_concept.write(NOTE), lambda data: i2b2_concept.parse(TEXT, data, doc_id="d", name="f")),
    "i2b2_temporal_xml": (
        i2b2_temporal_xml.write(NOTE),
        lambda data: i2b2_temporal_xml.parse(data, doc_id="d", name="f"),
    ),
    "extent": (EXTENT, lambda data: i2b2_temporal_xml.parse_extent(TEXT, data, doc_id="d", name="f")),
    "i2b2_phi_xml": (i2b2_phi_xml.write(NOTE), lambda data: i2b2_phi_xml.parse(data, doc_id="d", name="f")),
    "pubtator": (pubtator.write([NOTE]), lambda data: list(pubtator.parse(data, name="f"))),
    "iob": (iob.write([NOTE]), lambda data: list(iob.parse(data, name="f"))),
    "rqe_xml": (rqe_xml.write(PAIRS, root="x"), lambda data: list(rqe_xml.parse(data, name="f"))),
    "nli_jsonl": (nli_jsonl.write(PAIRS), lambda data: list(nli_jsonl.parse(data, name="f"))),
    "sts_tsv": (sts_tsv.write(SCORED), lambda data: list(sts_tsv.parse(data, name="f"))),
    "scores": (sts_tsv.write_scores(SCORED), lambda data: sts_tsv.parse_scores(data, name="f")),
}
for kind in pair_table.KINDS:
    CASES[kind] = (
        pair_table.write(PAIRS, kind=kind),
        lambda data, kind=kind: list(pair_table.parse(data, kind=kind, **COLUMNS)),
    )
DAMAGE = st.one_of(st.just(""), st.sampled_from(list("\t\n\r\" ':;|<>&{}0-\x00\x0c\ufeff\ud800")), st.just(SECRET))


@pytest.mark.parametrize("case", CASES)
@given(data=st.data())
def test_damaged_files_are_read_or_refused(case, data):
    whole, parse = CASES[case]
    damaged = whole
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(damaged)))
        length = data.draw(st.one_of(st.integers(0, 3), st.just(len(damaged))))
        damaged = damaged[:start] + data.draw(DAMAGE) + damaged[start + length :]
    try:
        parse(damaged)
    except FormatError as error:
        assert SECRET not in str(error)
        assert str(error).startswith("f")
        assert error.__cause__ is None and (error.__context__ is None or error.__suppress_context__)


@pytest.mark.parametrize("case", CASES)
def test_undamaged_files_are_read(case):
    whole, parse = CASES[case]
    assert parse(whole)
