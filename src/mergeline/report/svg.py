"""From a matplotlib figure to SVG that stands in a page: equal bytes for equal figures.

The only importer of matplotlib, besides `mergeline.report.plots`.
"""

from __future__ import annotations

import io
import re
import warnings
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure

# Stand-ins that the page's own colours replace, so that one drawing serves light and dark.
INK, MUTED, GRID, CANDIDATE, CHAMPION, PAPER = (f"#00000{digit}" for digit in range(1, 7))
_COLOURS = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    GRID: "var(--line)",
    CANDIDATE: "var(--candidate)",
    CHAMPION: "var(--champion)",
    PAPER: "var(--paper)",
}
_SETTINGS: Any = {
    "svg.hashsalt": "mergeline",
    "svg.fonttype": "none",
    # A dollar in the name of a column is no formula.
    "text.parse_math": False,
    "font.size": 9.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.titlesize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "legend.frameon": False,
    "lines.linewidth": 1.6,
}
_METADATA = re.compile(r"<metadata>.*?</metadata>\s*", re.DOTALL)
_IDENTIFIER = re.compile(r'(\bid="|url\(#|href="#)')


@contextmanager
def drawing() -> Iterator[None]:
    """Draw in the manner of the page."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def svg(figure: Figure, name: str, label: str) -> str:
    """Return a figure as an SVG element.

    Args:
        figure: drawn inside of `drawing()`.
        name: of the figure, for the identifiers in it; letters only.
        label: what a person who does not see it is told.
    """
    text = io.StringIO()
    with warnings.catch_warnings():
        # The reader's browser has the glyphs that the font here, used to measure, lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        FigureCanvasSVG(figure).print_svg(text, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    drawn = text.getvalue()
    drawn = _METADATA.sub("", drawn[drawn.index("<svg") :]).strip()
    drawn = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", drawn)
    drawn = drawn.replace("xlink:href", "href")
    drawn = _IDENTIFIER.sub(lambda match: f"{match[1]}{name}-", drawn)
    drawn = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font: \1px var(--sans)", drawn)
    drawn = re.sub(r"<style.*?</style>", "", drawn, flags=re.DOTALL)
    for stand_in, colour in _COLOURS.items():
        drawn = drawn.replace(f": {stand_in}", f": {colour}")
    opening, rest = drawn.split(">", 1)
    opening = re.sub(r'\s(width|height|version)="[^"]*"', "", opening)
    return f'{opening} role="img" aria-label="{escape(label)}">{rest}'
