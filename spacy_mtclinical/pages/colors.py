"""Colours by name: the same task has the same colour on every page, and labels have theirs in displaCy."""

from hashlib import sha256
from math import cos, radians, sin
from typing import Dict, Tuple

from spacy.displacy.render import DEFAULT_LABEL_COLORS

SALT = 1461  # of those tried, the one with which the datasets' tasks lie furthest apart
GOLDEN = 137.508  # degrees: a sequence of turns by it keeps its members apart, however long it is
LIGHT, DARK = 0.5, 0.8  # lightness of a colour on a light ground and on a dark one
GROUNDS = (0.86, 0.77)  # lightness of a ground on which displaCy writes in black
CHROMA = 0.14


def find_colors(task: str) -> Tuple[str, str]:
    """The colours of a task as "#rrggbb", on a light and on a dark ground."""
    hue = find_hue(task)
    return make_color(LIGHT, hue), make_color(DARK, hue)


def find_hue(name: str) -> float:
    """A name's hue in degrees."""
    return int.from_bytes(sha256(f"{SALT} {name}".encode("utf8", "replace")).digest()[:4], "big") / 2**32 * 360


def make_label_colors() -> Dict[str, str]:
    """Colours for displaCy of all labels of the datasets, save those that spaCy itself has one for.

    displaCy asks for them when it renders; it knows labels in upper case only, so that a label has one colour,
    whichever dataset's it is.
    """
    from ..datasets import DATASETS, load_dataset  # only where they are asked for

    colors: Dict[str, str] = {}
    for dataset in DATASETS:
        for number, label in enumerate(load_dataset(dataset).LABELS or ()):
            hue = find_hue(dataset) + number * GOLDEN
            colors.setdefault(label.upper(), make_color(GROUNDS[number % 2], hue))
    return {label: color for label, color in colors.items() if label not in DEFAULT_LABEL_COLORS}


def make_color(lightness: float, hue: float) -> str:
    """The most colourful "#rrggbb" of a lightness and a hue (in degrees) that is no more so than CHROMA.

    In Oklab (Ottosson 2020, "A perceptual color space for image processing"), where equal lightness looks equal.
    """
    chroma = CHROMA
    while True:
        channels = [_encode(value) for value in _to_linear(lightness, chroma, radians(hue))]
        if chroma < 0.01 or all(-0.001 <= value <= 1.001 for value in channels):
            return "#" + "".join(f"{round(255 * min(1.0, max(0.0, value))):02x}" for value in channels)
        chroma -= 0.005


def _to_linear(lightness: float, chroma: float, angle: float) -> Tuple[float, float, float]:
    a, b = chroma * cos(angle), chroma * sin(angle)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _encode(value: float) -> float:
    """From linear light to sRGB."""
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
