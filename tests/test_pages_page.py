"""Pages are one file, hold what was meant as text as text, and forbid the browser everything else."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.pages.elements import OBEYED, Markup, element, join, quote
from spacy_mtclinical.pages.page import format_data, format_page, read_asset, write_page

HOSTILE = ["<script>x</script>", "</script>", "</style>", "<!--", "]]>", "\"'&<>", "&amp;", "\u2028", "\x00", "\u202e"]


class Reader(HTMLParser):
    """What a parser finds: elements, their attributes, and text."""

    def __init__(self, page):
        super().__init__()
        self.found, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("text", HOSTILE)
def test_text_and_attributes_are_escaped(text):
    reader = Reader(element("p", text, title=text))
    shown = re.sub("[\x00\u2028\u202e]", lambda found: f"U+{ord(found.group()):04X}", text)
    assert reader.found == [("p", {"title": shown})]
    assert reader.text == shown


@given(st.text())
def test_no_text_makes_an_element(text):
    reader = Reader(element("p", text))
    assert [tag for tag, _ in reader.found] == ["p"]
    assert quote(text).encode("utf8").decode("utf8") == quote(text)


def test_names_of_attributes_and_what_has_no_value():
    made = element("input", class_="a", aria_label="b", checked=True, disabled=False, value=None, max=0)
    assert made == '<input class="a" aria-label="b" checked max="0">'
    assert join("<", Markup("<br>"), None) == "&lt;<br>"


@given(st.lists(st.text() | st.floats(0, 1)) | st.dictionaries(st.text(), st.text()))
def test_data_read_back_are_the_same(data):
    text = format_data(data)
    assert json.loads(text) == data
    assert not set(text) & set("<>&\u2028\u2029\x7f")
    assert text.encode("utf8")


def test_data_hold_half_a_character_and_no_number_that_is_none():
    assert json.loads(format_data(["\ud83d", float("nan")])) == ["\ud83d", None]
    assert "\\ud83d" in format_data("\ud83d")


def test_the_policy_names_what_is_there_and_forbids_the_rest():
    styles, scripts = ["p{color:red}", "é{}"], ['"use strict";']
    page = format_page(title="<b>", body=["<i>"], styles=styles, scripts=scripts, data={"a": "</script>"})
    reader = Reader(page)
    policies = [attributes for _, attributes in reader.found if attributes.get("http-equiv")]
    assert [policy["http-equiv"] for policy in policies] == ["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policies[0]["content"].split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for kind, texts in (("style", styles), ("script", scripts)):
        hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in texts]
        assert rules[f"{kind}-src"].split() == [f"'sha256-{found}'" for found in hashes]
    tags = [tag for tag, _ in reader.found]
    assert tags.index("meta") < tags.index("style")
    assert (tags.count("script"), tags.count("b"), tags.count("i")) == (2, 0, 0)


def test_a_page_without_programs_runs_none():
    assert "script-src &#x27;none&#x27;" in format_page(title="", body=[], styles=[], scripts=[], data=None)


def test_a_page_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "a.html"
    write_page(path, title="A", body=["é"], styles=[])
    assert path.read_text("utf8").startswith("<!DOCTYPE html>\n<html")
    with pytest.raises(TypeError):
        write_page(tmp_path / "b.html", title="B", body=[], styles=[], data={1, 2})
    assert [file.name for file in tmp_path.iterdir()] == ["new"]


def test_browser_and_writer_agree_on_what_would_be_obeyed():
    written = "".join(f"\\u{ord(char):04x}" if char != "-" else "-" for char in OBEYED)
    assert f"const ODD = /[{written}]/;" in read_asset("view_text.js")


@pytest.mark.parametrize(
    "name", ["page.css", "report.css", "view.css", "view_text.js", "view_rows.js", "view_panel.js"]
)
def test_assets_are_plain_and_end_no_element(name):
    text = read_asset(name)
    assert text.isascii() and "\r" not in text
    assert "</" not in text and "<!--" not in text
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|https?:|url\(|@import", text)
