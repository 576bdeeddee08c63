"""Evidence of how a picture was made: what legality stands on. Plain measures, no judgement.

Two tables of numbers, one row for the card (colour, spectra, noise, JPEG's blocks) and one for each field
(how its print differs from that of the other fields), and a small picture of the card with what lies
around it: paper, a screen's frame, a table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from . import _core
from .card import Card
from .layout import CARD_MM, COLOUR_PX_PER_MM, PORTRAIT_WINDOW
from .lines import Strokes
from .reading import FIELD_NAMES, Measures, Side
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
FINE_AND_WAVES = ((1, 24), (3, 2), (3, 5))  # px of the upright card apart, and the most that counts
BLOCKS_PX = 384  # of the card's middle, where JPEG's blocks are looked for
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
        colour(Tones.of(upright, FINE_MM), Tones.of(upright, COARSE_MM)),
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
    seen = cv2.warpPerspective(
        card.bgr,
        card.to_px @ to_mm,
        (px * width, px * height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=NOTHING,
    )
    return np.asarray(cv2.resize(seen, VIEW_PX, interpolation=cv2.INTER_AREA), np.uint8)


# ---- colour -----------------------------------------------------------------------------------------


def _lab(bgr: NDArray[Any]) -> F32:
    scaled = np.asarray(bgr, np.float32) / 255
    lab = cv2.cvtColor(scaled, cv2.COLOR_BGR2LAB)
    return np.asarray(lab, np.float32)


def _quantiles(values: NDArray[Any], shares: Sequence[float]) -> F64:
    """Of (..., N) in rising order: the values at these ranks, (..., len(shares))."""
    ranks = [int(share * (values.shape[-1] - 1)) for share in shares]
    return np.asarray(values[..., ranks], np.float64)


def _median(values: NDArray[Any]) -> F64:
    """Over the first axis. np.median spends most of its time on what few values do not need."""
    count = len(values)
    ranked = np.sort(values, axis=0)
    return np.asarray((ranked[(count - 1) // 2] + ranked[count // 2]) / 2, np.float64)


@dataclass(frozen=True)
class Tones:
    """The card's colour in square cells, CIE Lab / 100."""

    lab: F32  # (N, 3)
    ranked: F32  # (3, N): the same, each channel in rising order

    @staticmethod
    def of(upright: U8, cell_mm: int) -> Tones:
        size = (round(CARD_MM[0] / cell_mm), round(CARD_MM[1] / cell_mm))
        cells = np.asarray(cv2.resize(upright, size, interpolation=cv2.INTER_AREA))
        lab = np.asarray(_lab(cells).reshape(-1, 3) / 100, np.float32)
        return Tones(lab, np.sort(np.ascontiguousarray(lab.T), axis=1))


def colour(*tones: Tones) -> F64:
    """Tones and tints: quantiles of lightness, of the distance from the middle tint; spread along and
    across the main tint; whether tint follows lightness, as in toned copies. Last the middle tint."""
    found = []
    for seen in tones:
        middle = _quantiles(seen.ranked, (0.5,))[:, 0]
        tints = (seen.lab - middle)[:, 1:].astype(np.float64)
        axes = np.ascontiguousarray(tints.T)
        distance = np.sqrt(axes[0] ** 2 + axes[1] ** 2)
        found.append(_quantiles(np.sort(distance), (0.5, 0.75, 0.9, 0.97)))
        products = tints.T @ tints / len(tints)
        found.append(np.sqrt(np.maximum(np.linalg.eigvalsh(products), 0)))
        light = (seen.lab[:, 0] - seen.lab[:, 0].mean()).astype(np.float64)
        found.append(_quantiles(seen.ranked[0], (0.02, 0.1, 0.5, 0.9, 0.98)))
        found.append(light @ tints / (light @ light + 1e-6))
    found.append(middle[1:])
    return np.concatenate(found)


# ---- spectra ------------------------------------------------------------------------------------------


def _spots(card: Card) -> F32:
    """(S, 3, SPOT_PX, SPOT_PX): lightness, green less magenta, red less blue, in px of the picture."""
    height, width = card.bgr.shape[:2]
    found = np.empty((len(SPOTS_MM), 3, SPOT_PX, SPOT_PX), np.float32)
    for spot, (x, y) in zip(
        found, map_points(card.to_px, np.array(SPOTS_MM)).tolist(), strict=True
    ):
        left = int(min(max(0, x - SPOT_PX // 2), max(0, width - SPOT_PX)))
        top = int(min(max(0, y - SPOT_PX // 2), max(0, height - SPOT_PX)))
        patch = card.bgr[top : top + SPOT_PX, left : left + SPOT_PX]
        if patch.shape[:2] != (SPOT_PX, SPOT_PX):
            missing = ((0, SPOT_PX - patch.shape[0]), (0, SPOT_PX - patch.shape[1]), (0, 0))
            patch = np.pad(patch, missing, mode="symmetric")
        cv2.split(cv2.transform(patch.astype(np.float32), _AXES), list(spot))
    return found


_AXES = np.array([[0.114, 0.587, 0.299], [-0.5, 1.0, -0.5], [-1.0, 0.0, 1.0]], np.float32)


def _rings() -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Cells of a half spectrum, turned as `measure_rings` has it, sorted by ring, and where each ring
    begins; the lowest frequencies and those of JPEG's block edges are left out."""
    fy, fx = np.abs(np.fft.fftfreq(SPOT_PX))[:, None], np.fft.rfftfreq(SPOT_PX)[None, :]
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


def _mean_fine(plane: NDArray[np.int16], apart: int, most: int) -> float:
    """Mean difference of the diagonals of squares so many px wide in (H, W), none counted for more than
    `most`: neither level nor slope nor edges along the axes."""
    rows = plane[apart:] - plane[:-apart]
    return float(np.minimum(np.abs(rows[:, apart:] - rows[:, :-apart]), most).mean())


def grain(spots: F32) -> F64:
    """Finest noise of each colour axis in the spots, edges capped: log10 of the mean and of the least,
    how unlike a cap of a quarter leaves it; correlation of the axes."""
    found = np.array([_core.measure_grain(spot, SPOT_PX // 2) for spot in spots])
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
    part = upright[top:bottom, left:right].astype(np.int16)
    sideways = np.clip(part[:, 2:] - part[:, :-2], -30, 30)
    down = np.clip(part[2:, 16:-16] - part[:-2, 16:-16], -30, 30)
    whole, upper = (
        np.abs(cv2.reduce(v, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F)[0]).max(axis=1)
        for v in (sideways, sideways[: len(part) // 3])
    )
    rows = np.abs(cv2.reduce(cv2.transpose(down), 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F)[0]).max(
        axis=1
    )
    side, end = len(whole) // 3, len(rows) // 4
    steps = [v[part].max() for v in (whole, upper) for part in (np.s_[:side], np.s_[-side:])]
    steps += [rows[:end].max(), rows[-end:].max()]
    corners = part[8:40, 12:28, 1], part[8:40, -28:-12, 1]
    card = upright[60:140, 60:200, 1].astype(np.int16)
    ratios = []
    for looked in FINE_AND_WAVES:
        own = sum(_mean_fine(corner, *looked) for corner in corners) / 2
        ratios.append((own + 0.1) / (_mean_fine(card, *looked) + 0.1))
    return np.concatenate([np.log10(np.array(steps) + 0.3), np.log10(ratios)])


# ---- fields -----------------------------------------------------------------------------------------------


_PAPER = [0, 3, 5, 6, 9]  # of a row: what paper has without ink
_ROW = 10
_WRITTEN = 5  # of `_written`
_plain = attrgetter(*Measures.__dataclass_fields__)


def _rows(windows: Sequence[tuple[float, ...]]) -> F64:
    """(N, _ROW): Measures as plain numbers, on scales on which they can be compared."""
    contrast, sharpness, _, brightness, noise, grain, *tints = np.array(windows, np.float64).T
    ink = brightness - contrast
    fine, sharp, rough = np.log10([grain + 0.001, sharpness + 0.02, noise + 0.01])
    return np.stack(
        [fine, sharp, contrast, brightness, ink, *(4 * tint for tint in tints), rough], axis=1
    )


def fields_seen(prints: Mapping[str, Print]) -> list[str]:
    """The fields that have a row in the table, in its order."""
    return [name for name in FIELDS if name in prints and prints[name].own]


def fields_apart(prints: Mapping[str, Print]) -> F64:
    """(F, K): for each field the mean of its windows and how it is written; its difference from the other
    fields' median, from the nearest of them and from what stands beside it; the spread of its own windows;
    which field it is. One row of zeros where nothing was read."""
    names = fields_seen(prints)
    if not names:
        return np.zeros((1, 5 * _ROW + 3 * _WRITTEN + len(_PAPER) + len(FIELDS)))
    counts = [len(prints[name].own) for name in names]
    begins = np.cumsum([0, *counts[:-1]])
    own = _rows([_plain(m) for name in names for m in prints[name].own])
    means = np.add.reduceat(own, begins, axis=0) / np.array(counts)[:, None]
    middles = _medians(own, counts)
    most, least = (limit.reduceat(own, begins, axis=0) for limit in (np.maximum, np.minimum))
    which = [[float(name == other) for other in FIELDS] for name in names]
    spread = [most - middles, least - middles]
    written = np.array([_written(prints[name].strokes) for name in names])
    seen = np.hstack([means, written])
    return np.hstack(
        [seen, *_from_others(seen), *spread, _from_beside(means, names, prints), which]
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


def _from_others(means: F64) -> tuple[F64, F64]:
    """(F, K) each: a field's difference from the median of the others, and from the nearest of them."""
    count = len(means)
    if count == 1:
        return np.zeros_like(means), np.zeros_like(means)
    others = means[[[i for i in range(count) if i != k] for k in range(count)]].swapaxes(0, 1)
    apart = means - others
    nearest = np.take_along_axis(apart, np.abs(apart).argmin(axis=0)[None], axis=0)[0]
    return means - _median(others), nearest


def _from_beside(means: F64, names: Sequence[str], prints: Mapping[str, Print]) -> F64:
    """(F, len(_PAPER)): a field's difference from what stands beside it; 0 where nothing does."""
    found = np.zeros((len(names), len(_PAPER)))
    windows = [prints[name].beside for name in names]
    if not any(windows):
        return found
    counts = [len(beside) for beside in windows if beside]
    around = _medians(_rows([m for beside in windows for m in beside])[:, _PAPER], counts)
    bordered = [k for k, beside in enumerate(windows) if beside]
    found[bordered] = means[bordered][:, _PAPER] - around
    return found


def _medians(values: F64, counts: Sequence[int]) -> F64:
    """(sum(counts), K) -> (len(counts), K): of so many rows each, one after the other."""
    number = np.arange(len(counts))
    table = np.full((len(counts), max(counts), values.shape[1]), np.inf)
    table[np.arange(max(counts)) < np.array(counts)[:, None]] = values
    table.sort(axis=1)
    low, high = ((np.array(counts) - 1) // 2, np.array(counts) // 2)
    return np.asarray((table[number, low] + table[number, high]) / 2)
