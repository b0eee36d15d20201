"""Which side of a split a group of documents falls on, the same in every run and on every machine."""

import re
import unicodedata
from hashlib import blake2b

DEV_SHARE = 0.1
RULE = (
    f"{DEV_SHARE:.0%} of the groups (patients, premises, questions or first sentences, by the dataset) are dev, "
    "by a hash of the group; all documents of a group are on one side"
)


def side(key: str, *, dev_share: float = DEV_SHARE) -> str:
    """Decide for "train" or "dev" by a hash of the group's key.

    All documents of one patient, premise or question have one key, so that none is on both sides. Adding
    documents moves no other.
    key: The group; letter case, white space and the form of Unicode characters make no difference.
    dev_share: The share of groups that go to dev, 0 to 1.
    """
    if not 0.0 <= dev_share <= 1.0:
        raise ValueError(f"Expected a share from 0 to 1 for dev, got {dev_share}.")
    digest = blake2b(normalise(key).encode("utf8", "surrogatepass"), digest_size=8).digest()
    return "dev" if int.from_bytes(digest, "big") < dev_share * 2.0**64 else "train"


def normalise(key: str) -> str:
    """Fold what does not tell two texts apart: letter case, white space, the form of Unicode characters."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", key).casefold())
    return re.sub(r"\s+", " ", folded).strip()
