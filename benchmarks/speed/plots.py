"""Line charts as SVG, both axes logarithmic."""

from math import ceil, floor, log10
from typing import List, Mapping, Sequence, Tuple
from xml.etree.ElementTree import Element, SubElement, tostring

Points = Sequence[Tuple[float, float]]
WIDTH, HEIGHT, LEFT, BELOW, MARGIN = 640, 400, 70, 50, 30
COLORS = ("#2166ac", "#b2182b", "#4d9221", "#762a83")


def draw_chart(title: str, lines: Mapping[str, Points], *, x: str, y: str) -> str:
    """Draw lines through points, each coordinate above 0. x, y: What the axes show."""
    (left, right), (low, high) = (find_range([p[axis] for points in lines.values() for p in points]) for axis in (0, 1))

    def place(across: float, up: float) -> Tuple[float, float]:
        share_x, share_y = (log10(across) - left) / (right - left), (log10(up) - low) / (high - low)
        return LEFT + share_x * (WIDTH - LEFT - MARGIN), HEIGHT - BELOW - share_y * (HEIGHT - BELOW - MARGIN)

    size = {"width": str(WIDTH), "height": str(HEIGHT), "viewBox": f"0 0 {WIDTH} {HEIGHT}"}
    svg = Element(
        "svg", {"xmlns": "http://www.w3.org/2000/svg", "font-family": "sans-serif", "font-size": "12", **size}
    )
    SubElement(svg, "rect", {"width": str(WIDTH), "height": str(HEIGHT), "fill": "white"})
    write(svg, WIDTH / 2, 18, title, anchor="middle")
    write(svg, WIDTH / 2, HEIGHT - 12, x, anchor="middle")
    write(svg, 8, 18, y)
    for value in list_ticks(left, right):
        across, bottom = place(value, 10**low)
        draw_line(svg, [(across, bottom), (across, MARGIN)], color="#ddd", width=1)
        write(svg, across, bottom + 16, f"{value:,g}", anchor="middle")
    for value in list_ticks(low, high):
        start, height = place(10**left, value)
        draw_line(svg, [(start, height), (WIDTH - MARGIN, height)], color="#ddd", width=1)
        write(svg, LEFT - 6, height + 4, f"{value:,g}", anchor="end")
    for index, (name, points) in enumerate(lines.items()):
        color = COLORS[index % len(COLORS)]
        places = [place(*point) for point in points]
        draw_line(svg, places, color=color, width=2)
        for across, up in places:
            SubElement(svg, "circle", {"cx": f"{across:.1f}", "cy": f"{up:.1f}", "r": "3", "fill": color})
        write(svg, LEFT + 12, MARGIN + 18 + 16 * index, name, color=color)
    return tostring(svg, encoding="unicode") + "\n"


def find_range(values: List[float]) -> Tuple[float, float]:
    """The logarithms between which values lie, with a little room."""
    low, high = log10(min(values)), log10(max(values))
    room = max(0.05, 0.05 * (high - low))
    return low - room, high + room


def list_ticks(low: float, high: float) -> List[float]:
    """Round numbers between two logarithms."""
    steps = (1, 2, 5) if high - low < 3 else (1,)
    values = [step * 10.0**power for power in range(floor(low), ceil(high) + 1) for step in steps]
    return [value for value in values if low <= log10(value) <= high]


def write(svg: Element, across: float, up: float, text: str, *, anchor: str = "start", color: str = "black") -> None:
    place = {"x": f"{across:.1f}", "y": f"{up:.1f}"}
    SubElement(svg, "text", {**place, "text-anchor": anchor, "fill": color}).text = text


def draw_line(svg: Element, places: Points, *, color: str, width: float) -> None:
    points = " ".join(f"{across:.1f},{up:.1f}" for across, up in places)
    SubElement(svg, "polyline", {"points": points, "fill": "none", "stroke": color, "stroke-width": str(width)})
