"""The screens of printers and copiers: four inks in dots, lines or noise. The splits share none."""

from __future__ import annotations

import cv2
import numpy as np
from drawing import (
    grain,
)
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

# Printers' screens (kind, lowest and highest lines a mm) and copiers' (the same).
HALFTONES = {
    "train": (
        ("round", 2.6, 4.2),
        ("blue_noise", 0, 0),
        ("round", 4.2, 5.2),
        ("ellipse", 2.4, 5.0),
        ("hexagon", 2.4, 4.8),
        ("clusters", 0, 0),
        ("white_noise", 0, 0),
    ),
    "test": (("line", 2.8, 4.6), ("ordered", 0, 0), ("square", 3.0, 4.8)),
}
COPIER_SCREENS = {
    "train": (
        ("none", 0, 0),
        ("none", 0, 0),
        ("none", 0, 0),
        ("round", 3.2, 4.8),
        ("blue_noise", 0, 0),
        ("ellipse", 2.8, 5.0),
        ("hexagon", 2.8, 4.8),
        ("white_noise", 0, 0),
    ),
    "test": (("none", 0, 0), ("none", 0, 0), ("line", 3.0, 4.6), ("ordered", 0, 0)),
}
# Light that cyan, magenta, yellow and black ink take from B, G, R: real inks are impure.
INKS = ((0.12, 0.26, 0.92), (0.24, 0.92, 0.12), (0.9, 0.07, 0.0), (0.9, 0.9, 0.9))
INK_ANGLES = {"train": (15, 75, 0, 45), "test": (105, 35, 5, 60)}  # degrees of C, M, Y, K
# Where every ink of a printer of training may be turned to; none of the test comes near.
FREE_ANGLES = ((22, 33), (42, 58), (67, 89))


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
    if kind == "ellipse":  # dots join along one of the axes first
        rows = [*rows[:2], *(row * np.float32(0.45) for row in rows[2:])]
        return np.asarray(np.stack(rows, 1) @ np.stack(columns)) / np.float32(1.45)
    both = np.asarray(np.stack(rows, 1) @ np.stack(columns)) * np.float32(0.5)
    return both if kind == "round" else np.asarray(np.sign(both) * np.sqrt(np.abs(both)))


def _hexagons(size: tuple[int, int], angle: float, cycles_px: float) -> F32:
    """As `_wave_map`: three sets of lines at 60 degrees, whose crossings are dots."""
    turns = (angle, angle + np.pi / 3, angle + 2 * np.pi / 3)
    lines = [_wave_map(size, turn, cycles_px, "line") for turn in turns]
    return np.asarray((lines[0] + lines[1] + lines[2] - np.float32(0.75)) / np.float32(2.25))


def _blue_noise(rng: np.random.Generator, split: str, height: int, width: int) -> F32:
    """Thresholds -1..1 without low frequencies: close to error diffusion, at once for all pixels."""
    noise = np.ascontiguousarray(grain(rng, split, height, width))
    fine = noise - cv2.GaussianBlur(noise, (0, 0), 0.8)
    return np.asarray((fine * 0.75).clip(-1, 1), np.float32)


_BAYER_4 = (
    np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 8 - 0.9375
).astype(np.float32)


# A spiral of 4 x 4 from its middle outwards: dots that grow, as of laser printers.
_SPIRAL_4 = (
    np.array([[12, 5, 6, 13], [4, 0, 1, 7], [11, 3, 2, 8], [15, 10, 9, 14]]) / 8 - 0.9375
).astype(np.float32)


def thresholds(
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
    if name == "white_noise":
        return np.asarray((grain(rng, split, height, width) * np.float32(0.5)).clip(-1, 1))
    if name == "clusters":
        flat = np.tile(_SPIRAL_4, (height // 4 + 1, width // 4 + 1))[:height, :width]
        return np.asarray(np.roll(flat, int(rng.integers(4)), 0))
    if name == "ordered":
        small = np.tile(_BAYER_4, (height // 4 + 1, width // 4 + 1))[:height, :width]
        return np.asarray(np.roll(small, int(rng.integers(4)), 1))
    lines = rng.uniform(low, high)
    if name == "hexagon":
        return _hexagons(size, np.deg2rad(angle), min(0.42, lines / max(scale, 1)))
    return _wave_map(size, np.deg2rad(angle), min(0.42, lines / max(scale, 1)), name)


def screened(
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
    angles = INK_ANGLES[split]
    if split == "train" and rng.random() < 0.6:
        angles = tuple(rng.uniform(*FREE_ANGLES[rng.integers(len(FREE_ANGLES))]) for _ in angles)
        shift = 0.0
    light = [np.full(size, 255, np.float32) for _ in range(3)]
    passed = np.empty(size, np.float32)  # one buffer for all: fresh ones cost more than the sums
    for absorbed, angle, plane in zip(INKS, angles, (2, 1, 0, None), strict=True):
        amount = black if plane is None else (cover[plane] - black) * left
        marks = thresholds(rng, split, size, kind, angle + shift, scale)
        dots = cv2.addWeighted(amount, 3.2, np.ascontiguousarray(marks), -1.6, -1.1)
        np.clip(dots, 0, 1, out=dots)
        dots = np.asarray(cv2.addWeighted(dots, depth, amount, 1 - depth, 0), np.float32)
        for channel, share in enumerate(absorbed):
            if share > 0.05:
                np.multiply(dots, np.float32(-min(0.97, share * power)), out=passed)
                passed += np.float32(1)
                light[channel] *= passed
    return np.asarray(cv2.convertScaleAbs(cv2.merge(light)), np.uint8)
