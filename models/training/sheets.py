"""A flat thing that shows a card, and the card laid on paper: folds, stamps, handwriting."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from drawing import (
    handwriting,
    ink_on,
    slow_noise,
    stamp,
)
from numpy.typing import NDArray
from panels import Panel

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

CARD_MM = (85.6, 54.0)
MOST_PX = (1600, 1400)  # width and height of a sheet at most
SCALE = 12.0  # px/mm at most
# Paper sizes in mm; None is a strip cut round the card.
PAPERS = ((None, 0.45), ((120.0, 90.0), 0.2), ((148.0, 105.0), 0.2), ((210.0, 148.0), 0.1),
          ((210.0, 297.0), 0.05))  # fmt: skip


@dataclass
class Sheet:
    """A flat thing to be photographed that shows a card."""

    image: U8  # (H, W, 3) BGR, 12 px/mm or less, at most 1600 x 1400
    alpha: U8  # (H, W)
    card_quad: F64  # (4, 2) px: the card's outline lt rt rb lb in the sheet, pixel edges
    legality: str  # "Photocopy" (also of prints) or "Screen": Megvii's class
    attack: str  # "photocopy_grey" | "photocopy_colour" | "printed" | "screen"
    strengths: dict[str, float] = field(default_factory=dict)
    panel: Panel | None = None


def in_three_planes(values: F32) -> F32:
    """(H, W) repeated into three channels; cv2 adds such planes much faster than numpy broadcasts."""
    return np.asarray(cv2.merge([values] * 3), np.float32)


def with_added(picture: U8, values: F32) -> U8:
    """The picture (H, W, 3) with values (H, W) added to each channel, clipped."""
    return np.asarray(cv2.add(picture, in_three_planes(values), dtype=cv2.CV_8U), np.uint8)


# ---- laying a card on a sheet -------------------------------------------------------------------------


def premultiplied(face: U8, alpha: U8) -> U8:
    """(h, w, 4): the face black where alpha is 0, and alpha."""
    masked = cv2.multiply(face, cv2.merge([alpha] * 3), scale=1 / 255)
    bgra = cv2.cvtColor(masked, cv2.COLOR_BGR2BGRA)
    cv2.insertChannel(np.ascontiguousarray(alpha), bgra, 3)
    return np.asarray(bgra, np.uint8)


def card_on_paper(
    rng: np.random.Generator, zoom: float, skew_degrees: float
) -> tuple[tuple[int, int], F64, float]:
    """Size (height, width) px of a sheet, the card's quad in it, and px a mm of card."""
    shares = [share for _, share in PAPERS]
    paper = PAPERS[rng.choice(len(PAPERS), p=shares)][0]
    plane = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array(CARD_MM) / 2 * zoom
    turn = np.deg2rad(skew_degrees + (90 * int(rng.integers(1, 4)) if rng.random() < 0.1 else 0))
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    xy = plane @ spin.T
    need = np.ptp(xy, axis=0)
    if paper is None or (need + 4 > np.array(paper)).any():
        margins = rng.uniform(1.5, 13, (2, 2)) * rng.uniform(0.5, 1.3)
        room = need + margins.sum(0)
        start = margins[0]
    else:
        room = np.array(paper)
        share = rng.uniform(0.1, 0.9, 2) if rng.random() < 0.7 else np.array([0.5, 0.3])
        start = (room - need) * share
    scale = min(SCALE, *(np.array(MOST_PX) / room))
    size = np.floor(room * scale).astype(int)
    quad = (xy - xy.min(0) + start) * scale
    return (int(size[1]), int(size[0])), quad, scale * zoom


def add_folds(light: F32, rng: np.random.Generator, strengths: dict[str, float]) -> None:
    """One or two creases, light on one side and dark on the other, added to light (H, W) in place."""
    height, width = light.shape
    for _ in range(int(rng.integers(1, 3))):
        upright = rng.random() < 0.5
        length, span = (width, height) if upright else (height, width)
        centre = length * rng.uniform(0.15, 0.85)
        slope = rng.normal(0, 0.01)
        bend = slow_noise(rng, 2, span, 12)[0] * 1.5
        place = centre + slope * (np.arange(span) - span / 2) + bend
        reach = 14
        low = max(0, int(place.min()) - reach)
        high = min(length, int(place.max()) + reach)
        off = np.arange(low, high)[None, :] - place[:, None]
        depth = strengths["fold"] = float(rng.uniform(10, 38))
        relief = depth * (np.exp(-((off / 1.3) ** 2)) * 0.8 - np.exp(-((off - 4) ** 2) / 18) * 0.5)
        relief += depth * 0.12 * np.tanh(off / 3)
        relief = relief if upright else relief.T
        part = light[:, low:high] if upright else light[low:high]
        part += relief.astype(np.float32)


def lay_notes(picture: U8, rng: np.random.Generator, split: str, quad: F64, scale: float) -> float:
    """Stamps and handwriting on the paper beside the card, in place; returns how many."""
    height, width = picture.shape[:2]
    low, high = quad.min(0) - 1.5 * scale, quad.max(0) + 1.5 * scale
    # Free strips above, below, left and right of the card: (x, y, width, height).
    strips = np.array(
        [
            [0, 0, width, low[1]],
            [0, high[1], width, height - high[1]],
            [0, 0, low[0], height],
            [high[0], 0, width - high[0], height],
        ]
    )
    count = 0
    for x, y, w, h in strips[rng.permutation(4)][: int(rng.integers(1, 4))]:
        if min(w, h) < 5 * scale:
            continue
        if rng.random() < 0.4:
            side = int(min(w, h, rng.uniform(22, 42) * scale))
            mask, ink = stamp(rng, split, side), (50, 40, 200)
            cover = rng.uniform(0.5, 0.95)
        else:
            tall = int(min(h / 1.5, rng.uniform(4, 8) * scale))
            room = int(w / max(tall, 1) - 0.5)
            if room < 2 or tall < 12:
                continue
            mask = handwriting(rng, min(room, int(rng.integers(2, 12))), tall, 0.4 * scale)
            ink = ((40, 35, 30), (120, 50, 30), (170, 60, 20))[rng.integers(3)]
            cover = 0.9
        free_x, free_y = max(1, int(w) - mask.shape[1]), max(1, int(h) - mask.shape[0])
        place = (int(x) + int(rng.integers(free_x)), int(y) + int(rng.integers(free_y)))
        ink_on(picture, mask, place, ink, cover)
        count += 1
    return float(count)
