"""How well the print of each field can be seen: measures of its windows and of the paper around them.

What they mean together, the quality, is learned (models/training/quality.py). What makes print hard to
see, each by itself, is `spoils`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from . import _core
from .layout import BoxMm
from .lines import Line, LineChar, Strokes
from .reading import Measures, Spoils

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

STROKE_MM = 1.25  # print without paper is narrower, a cover is wider
GLARE_LEVEL = 250
BESIDE = 1.2  # heights of the row beyond either end of the text: a covered character is not read
FAINT = 0.35  # of a line's usual contrast: columns below it are blank
FOREIGN_TINT = 0.15  # share by which a channel differs from the card's paper; clean cards reach 0.1
FOREIGN_DARK = 0.25  # of clean and ordinary cards 1 in 100 has a place as dark
# What `measure` gives, each growing as print gets harder to see: of the window, then of the line.
MEASURES = ("glare", "faintness", "softness", "darkness", "tint", "graininess", "coarseness",
            "line darkness", "line tint", "line glare", "gap", "cover")  # fmt: skip


def rise(value: float, low: float, high: float) -> float:
    """0 at `low` and below, 1 at `high` and above, straight between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


# ---- the paper along a line ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Along:
    """What the paper is like along a line of text, its ends included; 0 where nothing is amiss."""

    darkness: float  # of the darkest place, against the card's paper
    tint: float  # of the most foreign place
    glare: float  # share of columns that are white
    gap: float  # longest blank amid the text, in heights of the line
    cover: float  # longest blank of foreign paper, in heights of the line
    shadow: float  # darkness of places that bear print and no tint
    stain: float  # tint of places that bear print


@dataclass(frozen=True)
class Paper:
    """A card's paper: the upright card and its usual colour."""

    upright: U8
    px_per_mm: float
    usual: tuple[float, ...]  # BGR 0..255, 8 or more

    @staticmethod
    def of(upright: U8, px_per_mm: float) -> Paper:
        channels = (upright[::3, ::3, c].ravel() for c in range(3))
        return Paper(upright, px_per_mm, tuple(max(8.0, _median(levels)) for levels in channels))

    @cached_property
    def brightness(self) -> float:
        return sum(self.usual) / 3 / 255

    @cached_property
    def tint(self) -> tuple[float, float]:
        """Blue and red less green, of full scale."""
        b, g, r = self.usual
        return (b - g) / 255, (r - g) / 255

    def along(self, box: BoxMm) -> Along:
        """Look along a line of text (mm on the card), BESIDE of its height beyond both ends."""
        px, reach = self.px_per_mm, BESIDE * box.height
        top, bottom = round(max(0.0, box.top) * px), round(box.bottom * px)
        left, right = round(max(0.0, box.left - reach) * px), round((box.right + reach) * px)
        bottom, right = min(bottom, self.upright.shape[0]), min(right, self.upright.shape[1])
        if bottom - top < 3 or right - left < 3:
            return Along(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        darkness, tint, glare, gap, cover, shadow, stain = _core.measure_along(
            self.upright,
            (left, top, right, bottom),
            (round(box.left * px) - left, round(box.right * px) - left),
            self.usual,
            stroke=round(STROKE_MM * px) | 1,
            faint=FAINT,
            foreign_tint=FOREIGN_TINT,
            foreign_dark=FOREIGN_DARK,
            glare_level=GLARE_LEVEL,
        )
        per_height = 1 / (px * box.height)
        return Along(darkness, tint, glare, gap * per_height, cover * per_height, shadow, stain)


def _median(levels: U8) -> float:
    count = len(levels)
    until = np.cumsum(np.bincount(levels, minlength=256))
    low, high = np.searchsorted(until, ((count - 1) // 2, count // 2), side="right")
    return (int(low) + int(high)) / 2


# ---- the print of a field -----------------------------------------------------------------------


@dataclass(frozen=True)
class Print:
    """A field's print as it can be seen."""

    own: tuple[Measures, ...]  # its windows, in order
    windows: F32  # (len(own), 10): the same in one table
    beside: F32  # (M, 10): the same of windows beside it in its rows
    table: F32  # (len(own), len(MEASURES))
    spoils: Spoils
    strokes: tuple[Strokes, ...]  # of its lines


NO_WINDOWS = np.empty((0, 10), np.float32)


def look(
    pieces: Iterable[tuple[Line, tuple[LineChar, ...]]], paper: Paper, px_per_mm: float
) -> Print:
    """pieces: a field's characters line by line; px_per_mm: of the picture."""
    own: list[Measures] = []
    windows: list[F32] = [NO_WINDOWS]
    beside: list[F32] = [NO_WINDOWS]
    rows: list[tuple[float, ...]] = []
    lines: list[Along] = []
    strokes: list[Strokes] = []
    finest = 0.0
    for line, chars in pieces:
        box = BoxMm(chars[0].left_mm, line.row.top, chars[-1].right_mm, line.row.bottom)
        lines.append(along := paper.along(box))
        height_px = max(1.0, px_per_mm * box.height)
        finest = max(finest, height_px)
        under, others = line.measure(chars)
        windows.append(under)
        beside.append(others)
        measures = [Measures(*m) for m in under.tolist()]
        rows += [_row(m, along, paper, height_px) for m in measures]
        own += measures
        strokes.append(line.strokes(chars))
    table = np.array(rows, np.float32).reshape(-1, len(MEASURES))
    spoils = _spoils(own, lines, finest)
    return Print(
        tuple(own),
        np.concatenate(windows),
        np.concatenate(beside),
        table,
        spoils,
        tuple(strokes),
    )


def _row(m: Measures, along: Along, paper: Paper, height_px: float) -> tuple[float, ...]:
    blue, red = paper.tint
    light = max(0.02, m.brightness)
    return (
        m.glare,
        -math.log2(m.contrast + 0.01),
        -math.log2(m.sharpness + 0.02),
        max(0.0, 1 - m.brightness / paper.brightness),
        math.hypot(m.paper_blue / light - blue, m.paper_red / light - red),
        m.grain / (m.contrast + 0.01),
        10 / height_px,
        along.darkness,
        along.tint,
        along.glare,
        along.gap,
        along.cover,
    )


def clearness(measures: Measures) -> float:
    """0 unreadably blurred, 1 sharp: the steepest steps of sharp print at 48 px a line take a third of
    the contrast, of unreadable print a fifteenth."""
    return rise(measures.sharpness, 0.05, 0.30)


def glare(measures: Measures) -> float:
    """0 none, 1 where no character is left whole: on a third of the window."""
    return rise(measures.glare, 0.02, 0.35)


def _spoils(windows: list[Measures], lines: list[Along], height_px: float) -> Spoils:
    """Each from 0, where clean cards are, to 1, where nothing is left; of the worst place."""
    if not windows:
        return Spoils()
    return Spoils(
        glare=max(glare(m) for m in windows),
        shadow=rise(max(a.shadow for a in lines), 0.15, 0.85),
        occlusion=max(max(rise(a.cover, 0.2, 1.0), rise(a.gap, 0.7, 1.8)) for a in lines),
        stain=rise(max(a.stain for a in lines), FOREIGN_TINT, 0.7),
        blur=1 - min(clearness(m) for m in windows),
        # Print 25 px high is plain, of 8 px Han characters are guesses.
        low_resolution=1 - rise(height_px, 8.0, 25.0),
    )
