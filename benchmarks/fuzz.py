"""Notes of arbitrary Unicode through the annotation command: no crash, no lost row, offsets that give the text back.

    python benchmarks/fuzz.py [--notes 10000]

Runs tests/test_bulk_fuzz.py, which takes what the tests need (pip install -e ".[test]"), with so many notes, drawn anew
each time. Writes `metrics/fuzz.json`.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import List, Optional

import pytest

from spacy_mtclinical.outputs import write_json

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Optional[List[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=int, default=10_000)
    options = parser.parse_args(arguments)
    os.environ["MTCLINICAL_FUZZ"] = str(options.notes)
    status = pytest.main(["-q", str(ROOT / "tests" / "test_bulk_fuzz.py")])
    seen = dict(sys.modules["test_bulk_fuzz"].seen)
    (ROOT / "metrics").mkdir(exist_ok=True)
    write_json(ROOT / "metrics" / "fuzz.json", {**seen, "passed": status == 0})
    sys.stdout.write(f"{seen}\n")
    raise SystemExit(status)


if __name__ == "__main__":
    main()
