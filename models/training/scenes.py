"""Whole pictures without any card: tables, busts, pages, keyboards; the splits share no kind."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from canvas import (
    new_canvas,
    paragraph,
)
from drawing import (
    bust,
    digits,
    gradient,
    han_text,
    slow_noise,
    typeface,
    write,
)
from numpy.typing import NDArray
from PIL import Image, ImageDraw

U8 = NDArray[np.uint8]
Whole = Callable[[np.random.Generator, str, tuple[int, int]], U8]


def _table_top(
    rng: np.random.Generator, split: str, size: tuple[int, int], kind: str | None = None
) -> U8:
    """An empty table (height, width): wood, cloth, stone or plain; tiles only in the test."""
    height, width = size
    kinds = ("wood", "cloth", "plain") if split == "train" else ("stone", "tiles", "planks")
    kind = kind or str(rng.choice(kinds))
    half = (height // 2 + 1, width // 2 + 1)
    grey = rng.uniform(40, 225)
    warm = np.array([-1.0, 0, 0.9]) * rng.normal(14, 16)
    base = gradient(*half, grey + warm + rng.normal(0, 9, 3) + rng.normal(0, 9, (2, 2, 3)))
    if kind == "wood":
        rows = slow_noise(rng, half[0], 8, int(rng.integers(40, 220)))
        marks = cv2.resize(rows, half[::-1]) * rng.uniform(3, 14)
    elif kind == "cloth":
        xs = np.sin(np.arange(half[1]) * rng.uniform(0.4, 2.2))
        ys = np.sin(np.arange(half[0]) * rng.uniform(0.4, 2.2))
        marks = (xs[None, :] + ys[:, None]) * rng.uniform(1, 7)
    elif kind == "stone":
        marks = slow_noise(rng, *half, 12) * rng.uniform(3, 9) + slow_noise(rng, *half, 140) * 4
    elif kind in ("tiles", "planks"):
        pitch = half[1] * rng.uniform(0.08, 0.3)
        marks = -30.0 * ((np.arange(half[0]) % pitch) < 3)[:, None] * np.ones(half[1])
        if kind == "tiles":
            marks -= 30.0 * ((np.arange(half[1]) % pitch) < 3)[None, :]
    else:
        marks = slow_noise(rng, *half, 3) * rng.uniform(1, 6)
    plane = cv2.merge([np.asarray(marks, np.float32)] * 3)
    table = cv2.resize(cv2.add(base, plane, dtype=cv2.CV_8U), (width, height))
    if rng.random() < 0.5 and kind != "plain":
        spin = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-40, 40), 1.6)
        table = cv2.warpAffine(table, spin, (width, height), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(table, np.uint8)


def _things(picture: U8, rng: np.random.Generator, count: int) -> None:
    """Pens, cups, phones, coins, cables and books seen from above, with their shadows; in place."""
    height, width = picture.shape[:2]
    for _ in range(count):
        x, y = (rng.uniform(0.05, 0.95, 2) * (width, height)).tolist()
        tone = (0.3 * rng.uniform(15, 240, 3) + 0.7 * rng.uniform(15, 240)).astype(float)
        turn = float(rng.uniform(0, 180))
        kind = int(rng.integers(4))
        long = rng.uniform(0.05, 0.3) * width
        wide = {0: 0.08, 1: 1.0, 2: 0.5, 3: 0.75}[kind] * long * rng.uniform(0.8, 1.1)
        for drift, colour in ((0.02 * long + 4, None), (0.0, tone)):
            centre = (x + drift, y + drift)
            layer = picture if colour is not None else np.zeros((height, width), np.uint8)
            paint = colour.tolist() if colour is not None else 90
            if kind == 1:
                spot = (int(centre[0]), int(centre[1]))
                cv2.circle(layer, spot, int(long / 2), paint, -1, cv2.LINE_AA)
                if colour is not None:
                    inner = (tone * rng.uniform(0.5, 0.9)).tolist()
                    cv2.circle(layer, spot, int(long * 0.4), inner, -1, cv2.LINE_AA)
            else:
                box = cv2.boxPoints((centre, (long, wide), turn)).astype(np.int32)
                cv2.fillConvexPoly(layer, box, paint, cv2.LINE_AA)
            if colour is None:
                small = cv2.resize(layer, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
                soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), 3), (width, height))
                cv2.subtract(picture, cv2.merge([soft] * 3), picture)


def _empty_table(rng: np.random.Generator, split: str, size: tuple[int, int]) -> U8:
    return _table_top(rng, split, size)


def _full_table(rng: np.random.Generator, split: str, size: tuple[int, int]) -> U8:
    picture = _table_top(rng, split, size)
    _things(picture, rng, int(rng.integers(2, 9)))
    return picture


def _large_bust(rng: np.random.Generator, split: str, size: tuple[int, int]) -> U8:
    height, width = size
    canvas = new_canvas(rng, split, width, height)
    tall = int(height * rng.uniform(0.7, 1.0))
    layer = bust(rng, split, int(tall * 0.75), tall)
    x = int((width - layer.width) * rng.uniform(0.1, 0.9))
    canvas.image.paste(layer, (x, height - tall), layer)
    return canvas.bgr()


def _text_page(rng: np.random.Generator, split: str, size: tuple[int, int]) -> U8:
    c = new_canvas(rng, split, size[1], size[0], pale=True)
    han = bool(rng.random() < 0.7)
    paragraph(c, rng.uniform(0, 0.08), 0.0, 1.0, 1.0, rng.uniform(0.025, 0.07), han=han)
    return c.bgr()


def _screen_page(rng: np.random.Generator, split: str, size: tuple[int, int]) -> U8:
    """A program's window: bars, a list of rows, buttons, a picture or two."""
    c = new_canvas(rng, split, size[1], size[0], pale=rng.random() < 0.7)
    bar = tuple(rng.integers(20, 235, 3).tolist())
    c.rectangle(0, 0, 1, 0.07, bar)
    c.text(0.03, 0.012, han_text(rng, 4), 0.045, ink=(255, 255, 255))
    y = 0.1
    while y < 0.92:
        step = rng.uniform(0.06, 0.16)
        kind = int(rng.integers(4))
        if kind == 0:
            tone = tuple(rng.integers(60, 230, 3).tolist())
            c.rectangle(0.05, y, rng.uniform(0.2, 0.5), y + step * 0.8, tone, 12)
            c.text(0.07, y + 0.015, han_text(rng, 4), 0.04, ink=(255, 255, 255))
        elif kind == 1:
            c.line(0.05, y, 0.95, y, 1)
        else:
            c.text(0.06, y, han_text(rng, int(rng.integers(3, 14))), 0.038)
            c.text(0.94, y, digits(rng, 4), 0.035, anchor="r")
        y += step
    return c.bgr()


def _keyboard(rng: np.random.Generator, split: str, size: tuple[int, int]) -> U8:
    height, width = size
    body = int(rng.integers(10, 60)) if rng.random() < 0.6 else int(rng.integers(190, 240))
    image = Image.new("RGB", (width, height), (body, body, body + 4))
    draw = ImageDraw.Draw(image)
    face = typeface(rng, split)
    cap = body + 22 if body < 128 else body - 20
    ink = (230, 230, 230) if body < 128 else (50, 50, 50)
    key = width / rng.uniform(7, 15)
    letters = "QWERTYUIOPASDFGHJKLZXCVBNM1234567890"
    for row in range(int(height / key) + 2):
        x = -key * rng.uniform(0, 0.8)
        while x < width:
            wide = key * (1 if rng.random() < 0.85 else rng.uniform(1.4, 3))
            box = [x + 3, row * key + 3, x + wide - 4, row * key + key - 4]
            draw.rounded_rectangle(box, key * 0.1, fill=(cap, cap, cap))
            letter = letters[rng.integers(len(letters))]
            write(draw, (x + key * 0.2, row * key + key * 0.15), letter, key * 0.35, face, ink)
            x += wide
    return np.asarray(cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2BGR), np.uint8)


def _book_spread(rng: np.random.Generator, split: str, size: tuple[int, int]) -> U8:
    c = new_canvas(rng, split, size[1], size[0], pale=True)
    text = rng.uniform(0.022, 0.036)
    for left in (0.04, 0.54):
        paragraph(c, left, 0.06, left + 0.42, 0.94, text, han=bool(rng.random() < 0.6))
    picture = c.bgr()
    off = np.abs(np.arange(size[1]) - size[1] / 2)
    fade = (1 - 0.5 * np.exp(-off / (0.05 * size[1]))).astype(np.float32)
    gain = np.ascontiguousarray(np.broadcast_to(fade, size))
    return np.asarray(cv2.multiply(picture, cv2.merge([gain] * 3), dtype=cv2.CV_8U), np.uint8)


def _group_of_busts(rng: np.random.Generator, split: str, size: tuple[int, int]) -> U8:
    height, width = size
    c = new_canvas(rng, split, width, height)
    count = int(rng.integers(2, 5))
    for k in range(count):
        tall = int(height * rng.uniform(0.5, 0.85))
        layer = bust(rng, split, int(tall * 0.75), tall)
        x = int(width * (k + 0.5) / count - layer.width / 2)
        c.image.paste(layer, (x, height - tall), layer)
    return c.bgr()


SCENES: dict[str, dict[str, Whole]] = {
    "train": {
        "large_bust": _large_bust,
        "text_page": _text_page,
        "screen_page": _screen_page,
        "empty_table": _empty_table,
        "full_table": _full_table,
    },
    "test": {
        "group_of_busts": _group_of_busts,
        "keyboard": _keyboard,
        "book_spread": _book_spread,
        "other_empty_table": _empty_table,  # stone, tiles, planks: materials that training lacks
        "other_full_table": _full_table,
    },
}
