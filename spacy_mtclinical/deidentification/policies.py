"""What becomes of a mention: a mask, nothing, or a surrogate; and a note without what identifies its patient."""

from typing import Iterable, Mapping, NamedTuple, Optional

from .dates import check_longest, make_reading
from .faking import get_names
from .keys import Derive
from .kinds import DEFAULTS
from .mentions import Mention, choose_mentions
from .patients import derive_for
from .replacement import Deidentified, Replace, Surrogate, mask, replace_mentions
from .surrogates import Style, make_surrogates

MASK, REMOVE, SURROGATE = POLICIES = ("mask", "remove", "surrogate")
THRESHOLD = 0.01


class Policy(NamedTuple):
    """What is replaced by what.

    name: One of POLICIES.
    threshold: A mention is replaced if it is at least that probable.
    kinds: Label to kind, see `kinds.make_kinds`.
    repeat: Whether what is written like a name or identifier that was found is replaced too.
    style: Of surrogates.
    """

    name: str = MASK
    threshold: float = THRESHOLD
    kinds: Mapping[str, str] = DEFAULTS
    repeat: bool = True
    style: Style = Style()


def check_policy(policy: Policy, *, has_secret: bool) -> None:
    """Refuse what cannot be done, before a note is read.

    RAISES: ValueError for a policy or threshold that there is not, a style that cannot be met, a secret or package
        that is missing.
    """
    if policy.name not in POLICIES:
        raise ValueError(f"policy expected one of {', '.join(POLICIES)}, got '{policy.name}'.")
    check_threshold(policy.threshold)
    if policy.name == SURROGATE:
        if not has_secret:
            raise ValueError(
                "Surrogates are derived from a secret, and there is none. Name its file or set its variable."
            )
        check_longest(policy.style.longest_shift)
        make_reading(policy.style.locale, day_first=policy.style.day_first, years=policy.style.years)
        get_names(policy.style.locale)


def check_threshold(threshold: float) -> None:
    """RAISES: ValueError for what is no probability above 0."""
    if not 0.0 < threshold <= 1.0:
        raise ValueError(f"threshold expected a probability above 0 and up to 1, got {threshold}.")


def deidentify(
    text: str,
    spans: Iterable[Mention],
    units: Iterable[Mention],
    *,
    policy: Policy,
    derive: Optional[Derive] = None,
    patient: Optional[str] = None,
    id: Optional[str] = None,
) -> Deidentified:
    """Replace what identifies a patient.

    spans, units: What was found, see `mentions.choose_mentions`.
    derive: Of a secret; surrogates need it.
    patient, id: Whose note it is and its name, where they are known; surrogates agree within a patient.
    """
    mentions = choose_mentions(text, spans, units, threshold=policy.threshold, kinds=policy.kinds, repeat=policy.repeat)
    return replace_mentions(text, mentions, make_replace(policy, derive, patient=patient, id=id, text=text))


def make_replace(
    policy: Policy, derive: Optional[Derive], *, patient: Optional[str], id: Optional[str], text: str
) -> Replace:
    """Make the function from a mention and its label to what stands in its place, for one note."""
    if policy.name == MASK:
        return lambda mention, label: Surrogate(mask(label))
    if policy.name == REMOVE or derive is None:
        return lambda mention, label: Surrogate("")
    return make_surrogates(derive_for(derive, patient=patient, id=id, text=text), policy.kinds, policy.style)
