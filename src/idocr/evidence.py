"""Evidence of how a picture was made: what legality stands on. Plain measures, no judgement.

Two tables of numbers, one row for the card (colour, spectra, noise, JPEG's blocks) and one for each field
(how its print differs from that of the other fields), and a small picture of the card with what lies
around it: paper, a screen's frame, a table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from . import _core
from .card import Card
from .layout import CARD_MM, COLOUR_PX_PER_MM, PORTRAIT_WINDOW
from .lines import Strokes
from .reading import FIELD_NAMES, Side
from .strips import map_points
from .visibility import Print

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

SPOT_PX = 128  # side of the squares in which spectra are taken, in px of the picture
SPOTS_MM = ((18.0, 13.5), (68.0, 13.5), (43.0, 27.0), (18.0, 40.5), (68.0, 40.5))
RINGS = 9  # of the spectrum, each 1/18 cycles a px wide
FINE_MM, COARSE_MM = 1, 3  # cells in which colour is looked at; noise is gone from the coarse ones
VIEW_PX = (112, 80)  # width and height of the view, a mm each: the card and some 13 mm around it
NOTHING = (255, 0, 255)  # BGR of a view where the picture ends: no other thing is of that colour
PLAIN_PX = (60, 60, 200, 140)  # left, top, right, bottom on the upright card: print and paper
BLOCKS_PX = 384  # of the card's middle, where JPEG's blocks are looked for
FIELD_MEASURES = (
    55  # of a field's print beside the others', as of `compare_fields` in csrc/evidence.h
)
WRITTEN = 5  # of `_written`
FIELDS = (*FIELD_NAMES[Side.PORTRAIT], *FIELD_NAMES[Side.EMBLEM])


@dataclass(frozen=True)
class Evidence:
    card: F32  # (N,)
    fields: F32  # (F, K), at least one row
    view: U8  # (80, 112, 3) BGR

    def __post_init__(self) -> None:
        assert self.fields.ndim == 2
        assert len(self.fields) > 0


def gather(
    card: Card,
    upright: U8,
    prints: Mapping[str, Print],
    side: Side,
    editor: bool,
    temporary: float,
) -> Evidence:
    """upright: the card at COLOUR_PX_PER_MM. editor: whether one signed the file. temporary: share
    of the emblem side's labels on the portrait side."""
    spots = _spots(card)
    parts = [
        np.array([float(editor), temporary, float(side), min(2.0, card.px_per_mm / 10)]),
        colour(upright, FINE_MM, COARSE_MM),
        spectra(spots),
        grain(spots),
        blocks(card),
        np.array([float(min(card.support))]),
        portrait_rim(upright),
    ]
    return Evidence(
        np.concatenate(parts).astype(np.float32),
        fields_apart(prints).astype(np.float32),
        view(card),
    )


def view(card: Card) -> U8:
    """(80, 112, 3) BGR: the upright card in the middle of what lies around it, a px a mm."""
    px = 2  # a mm first, then the mean: noise goes
    width, height = VIEW_PX
    left, top = ((side - mm) / 2 * px for side, mm in zip(VIEW_PX, CARD_MM, strict=True))
    to_mm = np.array([[1, 0, 0.5 - left], [0, 1, 0.5 - top], [0, 0, px]]) / px
    seen = np.empty((px * height, px * width, 3), np.uint8)
    _core.sample_upright(card.bgr, card.to_px @ to_mm, seen, NOTHING)
    return np.asarray(cv2.resize(seen, VIEW_PX, interpolation=cv2.INTER_AREA), np.uint8)


# ---- colour -----------------------------------------------------------------------------------------


def colour(upright: U8, *cells_mm: float) -> F64:
    """Tones and tints in square cells, for each size of them: quantiles of the distance from the middle tint;
    spread across and along the main tint; quantiles of lightness; whether tint follows lightness, as in
    toned copies. Last the middle tint of the last."""
    found: list[float] = []
    middle: tuple[float, ...] = ()
    for cell_mm in cells_mm:
        *measures, a, b = _core.measure_tones(_cells(upright, cell_mm))
        found += measures
        middle = a, b
    return np.array([*found, *middle])


def _cells(upright: U8, cell_mm: float) -> U8:
    """The card in square cells, each the mean of what it covers."""
    height, width = upright.shape[:2]
    columns, rows = (round(side / cell_mm) for side in CARD_MM)
    cells = np.empty((rows, columns, 3), np.uint8)
    _core.resize_by_area(upright, width / columns, height / rows, cells)
    return cells


# ---- spectra ------------------------------------------------------------------------------------------


def _spots(card: Card) -> F32:
    """(S, 3, SPOT_PX, SPOT_PX): lightness, green less magenta, red less blue, in px of the picture."""
    height, width = card.bgr.shape[:2]
    found = np.empty((len(SPOTS_MM), 3, SPOT_PX, SPOT_PX), np.float32)
    places = map_points(card.to_px, _SPOTS).tolist()
    for spot, (x, y) in zip(found, places, strict=True):
        left = int(min(max(0, x - SPOT_PX // 2), max(0, width - SPOT_PX)))
        top = int(min(max(0, y - SPOT_PX // 2), max(0, height - SPOT_PX)))
        if min(height, width) >= SPOT_PX:
            _core.take_spot(card.bgr, left, top, spot)
        else:
            patch = card.bgr[top : top + SPOT_PX, left : left + SPOT_PX]
            missing = ((0, SPOT_PX - patch.shape[0]), (0, SPOT_PX - patch.shape[1]), (0, 0))
            _core.take_spot(np.pad(patch, missing, mode="symmetric"), 0, 0, spot)
    return found


_SPOTS = np.array(SPOTS_MM)


def _rings() -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Cells of a half spectrum, turned as `measure_rings` has it, sorted by ring, and where each ring
    begins; the lowest frequencies and those of JPEG's block edges are left out."""
    fx = np.arange(SPOT_PX // 2 + 1)[None, :] / SPOT_PX
    fy = np.minimum(np.arange(SPOT_PX), SPOT_PX - np.arange(SPOT_PX))[:, None] / SPOT_PX
    radius = np.hypot(fy, fx)
    blocks = ((np.abs(fy * 8 - np.round(fy * 8)) < 0.1) & (fx < 0.016)) | (
        (np.abs(fx * 8 - np.round(fx * 8)) < 0.1) & (fy < 0.016)
    )
    ring = np.minimum(radius * 2 * RINGS, RINGS).astype(int)
    ring[blocks] = 0
    order = np.argsort(ring.ravel(), kind="stable")
    begins = np.searchsorted(ring.ravel()[order], np.arange(1, RINGS + 1))
    down, along = np.divmod(order[begins[0] :], SPOT_PX // 2 + 1)
    return (along * SPOT_PX + down).astype(np.int32), (begins - begins[0]).astype(np.int32)


_CELLS, _BEGINS = _rings()


def spectra(spots: F32) -> F64:
    """For lightness and for colour and each ring of frequencies: log10 of the power, and how far its
    strongest cell stands out of it, in the mean of the spots and in the spot where it does most."""
    found = np.empty((2, 3, RINGS))
    _core.measure_rings(spots, _CELLS, _BEGINS, found)
    found[:, 1:] += 0.1
    return np.log10(found).ravel()


# ---- noise and JPEG -------------------------------------------------------------------------------------


def grain(spots: F32) -> F64:
    """Finest noise of each colour axis in the spots, edges capped: log10 of the mean and of the least,
    how unlike a cap of a quarter leaves it; correlation of the axes."""
    found = np.empty((len(spots), 12))
    _core.measure_grain(spots, SPOT_PX // 2, found)
    large, small = found[:, :3] + 0.02, found[:, 3:6] + 0.02
    products = found[:, 6:].sum(axis=0)
    own = np.sqrt(products[:3]) + 1e-5
    alike = products[3:] / own[[0, 0, 1]] / own[[1, 2, 2]]
    return np.concatenate(
        [
            np.log10(large.mean(axis=0)),
            np.log10(large.min(axis=0)),
            (small / large).mean(axis=0),
            np.abs(alike),
        ]
    )


def blocks(card: Card) -> F64:
    """Steps at JPEG's block edges against those beside them, on the card: of this file's own grid, and
    of the strongest other grid of eight, as an earlier file leaves it when it was cut."""
    height, width = card.bgr.shape[:2]
    middle_x, middle_y = card.corners.mean(axis=0).tolist()
    left, top = (int(max(0.0, m - BLOCKS_PX / 2)) // 8 * 8 for m in (middle_x, middle_y))
    right, bottom = min(width, left + BLOCKS_PX), min(height, top + BLOCKS_PX)
    if min(right - left, bottom - top) < 64:
        return np.zeros(4)
    found = []
    for phase in _core.measure_blocks(card.bgr, left, top, right, bottom):
        usual = sum(phase) / 8 + 0.05
        # px 7 | 8 is the third difference 6; those beside it see that edge as well
        found += [phase[6] / usual, max(phase[:5]) / usual]
    return np.array(found)


def portrait_rim(upright: U8) -> F64:
    """Straight lines along the portrait's window: a pasted one has a rim.

    log10 of the strongest step across columns near the left and right side, over the whole height and
    over the upper third, and across rows near the upper and lower side; and the finest noise and the
    paper's waves of the window's upper corners against those of the card's left.
    """
    px = COLOUR_PX_PER_MM
    w = PORTRAIT_WINDOW
    left, top, right, bottom = (
        round(v * px) for v in (w.left - 1, w.top, w.right + 1, w.bottom + 2)
    )
    steps, corners, paper = _core.measure_rim(upright, (left, top, right, bottom), PLAIN_PX)
    return np.log10([*(s + 0.3 for s in steps), *map(_against, corners, paper)])


def _against(own: float, other: float) -> float:
    return (own + 0.1) / (other + 0.1)


# ---- fields -----------------------------------------------------------------------------------------------


def fields_seen(prints: Mapping[str, Print]) -> list[str]:
    """The fields that have a row in the table, in its order."""
    return [name for name in FIELDS if name in prints and prints[name].own]


def fields_apart(prints: Mapping[str, Print]) -> F64:
    """(F, K): for each field the mean of its windows and how it is written; its difference from the other
    fields' median, from the nearest of them and from what stands beside it; the spread of its own windows;
    which field it is. One row of zeros where nothing was read."""
    names = fields_seen(prints)
    if not names:
        return np.zeros((1, FIELD_MEASURES + 3 * WRITTEN + len(FIELDS)))
    seen = [prints[name] for name in names]
    apart = np.empty((len(names), FIELD_MEASURES))
    _core.compare_fields(
        np.concatenate([p.windows for p in seen]),
        np.array([len(p.windows) for p in seen], np.int32),
        np.concatenate([p.beside for p in seen]),
        np.array([len(p.beside) for p in seen], np.int32),
        apart,
    )
    means, others, nearest, rest = np.split(apart, (10, 20, 30), axis=1)
    written = np.array([_written(p.strokes) for p in seen])
    written_others, written_nearest = _from_others(written)
    which = [[float(name == other) for other in FIELDS] for name in names]
    return np.hstack(
        [means, written, others, written_others, nearest, written_nearest, rest, which]
    )


def _written(lines: Sequence[Strokes]) -> list[float]:
    """Of a field's lines together, log10 each: width of the strokes in mm and in heights of the print, their
    outline across over down, and the strongest rims above and below, in grey levels."""
    area, outline, across, down, height, *_ = map(sum, zip(*lines, strict=True))
    width = 2 * area / (outline + 0.01) + 0.01
    rims = (max(line.rim_above for line in lines), max(line.rim_below for line in lines))
    of_height = width * len(lines) / (height + 0.01)
    shape = (across + 0.01) / (down + 0.01)
    return [math.log10(v) for v in (width, of_height, shape, *(rim + 0.3 for rim in rims))]


def _from_others(written: F64) -> tuple[F64, F64]:
    """(F, K) each: a field's difference from the median of the others, and from the nearest of them."""
    count = len(written)
    if count == 1:
        return np.zeros_like(written), np.zeros_like(written)
    others = written[[[i for i in range(count) if i != k] for k in range(count)]].swapaxes(0, 1)
    apart = written - others
    nearest = np.take_along_axis(apart, np.abs(apart).argmin(axis=0)[None], axis=0)[0]
    middles = np.sort(others, axis=0)[[(count - 2) // 2, (count - 1) // 2]].mean(axis=0)
    return written - middles, nearest
