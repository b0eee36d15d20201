"""Learning curves as SVG: scores with intervals over the share of the data, which is logarithmic."""

from math import log10
from typing import List, Mapping, Optional, Sequence, Tuple
from xml.etree.ElementTree import Element, SubElement, tostring

Curve = Sequence[Tuple[float, float, Optional[List[float]]]]  # share, score, interval
WIDTH, HEIGHT, LEFT, BELOW, MARGIN = 640, 400, 60, 50, 36
COLORS = ("#b2182b", "#2166ac")
TICKS = 5


def draw_curves(title: str, curves: Mapping[str, Curve]) -> str:
    """Draw curves of scores between 0 and 1, each point with its interval.

    RETURNS: The text of an SVG file.
    """
    points = [point for curve in curves.values() for point in curve]
    shares = sorted({share for share, _, _ in points}) or [1.0]
    top = max([0.05, *(max(score, *(interval or [score])) for _, score, interval in points)])
    high = -(-min(top, 1.0) * 10 // 1) / 10
    left, right = log10(shares[0]) - 0.1, log10(shares[-1]) + 0.1

    def place(share: float, score: float) -> Tuple[float, float]:
        across = (log10(share) - left) / (right - left)
        up = min(max(score, 0.0), high) / high
        return LEFT + across * (WIDTH - LEFT - MARGIN), HEIGHT - BELOW - up * (HEIGHT - BELOW - MARGIN)

    size = {"width": str(WIDTH), "height": str(HEIGHT), "viewBox": f"0 0 {WIDTH} {HEIGHT}"}
    svg = Element(
        "svg", {"xmlns": "http://www.w3.org/2000/svg", "font-family": "sans-serif", "font-size": "12", **size}
    )
    SubElement(svg, "rect", {"width": str(WIDTH), "height": str(HEIGHT), "fill": "white"})
    write(svg, WIDTH / 2, 18, title, anchor="middle")
    write(svg, WIDTH / 2, HEIGHT - 12, "share of the training documents", anchor="middle")
    for share in shares:
        across, bottom = place(share, 0.0)
        draw_line(svg, [(across, bottom), (across, MARGIN)], color="#ddd", width=1)
        write(svg, across, bottom + 16, f"{share:.0%}", anchor="middle")
    for tick in range(TICKS + 1):
        score = high * tick / TICKS
        height = place(1.0, score)[1]
        draw_line(svg, [(LEFT, height), (WIDTH - MARGIN, height)], color="#ddd", width=1)
        write(svg, LEFT - 6, height + 4, f"{100 * score:.0f}", anchor="end")
    for index, (name, curve) in enumerate(curves.items()):
        color = COLORS[index % len(COLORS)]
        draw_line(svg, [place(share, score) for share, score, _ in curve], color=color, width=2)
        for share, score, interval in curve:
            across, up = place(share, score)
            across += 4 * index  # so that two intervals can be told apart
            if interval is not None:
                ends = [(across, place(share, end)[1]) for end in interval]
                draw_line(svg, ends, color=color, width=1)
            SubElement(svg, "circle", {"cx": f"{across:.1f}", "cy": f"{up:.1f}", "r": "3", "fill": color})
        write(svg, LEFT + 12, MARGIN + 14 + 16 * index, name, color=color)
    return tostring(svg, encoding="unicode") + "\n"


def write(svg: Element, across: float, up: float, text: str, *, anchor: str = "start", color: str = "black") -> None:
    """Write a line of text."""
    place = {"x": f"{across:.1f}", "y": f"{up:.1f}"}
    SubElement(svg, "text", {**place, "text-anchor": anchor, "fill": color}).text = text


def draw_line(svg: Element, places: Sequence[Tuple[float, float]], *, color: str, width: float) -> None:
    """Draw a line through places."""
    points = " ".join(f"{across:.1f},{up:.1f}" for across, up in places)
    SubElement(svg, "polyline", {"points": points, "fill": "none", "stroke": color, "stroke-width": str(width)})
