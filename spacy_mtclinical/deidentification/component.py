"""The pipe after `mtclinical` that writes each note without what identifies its patient into `Doc._.deidentified`."""

from pathlib import Path
from typing import Any, Dict, Optional

from spacy.language import Language
from spacy.tokens import Doc

from ..documents import DOC_ID
from .dates import LONGEST, SHIFT
from .keys import VARIABLE, Derive, make_derive, read_secret
from .kinds import make_kinds
from .mentions import ask_candidates, candidates, find_mentions
from .patients import compile_pattern, find_patient
from .policies import MASK, SURROGATE, THRESHOLD, Policy, check_policy, deidentify
from .surrogates import Style

EXTENSION = "deidentified"
PATIENT = "patient"  # key in Doc.user_data
OFFSETS = "deidentified_offsets"  # key in Doc.user_data
DEFAULT_CONFIG: Dict[str, Any] = {
    "task": None,
    "policy": MASK,
    "threshold": THRESHOLD,
    "kinds": {},
    "repeat": True,
    "locale": "en_US",
    "day_first": None,
    "years": SHIFT,
    "longest_shift": LONGEST,
    "secret_file": None,
    "secret_variable": VARIABLE,
    "patient_pattern": None,
    "with_offsets": False,
}


@Language.factory(
    "mtclinical_deidentify", requires=["doc.spans"], assigns=["doc._.deidentified"], default_config=DEFAULT_CONFIG
)
def make_mtclinical_deidentify(
    nlp: Language,
    name: str,
    task: Optional[str],
    policy: str,
    threshold: float,
    kinds: Dict[str, str],
    repeat: bool,
    locale: str,
    day_first: Optional[bool],
    years: str,
    longest_shift: int,
    secret_file: Optional[str],
    secret_variable: str,
    patient_pattern: Optional[str],
    with_offsets: bool,
) -> "Deidentifier":
    """Make the pipe that takes out what identifies a patient.

    task: Whose spans do.
    policy: "mask", "remove" or "surrogate".
    threshold, repeat: See `mentions.choose_mentions`.
    kinds: Label to kind, beside those of `kinds.DEFAULTS`.
    locale, day_first, years, longest_shift: Of surrogates, see `surrogates.Style`.
    secret_file, secret_variable: Where the secret is that surrogates are derived from; it is read when the first note
        comes, and never saved.
    patient_pattern: A regular expression whose first group is the patient in `Doc.user_data["doc_id"]`, unless
        `Doc.user_data["patient"]` says who it is.
    with_offsets: Whether `Doc.user_data["deidentified_offsets"]` says where each replaced mention was.
    Components before it that can give the units which may identify, below what they choose, are asked for them.
    RAISES: ValueError for settings that cannot be met.
    """
    if task is None:
        raise ValueError(
            f"The component '{name}' expected the task whose spans identify a patient, got none. "
            "Add it with config={'task': ...}."
        )
    style = Style(locale, day_first, years, longest_shift)
    chosen = Policy(policy, threshold, make_kinds(kinds), repeat, style)
    for _, pipe in nlp.pipeline:
        if task in getattr(pipe, "tasks", ()):
            ask_candidates(pipe, task, threshold)
    secret = Path(secret_file) if secret_file else None
    return Deidentifier(
        chosen,
        task=task,
        secret_file=secret,
        secret_variable=secret_variable,
        pattern=patient_pattern,
        with_offsets=with_offsets,
    )


def register_deidentified() -> None:
    """Register `Doc._.deidentified` (None by default) unless it is there already."""
    if not Doc.has_extension(EXTENSION):
        Doc.set_extension(EXTENSION, default=None)


class Deidentifier:
    """Writes a new text into `Doc._.deidentified`; the rest of the Doc is the original."""

    def __init__(
        self,
        policy: Policy,
        *,
        task: str,
        secret_file: Optional[Path] = None,
        secret_variable: str = VARIABLE,
        pattern: Optional[str] = None,
        with_offsets: bool = False,
    ):
        """Make the pipe. RAISES: ValueError for settings that cannot be met, save a secret that is not there yet."""
        register_deidentified()
        check_policy(policy, has_secret=True)
        self.policy = policy
        self.task = task
        self.secret_file = secret_file
        self.secret_variable = secret_variable
        self.pattern = compile_pattern(pattern)
        self.with_offsets = with_offsets
        self._derive: Optional[Derive] = None

    def __call__(self, doc: Doc) -> Doc:
        """Write the new text of a note.

        RAISES: ValueError if the document lacks the spans, or if it fails; never with a part of the text.
        """
        derive = self._get_derive()
        id = None if doc.user_data.get(DOC_ID) is None else str(doc.user_data[DOC_ID])
        spans, units = find_mentions(doc, self.task), candidates(doc, self.task)
        patient = find_patient(id, pattern=self.pattern, named=doc.user_data.get(PATIENT))
        try:
            done = deidentify(doc.text, spans, units, policy=self.policy, derive=derive, patient=patient, id=id)
        except Exception as error:  # noqa: BLE001  (its message may quote the note)
            raise ValueError(f"A note could not be de-identified ({type(error).__name__}).") from None
        doc._.set(EXTENSION, done.text)
        if self.with_offsets:
            doc.user_data[OFFSETS] = [list(own[:4]) for own in done.replacements]
        return doc

    def __getstate__(self) -> Dict[str, Any]:
        return {**self.__dict__, "_derive": None}

    def _get_derive(self) -> Optional[Derive]:
        if self._derive is None and self.policy.name == SURROGATE:
            secret = read_secret(self.secret_file, variable=self.secret_variable)
            check_policy(self.policy, has_secret=secret is not None)
            self._derive = None if secret is None else make_derive(secret)
        return self._derive
