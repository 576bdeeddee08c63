"""Cards shown by telephones, tablets and monitors. The splits share no device."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from backgrounds import background
from drawing import (
    Colour,
    date_text,
    digits,
    flat,
    han_text,
    rounded,
    slow_noise,
    spread,
    typeface,
    write,
)
from numpy.typing import NDArray
from panels import KINDS, Panel
from PIL import Image, ImageDraw
from sheets import CARD_MM, Sheet, premultiplied

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

DEVICES = {
    "train": (
        "phone_upright",
        "phone_turned",
        "monitor",
        "phone_gallery",
        "pad_upright",
        "wide_pad",
        "television",
    ),
    "test": ("tablet", "laptop", "phone_chat"),
}

FLAT_CORNERS = ("laptop", "monitor", "television")  # and coarse panels
BARE_DEVICES = ("phone_gallery", "television")  # without a program's tools


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
    elif kind == "phone_gallery":  # nothing but the picture
        width = int(rng.uniform(760, 1000))
        height = int(width * rng.uniform(0.95, 1.35))
        most = (30, 40, 4)
    elif kind == "pad_upright":
        width = int(rng.uniform(850, 1040))
        height = int(width * rng.uniform(1.2, 1.3))
        most = (60, 50, 16)
    elif kind == "wide_pad":
        width = int(rng.uniform(1250, 1480))
        height = int(width / rng.uniform(1.5, 1.75))
        most = (60, 60, 14)
    elif kind == "tablet":
        height = int(rng.uniform(980, 1130))
        width = int(height * 1.333)
        most = (44, 60, 26)
    else:  # laptop, monitor or television: the camera sees a part of it
        width, height = int(rng.uniform(1300, 1570)), int(rng.uniform(880, 1150))
        most = (16, 40, 0)
    sides, ends = (int(rng.integers(most[2], limit)) for limit in most[:2])
    size = (height + 2 * ends, width + 2 * sides)
    radius = 0.0 if kind in FLAT_CORNERS else float(rng.uniform(20, 70))
    upright = kind in ("phone_upright", "phone_chat", "pad_upright")
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
    bgra = spread(premultiplied(face, alpha), quad, size)
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
    card_px = most * {"monitor": 0.8, "laptop": 0.8, "phone_chat": 0.92, "television": 0.9}.get(
        kind, 1.0
    )
    card_px *= rng.uniform(0.85, 0.98)
    inner_h = int(min(height * 0.86, card_px * rng.uniform(0.68, 1.0)))
    inner_w = int(min(width, card_px * rng.uniform(1.01, 1.25)))
    if kind in ("phone_turned", "phone_gallery") and rng.random() < 0.6:
        inner_h = height
    image = Image.fromarray(picture)
    if kind in ("monitor", "laptop"):
        _desktop_chrome(image, rng, split, dark)
    elif kind not in BARE_DEVICES and (kind != "phone_turned" or rng.random() < 0.4):
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
    coarse = kind in FLAT_CORNERS or (split == "train" and rng.random() < 0.2)
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
    if split == "train":  # legality.py's folds leave out kinds
        strengths["panel_kind"] = float(KINDS[split].index(panel.kind))
    place = np.array([left, top], np.float64)
    return Sheet(picture, sheet_alpha, quad + place, "Screen", "screen", strengths, panel)
