"""What other cards, documents and scenes are drawn on: a canvas, its grounds, marks, rows and paragraphs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from drawing import (
    Colour,
    Typeface,
    digits,
    gradient,
    grain,
    han_text,
    handwriting,
    ink_on,
    latin_text,
    paste_bust,
    rounded,
    slow_noise,
    stamp,
    text_width,
    typeface,
    write,
)
from numpy.typing import NDArray
from PIL import Image, ImageDraw

U8 = NDArray[np.uint8]

CARD_PX = (1027, 648)  # 85.6 x 54 mm at 12 px/mm


def to_image(bgr: U8) -> Image.Image:
    return Image.fromarray(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8))


# ---- a thing to draw on -----------------------------------------------------------------------------


@dataclass
class Canvas:
    """A picture in RGB, a pen and a face, with places given in shares of its width and height."""

    image: Image.Image
    rng: np.random.Generator
    split: str
    face: Typeface
    ink: Colour

    @property
    def width(self) -> int:
        return self.image.width

    @property
    def height(self) -> int:
        return self.image.height

    @property
    def draw(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.image)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        ink: Colour | None = None,
        anchor: str = "l",
        bold: int = 0,
    ) -> float:
        """Text at (x, y); size: its height in shares of the shorter side. Returns its width's share."""
        size_px = max(8.0, size * min(self.width, self.height))
        room = self.width * {"l": 0.97 - x, "m": 1.8 * min(x, 1 - x), "r": x - 0.03}[anchor]
        wide = text_width(text, round(size_px), self.face)
        if wide > room > 0:
            size_px = max(8.0, size_px * room / wide)
        place = (x * self.width, y * self.height)
        colour = self.ink if ink is None else ink
        width = write(
            self.draw, place, text, size_px, self.face, colour, anchor=anchor, stroke=bold
        )
        return width / self.width

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[int, int, int, int]:
        w, h = self.width, self.height
        return round(x0 * w), round(y0 * h), round(x1 * w), round(y1 * h)

    def rectangle(
        self, x0: float, y0: float, x1: float, y1: float, colour: Colour, radius: float = 0
    ) -> None:
        self.draw.rounded_rectangle(self.box(x0, y0, x1, y1), radius, fill=colour)

    def line(self, x0: float, y0: float, x1: float, y1: float, width: int = 2) -> None:
        self.draw.line(self.box(x0, y0, x1, y1), self.ink, width)

    def bust(self, x0: float, y0: float, x1: float, y1: float) -> None:
        paste_bust(self.image, self.rng, self.split, self.box(x0, y0, x1, y1))

    def paste(self, x: float, y: float, grey: U8) -> None:
        self.image.paste(
            Image.fromarray(np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB))),
            (round(x * self.width), round(y * self.height)),
        )

    def stamped(self, x: float, y: float, size: float, ink: Colour = (205, 40, 50)) -> None:
        """A seal with its left top at (x, y), `size` of the shorter side; ink RGB."""
        mask = stamp(self.rng, self.split, max(40, round(size * min(self.width, self.height))))
        self._inked(x, y, mask, ink, float(self.rng.uniform(0.5, 0.95)))

    def written(self, x: float, y: float, count: int, size: float) -> None:
        """Handwriting from (x, y); size: its height in shares of the shorter side."""
        tall = max(14, round(size * min(self.width, self.height)))
        mask = handwriting(self.rng, count, tall, max(1.2, tall * 0.07))
        tones: tuple[Colour, ...] = ((40, 40, 45), (25, 60, 150), (30, 30, 110))
        self._inked(x, y, mask, tones[self.rng.integers(3)], 0.9)

    def _inked(self, x: float, y: float, mask: U8, ink: Colour, strength: float) -> None:
        left, top = round(x * self.width), round(y * self.height)
        part = np.array(self.image.crop((left, top, left + mask.shape[1], top + mask.shape[0])))
        ink_on(part, mask, (0, 0), ink, strength)
        self.image.paste(Image.fromarray(part), (left, top))

    def bgr(self) -> U8:
        return np.asarray(cv2.cvtColor(np.asarray(self.image), cv2.COLOR_RGB2BGR), np.uint8)


def new_canvas(
    rng: np.random.Generator, split: str, width: int, height: int, *, pale: bool | None = None
) -> Canvas:
    """A card's or page's ground: plain, graded, or with soft shapes; ink that stands out from it."""
    if pale is None:
        pale = bool(rng.random() < 0.55)
    base = rng.uniform(195, 250, 3) if pale else rng.uniform(10, 170, 3)
    spread = 10 if pale else rng.uniform(5, 60)
    corners = base + rng.normal(0, spread, (2, 2, 3)) * (rng.random() < 0.7)
    picture = gradient(height, width, corners)
    kind = rng.random()
    if kind < 0.25:
        soft_shapes(picture, rng)
    elif kind < 0.4:
        wave = slow_noise(rng, height // 3 + 1, width // 3 + 1, int(rng.integers(4, 30)))
        wave = cv2.resize(wave, (width, height)) * np.float32(rng.uniform(2, 9))
        picture = np.asarray(cv2.add(picture, cv2.merge([wave] * 3), dtype=cv2.CV_8U), np.uint8)
    light = sum(cv2.mean(picture)[:3]) > 384
    tone = rng.integers(0, 70, 3) if light else rng.integers(205, 256, 3)
    ink = (int(tone[0]), int(tone[1]), int(tone[2]))
    image = to_image(picture)
    return Canvas(image, rng, split, typeface(rng, split), ink)


def new_sheet(rng: np.random.Generator, split: str, width: int, height: int) -> Canvas:
    """A page's ground: mostly white paper, sometimes of a colour."""
    if rng.random() < 0.3:
        return new_canvas(rng, split, width, height, pale=True)
    white = rng.uniform(222, 254) + np.array([-1, 0, 0.4]) * abs(rng.normal(0, 7))
    picture = gradient(height, width, white + rng.normal(0, 3, (2, 2, 1)))
    tone = int(rng.integers(10, 70))
    return Canvas(to_image(picture), rng, split, typeface(rng, split), (tone, tone, tone))


def soft_shapes(picture: U8, rng: np.random.Generator) -> None:
    """A few discs and bands of nearby tones, in place."""
    height, width = picture.shape[:2]
    base = np.array(cv2.mean(picture)[:3])
    for _ in range(int(rng.integers(1, 5))):
        colour = (base + rng.normal(0, 28, 3)).clip(0, 255).tolist()
        x, y = (rng.uniform(-0.1, 1.1, 2) * (width, height)).astype(int).tolist()
        if rng.random() < 0.5:
            radius = int(rng.uniform(0.1, 0.7) * height)
            cv2.circle(picture, (x, y), radius, colour, -1, cv2.LINE_AA)
        else:
            far = (int(rng.integers(0, width)), int(rng.integers(0, height)))
            cv2.line(picture, (x, y), far, colour, int(rng.integers(8, 160)), cv2.LINE_AA)


def house_mark(c: Canvas, x: float, y: float, size: float) -> None:
    """A made-up house's mark: simple shapes, centre at (x, y)."""
    r = size * min(c.width, c.height) / 2
    cx, cy = x * c.width, y * c.height
    tones = c.rng.integers(20, 235, (3, 3)).tolist()
    kind = int(c.rng.integers(4))
    if kind == 0:
        c.draw.ellipse([cx - r, cy - r, cx + r, cy + r], fill=tuple(tones[0]))
        c.draw.ellipse([cx - r / 2, cy - r, cx + r / 2, cy], fill=tuple(tones[1]))
    elif kind == 1:
        for k in range(3):
            side = r * (1 - k * 0.3)
            c.draw.rectangle([cx - side, cy - side, cx + side, cy + side], fill=tuple(tones[k]))
    elif kind == 2:
        c.draw.polygon([(cx - r, cy + r), (cx, cy - r), (cx + r, cy + r)], fill=tuple(tones[0]))
        c.draw.polygon([(cx - r, cy - r), (cx, cy + r / 2), (cx + r, cy - r)], fill=tuple(tones[1]))
    else:
        for k in range(5):
            angle = 2 * np.pi * k / 5
            px, py = cx + r * 0.6 * np.cos(angle), cy + r * 0.6 * np.sin(angle)
            box = [px - r * 0.35, py - r * 0.35, px + r * 0.35, py + r * 0.35]
            c.draw.ellipse(box, fill=tuple(tones[k % 3]))


def label_rows(
    c: Canvas, x: float, y: float, labels: list[str], values: list[str], size: float, pitch: float
) -> None:
    """Labels and values, one pair a row; in some layouts the label stands small above its value."""
    above = c.rng.random() < 0.35
    grey = tuple(int(0.5 * v + 64) for v in c.ink)
    label_ink = (grey[0], grey[1], grey[2]) if c.rng.random() < 0.6 else c.ink
    for k, (label, value) in enumerate(zip(labels, values, strict=True)):
        top = y + k * pitch
        if above:
            c.text(x, top, label, size * 0.6, ink=label_ink)
            c.text(x, top + size * 0.75, value, size)
        else:
            wide = c.text(x, top, label, size, ink=label_ink)
            c.text(x + wide + 0.02, top, value, size)


def card_size(rng: np.random.Generator, share: float) -> tuple[int, int]:
    """Card size (width, height); in portrait format with this share."""
    return CARD_PX[::-1] if rng.random() < share else CARD_PX


def finish_card(c: Canvas) -> tuple[U8, U8]:
    return c.bgr(), rounded(c.width, c.height, min(c.width, c.height) * 0.059)


def finish_page(c: Canvas) -> tuple[U8, U8]:
    picture = c.bgr()
    light = grain(c.rng, c.split, c.height, c.width) * np.float32(c.rng.uniform(0, 3))
    picture = np.asarray(cv2.add(picture, cv2.merge([light] * 3), dtype=cv2.CV_8U), np.uint8)
    return picture, np.full((c.height, c.width), 255, np.uint8)


def paragraph(
    c: Canvas, x: float, y: float, right: float, bottom: float, size: float, *, han: bool = True
) -> None:
    """Lines of text that fill a box; size: share of the shorter side."""
    px = max(10, round(size * min(c.width, c.height)))
    per_line = max(3, int((right - x) * c.width / px))
    top = y * c.height
    while top + px < bottom * c.height:
        short = c.rng.random() < 0.15
        count = int(per_line * c.rng.uniform(0.2, 0.8)) + 1 if short else per_line
        text = han_text(c.rng, count) if han else latin_text(c.rng, max(1, count // 3))
        if han and count > 8:
            cut = int(c.rng.integers(3, count - 3))
            text = text[:cut] + "，" + text[cut + 1 :]
        write(c.draw, (x * c.width, top), text, px, c.face, c.ink)
        top += px * 1.55


def ruled_grid(
    c: Canvas, x: float, y: float, right: float, bottom: float, rows: int, cols: int
) -> None:
    """A ruled table with short texts and numbers in most of its cells."""
    xs = np.linspace(x, right, cols + 1) + np.pad(c.rng.normal(0, 0.015, cols - 1), 1)
    ys = np.linspace(y, bottom, rows + 1)
    for at in ys:
        c.line(x, at, right, at)
    for at in xs:
        c.line(at, y, at, bottom)
    size = min(0.035, 0.55 * (ys[1] - ys[0]) * c.height / min(c.width, c.height))
    px = size * min(c.width, c.height)
    for row in range(rows):
        for col in range(cols):
            if c.rng.random() < 0.2 and row:
                continue
            most = max(1, int((xs[col + 1] - xs[col]) * c.width / px - 1))
            number = row and c.rng.random() < 0.5
            text = digits(c.rng, min(most, 6)) if number else han_text(c.rng, min(most, 4))
            c.text(xs[col] + 0.008, ys[row] + 0.2 * (ys[1] - ys[0]), text, size)
