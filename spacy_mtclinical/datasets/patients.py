"""Whose note it is, where its header tells: notes of one patient belong on one side of a split."""

import re

DATE = r"(?:\[\*\*)?\s*([0-9]{4}-[0-9]{1,2}-[0-9]{1,2})\s*(?:\*\*\])?"
# Notes of Beth Israel: a surrogate date of birth, the same in all notes of a patient.
BORN = re.compile(rf"\bdate of birth\s*:\s*{DATE}\s+sex\s*:\s*([mf])\b", re.IGNORECASE)
HEADER = re.compile(r"\s*[0-9]{9}\s+([A-Z]+)\s+([0-9]{5,})\s")  # notes of Partners: record, hospital, patient, ...


def find_patient(text: str, *, doc_id: str) -> str:
    """The key of a note's patient; the document itself where the header does not tell.

    Two patients may share a key (born on the same day), which does no harm; one patient has two if a hospital writes
    both headers.
    """
    born, header = BORN.search(text), HEADER.match(text)
    if born:
        return f"born {born[1]} {born[2]}"
    return f"patient {header[1]} {header[2]}" if header else doc_id
