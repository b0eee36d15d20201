import dataclasses

import pytest
from generated_notes import SECRET, facts, notes, xml_texts
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.datasets.verification import matches
from spacy_mtclinical.formats import i2b2_temporal_xml
from spacy_mtclinical.formats.records import Annotation, FormatError, Note

XML = """<?xml version="1.0" encoding="UTF-8" ?>
<ClinicalNarrativeTemporalAnnotation>
<TEXT><![CDATA[
Admission Date :
2031-02-03
She was given A&B &amp; aspirin for a mild headache in the ER .
]]></TEXT>
<TAGS>
<EVENT id="E0" start="43" end="46" text="A&B" modality="FACTUAL" polarity="POS" type="TREATMENT" />
<EVENT ID="E1" START="43" End="60" text="A&B &amp;amp; aspirin" Modality="POSSIBLE" POLARITY="NEG" TYPE="" rel="X"/>
<EVENT id="E1" start="53" end="60" text="&lt;aspirin&#33;" />
<TIMEX3 id="T0" start="18" end="28" text="2031-02-03" type="DATE" val="2031-02-03" mod="NA" />
<SECTIME id="S0" start="18" end="28" text="2031-02-03" type="ADMISSION" dvalue="2031-02-03" />
<TLINK id="TL0" fromID="E1" fromText="A & B" toID="E0" toText="aspirin" type="BEFORE" />
<TLINK id="TL1" fromID="E1" fromText="a &nbsp; b" toID="E0" toText="aspirin" type="BEFORE" />
</TAGS>
</ClinicalNarrativeTemporalAnnotation>
"""
EXTENT = """EVENT="chest "pain"" 2:3 2:4||type="PROBLEM"||modality="FACTUAL"||polarity="NEG"||sec_time_rel="OVERLAP"
TIMEX3="2031-02-03" 1:0 1:0||type="DATE"||val="2031-02-03"||mod="NA"
EVENT="er" 2:6 2:6||type=""||modality="FACTUAL"||polarity="POS"

SECTIME="2031-02-03" 1:0 1:0||type="ADMISSION"||dvalue="2031-02-03"
"""
EXTENT_TEXT = '2031-02-03\r\nShe denies some chest "pain" in ER\r\n'


def parse(xml):
    return i2b2_temporal_xml.parse(xml, doc_id="d1", name="a.xml")


def test_the_layout_of_the_challenge():
    note = parse("\ufeff" + XML)
    first, second, third = note.annotations
    assert note.text[first.start : first.end] == "A&B" == first.text
    assert note.text[second.start : second.end] == "A&B &amp; aspirin" == second.text  # literal inside CDATA
    assert first.attributes == {"modality": "FACTUAL", "polarity": "POS"}
    assert (second.id, second.label, second.attributes) == ("E1", "", {"modality": "POSSIBLE", "polarity": "NEG"})
    assert third == Annotation("E1", "", ((53, 60),), "<aspirin!", {"modality": "", "polarity": ""})
    assert note.ignored == {"TIMEX3": 1, "SECTIME": 1, "TLINK": 2, "attribute": 1}
    assert parse(i2b2_temporal_xml.write(note)) == dataclasses.replace(note, ignored={})


def test_line_ends_of_the_file_are_those_of_xml():
    assert parse(XML.replace("\n", "\r\n")) == parse(XML)


@given(notes(xml_texts(), labels=st.sampled_from(["PROBLEM", ""]), fragments=2, modality=st.just("FACTUAL")))
def test_written_notes_are_read_back(note):
    once = parse(i2b2_temporal_xml.write(note))
    assert once.text == note.text
    assert facts(once) == facts(note)
    assert parse(i2b2_temporal_xml.write(once)) == once


@given(st.lists(xml_texts(), max_size=4))
def test_stated_texts_are_read_back(stated):
    note = Note("d1", "ab", tuple(Annotation(f"E{i}", "TEST", ((0, 1),), text) for i, text in enumerate(stated)))
    assert [a.text for a in parse(i2b2_temporal_xml.write(note)).annotations] == [text or "a" for text in stated]


def test_the_written_file():
    attributes = {"modality": "FACTUAL", "polarity": "POS"}
    note = Note("d1", "\na]]>b\r\n", (Annotation("E0", "TEST", ((1, 6),), attributes=attributes),))
    assert i2b2_temporal_xml.write(note) == (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<ClinicalNarrativeTemporalAnnotation>\n'
        "<TEXT><![CDATA[\na]]]]><![CDATA[>b]]>&#13;<![CDATA[\n]]></TEXT>\n<TAGS>\n"
        '<EVENT id="E0" start="1" end="6" text="a]]&gt;b" modality="FACTUAL" polarity="POS" type="TEST" />\n'
        "</TAGS>\n</ClinicalNarrativeTemporalAnnotation>\n"
    )


@pytest.mark.parametrize(
    "text, written",
    [
        ("it &apos;s", "it &apos;s"),
        ("&lt; 5 &amp; up", "&lt; 5 &amp; up"),
        ("A&B", "A&amp;B"),
        ("&amp;lt;", "&amp;amp;lt;"),
        ("&apos", "&amp;apos"),
        ("&#39;", "&amp;#39;"),
        ("<'\">", "&lt;'&quot;&gt;"),
    ],
)
def test_entities_of_the_text_stand_in_the_attribute_as_they_are(text, written):
    """The official scorer compares words as they stand in the file, and gold has them so."""
    note = Note("d1", text, (Annotation("E0", "TEST", ((0, len(text)),)),))
    xml = i2b2_temporal_xml.write(note)
    assert f' text="{written}" ' in xml
    assert matches(text, parse(xml).annotations[0])
    stated = i2b2_temporal_xml.write(Note("d1", text, (Annotation("E0", "TEST", ((0, len(text)),), text),)))
    assert parse(stated).annotations[0].text == text


@given(xml_texts())
def test_a_text_that_is_not_stated_matches_when_it_is_read_back(text):
    note = Note("d1", text, (Annotation("E0", "TEST", ((0, len(text)),)),))
    assert matches(text, parse(i2b2_temporal_xml.write(note)).annotations[0])


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("</TAGS>", "", r"line 17: expected well-formed XML, got 'mismatched tag' at column"),
        (XML[XML.index("<TLINK") :], "", r"line 14: expected well-formed XML, got 'no element found'"),
        (XML[XML.index("]]>") :], "", r"line \d: expected well-formed XML, got 'unclosed CDATA section'"),
        ("Admission", f"{SECRET}\x0c", r"line 4: expected well-formed XML, got 'not well-formed \(invalid token\)'"),
        ('start="43"', f'start="{SECRET}"', "line 9: expected whole numbers in start and end"),
        ('start="43"', "", "line 9: expected whole numbers in start and end"),
        ('start="43"', 'start="-1"', "line 9: expected whole numbers in start and end"),
        ('start="43"', 'start="99"', "line 9: expected an end at or after the start, got 99 to 46"),
        ('start="43"', 'start="43" Start="44"', "line 9: expected each attribute once"),
        ("<TEXT>", "<TEXT></TEXT><TEXT>", "expected one TEXT element below the root, got 2"),
        ("TAGS>", "TAG>", "expected one TAGS element below the root, got 0"),
        ("<Clin", "<!DOCTYPE a><Clin", "line 2: expected no document type or entity"),
        ("<Clin", f'<!DOCTYPE a [<!ENTITY b "{SECRET}">]><Clin', "line 2: expected no document type or entity"),
    ],
)
def test_malformed_files(old, new, message):
    assert old in XML
    with pytest.raises(FormatError, match=f"a.xml.*{message}") as caught:
        parse(XML.replace(old, new).replace("mild", SECRET))
    assert SECRET not in str(caught.value)


def test_empty_file():
    with pytest.raises(FormatError, match="a.xml, line 1: expected well-formed XML, got 'no element found'"):
        parse("")


def test_lone_surrogate():
    with pytest.raises(FormatError, match="a.xml: .*got a lone surrogate"):
        parse(XML.replace("mild", "\ud800"))


@pytest.mark.parametrize("char", ["\x00", "\x0c", "\x1b", "\ufffe", "\ud800"])
def test_characters_that_xml_cannot_hold(char):
    with pytest.raises(FormatError, match=rf"d1: .*XML 1.0 can hold, got U\+{ord(char):04X} at offset 9") as caught:
        i2b2_temporal_xml.write(Note("d1", SECRET + char))
    assert SECRET not in str(caught.value)
    with pytest.raises(FormatError, match="d1, annotation at 1: .*XML 1.0 can hold"):
        i2b2_temporal_xml.write(Note("d1", SECRET, (Annotation("E0", "X", ((1, 2),), char),)))


def test_offsets_off_the_text_are_read_but_not_written():
    note = parse(XML.replace('end="46"', 'end="999"'))
    assert note.annotations[0].end == 999
    with pytest.raises(FormatError, match="d1: expected offsets within the text"):
        i2b2_temporal_xml.write(note)


def test_extent():
    note = i2b2_temporal_xml.parse_extent(EXTENT_TEXT, EXTENT, doc_id="d1", name="a.extent")
    first, second = note.annotations
    assert first == Annotation("E0", "PROBLEM", ((28, 40),), 'chest "pain"', {"modality": "FACTUAL", "polarity": "NEG"})
    assert (second.id, second.label, EXTENT_TEXT[second.start : second.end]) == ("E1", "", "ER")
    assert note.ignored == {"TIMEX3": 1, "SECTIME": 1, "attribute": 1}


@pytest.mark.parametrize(
    "line, message",
    [
        (SECRET, "expected KIND="),
        (f'EVENT="{SECRET}" 1:0||type="X"', "expected KIND="),
        (f'EVENT="a" 1:0 1:0||type={SECRET}', "expected KIND="),
        (f'EVENT="{SECRET}" 1:0 1:9||type="X"', "expected a token below 1 in line 1 of the text, got 9"),
    ],
)
def test_malformed_extents(line, message):
    with pytest.raises(FormatError, match=f"a.extent, line 2: {message}") as caught:
        i2b2_temporal_xml.parse_extent(EXTENT_TEXT, "\n" + line, doc_id="d1", name="a.extent")
    assert SECRET not in str(caught.value)
