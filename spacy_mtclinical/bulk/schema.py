"""The table of answers: its columns and their types, known from the tasks alone."""

from typing import Any, List, Mapping, Sequence

from ..scoring.tally import CLASSES, ENTITIES

ID, ENTITIES_OF, PAIRS_OF, SHORTENED, ERROR = "id", "entities", "pairs", "shortened", "error"
TEXT, FIRST, SECOND = "text", "first", "second"
OWN = (ID, TEXT, FIRST, SECOND, ENTITIES_OF, PAIRS_OF, SHORTENED, ERROR)


def make_schema(
    kinds: Mapping[str, str],
    *,
    notes: bool = True,
    pairs: bool = False,
    with_text: bool = False,
    others: Sequence[Any] = (),
) -> Any:
    """Make the Arrow schema of the table of answers, one row a note or pair.

        id         string
        text       string: of a note without error; with_text
        first      string, and `second`: of a pair without error; with_text
        entities   struct of a list a task of struct {start: int32, end: int32, label: string, score: double}, and
                   `text: string` with_text. Offsets count characters (code points), end exclusive. A list is empty
                   where nothing was found; the struct is null where there was no note to read
        pairs      struct of a map<string, double> a task (label to probability), or of a double (a value)
        shortened  list of two int32: the sub-words left out of each side of a pair
        error      string: why there is no answer, null where there is one
        others     as they come

    `entities` is there for notes, `pairs` and `shortened` for pairs, where a task answers for them. Scores and
    probabilities have six digits; null is one that is not known.

    kinds: Task to "entities", "classes" or "value", see `loading.read_kinds` and `pipelines.find_kinds`.
    notes, pairs: What may be in the rows.
    others: Fields that pass through.
    RAISES: ValueError if one of them has the name of another column, or of one that other answers have.
    """
    import pyarrow as pa

    entity = [("start", pa.int32()), ("end", pa.int32()), ("label", pa.string()), ("score", pa.float64())]
    found = pa.list_(pa.struct([*entity, ("text", pa.string())] if with_text else entity))
    answers = {CLASSES: pa.map_(pa.string(), pa.float64())}
    of_notes = [pa.field(task, found) for task, kind in sorted(kinds.items()) if kind == ENTITIES]
    of_pairs = [
        pa.field(task, answers.get(kind, pa.float64())) for task, kind in sorted(kinds.items()) if kind != ENTITIES
    ]
    fields = [pa.field(ID, pa.string())]
    if with_text:
        fields += [pa.field(name, pa.string()) for name in [TEXT] * notes + [FIRST, SECOND] * pairs]
    if notes and of_notes:
        fields.append(pa.field(ENTITIES_OF, pa.struct(of_notes)))
    if pairs and of_pairs:
        fields += [pa.field(PAIRS_OF, pa.struct(of_pairs)), pa.field(SHORTENED, pa.list_(pa.int32()))]
    fields.append(pa.field(ERROR, pa.string()))
    check_names([field.name for field in others])
    return pa.schema([*fields, *others])


def check_names(others: Sequence[str]) -> None:
    """Refuse columns that pass through and have each other's name, or that of a column of answers, there or not.

    RAISES: ValueError naming them.
    """
    taken: List[str] = sorted({name for name in others if name in OWN or others.count(name) > 1})
    if taken:
        raise ValueError(
            f"Expected other names than {', '.join(taken)} for the columns that pass through, for the table of answers "
            "has columns of these names. Rename them, or leave them out (--drop)."
        )
