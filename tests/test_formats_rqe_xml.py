import pytest
from generated_notes import SECRET, xml_texts
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.formats import rqe_xml
from spacy_mtclinical.formats.records import FormatError, Pair

XML = """<?xml version="1.0" encoding="UTF-8"?>
<RQE-med-train>
<pair pid="1" type="originalQ-shortQ" value="true">
<chq> can zzamol & beer cause
rash </chq>
<faq>   What &lt;are&gt; the side effects?
</faq>
</pair>
<pair pid="1" value="FALSE"><chq></chq><faq/></pair>
<pair pid="3"><faq>b</faq><chq>a</chq></pair>
</RQE-med-train>
"""
PAIRS = [
    Pair(
        "1",
        " can zzamol & beer cause\nrash ",
        "   What <are> the side effects?\n",
        "true",
        {"type": "originalQ-shortQ"},
    ),
    Pair("1", "", "", "false"),
    Pair("3", "a", "b"),
]
DRAWN = st.builds(
    Pair,
    xml_texts(),
    xml_texts(),
    xml_texts(),
    st.sampled_from(["true", "false", None]),
    st.one_of(st.just({}), st.fixed_dictionaries({"type": xml_texts()})),
)


def parse(xml):
    return list(rqe_xml.parse(xml, name="a.xml"))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_texts_are_kept_as_they_are(line_end):
    assert parse(XML.replace("\n", line_end)) == PAIRS
    assert parse(rqe_xml.write(PAIRS, root="x")) == PAIRS


@given(st.lists(DRAWN, max_size=4))
def test_written_pairs_are_read_back(pairs):
    assert parse(rqe_xml.write(pairs, root="RQE-med-test")) == pairs


def test_the_written_file():
    assert rqe_xml.write(PAIRS[:1], root="RQE-med-test") == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<RQE-med-test>\n<pair pid="1" type="originalQ-shortQ" value="true">\n'
        "<chq> can zzamol &amp; beer cause\nrash </chq>\n<faq>   What &lt;are&gt; the side effects?\n</faq>\n</pair>\n"
        "</RQE-med-test>\n"
    )


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("</RQE-med-train>", "", "line 12: expected well-formed XML"),
        ("beer", "<beer>", "line 5: expected well-formed XML"),
        ("beer", "<b>beer</b>", "line 4: expected text alone in chq, got an element"),
        ("<RQE-med-train>", "<!DOCTYPE x><RQE-med-train>", "line 2: expected no document type or entity"),
        ('value="true"', f'value="{SECRET}"', "line 3: expected the value true or false"),
        ("<faq/>", "", "line 9: expected one chq and one faq"),
        ("<faq/>", "<faq/><faq/>", "line 9: expected one chq and one faq"),
        ("</pair>\n</RQE", f"</pair>\n<{SECRET}/></RQE", "line 11: expected a pair element"),
    ],
)
def test_malformed_files(old, new, message):
    assert old in XML
    with pytest.raises(FormatError, match=f"a.xml, {message}") as caught:
        parse(XML.replace(old, new).replace("zzamol", SECRET))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "pair, root, message",
    [
        (Pair("1", SECRET, "b", SECRET), "x", "pair 1: expected the answer 'true', 'false' or None"),
        (Pair("1", SECRET, "b", 1.0), "x", "pair 1: expected the answer 'true', 'false' or None"),
        (Pair("1", SECRET + "\x0c", "b"), "x", r"pair 1: .*XML 1.0 can hold, got U\+000C at offset 9"),
        (Pair("1", SECRET, "b"), "x y", "expected a root"),
    ],
)
def test_what_the_format_cannot_hold(pair, root, message):
    with pytest.raises(FormatError, match=message) as caught:
        rqe_xml.write([pair], root=root)
    assert SECRET not in str(caught.value)
