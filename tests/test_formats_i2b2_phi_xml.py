import dataclasses

import pytest
from generated_notes import SECRET, facts, notes, xml_texts
from hypothesis import given

from spacy_mtclinical.formats import i2b2_phi_xml
from spacy_mtclinical.formats.records import Annotation, FormatError, Note

XML = """<?xml version="1.0" encoding="UTF-8" ?>
<deIdi2b2>
<TEXT><![CDATA[

Record date: 2071-03-04

Ms. Testname, a 93yo florist, saw Dr. Examplar at Sample Hospital MWF.
]]></TEXT>
<TAGS>
<DATE id="P0" start="15" end="25" text="2071-03-04" TYPE="DATE" comment="" />
<NAME id="P1" start="31" end="39" text="Testname" TYPE="PATIENT" comment="first" />
<AGE id="P2" start="43" end="45" text="93" TYPE="AGE" />
<LOCATION id="P5" start="77" end="92" text="Sample Hospital" TYPE="HOSPITAL" comment="" more="x" />
<DATE id="P6" start="93" end="94" text="M" TYPE="DATE" comment="" />
<DATE id="P7" start="94" end="95" text="W" TYPE="DATE" comment="" />
</TAGS>
</deIdi2b2>
"""


def parse(xml):
    return i2b2_phi_xml.parse(xml, doc_id="d1", name="a.xml")


def test_the_layout_of_the_challenge():
    note = parse(XML)
    assert all(note.text[a.start : a.end] == a.text for a in note.annotations)
    assert [a.label for a in note.annotations] == ["DATE", "PATIENT", "AGE", "HOSPITAL", "DATE", "DATE"]
    assert note.annotations[1].attributes == {"category": "NAME", "comment": "first"}
    assert note.annotations[2].attributes == {"category": "AGE", "comment": ""}
    assert note.ignored == {"attribute": 1}
    assert parse(i2b2_phi_xml.write(note)) == dataclasses.replace(note, ignored={})


def test_a_file_as_the_challenge_has_it_is_written_as_it_is():
    xml = XML.replace(' more="x"', "").replace('TYPE="AGE"', 'TYPE="AGE" comment=""')
    assert i2b2_phi_xml.write(parse(xml)) == xml


@pytest.mark.parametrize("root", ["MEDDOCAN", "x-y"])
def test_the_root_may_have_any_name(root):
    assert parse(XML.replace("deIdi2b2", root)) == parse(XML)


@given(notes(xml_texts(), fragments=2))
def test_written_notes_are_read_back(note):
    once = parse(i2b2_phi_xml.write(note))
    assert once.text == note.text
    assert facts(once) == facts(note)
    assert [a.id for a in once.annotations] == [a.id for a in note.annotations]
    assert parse(i2b2_phi_xml.write(once)) == once


@pytest.mark.parametrize(
    "label, attributes, category",
    [
        ("USERNAME", {}, "NAME"),
        ("PROFESSION", {}, "PROFESSION"),
        ("LOCATION-OTHER", {}, "LOCATION"),
        ("AGE", {}, "AGE"),
        ("DATE", {}, "DATE"),
        ("IPADDR", {}, "CONTACT"),
        ("BIOID", {}, "ID"),
        ("OTHER", {}, "OTHER"),
        ("no type of the challenge", {}, "OTHER"),
        ("DATE", {"category": "FECHA"}, "FECHA"),
    ],
)
def test_categories(label, attributes, category):
    note = Note("d1", "abc", (Annotation("P0", label, ((0, 3),), attributes=attributes),))
    (annotation,) = parse(i2b2_phi_xml.write(note)).annotations
    assert (annotation.label, annotation.attributes["category"]) == (label, category)


def test_every_type_has_one_category():
    assert len(i2b2_phi_xml.CATEGORIES) == sum(map(len, i2b2_phi_xml.TYPES.values())) == 31


def test_repeated_identifiers_are_numbered_anew():
    note = Note("d1", "abc", (Annotation("a", "AGE", ((0, 1),)), Annotation("a", "AGE", ((0, 1),))))
    assert [a.id for a in parse(i2b2_phi_xml.write(note)).annotations] == ["P0", "P1"]


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("</deIdi2b2>", "", "line 18: expected well-formed XML"),
        ('id="P1"', 'id="P0"', "line 11: expected an id of its own"),
        ('id="P1"', "", "line 11: expected an id of its own"),
        ('start="31"', f'start="{SECRET}"', "line 11: expected whole numbers in start and end"),
        ("<TEXT>", "<TEXT><b/>", "line 3: expected text alone in TEXT, got an element"),
        ("<deIdi2b2>", "<!DOCTYPE x><deIdi2b2>", "line 2: expected no document type or entity"),
    ],
)
def test_malformed_files(old, new, message):
    assert old in XML
    with pytest.raises(FormatError, match=f"a.xml, {message}") as caught:
        parse(XML.replace(old, new).replace("Testname", SECRET))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "annotation, message",
    [
        (Annotation("P0", "X", ((1, 2),), "", {"category": f"{SECRET} b"}), "annotation at 1: expected a category"),
        (Annotation("P0", "\x0c", ((1, 2),)), "annotation at 1: expected characters that XML 1.0 can hold, got U.000C"),
        (Annotation("P0", "X", ((1, 99),)), r"expected offsets within the text \(0 to 9\), got 1 to 99"),
    ],
)
def test_what_the_format_cannot_hold(annotation, message):
    with pytest.raises(FormatError, match=f"d1.*{message}") as caught:
        i2b2_phi_xml.write(Note("d1", SECRET, (annotation,)))
    assert SECRET not in str(caught.value)
