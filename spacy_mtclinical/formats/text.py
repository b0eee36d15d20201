"""Text as the file holds it: bytes decoded without loss, lines and cells of line-based formats."""

import codecs
import math
import re
from pathlib import Path
from typing import Iterator, Optional, Sequence, Tuple

from .records import FormatError

BOM = "\ufeff"
LINE_END = re.compile(r"\r?\n")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
FALLBACK = "spacy-mtclinical-bytes"  # how the codec knows what becomes of bytes that are not UTF-8
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def decode(data: bytes, *, name: str) -> Tuple[str, bool]:
    """Return the text and whether it was not UTF-8: bytes that are none are read as Windows-1252, at last as Latin-1.

    Each of them is a character, so that a stray one moves no offset. Nothing else is changed: a byte order mark stays a
    character (offsets count it), line ends stay as they are.

    RAISES: FormatError for UTF-16, which no corpus here uses and which the fallback would turn into noise.
    """
    if data.startswith(UTF16_MARKS):
        raise FormatError(f"{name}: expected UTF-8 text, got UTF-16 (its byte order mark). Convert the file to UTF-8.")
    try:
        return data.decode("utf-8"), False
    except UnicodeDecodeError:
        pass
    return data.decode("utf-8", errors=FALLBACK), True


def read_bytes_singly(error: UnicodeError) -> Tuple[str, int]:
    """Read bytes that are not UTF-8 one by one."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    stray = [error.object[place : place + 1] for place in range(error.start, error.end)]
    return "".join(map(read_byte, stray)), error.end


def read_byte(byte: bytes) -> str:
    """A byte of Windows-1252; Latin-1 has those that it lacks."""
    try:
        return byte.decode("cp1252")
    except UnicodeDecodeError:
        return byte.decode("latin-1")


codecs.register_error(FALLBACK, read_bytes_singly)


def read_text(path: Path) -> Tuple[str, bool]:
    """Read and `decode` a file."""
    return decode(Path(path).read_bytes(), name=str(path))


def read_lines(data: str) -> Iterator[Tuple[int, str]]:
    """Give the lines of a data file, numbered from 1, without a byte order mark at its start.

    Lines end at LF or CRLF, or at CR where there is no LF, and nowhere else: `str.splitlines` would also cut at form
    feeds and change the numbers.
    """
    data = data[1:] if data.startswith(BOM) else data
    return enumerate(LINE_END.split(data) if "\n" in data else data.split("\r"), start=1)


def write_line(cells: Sequence[str], *, separator: str, where: str) -> str:
    """Join cells to one line and its line end.

    RAISES: FormatError if a cell holds the separator or a line end, so that it would not be read back.
    """
    line = separator.join(cells)
    if line.count(separator) != len(cells) - 1 or "\n" in line or line.endswith("\r"):
        number = next((i for i, cell in enumerate(cells) if separator in cell or "\n" in cell), len(cells) - 1)
        raise FormatError(
            f"{where}: expected a value without separator or line end in column {number + 1}, got one that holds "
            "either. This format cannot hold it: write another format, or replace the character."
        )
    return line + "\n"


def guard_bom(data: str) -> str:
    """Give a file that begins with U+FEFF a second one, since `read_lines` takes the first for a byte order mark."""
    return BOM + data if data.startswith(BOM) else data


def check_encodable(text: str, *, where: str) -> str:
    """Return the text. RAISES: FormatError if UTF-8 cannot hold it (JSON can name lone surrogates)."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FormatError(
            f"{where}: expected text that UTF-8 can hold, got a lone surrogate at character {error.start} of a value. "
            "Replace the character."
        ) from None
    return text


def parse_number(cell: str, *, where: str) -> float:
    """Return the finite number that a cell states. RAISES: FormatError if it states none."""
    number: Optional[float] = float(cell) if NUMBER.fullmatch(cell.strip(" ")) else None
    if number is None or not math.isfinite(number):
        raise FormatError(f"{where}: expected a number, got something else of {len(cell)} characters. Correct it.")
    return number
