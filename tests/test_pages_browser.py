"""The pages in a real Chromium: hostile text is shown and not run, switches and filters work, offsets are right."""

import pytest
from browser import Browser, find_chromium
from test_pages_comparison import make_table
from test_pages_evaluation import make_result

from spacy_mtclinical.pages.comparison import write_comparison
from spacy_mtclinical.pages.evaluation import write_evaluation
from spacy_mtclinical.pages.results import Mention, Result
from spacy_mtclinical.pages.view import write_view

HOSTILE = """<script>document.title = "run"; top.hit = 1</script><img src=x onerror="top.hit = 1">
</script></style><!-- ]]> &amp; <b>bold</b> "double" 'single' `tick` ${top.hit = 1} <svg onload="top.hit = 1">"""
EMOJI = "\U0001f600\U0001f9d1\U0001f3fd\u200d\U0001f9b1 then aspirin 5 mg\r\n\U0001f600 rash"
ODD = "a\x00b\x1bc\u202ed\u2066e\u2028f"

# What of the text each mention of a note covers, by its label
COVERED = """(() => {
  const found = {};
  for (const node of document.querySelectorAll("article:nth-of-type(NUMBER) .seg")) {
    for (const mention of node.mentions) {
      const label = data.tasks[mention[0]].labels[mention[1]];
      found[label] = (found[label] || "") + node.textContent;
    }
  }
  return found;
})()"""
TEXT = """[...document.querySelectorAll("article:nth-of-type(NUMBER) .line")]
  .map((line) => line.textContent).join("\\n")"""
SHOWN = """[...document.querySelectorAll("article:nth-of-type(NUMBER) .tag")].map((tag) => tag.dataset.label)"""
PANEL = """[...document.querySelectorAll(".task > label, .task li label")].map((node) => node.textContent)"""

# Texts whose contrast with their ground is below 4.5, as WCAG 2.2 measures it
WEAK = """(() => {
  const channels = (color) => { const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
  const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => a * c + (1 - a) * under[i]);
  const ground = (node) => node
    ? over(channels(getComputedStyle(node).backgroundColor), ground(node.parentElement)) : [255, 255, 255];
  const light = (color) => color.map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const weak = [];
  for (const node of document.querySelectorAll("body *:not(script, noscript, svg, svg *)")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3) || node.className === "tag";
    const color = channels(getComputedStyle(node).color).slice(0, 3);
    const [low, high] = [light(color), light(ground(node))].sort((a, b) => a - b);
    if (own && (high + 0.05) / (low + 0.05) < 4.5) weak.push(node.outerHTML.slice(0, 80));
  }
  return weak;
})()"""


def find(text, part, label, score=0.9):
    return Mention(text.index(part), text.index(part) + len(part), label, score)


def make_results():
    overlapping = [find(EMOJI, "then aspirin", "Long", 0.3), find(EMOJI, "aspirin 5", "Cross", None)]
    drugs = [find(EMOJI, "aspirin", "Drug"), find(EMOJI, "5 mg\r\n\U0001f600 rash", "Lines", 0.6), *overlapping]
    groups = [find(EMOJI, "aspirin", "Group", 0.5), find(EMOJI, EMOJI[:4], "Person", 0.7)]
    script = HOSTILE.split("<img")[0]
    return [
        Result("emoji.txt", (EMOJI,), {"drugs": drugs, "groups": groups}, {}, ""),
        Result(f"{HOSTILE}.txt", (HOSTILE,), {HOSTILE: [find(HOSTILE, script, HOSTILE)]}, {}, ""),
        Result("odd.txt", (ODD,), {"drugs": [find(ODD, "b\x1bc", "Drug")]}, {}, ""),
        Result("pair", ("has <b>pain</b>", "pain"), {}, {"implies": {"yes": 0.75, "no": 0.25}, "alike": 2.5}, ""),
        Result("failed.txt", (), {}, {}, "<i>no</i>"),
    ]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    browser = Browser(program, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "page.html"
    write_view(make_results(), path, name="results.jsonl", limit=1000)
    return path


@pytest.fixture
def browser(chromium, page):
    """The page of results, and a look afterwards that it failed on nothing and asked for nothing."""
    chromium.open(page)
    yield chromium
    assert chromium.run("[document.title, typeof top.hit]") == ["results.jsonl: annotated", "undefined"]
    assert chromium.faults() == []
    assert chromium.requests() == [page.as_uri()]


def in_row(code, number):
    return code.replace("NUMBER", str(number))


def test_planted_markup_is_shown_as_text_and_nothing_of_it_runs(browser):
    assert browser.run(in_row(TEXT, 2)) == HOSTILE
    assert browser.run("document.querySelector('article:nth-of-type(2) h2 span').textContent") == f"{HOSTILE}.txt"
    assert browser.run(in_row(COVERED, 2)) == {HOSTILE: HOSTILE.split("<img")[0]}
    assert browser.run("document.querySelectorAll('main img, main b, main svg, main script, main style').length") == 0
    assert browser.run("document.querySelectorAll('script').length") == 4
    assert f"{HOSTILE}1" in browser.run(PANEL)


def test_the_policy_refuses_what_is_not_the_page_s_own(chromium, page):
    chromium.open(page)
    made = "const made = document.createElement('script'); made.text = 'top.hit = 1'; document.body.append(made)"
    assert chromium.run(f"(() => {{ try {{ {made} }} catch (error) {{ return error.name }} }})()") == "TypeError"
    assert chromium.run("(() => { try { document.body.innerHTML = '' } catch (error) { return error.name } })()")
    chromium.run("fetch('https://localhost:9/').catch(() => 0)")
    chromium.run("(() => { const image = new Image(); image.src = 'https://localhost:9/x.png'; return 1 })()")
    assert chromium.run("typeof top.hit") == "undefined"
    faults = " ".join(chromium.faults())
    assert "Content Security Policy" in faults and "connect-src" in faults and "img-src" in faults


def test_offsets_count_code_points(browser):
    found = browser.run(in_row(COVERED, 1))
    assert found == {
        "Person": EMOJI[:4],
        "Long": "then aspirin",
        "Cross": "aspirin 5",
        "Drug": "aspirin",
        "Group": "aspirin",
        "Lines": "5 mg\U0001f600 rash",
    }
    assert browser.run(in_row(TEXT, 1)) == EMOJI.replace("\r", "")


def test_overlapping_mentions_have_lanes_of_their_own(browser):
    code = """[...document.querySelectorAll("article:nth-of-type(1) .tag")].map((tag) =>
      [tag.dataset.label, Math.round(tag.getBoundingClientRect().top)])"""
    tops = dict(browser.run(code))
    assert len({tops[label] for label in ("Long", "Cross", "Drug", "Group")}) == 4
    lines = browser.run("""[...document.querySelectorAll("article:nth-of-type(1) .seg")]
      .filter((node) => node.textContent.includes("aspirin"))
      .map((node) => getComputedStyle(node).backgroundImage.split("linear-gradient").length - 1)""")
    assert lines == [4]
    assert tops["\u2026 Lines"] > tops["Lines"]


def test_characters_that_would_be_obeyed_are_named(browser):
    assert browser.run(in_row(TEXT, 3)) == "aU+0000bU+001BcU+202EdU+2066eU+2028f"
    assert browser.run(in_row(COVERED, 3)) == {"Drug": "bU+001Bc"}


def click(browser, name):
    code = """[...document.querySelectorAll(".task label")].find((node) => node.textContent.startsWith(NAME))
      .querySelector("input").click()"""
    browser.run(code.replace("NAME", repr(name)))
    browser.settle()


def test_a_switch_hides_and_shows_a_task(browser):
    before = browser.run(in_row(SHOWN, 1))
    assert {"Drug", "Group", "Person"} <= set(before)
    click(browser, "groups")
    assert set(before) - set(browser.run(in_row(SHOWN, 1))) == {"Group", "Person"}
    assert browser.run(in_row(TEXT, 1)) == EMOJI.replace("\r", "")
    assert "groups0 of 2" in browser.run(PANEL)
    assert browser.run("document.querySelector('.told').textContent") == "5 rows, 6 mentions"
    click(browser, "groups")
    assert browser.run(in_row(SHOWN, 1)) == before


def test_a_label_can_be_left_out(browser):
    click(browser, "Drug")
    assert "Drug" not in browser.run(in_row(SHOWN, 1)) + browser.run(in_row(SHOWN, 3))
    assert "Drug0 of 2" in browser.run(PANEL) and "drugs3 of 5" in browser.run(PANEL)


def test_a_minimum_score_keeps_what_has_none(browser):
    set_to = """(() => { const box = document.getElementById("minimum"); box.value = VALUE;
      box.dispatchEvent(new Event("input")) })()"""
    browser.run(set_to.replace("VALUE", "0.55"))
    browser.settle()
    assert set(browser.run(in_row(SHOWN, 1))) == {"Person", "Cross", "Drug", "Lines", "\u2026 Lines"}
    browser.run(set_to.replace("VALUE", "0.6"))
    browser.settle()
    assert "Lines" in browser.run(in_row(SHOWN, 1))


@pytest.mark.parametrize(
    "wanted, rows",
    [("all", [0, 1, 2, 3, 4]), ("mentions", [0, 1, 2]), ("pairs", [3]), ("failed", [4])],
)
def test_rows_can_be_chosen_by_kind(browser, wanted, rows):
    browser.run(
        "(() => { const box = document.querySelector('select'); box.value = WANTED;"
        "box.dispatchEvent(new Event('change')) })()".replace("WANTED", repr(wanted))
    )
    code = "[...document.querySelectorAll('article')].filter((node) => !node.hidden).map((node) => +node.dataset.row)"
    assert browser.run(code) == rows


def test_rows_can_be_found_by_a_word(browser):
    browser.run(
        "(() => { const box = document.getElementById('find'); box.value = 'RASH';"
        "box.dispatchEvent(new Event('input')); return new Promise((done) => setTimeout(done, 300)) })()"
    )
    assert browser.run("document.querySelector('.told').textContent") == "1 of 5 rows, 8 mentions"


def test_a_score_is_told_under_the_pointer(browser):
    code = """(() => { const box = [...document.querySelectorAll("article:nth-of-type(1) .seg")]
      .find((node) => node.textContent.includes("aspirin")).getBoundingClientRect();
      return [box.left + 5, box.top + 5] })()"""
    browser.point(*browser.run(code))
    told = browser.run("[...document.querySelectorAll('#tip div')].map((node) => node.textContent)")
    start = EMOJI.index("aspirin")
    assert f"Drugdrugs{start}\u2013{start + 7}0.900" in told
    assert any(line.endswith("no score") for line in told) and len(told) == 4
    browser.press("Escape")
    assert browser.run("document.getElementById('tip').hidden")


def test_mentions_are_walked_by_key(browser):
    browser.run("document.querySelector('article:nth-of-type(1) .text').focus()")
    browser.press("ArrowRight")
    assert browser.run("document.getElementById('tip').textContent").startswith("Persongroups0\u20134" + "0.700")
    browser.press("End")
    assert browser.run("document.querySelectorAll('.seg.on').length") > 1
    assert browser.run("document.getElementById('tip').textContent").startswith("Linesdrugs")
    browser.press("Escape")
    assert browser.run("document.querySelectorAll('.seg.on').length") == 0


def test_a_switch_is_reached_and_turned_by_key(browser):
    browser.run("document.querySelector('[role=switch]').focus()")
    browser.press(" ")
    assert browser.run("document.querySelector('[role=switch]').checked") is False
    browser.press("Tab")
    assert browser.run("document.activeElement.tagName") == "SUMMARY"


def test_a_pair_has_its_answers_as_bars(browser):
    assert browser.run(in_row(TEXT, 4)) == "has <b>pain</b>\npain"
    code = """[...document.querySelectorAll("article:nth-of-type(4) .answer")].map((node) =>
      [node.textContent, node.querySelector(".bar > i").style.width])"""
    assert browser.run(code) == [["0 to 3 seen2.50", "83.3333%"], ["yes0.750", "75%"], ["no0.250", "25%"]]


def test_a_failed_row_says_why(browser):
    assert browser.run("document.querySelector('article.failed').textContent") == (
        "failed.txtfailedNot annotated: <i>no</i>"
    )


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("kind", ["view", "evaluation", "comparison"])
def test_every_text_has_contrast_and_nothing_is_wider_than_the_screen(chromium, page, tmp_path, kind, width, dark):
    if kind == "evaluation":
        page = tmp_path / "page.html"
        write_evaluation(make_result(), page)
    elif kind == "comparison":
        page = tmp_path / "page.html"
        write_comparison(make_table(), page)
    chromium.open(page, width=width, dark=dark)
    assert chromium.run("document.documentElement.scrollWidth") <= width
    if kind == "view":
        assert chromium.run("document.querySelector('#panel details').open") is (width > 960)
    assert chromium.run(WEAK) == []
    assert chromium.faults() == [] and chromium.requests() == [page.as_uri()]


def test_a_thousand_rows_are_drawn_as_they_come_near(chromium, tmp_path):
    results = [make_results()[0]._replace(id=f"note {number}") for number in range(1000)]
    write_view(results, tmp_path / "page.html", name="many", limit=1000)
    chromium.open(tmp_path / "page.html")
    drawn = "[...document.querySelectorAll('article')].filter((node) => node.querySelector('.line')).length"
    assert 0 < chromium.run(drawn) < 100
    chromium.run("scrollTo(0, 1e9)")
    # What is drawn at last moves the page, so that the end is reached some frames later.
    on_screen = "node.getBoundingClientRect().top < innerHeight && node.querySelector('.line')"
    seen = f"[...document.querySelectorAll('article')].filter((node) => {on_screen}).pop()"
    for _ in range(100):
        chromium.settle()
        if chromium.run(f"+({seen}?.dataset.row ?? 0)") > 900:
            break
    assert chromium.run(f"+{seen}.dataset.row") > 900
    labels = f"[...{seen}.querySelectorAll('.tag')].map((tag) => tag.dataset.label)"
    assert "Group" in chromium.run(labels) and chromium.run(drawn) < 200
    click(chromium, "groups")
    assert "Group" not in chromium.run(labels) and "Drug" in chromium.run(labels)
    assert chromium.faults() == []
