"""Copies, prints, screens and edits of SPECIMEN cards: what the legality check has to tell from cards.

`photocopy`, `printed` and `screen` make a Sheet, a flat thing for the camera; a screen's Panel is applied to
the photograph. Edits: edits.py; metadata: signatures.py; both are given on here.

What the splits never share: type faces and grain (drawing.py), panel kinds and pitches (panels.py), the
screens of printers and copiers (below), devices (below), fills (edits.py), editors (signatures.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from backgrounds import background
from drawing import (
    Colour,
    date_text,
    digits,
    flat,
    grain,
    han_text,
    handwriting,
    ink_on,
    rounded,
    slow_noise,
    spread,
    stamp,
    typeface,
    window,
    write,
)
from edits import edit
from numpy.typing import NDArray
from panels import Panel
from PIL import Image, ImageDraw
from signatures import camera_metadata, with_editor_metadata

__all__ = [
    "Panel",
    "Sheet",
    "camera_metadata",
    "edit",
    "photocopy",
    "printed",
    "screen",
    "with_editor_metadata",
]

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

CARD_MM = (85.6, 54.0)
MOST_PX = (1600, 1400)  # width and height of a sheet at most
SCALE = 12.0  # px/mm at most

# Printers' screens (kind, lowest and highest lines a mm) and copiers' (the same).
HALFTONES = {
    "train": (("round", 2.6, 4.2), ("blue_noise", 0, 0), ("round", 4.2, 5.2)),
    "test": (("line", 2.8, 4.6), ("ordered", 0, 0), ("square", 3.0, 4.8)),
}
COPIER_SCREENS = {
    "train": (("none", 0, 0), ("none", 0, 0), ("round", 3.2, 4.8), ("blue_noise", 0, 0)),
    "test": (("none", 0, 0), ("none", 0, 0), ("line", 3.0, 4.6), ("ordered", 0, 0)),
}
# Light that cyan, magenta, yellow and black ink take from B, G, R: real inks are impure.
INKS = ((0.12, 0.26, 0.92), (0.24, 0.92, 0.12), (0.9, 0.07, 0.0), (0.9, 0.9, 0.9))
INK_ANGLES = {"train": (15, 75, 0, 45), "test": (105, 35, 5, 60)}  # degrees of C, M, Y, K
DEVICES = {
    "train": ("phone_upright", "phone_turned", "monitor"),
    "test": ("tablet", "laptop", "phone_chat"),
}
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


def _plane(values: F32) -> F32:
    """(H, W) repeated into three channels; cv2 adds such planes much faster than numpy broadcasts."""
    return np.asarray(cv2.merge([values] * 3), np.float32)


def _added(picture: U8, values: F32) -> U8:
    """The picture (H, W, 3) with values (H, W) added to each channel, clipped."""
    return np.asarray(cv2.add(picture, _plane(values), dtype=cv2.CV_8U), np.uint8)


# ---- laying a card on a sheet -------------------------------------------------------------------------


def _premultiplied(face: U8, alpha: U8) -> U8:
    """(h, w, 4): the face black where alpha is 0, and alpha."""
    masked = cv2.multiply(face, cv2.merge([alpha] * 3), scale=1 / 255)
    bgra = cv2.cvtColor(masked, cv2.COLOR_BGR2BGRA)
    cv2.insertChannel(np.ascontiguousarray(alpha), bgra, 3)
    return np.asarray(bgra, np.uint8)


def _card_on_paper(
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


def _fold_lines(light: F32, rng: np.random.Generator, strengths: dict[str, float]) -> None:
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


def _notes(picture: U8, rng: np.random.Generator, split: str, quad: F64, scale: float) -> float:
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


# ---- halftones ------------------------------------------------------------------------------------------


def _wave_map(size: tuple[int, int], angle: float, cycles_px: float, kind: str) -> F32:
    """(height, width) of -1..1: the screen of one ink; outer products, so that few sines are needed."""
    height, width = size
    xs = np.arange(width, dtype=np.float32) * np.float32(2 * np.pi * cycles_px)
    ys = np.arange(height, dtype=np.float32) * np.float32(2 * np.pi * cycles_px)
    sine, cosine = np.float32(np.sin(angle)), np.float32(np.cos(angle))
    # cos(ax + by) = cos(ax) cos(by) - sin(ax) sin(by)
    rows = [np.cos(ys * sine), -np.sin(ys * sine)]
    columns = [np.cos(xs * cosine), np.sin(xs * cosine)]
    if kind == "line":
        return np.asarray(np.stack(rows, 1) @ np.stack(columns))
    rows += [np.cos(ys * cosine), np.sin(ys * cosine)]
    columns += [np.cos(xs * sine), np.sin(xs * sine)]
    both = np.asarray(np.stack(rows, 1) @ np.stack(columns)) * np.float32(0.5)
    return both if kind == "round" else np.asarray(np.sign(both) * np.sqrt(np.abs(both)))


def _blue_noise(rng: np.random.Generator, split: str, height: int, width: int) -> F32:
    """Thresholds -1..1 without low frequencies: close to error diffusion, at once for all pixels."""
    noise = np.ascontiguousarray(grain(rng, split, height, width))
    fine = noise - cv2.GaussianBlur(noise, (0, 0), 0.8)
    return np.asarray((fine * 0.75).clip(-1, 1), np.float32)


_BAYER_4 = (
    np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 8 - 0.9375
).astype(np.float32)


def _thresholds(
    rng: np.random.Generator,
    split: str,
    size: tuple[int, int],
    kind: tuple[str, float, float],
    angle: float,
    scale: float,
) -> F32:
    """(height, width) of -1..1 for one ink of a printer's screen."""
    name, low, high = kind
    height, width = size
    if name == "blue_noise":
        return _blue_noise(rng, split, height, width)
    if name == "ordered":
        small = np.tile(_BAYER_4, (height // 4 + 1, width // 4 + 1))[:height, :width]
        return np.asarray(np.roll(small, int(rng.integers(4)), 1))
    lines = rng.uniform(low, high)
    return _wave_map(size, np.deg2rad(angle), min(0.42, lines / max(scale, 1)), name)


def _screened(
    picture: U8,
    rng: np.random.Generator,
    split: str,
    kind: tuple[str, float, float],
    scale: float,
    depth: float,
) -> U8:
    """Print with four inks: each one's cover thresholded by its screen, inks multiplied on white.

    depth: 0 continuous tone, 1 full dots. The inks are impure, which narrows the gamut.
    """
    size = picture.shape[:2]
    cover = [np.float32(1) - plane * np.float32(1 / 255) for plane in cv2.split(picture)]
    black = np.minimum(np.minimum(cover[0], cover[1]), cover[2]) * np.float32(
        rng.uniform(0.35, 0.85)
    )
    left = 1 / (1 - np.float32(0.8) * black)
    power = rng.uniform(0.85, 1.05)
    shift = rng.uniform(0, 5)
    light = [np.full(size, 255, np.float32) for _ in range(3)]
    passed = np.empty(size, np.float32)  # one buffer for all: fresh ones cost more than the sums
    for absorbed, angle, plane in zip(INKS, INK_ANGLES[split], (2, 1, 0, None), strict=True):
        amount = black if plane is None else (cover[plane] - black) * left
        marks = _thresholds(rng, split, size, kind, angle + shift, scale)
        dots = cv2.addWeighted(amount, 3.2, np.ascontiguousarray(marks), -1.6, -1.1)
        np.clip(dots, 0, 1, out=dots)
        dots = np.asarray(cv2.addWeighted(dots, depth, amount, 1 - depth, 0), np.float32)
        for channel, share in enumerate(absorbed):
            if share > 0.05:
                np.multiply(dots, np.float32(-min(0.97, share * power)), out=passed)
                passed += np.float32(1)
                light[channel] *= passed
    return np.asarray(cv2.convertScaleAbs(cv2.merge(light)), np.uint8)


# ---- photocopies ----------------------------------------------------------------------------------------


def _toner_curve(rng: np.random.Generator, strengths: dict[str, float]) -> U8:
    """(256,) grey to grey: pale tones go white, dark ones fill up."""
    black, white = rng.uniform(5, 65), rng.uniform(195, 252)
    strengths["toner_gamma"] = gamma = float(np.exp(rng.normal(0.05, 0.3)))
    strengths["toner_contrast"] = float(255 / (white - black))
    tones = ((np.arange(256) - black) / (white - black)).clip(0, 1)
    steep = rng.uniform(0, 0.7)  # towards a smooth S
    tones = (1 - steep) * tones + steep * tones * tones * (3 - 2 * tones)
    return np.asarray(255 * tones**gamma, np.float64).astype(np.uint8)


def _streaks(rng: np.random.Generator, height: int, width: int) -> F32:
    """(height, width) to add: the drum's scratches and the belt's bands along the paper's way."""
    row = np.zeros(width, np.float32)
    for _ in range(int(rng.integers(1, 6))):
        x, broad = rng.uniform(0, width), rng.uniform(0.6, 6)
        row += rng.normal(0, 16) * np.exp(-(((np.arange(width) - x) / broad) ** 2))
    along = 1 + 0.4 * slow_noise(rng, height, 2, 6)[:, :1]
    return np.asarray(along * row[None, :], np.float32)


def _toner_noise(
    tone: U8, rng: np.random.Generator, split: str, scale: float, strengths: dict[str, float]
) -> F32:
    """(H, W) of what toner grains, holes in black areas and specks add to the tones."""
    height, width = tone.shape[:2]
    grey = tone if tone.ndim == 2 else np.asarray(tone[:, :, 1])
    strengths["toner_noise"] = amount = float(rng.uniform(4, 26))
    level = np.arange(256) / 255
    spread = (amount * (0.12 + 1.6 * level * (1 - level) + 0.35 * (1 - level))).astype(np.float32)
    noise = cv2.LUT(grey, spread) * grain(rng, split, height, width)
    if rng.random() < 0.5:
        noise = cv2.GaussianBlur(noise, (0, 0), rng.uniform(0.4, 0.9)) * np.float32(1.5)
    if rng.random() < 0.4:
        strengths["dropouts"] = share = float(rng.uniform(0.3, 1.0))
        holes = slow_noise(rng, height, width, 60) + 0.7 * grain(rng, split, height, width)
        gain = np.maximum(holes - np.float32(2.6 - share), 0) * np.float32(70)
        noise = noise + gain * (np.float32(1) - grey.astype(np.float32) / np.float32(255))
    if rng.random() < 0.6:
        count = int(rng.integers(3, 120))
        strengths["specks"] = float(count)
        for x, y, r in zip(
            rng.integers(0, width, count),
            rng.integers(0, height, count),
            rng.exponential(0.45, count) * scale / SCALE,
            strict=True,
        ):
            dark = -float(rng.uniform(40, 180))
            cv2.circle(noise, (int(x), int(y)), round(r), dark, -1)
    return np.asarray(noise, np.float32)


def _copied(
    picture: U8,
    rng: np.random.Generator,
    split: str,
    scale: float,
    strengths: dict[str, float],
) -> U8:
    """One pass through a copier: (H, W) grey or (H, W, 3) in, the same out."""
    sigma = float(rng.uniform(0.25, 0.9) * max(0.5, scale / SCALE))
    soft = cv2.GaussianBlur(picture, (0, 0), sigma)
    if rng.random() < 0.7:  # copiers sharpen: halos round letters
        strengths["sharpening"] = gain = float(rng.uniform(0.3, 1.6))
        wide = cv2.GaussianBlur(soft, (0, 0), rng.uniform(1.0, 2.2))
        soft = cv2.addWeighted(soft, 1 + gain, wide, -gain, 0)
    tone = np.asarray(cv2.LUT(soft, _toner_curve(rng, strengths)), np.uint8)
    kinds = COPIER_SCREENS[split]
    kind = kinds[rng.integers(len(kinds))]
    noise = _toner_noise(tone, rng, split, scale, strengths)
    if rng.random() < 0.45:
        noise = noise + _streaks(rng, *noise.shape)
        strengths["streaks"] = 1.0
    out = tone.astype(np.float32)
    if kind[0] != "none":
        strengths["copier_screen"] = depth = float(rng.uniform(0.15, 0.6))
        marks = _thresholds(rng, split, noise.shape, kind, rng.uniform(0, 90), scale)
        level = np.arange(256) / 255
        swing = (level * (1 - level) * 4 * 110 * depth).astype(np.float32)
        out += cv2.LUT(tone, swing) * (marks if out.ndim == 2 else marks[:, :, None])
    out += noise if out.ndim == 2 else noise[:, :, None]
    return np.asarray(out.clip(0, 255), np.float32).astype(np.uint8)


def _edge_shadows(picture: U8, mask: U8, rng: np.random.Generator, scale: float) -> U8:
    """The card's thickness under the scanner's lamp: a dark line at two of its edges."""
    drift = rng.choice([-1, 1], 2) * rng.uniform(0.1, 0.55, 2) * scale
    matrix = np.array([[1, 0, drift[0]], [0, 1, drift[1]]], np.float32)
    moved = cv2.warpAffine(mask, matrix, (mask.shape[1], mask.shape[0]))
    rim = cv2.GaussianBlur(cv2.subtract(moved, mask), (0, 0), max(0.4, 0.08 * scale))
    dark = cv2.convertScaleAbs(rim, alpha=rng.uniform(0.25, 0.95))
    dark = dark if picture.ndim == 2 else cv2.merge([dark] * 3)
    return np.asarray(cv2.subtract(picture, dark), np.uint8)


def _paper_look(tone: U8, rng: np.random.Generator, split: str, strengths: dict[str, float]) -> U8:
    """The toner's tones (H, W, 3) on real paper: black is not black, white not white; folds, dirt."""
    height, width = tone.shape[:2]
    white, black = rng.uniform(228, 253), rng.uniform(12, 55)
    tint = np.ones(3)
    if rng.random() < 0.4:  # recycled, yellowed or bluish paper
        tint = 1 + np.array([-1, 0, 0.6]) * rng.normal(0.012, 0.014)
        strengths["paper_tint"] = float(abs(1 - tint[0]))
    table = black + (white - black) * np.arange(256) / 255
    tables = (table[:, None] * tint).clip(0, 255).astype(np.uint8)
    picture = np.asarray(cv2.LUT(tone, tables.reshape(256, 1, 3)[:, 0][None]), np.uint8)
    light = slow_noise(rng, height, width, int(rng.integers(2, 6)))
    light *= np.float32(rng.uniform(0.5, 4))
    light += grain(rng, split, height, width) * np.float32(rng.uniform(0.5, 2))
    if rng.random() < 0.35:
        _fold_lines(light, rng, strengths)
    if rng.random() < 0.3:  # the lid was open: a dark border along one edge
        deep = int(rng.uniform(0.01, 0.05) * min(height, width)) + 2
        fade = (rng.uniform(40, 150) * np.exp(-np.arange(width) / deep)).astype(np.float32)
        light -= fade if rng.random() < 0.5 else fade[::-1]
        strengths["edge_shadow"] = 1.0
    return _added(picture, light)


def photocopy(
    face: U8,
    alpha: U8,
    rng: np.random.Generator,
    split: str,
    other_side: tuple[U8, U8] | None = None,
) -> Sheet:
    """A copy of a card on paper; of three in four only grey is left.

    face (648, 1027, 3), alpha (648, 1027). other_side: face and alpha of the card's other side, put on
    the same sheet where there is room for it.
    """
    grey = rng.random() < 0.75
    zoom = 1.0 if rng.random() < 0.7 else float(rng.uniform(0.75, 1.35))
    size, quad, scale = _card_on_paper(rng, zoom, float(rng.normal(0, 1.5)))
    strengths: dict[str, float] = {"zoom": zoom}
    bgra = spread(_premultiplied(face, alpha), quad, size)
    if other_side is not None:
        second = _second_quad(rng, quad, size)
        if second is not None:
            bgra = np.maximum(bgra, spread(_premultiplied(*other_side), second, size))
            strengths["other_side"] = 1.0
    mask = np.ascontiguousarray(bgra[:, :, 3])
    outside = cv2.merge([cv2.bitwise_not(mask)] * 3)
    tone = np.asarray(cv2.add(cv2.cvtColor(bgra, cv2.COLOR_BGRA2BGR), outside), np.uint8)
    tone = _edge_shadows(tone, mask, rng, scale)
    if grey:
        weights = np.array([[0.11, 0.59, 0.3]]) + rng.normal(0, 0.06, (1, 3))
        mix = (weights / weights.sum()).astype(np.float32)
        tone = np.asarray(cv2.transform(tone, mix), np.uint8)
    else:
        tone = _faded_colour(tone, rng, strengths)
    strengths["generations"] = generations = 1 + int(rng.geometric(0.75) > 1)
    for _ in range(generations):
        tone = _copied(tone, rng, split, scale, strengths)
    colour = np.asarray(cv2.merge([tone] * 3), np.uint8) if grey else tone
    picture = _paper_look(colour, rng, split, strengths)
    if rng.random() < 0.5:
        strengths["notes"] = _notes(picture, rng, split, quad, scale)
    attack = "photocopy_grey" if grey else "photocopy_colour"
    sheet_alpha = np.full(size, 255, np.uint8)
    return Sheet(picture, sheet_alpha, quad, "Photocopy", attack, strengths)


def _second_quad(rng: np.random.Generator, quad: F64, size: tuple[int, int]) -> F64 | None:
    """Where the card's other side lies: below, above or beside the first; None without room."""
    reach = np.ptp(quad, axis=0) * rng.uniform(1.08, 1.3)
    moves = np.array([[0, reach[1]], [0, -reach[1]], [reach[0], 0], [-reach[0], 0]])
    for move in moves:
        moved = quad + move + rng.normal(0, 6, 2)
        if moved.min() > 0 and (moved < np.array(size[::-1])).all():
            return np.asarray(moved)
    return None


def _faded_colour(tone: U8, rng: np.random.Generator, strengths: dict[str, float]) -> U8:
    """A colour copier: colours weaker or stronger, channels a little beside each other."""
    strengths["saturation"] = saturation = float(rng.uniform(0.45, 1.35))
    grey = cv2.cvtColor(cv2.cvtColor(tone, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    mixed = cv2.addWeighted(tone, saturation, grey, 1 - saturation, 0)
    shifted = []
    for channel in cv2.split(mixed):
        dx, dy = rng.normal(0, 0.6, 2)
        matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
        size = (tone.shape[1], tone.shape[0])
        shifted.append(cv2.warpAffine(channel, matrix, size, borderMode=cv2.BORDER_REPLICATE))
    return np.asarray(cv2.merge(shifted), np.uint8)


# ---- prints ---------------------------------------------------------------------------------------------


def printed(face: U8, alpha: U8, rng: np.random.Generator, split: str) -> Sheet:
    """A colour print of the card's picture on plain or photo paper, cut out or still in its sheet."""
    strengths: dict[str, float] = {}
    zoom = 1.0 if rng.random() < 0.6 else float(rng.uniform(0.8, 1.3))
    size, quad, scale = _card_on_paper(rng, zoom, float(rng.normal(0, 0.8)))
    picture = face
    if rng.random() < 0.5:  # the source was a photograph or a scan, not the drawing itself
        strengths["source_blur"] = sigma = float(rng.uniform(0.5, 1.6))
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
    bgra = spread(_premultiplied(picture, alpha), quad, size)
    mask = np.ascontiguousarray(bgra[:, :, 3])
    outside = cv2.merge([cv2.bitwise_not(mask)] * 3)
    toned = cv2.add(cv2.cvtColor(bgra, cv2.COLOR_BGRA2BGR), outside)
    contrast = rng.uniform(0.75, 1.15)
    lift = 250 * (1 - contrast) * rng.uniform(0.8, 1.0)
    toned = cv2.addWeighted(toned, contrast, toned, 0, lift)
    page = np.asarray(cv2.max(toned, outside), np.uint8)
    kinds = HALFTONES[split]
    place = int(rng.integers(len(kinds)))
    # Dots of inkjets are finer than the sheet's px: they leave a part of their grain.
    most = 1.0 if kinds[place][1] else 0.55
    strengths["halftone"] = depth = float(rng.uniform(0.2, most))
    strengths["halftone_kind"] = float(place)
    left, top, right, bottom = window(quad, size)
    part = page[top:bottom, left:right]
    page[top:bottom, left:right] = _screened(
        np.ascontiguousarray(part), rng, split, kinds[place], scale, depth
    )
    final = _printed_paper(page, rng, split, rng.random() < 0.4, strengths)
    if rng.random() < 0.2:
        strengths["notes"] = _notes(final, rng, split, quad, scale)
    sheet_alpha = _cut_out(rng, quad, size, scale, strengths)
    return Sheet(final, sheet_alpha, quad, "Photocopy", "printed", strengths)


def _printed_paper(
    page: U8,
    rng: np.random.Generator,
    split: str,
    photo_paper: bool,
    strengths: dict[str, float],
) -> U8:
    """What a printer's bands and the paper add to the inks, (H, W, 3)."""
    height, width = page.shape[:2]
    if rng.random() < 0.45:  # bands are in the ink, not in bare paper
        strengths["banding"] = depth = float(rng.uniform(0.03, 0.15))
        across = rng.random() < 0.3
        length = width if across else height
        rows = np.sin(np.arange(length) * (2 * np.pi / rng.uniform(8, 70))) ** 5
        rows += 0.5 * slow_noise(rng, length, 2, int(rng.integers(20, 90)))[:, 0]
        shade = (1 + depth * rows).astype(np.float32)
        shade = shade[None, :] if across else shade[:, None]
        gain = _plane(np.ascontiguousarray(np.broadcast_to(shade, (height, width))))
        ink = cv2.multiply(cv2.bitwise_not(page), gain, dtype=cv2.CV_8U)
        page = np.asarray(cv2.bitwise_not(ink), np.uint8)
    white = np.array([1.0, 1.0, 1.0]) * rng.uniform(0.88, 0.99) + rng.normal(0, 0.012, 3)
    table = (np.arange(256)[:, None] * white).clip(0, 255).astype(np.uint8)
    page = np.asarray(cv2.LUT(page, table[None]), np.uint8)
    if photo_paper:
        strengths["gloss"] = gloss = float(rng.uniform(0, 18))
        light = np.float32(gloss) * np.maximum(slow_noise(rng, height, width, 5), 0)
    else:
        strengths["texture"] = rough = float(rng.uniform(0.8, 4.5))
        light = cv2.GaussianBlur(grain(rng, split, height, width), (0, 0), 1.0) * np.float32(3)
        light += slow_noise(rng, height, width, 80) * np.float32(0.4)
        light *= np.float32(rough)
        if rng.random() < 0.3:
            _fold_lines(light, rng, strengths)
    return _added(page, np.asarray(light, np.float32))


def _cut_out(
    rng: np.random.Generator,
    quad: F64,
    size: tuple[int, int],
    scale: float,
    strengths: dict[str, float],
) -> U8:
    """(H, W): the whole sheet, or what scissors left round the card; never inside its outline."""
    mask = np.full(size, 255, np.uint8)
    chance = rng.random()
    if chance < 0.45:
        return mask
    strengths["cut_out"] = 1.0
    centre = quad.mean(0)
    away = rng.uniform(0.05, 2.5, 4)[:, None] * scale
    edge = quad - centre
    outer = quad + away * np.sign(edge)
    if chance > 0.72:  # ragged: torn, or cut with a child's scissors
        strengths["ragged"] = 1.0
        share = np.linspace(0, 1, 24, endpoint=False)[:, None]
        sides = [outer[k] * (1 - share) + outer[(k + 1) % 4] * share for k in range(4)]
        outer = np.concatenate(sides)
        outward = outer - centre
        outward /= np.linalg.norm(outward, axis=1, keepdims=True)
        outer = outer + outward * rng.uniform(0, 1.2, (len(outer), 1)) * scale
    mask[:] = 0
    cv2.fillPoly(mask, [(outer * 16).round().astype(np.int32)[:, None]], 255, cv2.LINE_AA, 4)
    return mask


# ---- screens --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Device:
    """Sizes in sheet px: the whole, and the display's left, top, width and height in it."""

    size: tuple[int, int]
    display: tuple[int, int, int, int]
    radius: float
    upright: bool


def _device(rng: np.random.Generator, kind: str) -> _Device:
    if kind in ("phone_upright", "phone_chat"):
        width = int(rng.uniform(720, 900))
        height = int(min(1350, width * rng.uniform(1.45, 1.8)))
        most = (26, 24, 6)
    elif kind == "phone_turned":
        width, height = int(rng.uniform(1320, 1530)), int(rng.uniform(650, 790))
        most = (32, 26, 8)
    elif kind == "tablet":
        height = int(rng.uniform(980, 1130))
        width = int(height * 1.333)
        most = (44, 60, 26)
    else:  # laptop or monitor: the camera sees a part of it
        width, height = int(rng.uniform(1300, 1570)), int(rng.uniform(880, 1150))
        most = (16, 40, 0)
    sides, ends = (int(rng.integers(most[2], limit)) for limit in most[:2])
    size = (height + 2 * ends, width + 2 * sides)
    radius = 0.0 if kind in ("laptop", "monitor") else float(rng.uniform(20, 70))
    upright = kind in ("phone_upright", "phone_chat")
    return _Device(size, (sides, ends, width, height), radius, upright)


def _shown_table(rng: np.random.Generator, split: str, size: tuple[int, int]) -> U8:
    """What the card lay on in somebody's picture, (height, width, 3); less sharp than the card."""
    height, width = size
    small = background(rng, split, height // 2 + 1, width // 2 + 1)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _shown_photo(
    face: U8,
    alpha: U8,
    rng: np.random.Generator,
    split: str,
    size: tuple[int, int],
    card_px: float,
) -> tuple[U8, F64]:
    """A picture (height, width) of a card as somebody took it: on a table, or a bare scan."""
    height, width = size
    half = np.array([1, CARD_MM[1] / CARD_MM[0]]) * card_px / 2
    centre = np.array([width, height]) / 2 + rng.normal(0, 0.01, 2) * (width, height)
    plane = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    turn = np.deg2rad(rng.normal(0, 1.5))
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    quad = plane @ spin.T + centre + rng.normal(0, 0.008 * card_px, (4, 2))
    quad = quad.clip([3, 3], [width - 3, height - 3])
    if rng.random() < 0.25:
        table = flat(height, width, [rng.choice([0, 20, 245, 255])] * 3)
    else:
        table = _shown_table(rng, split, size)
    bgra = spread(_premultiplied(face, alpha), quad, size)
    mask = cv2.merge([np.ascontiguousarray(bgra[:, :, 3])] * 3)
    around = cv2.multiply(table, cv2.bitwise_not(mask), scale=1 / 255)
    photo = cv2.add(around, cv2.cvtColor(bgra, cv2.COLOR_BGRA2BGR))
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 96))]
    shown = cv2.imdecode(cv2.imencode(".jpg", photo, quality)[1], 1)
    return np.asarray(shown, np.uint8), quad


def _icons(
    draw: ImageDraw.ImageDraw, rng: np.random.Generator, y: float, width: int, ink: Colour
) -> None:
    """A row of tool icons of no program in particular."""
    count, size = int(rng.integers(3, 6)), rng.uniform(14, 24)
    for k in range(count):
        x = width * (k + 0.5) / count
        box = [x - size, y - size, x + size, y + size]
        shape = int(rng.integers(4))
        if shape == 0:
            draw.ellipse(box, outline=ink, width=3)
        elif shape == 1:
            draw.rounded_rectangle(box, 6, outline=ink, width=3)
        elif shape == 2:
            for step in (-0.6, 0, 0.6):
                at = y + step * size
                draw.line([x - size, at, x + size, at], ink, 3)
        else:
            draw.polygon([(x - size, y + size), (x, y - size), (x + size, y + size)], outline=ink)


def _phone_chrome(
    image: Image.Image, rng: np.random.Generator, split: str, dark: bool, chat: bool
) -> None:
    """Status bar above, tools below, and a few bubbles of a talk if `chat`; in place."""
    width, height = image.size
    draw = ImageDraw.Draw(image)
    face, ink = typeface(rng, split), (235, 235, 235) if dark else (30, 30, 30)
    clock = f"{rng.integers(0, 24)}:{rng.integers(0, 60):02}"
    write(draw, (30, 12), clock, 24, face, ink)
    for k in range(4):
        draw.rectangle([width - 160 + 10 * k, 32 - 5 * k, width - 154 + 10 * k, 36], fill=ink)
    draw.rounded_rectangle([width - 86, 16, width - 42, 37], 5, outline=ink, width=2)
    draw.rectangle([width - 83, 19, width - 83 + int(rng.integers(6, 38)), 34], fill=ink)
    if rng.random() < 0.7:
        title = f"{rng.integers(1, 40)}/{rng.integers(40, 900)}"
        write(draw, (width / 2, 60), title, 28, face, ink, anchor="m")
        draw.line([(56, 62), (40, 76), (56, 90)], ink, 4)
    if not chat and rng.random() < 0.7:
        _icons(draw, rng, height - 56, width, ink)
    if chat:
        for k in range(int(rng.integers(1, 3))):
            count = int(rng.integers(3, 13))
            top = height - 100 - 84 * k
            left = 80 if rng.random() < 0.5 else width - 120 - 30 * count
            tone = (255, 255, 255) if left == 80 else (150, 230, 150)
            draw.rounded_rectangle([left, top, left + 30 * count + 40, top + 60], 12, fill=tone)
            write(draw, (left + 20, top + 14), han_text(rng, count), 30, face, (20, 20, 20))


def _desktop_chrome(image: Image.Image, rng: np.random.Generator, split: str, dark: bool) -> None:
    """Title bar, menu, a side list and a task bar; in place."""
    width, height = image.size
    draw = ImageDraw.Draw(image)
    face = typeface(rng, split)
    bar = tuple(int(v) for v in rng.integers(30, 70, 3) + (0 if dark else 170))
    ink = (230, 230, 230) if dark else (30, 30, 30)
    draw.rectangle([0, 0, width, 40], fill=bar)
    write(draw, (16, 10), f"IMG_{digits(rng, 6)}.jpg - {han_text(rng, 4)}", 20, face, ink)
    for k in range(3):
        x = width - 40 - 46 * k
        draw.rectangle([x, 14, x + 13, 27], outline=ink, width=2)
    if rng.random() < 0.7:
        tone = tuple(int(v * 0.96) for v in bar)
        draw.rectangle([0, 40, width, 76], fill=tone)
        place = 16.0
        for _ in range(int(rng.integers(4, 9))):
            place += 24 + write(draw, (place, 48), han_text(rng, 2), 18, face, ink)
    if rng.random() < 0.5:
        draw.rectangle([0, height - 48, width, height], fill=bar)
        _icons(draw, rng, height - 24, width // 2, ink)
        write(draw, (width - 20, height - 36), date_text(rng), 18, face, ink, anchor="r")


def _display(
    face: U8, alpha: U8, rng: np.random.Generator, split: str, kind: str, size: tuple[int, int]
) -> tuple[U8, F64]:
    """What the display (height, width) shows, and the card's quad in it."""
    height, width = size
    dark = kind != "phone_chat" and rng.random() < 0.65
    ground = int(rng.integers(0, 30)) if dark else int(rng.integers(225, 256))
    picture = flat(height, width, [ground] * 3)
    most = min(width * 0.985, height * 0.8 * CARD_MM[0] / CARD_MM[1])
    card_px = most * {"monitor": 0.8, "laptop": 0.8, "phone_chat": 0.92}.get(kind, 1.0)
    card_px *= rng.uniform(0.85, 0.98)
    inner_h = int(min(height * 0.86, card_px * rng.uniform(0.68, 1.0)))
    inner_w = int(min(width, card_px * rng.uniform(1.01, 1.25)))
    if kind == "phone_turned" and rng.random() < 0.6:
        inner_h = height
    image = Image.fromarray(picture)
    if kind in ("monitor", "laptop"):
        _desktop_chrome(image, rng, split, dark)
    elif kind != "phone_turned" or rng.random() < 0.4:
        _phone_chrome(image, rng, split, dark, kind == "phone_chat")
    picture = np.asarray(image).copy()
    photo, quad = _shown_photo(face, alpha, rng, split, (inner_h, inner_w), card_px)
    x = (width - inner_w) // 2
    slack = height - inner_h
    y = int(slack * (0.5 if slack < 60 else rng.uniform(0.42, 0.58)))
    picture[y : y + inner_h, x : x + inner_w] = photo
    return picture, quad + np.array([x, y])


def _panel_tones(picture: U8, rng: np.random.Generator, strengths: dict[str, float]) -> U8:
    """White point, gamma, black level and the loss of contrast seen at an angle."""
    height, width = picture.shape[:2]
    strengths["panel_gamma"] = gamma = float(np.exp(rng.normal(0, 0.16)))
    strengths["panel_black"] = black = float(rng.uniform(0, 34) * rng.random())
    white = rng.uniform(190, 255) * np.array(
        [1 + rng.normal(0.03, 0.05), 1, 1 - rng.normal(0.03, 0.04)]
    )
    level = (np.arange(256) / 255)[:, None] ** gamma
    tables = (black + (white - black) * level).clip(0, 255).astype(np.uint8)
    out = np.asarray(cv2.LUT(picture, tables[None]), np.uint8)
    if rng.random() < 0.6:  # one side is farther from the eye's axis
        strengths["angle"] = fall = float(rng.uniform(0.05, 0.3))
        shade = 1 - fall * np.linspace(0, 1, 32) ** 1.5
        ramp = np.tile(shade.astype(np.float32), (2, 1))[
            :: int(rng.choice([-1, 1])), :: int(rng.choice([-1, 1]))
        ]
        if rng.random() < 0.4:
            ramp = np.ascontiguousarray(ramp.T)
        gain = cv2.resize(np.ascontiguousarray(ramp), (width, height))
        out = np.asarray(cv2.multiply(out, cv2.merge([gain] * 3), dtype=0), np.uint8)
    return out


def _reflections(
    size: tuple[int, int], rng: np.random.Generator, strengths: dict[str, float]
) -> U8:
    """(height, width, 3) of light to add: windows, lamps and smears on glass."""
    height, width = size[0] // 4 + 1, size[1] // 4 + 1
    glow = np.zeros((height, width, 3), np.float32)
    tint = np.array([1.0, 0.98, 0.95]) * rng.uniform(0.9, 1.1, 3)
    for _ in range(int(rng.integers(1, 4))):
        power = float(rng.uniform(6, 70))
        strengths["reflection"] = max(power, strengths.get("reflection", 0.0))
        x, y = rng.uniform(0, 1, 2) * (width, height)
        w, h = rng.uniform(0.05, 0.45, 2) * (width, height)
        colour = (power * tint).tolist()
        if rng.random() < 0.6:
            box = cv2.boxPoints(((x, y), (w, h), float(rng.uniform(-40, 40))))
            cv2.fillConvexPoly(glow, box.astype(np.int32), colour)
        else:
            cv2.ellipse(glow, (int(x), int(y)), (int(w / 3), int(h / 3)), 0, 0, 360, colour, -1)
    glow = np.asarray(cv2.GaussianBlur(glow, (0, 0), float(rng.uniform(1.5, 14))), np.float32)
    if rng.random() < 0.3:
        glow += np.maximum(slow_noise(rng, height, width, 9), 0)[:, :, None] * np.float32(3)
    return np.asarray(cv2.resize(glow.clip(0, 255).astype(np.uint8), (size[1], size[0])), np.uint8)


def screen(face: U8, alpha: U8, rng: np.random.Generator, split: str) -> Sheet:
    """A phone, tablet, laptop or monitor that shows a picture of the card; its grid is `panel`."""
    strengths: dict[str, float] = {}
    kinds = DEVICES[split]
    kind = kinds[rng.integers(len(kinds))]
    device = _device(rng, kind)
    left, top, width, height = device.display
    shown, quad = _display(face, alpha, rng, split, kind, (height, width))
    coarse = kind in ("monitor", "laptop")
    panel = replace(Panel.random(rng, split, coarse), display=device.display)
    shown = _panel_tones(shown, rng, strengths)
    bezel = tuple(int(v) for v in rng.integers(4, 46) + rng.integers(0, 6, 3))
    if rng.random() < 0.12:
        bezel = tuple(int(v) for v in rng.integers(190, 245) + rng.integers(0, 6, 3))
    picture = flat(*device.size, bezel)
    cover = rounded(width, height, device.radius * 0.8)
    region = picture[top : top + height, left : left + width]
    cv2.copyTo(shown, (cover > 127).astype(np.uint8), region)
    if rng.random() < 0.65:
        picture = np.asarray(cv2.add(picture, _reflections(device.size, rng, strengths)), np.uint8)
    sheet_alpha = rounded(device.size[1], device.size[0], device.radius)
    strengths |= {"panel_pitch": panel.pitch, "panel_contrast": panel.contrast}
    place = np.array([left, top], np.float64)
    return Sheet(picture, sheet_alpha, quad + place, "Screen", "screen", strengths, panel)
