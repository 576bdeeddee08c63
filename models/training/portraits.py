"""Portraits: cartoon busts that nobody is. Drawn once each and kept; the splits share none."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from covering import cover
from numpy.typing import NDArray
from PIL import Image, ImageDraw

PX_PER_MM = 12.0
WIDTH_MM, HEIGHT_MM = 21.0, 28.0
PEOPLE = 300  # of each split and gender
FACELESS = {"train": 90, "test": 0}  # more of them, as plain drawings have them

U8 = NDArray[np.uint8]


def draw_portrait(rng: np.random.Generator, split: str, gender: str, grey: bool) -> U8:
    """(336, 252, 4) BGRA: one of the kept busts, some before a pale wall, with some change of light."""
    kept = _bust(split, gender, int(rng.integers(PEOPLE + FACELESS[split])))
    if rng.random() < 0.5:
        kept = np.asarray(cv2.flip(kept, 1), np.uint8)
    light = rng.normal(1.0, 0.035, 3) * rng.uniform(0.8, 1.1)
    tones = (np.arange(256)[:, None] * light).clip(0, 255).astype(np.uint8)
    bust = np.asarray(cv2.LUT(cv2.cvtColor(kept, cv2.COLOR_BGRA2BGR), tones[:, None]), np.uint8)
    mask = np.asarray(cv2.extractChannel(kept, 3), np.uint8)
    if grey:
        bust = np.asarray(cv2.merge([cv2.cvtColor(bust, cv2.COLOR_BGR2GRAY)] * 3), np.uint8)
    if rng.random() < 0.4:  # some printers keep the photograph's own pale background
        wall = np.full(3, rng.integers(195, 256)) if grey else rng.integers(195, 256, 3)
        behind = np.tile(wall.astype(np.uint8), (*mask.shape, 1))
        cover(behind, mask, bust)
        bust, mask = behind, np.full_like(mask, 255)
    return np.asarray(cv2.merge([bust, mask]), np.uint8)


@lru_cache(maxsize=4 * PEOPLE + 2 * sum(FACELESS.values()))
def _bust(split: str, gender: str, number: int) -> U8:
    """Shoulders, neck, head, hair, eyes, mouth: (336, 252, 4) BGRA."""
    rng = np.random.default_rng([len(split), ord(gender), number])
    px = PX_PER_MM * 2
    layer = Image.new("RGBA", (int(WIDTH_MM * px), int(HEIGHT_MM * px)), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    skin = _tone(np.array([232, 190, 160]) * rng.uniform(0.68, 1.06))
    hair = _tone(rng.integers(12, 62, 3) + (rng.random() < 0.15) * 110)
    coat = _tone(rng.integers(15, 220, 3))
    tall = rng.uniform(-0.8, 0.8)
    cx = WIDTH_MM / 2 + rng.uniform(-0.6, 0.6)
    if gender == "女" and rng.random() < 0.8:
        low = rng.uniform(14, 23)
        box = [(cx - 6.4) * px, (5 + tall) * px, (cx + 6.4) * px, (low + tall) * px]
        draw.rounded_rectangle(box, radius=5 * px, fill=(*hair, 255))
    _draw_body(draw, px, cx, tall, skin, coat, rng)
    _draw_head(draw, px, cx, tall, skin, hair, rng)
    if number < PEOPLE:
        _draw_features(draw, px, cx, tall, skin, hair, rng)
    size = (int(WIDTH_MM * PX_PER_MM), int(HEIGHT_MM * PX_PER_MM))
    small = np.asarray(layer.resize(size, Image.Resampling.LANCZOS))
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGBA2BGRA), np.uint8)


Tone = tuple[int, int, int]


def _tone(values: NDArray[np.generic]) -> Tone:
    r, g, b = (int(v) for v in np.clip(values.astype(float), 0, 255))
    return r, g, b


def _oval(
    draw: ImageDraw.ImageDraw, px: float, x0: float, y0: float, x1: float, y1: float, tone: Tone
) -> None:
    draw.ellipse([x0 * px, y0 * px, x1 * px, y1 * px], fill=(*tone, 255))


def _draw_body(
    draw: ImageDraw.ImageDraw,
    px: float,
    cx: float,
    tall: float,
    skin: Tone,
    coat: Tone,
    rng: np.random.Generator,
) -> None:
    broad = rng.uniform(0.9, 1.1)
    shade = _tone(np.array(skin) * 0.86)
    _oval(draw, px, cx - 10 * broad, 20 + tall, cx + 10 * broad, 40, coat)
    neck = [(cx - 2.3) * px, (16 + tall) * px, (cx + 2.3) * px, (22.5 + tall) * px]
    draw.rectangle(neck, fill=(*shade, 255))
    if rng.random() < 0.7:
        collar = [((cx - 3.4) * px, 21.6 * px), ((cx + 3.4) * px, 21.6 * px), (cx * px, 26.5 * px)]
        draw.polygon(collar, fill=(*_tone(rng.integers(200, 256, 3)), 255))


def _draw_head(
    draw: ImageDraw.ImageDraw,
    px: float,
    cx: float,
    tall: float,
    skin: Tone,
    hair: Tone,
    rng: np.random.Generator,
) -> None:
    wide, long = rng.uniform(0.92, 1.08), rng.uniform(0.95, 1.05)
    for side in (-1, 1):
        x = cx + side * 5.2 * wide
        _oval(draw, px, x - 0.8, 10.3 + tall, x + 0.8, 13.2 + tall, skin)
    bald = rng.random() < 0.06
    if not bald:
        _oval(draw, px, cx - 6 * wide, 3 + tall, cx + 6 * wide, 15 + tall, hair)
    _oval(draw, px, cx - 5.2 * wide, 5 + tall, cx + 5.2 * wide, 5 + 14 * long + tall, skin)
    fringe = 11.5 if not bald else 6.0
    box = [(cx - 5.6 * wide) * px, (3.2 + tall) * px, (cx + 5.6 * wide) * px, (fringe + tall) * px]
    draw.chord(box, 180 + rng.uniform(0, 25), 360 - rng.uniform(0, 25), fill=(*hair, 255))


def _draw_features(
    draw: ImageDraw.ImageDraw,
    px: float,
    cx: float,
    tall: float,
    skin: Tone,
    hair: Tone,
    rng: np.random.Generator,
) -> None:
    apart, y = rng.uniform(2.0, 2.4), tall + rng.uniform(-0.3, 0.3)
    shade = _tone(np.array(skin) * 0.84)
    glasses = rng.random() < 0.2
    for eye in (-apart, apart):
        _oval(draw, px, cx + eye - 0.9, 10.5 + y, cx + eye + 0.9, 11.5 + y, (248, 248, 248))
        _oval(draw, px, cx + eye - 0.45, 10.5 + y, cx + eye + 0.45, 11.5 + y, (25, 20, 20))
        brow = [((cx + eye - 1.2) * px, (9.8 + y) * px), ((cx + eye + 1.2) * px, (9.6 + y) * px)]
        draw.line(brow, fill=(*hair, 255), width=int(rng.uniform(0.3, 0.55) * px))
        if glasses:
            box = [(cx + eye - 1.6) * px, (10 + y) * px, (cx + eye + 1.6) * px, (12.2 + y) * px]
            draw.rounded_rectangle(
                box, radius=0.5 * px, outline=(30, 30, 30, 255), width=int(0.22 * px)
            )
    nose = [(cx * px, (12 + y) * px), ((cx + 0.5) * px, (13.8 + y) * px)]
    draw.line(nose, fill=(*shade, 255), width=int(0.3 * px))
    mouth = [(cx - 1.5) * px, (14.6 + y) * px, (cx + 1.5) * px, (16.2 + y) * px]
    draw.arc(mouth, 20, 160, fill=(165, 85, 85, 255), width=int(rng.uniform(0.3, 0.55) * px))
