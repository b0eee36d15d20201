"""RQE: pairs of consumer and frequently asked questions in XML (AMIA 2016, MEDIQA 2019)."""

from typing import Dict, Iterable, Iterator

from .markup import ELEMENT_NAME, parse_markup, read_text, write_attributes, write_text
from .records import FormatError, Pair

ANSWERS = ("true", "false")


def parse(xml: str, *, name: str) -> Iterator[Pair]:
    """Read the pairs: first is the `chq`, second the `faq`, both with the white space around them; an empty text and
    repeated pairs are kept. Answer is "true" or "false", None where the file states no value; attributes has the type.

    RAISES: FormatError naming the line of what is malformed.
    """
    for element in parse_markup(xml, name=name).children:
        where = f"{name}, line {element.line}"
        if element.tag.lower() != "pair":
            raise FormatError(f"{where}: expected a pair element, got another. Is it an RQE file?")
        texts: Dict[str, str] = {child.tag.lower(): read_text(child, name=name) for child in element.children}
        if sorted(texts) != ["chq", "faq"] or len(element.children) != 2:
            raise FormatError(f"{where}: expected one chq and one faq in the pair, got another content. Correct it.")
        stated = element.attributes.get("value")
        answer = None if stated is None else stated.strip().lower()
        if answer is not None and answer not in ANSWERS:
            raise FormatError(f"{where}: expected the value true or false, got another. Correct the pair.")
        attributes = {key: value for key, value in element.attributes.items() if key == "type"}
        yield Pair(element.attributes.get("pid", ""), texts["chq"], texts["faq"], answer, attributes)


def write(pairs: Iterable[Pair], *, root: str) -> str:
    """Write pairs below a root element of that name, texts as they are.

    RAISES: FormatError naming the pair with an answer that is not "true", "false" or None, or with a character that
    XML cannot hold.
    """
    if not ELEMENT_NAME.fullmatch(root):
        raise FormatError("expected a root that can be the name of an element (letters, digits, - or _).")
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<{root}>"]
    for number, pair in enumerate(pairs, start=1):
        where = f"pair {pair.id or number}"
        if pair.answer is not None and pair.answer not in ANSWERS:
            raise FormatError(f"{where}: expected the answer 'true', 'false' or None, got another. Map them.")
        fields = {"pid": pair.id, **{key: str(value) for key, value in pair.attributes.items() if key == "type"}}
        if pair.answer is not None:
            fields["value"] = str(pair.answer)
        lines.append(f"<pair {write_attributes(fields, where=where)}>")
        lines.append(f"<chq>{write_text(pair.first, where=where)}</chq>")
        lines.append(f"<faq>{write_text(pair.second, where=where)}</faq>")
        lines.append("</pair>")
    return "\n".join([*lines, f"</{root}>", ""])
