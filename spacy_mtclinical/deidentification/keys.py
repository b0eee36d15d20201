"""Values derived from a secret: the same for the same secret and parts, and telling nothing without it."""

import hashlib
import hmac
import os
import random
from pathlib import Path
from typing import Callable, Optional

VARIABLE = "MTCLINICAL_SECRET"
SHORTEST = 16  # bytes of a secret
Derive = Callable[..., bytes]  # of any number of texts; a closure, which can be neither shown nor pickled


class Secret:
    """A secret that is not shown. It may be sent to other processes of the same run, and is written nowhere."""

    def __init__(self, data: bytes):
        self._data = data

    def reveal(self) -> bytes:
        """The secret."""
        return self._data

    def __repr__(self) -> str:
        return "Secret()"


def read_secret(path: Optional[Path] = None, *, variable: str = VARIABLE) -> Optional[bytes]:
    """Read a secret from a file, or else from an environment variable; None where neither is given.

    White space around it does not count.
    RAISES: ValueError for one that is too short; OSError if the file cannot be read.
    """
    if path is None and variable not in os.environ:
        return None
    where = f"environment variable {variable}" if path is None else str(path)
    secret = (os.environ[variable].encode("utf8", "surrogateescape") if path is None else path.read_bytes()).strip()
    if len(secret) < SHORTEST:
        raise ValueError(
            f"Expected a secret of at least {SHORTEST} bytes in {where}, got {len(secret)}. "
            "Make one with: openssl rand -hex 32"
        )
    return secret


def make_derive(secret: bytes) -> Derive:
    """Make the function from texts to 32 bytes (HMAC-SHA256, RFC 2104; each text with its length before it)."""

    def derive(*parts: str) -> bytes:
        message = hmac.new(secret, digestmod=hashlib.sha256)
        for part in parts:
            data = part.encode("utf8", "surrogatepass")
            message.update(len(data).to_bytes(8, "big"))
            message.update(data)
        return message.digest()

    return derive


def make_random(derive: Derive, *parts: str) -> random.Random:
    """A generator of numbers of its own for these texts."""
    return random.Random(int.from_bytes(derive(*parts), "big"))


def pick(derive: Derive, *parts: str, count: int) -> int:
    """A number from 0 to count - 1 for these texts."""
    return int.from_bytes(derive(*parts), "big") % count
