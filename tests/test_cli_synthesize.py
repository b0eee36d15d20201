import pytest
import typer
from spacy.cli._util import app
from typer.testing import CliRunner

from spacy_mtclinical.cli.synthesize import parse_size
from spacy_mtclinical.synthetic.corpora import WRITERS


def run(*arguments):
    return CliRunner().invoke(app, ["mtclinical", "synthesize", *map(str, arguments)])


def test_the_counts_are_printed(tmp_path):
    result = run(tmp_path / "out", "--size", "0.01", "--seed", "3")
    assert result.exit_code == 0
    counts = dict(line.split("\t") for line in result.stdout.strip().split("\n"))
    assert set(counts) == set(WRITERS) and all(int(count) > 0 for count in counts.values())
    assert "Writing invented corpora" in result.stderr
    assert (tmp_path / "out" / "mednli" / "mli_train_v1.jsonl").exists()


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("", "utf8")
    result = run(tmp_path)
    assert result.exit_code == 1 and "Name another folder" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("size", ["big", "0", "-1", "inf", "nan"])
def test_wrong_use_has_status_2(tmp_path, size):
    result = run(tmp_path / "out", "--size", size)
    assert result.exit_code == 2 and not (tmp_path / "out").exists()


def test_sizes():
    assert (parse_size("small"), parse_size("2.5")) == (1.0, 2.5)
    with pytest.raises(typer.BadParameter, match="Expected small or a number above 0, got 'big'"):
        parse_size("big")


def test_help_says_what_it_does():
    result = run("--help")
    assert result.exit_code == 0 and "invented" in result.stdout
