"""Photocopies of a card: toner, streaks, specks, folds, grey and in colour."""

from __future__ import annotations

import cv2
import numpy as np
from drawing import (
    grain,
    slow_noise,
    spread,
)
from halftones import COPIER_SCREENS, thresholds
from numpy.typing import NDArray
from sheets import SCALE, Sheet, add_folds, card_on_paper, lay_notes, premultiplied, with_added

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


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
        marks = thresholds(rng, split, noise.shape, kind, rng.uniform(0, 90), scale)
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
        add_folds(light, rng, strengths)
    if rng.random() < 0.3:  # the lid was open: a dark border along one edge
        deep = int(rng.uniform(0.01, 0.05) * min(height, width)) + 2
        fade = (rng.uniform(40, 150) * np.exp(-np.arange(width) / deep)).astype(np.float32)
        light -= fade if rng.random() < 0.5 else fade[::-1]
        strengths["edge_shadow"] = 1.0
    return with_added(picture, light)


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
    size, quad, scale = card_on_paper(rng, zoom, float(rng.normal(0, 1.5)))
    strengths: dict[str, float] = {"zoom": zoom}
    bgra = spread(premultiplied(face, alpha), quad, size)
    if other_side is not None:
        second = _second_quad(rng, quad, size)
        if second is not None:
            bgra = np.maximum(bgra, spread(premultiplied(*other_side), second, size))
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
        strengths["notes"] = lay_notes(picture, rng, split, quad, scale)
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
