"""What attacks and not-cards are drawn with: type, stamps, handwriting, busts, codes, grain.

Pictures are BGR uint8; sizes in px. Type faces and grain of split "test" are never used in "train".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import cv2
import numpy as np
from faces import Face
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Typeface:
    """The face for Han, and the one for all that is not Han."""

    han: Face
    latin: Face


def _cjk(weight: str, family: str = "Sans") -> Face:
    package = "fonts-noto-cjk" if weight in ("Regular", "Bold") else "fonts-noto-cjk-extra"
    return Face(package, f"Noto{family}CJK-{weight}.ttc", 2)


def _latin(name: str) -> Face:
    return Face("fonts-noto-core", f"Noto{name}.ttf")


_MICRO_HEI = Face("fonts-wqy-microhei", "wqy-microhei.ttc")
_ZEN_HEI = Face("fonts-wqy-zenhei", "wqy-zenhei.ttc")
_WENKAI = Face("fonts-lxgw-wenkai", "LXGWWenKai-Regular.ttf")
TYPEFACES = {
    "train": (
        Typeface(_cjk("Regular"), _cjk("Regular")),
        Typeface(_cjk("Medium"), _latin("Sans-Bold")),
        Typeface(_cjk("DemiLight"), _latin("Sans-Regular")),
        Typeface(_MICRO_HEI, _MICRO_HEI),
        Typeface(_cjk("Regular", "Serif"), _cjk("Regular", "Serif")),
        Typeface(_cjk("Bold", "Serif"), _latin("Sans-Italic")),
        Typeface(_WENKAI, _WENKAI),
    ),
    "test": (
        Typeface(_ZEN_HEI, _ZEN_HEI),
        Typeface(_ZEN_HEI, _latin("Serif-Regular")),
        Typeface(_ZEN_HEI, _latin("Serif-Italic")),
        Typeface(Face("fonts-hanazono", "HanaMinA.ttf"), _latin("Serif-Bold")),
    ),
}

COMMON_HAN = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多"
    "定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因"
    "由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解"
)
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹"
LATIN_TEXT = (
    "lorem ipsum sample number valid until member service please return this card found terms apply "
    "central office public library northern transit garden health market standard account holder "
    "signature authorised issued example street general station museum river harbour school"
)
LATIN_WORDS = LATIN_TEXT.split()
PLACES = ("东湖", "青石", "南桥", "云岭", "长河", "白沙", "新港", "松林", "西岸", "明月")
TRADES = (
    "商贸",
    "科技",
    "书店",
    "餐饮",
    "物流",
    "健身",
    "超市",
    "医院",
    "图书馆",
    "公交",
    "大学",
    "酒店",
)


# ---- type -------------------------------------------------------------------------------------------


def typeface(rng: np.random.Generator, split: str) -> Typeface:
    return TYPEFACES[split][rng.integers(len(TYPEFACES[split]))]


@lru_cache(maxsize=512)
def _font(face: Face, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(face.path, size_px, index=face.index)


def _runs(text: str, face: Typeface) -> list[tuple[Face, str]]:
    runs: list[tuple[Face, str]] = []
    for char in text:
        own = face.han if ord(char) >= 0x2E80 else face.latin
        if runs and runs[-1][0] == own:
            runs[-1] = (own, runs[-1][1] + char)
        else:
            runs.append((own, char))
    return runs


def text_width(text: str, size_px: int, face: Typeface) -> float:
    return sum(_font(own, size_px).getlength(run) for own, run in _runs(text, face))


def write(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    size_px: float,
    face: Typeface,
    ink: Any,
    *,
    anchor: str = "l",
    stroke: int = 0,
) -> float:
    """Writes from, around or up to (`anchor` l, m, r) the left top of a line; returns its width."""
    size = max(6, round(size_px))
    width = text_width(text, size, face)
    x, y = place
    x -= {"l": 0.0, "m": width / 2, "r": width}[anchor]
    baseline = y + 0.88 * size
    for own, run in _runs(text, face):
        font = _font(own, size)
        draw.text((x, baseline), run, ink, font, "ls", stroke_width=stroke, stroke_fill=ink)
        x += font.getlength(run)
    return width


# ---- made-up text -----------------------------------------------------------------------------------


def han_text(rng: np.random.Generator, count: int) -> str:
    return "".join(COMMON_HAN[k] for k in rng.integers(len(COMMON_HAN), size=count))


def latin_text(rng: np.random.Generator, words: int, *, title: bool = False) -> str:
    chosen = [LATIN_WORDS[k] for k in rng.integers(len(LATIN_WORDS), size=words)]
    return " ".join(w.capitalize() if title else w for w in chosen)


def digits(rng: np.random.Generator, count: int, group: int = 0) -> str:
    number = "".join(map(str, rng.integers(0, 10, count)))
    if not group:
        return number
    return " ".join(number[i : i + group] for i in range(0, count, group))


def date_text(rng: np.random.Generator) -> str:
    form = ("{}-{:02}-{:02}", "{}.{:02}.{:02}", "{}/{}/{}", "{}年{}月{}日")[rng.integers(4)]
    return form.format(rng.integers(1960, 2035), rng.integers(1, 13), rng.integers(1, 29))


def person_name(rng: np.random.Generator) -> str:
    return SURNAMES[rng.integers(len(SURNAMES))] + han_text(rng, int(rng.integers(1, 3)))


def house_name(rng: np.random.Generator) -> str:
    """A made-up shop, school or office."""
    return PLACES[rng.integers(len(PLACES))] + TRADES[rng.integers(len(TRADES))]


# ---- grain ------------------------------------------------------------------------------------------

_TILE = 1024
_GRAIN_SEEDS = {"train": 11, "test": 1_000_003}


@cache
def _grain_tile(split: str) -> F32:
    rng = np.random.default_rng(_GRAIN_SEEDS[split])
    tile = rng.standard_normal((_TILE, _TILE), dtype=np.float32)
    return np.asarray(cv2.copyMakeBorder(tile, 0, _TILE, 0, _TILE, cv2.BORDER_WRAP), np.float32)


def grain(rng: np.random.Generator, split: str, height: int, width: int) -> F32:
    """(height, width), at most 2048 each, of standard normal noise cut from a sheet that repeats."""
    y, x = int(rng.integers(2 * _TILE - height + 1)), int(rng.integers(2 * _TILE - width + 1))
    return _grain_tile(split)[y : y + height, x : x + width]


def slow_noise(rng: np.random.Generator, height: int, width: int, cells: int) -> F32:
    """(height, width) of smooth noise, about standard normal, with `cells` bumps along the longer side."""
    longer = max(height, width)
    shape = (max(2, cells * height // longer + 1), max(2, cells * width // longer + 1))
    small = rng.standard_normal(shape, dtype=np.float32)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def flat(height: int, width: int, colour: Sequence[float]) -> U8:
    """(height, width, 3) of one BGR colour; three planes are filled faster than one of triples."""
    planes = [np.full((height, width), int(c), np.uint8) for c in colour]
    return np.asarray(cv2.merge(planes), np.uint8)


def gradient(height: int, width: int, corners: NDArray[Any]) -> U8:
    """(height, width, 3): four corner colours (2, 2, 3 or 1) blended."""
    share_y, share_x = np.linspace(0, 1, 24)[:, None, None], np.linspace(0, 1, 32)[:, None]
    rows = corners[0] * (1 - share_y) + corners[1] * share_y  # (24, 2, 3)
    small = rows[:, :1] * (1 - share_x) + rows[:, 1:] * share_x
    small = small.clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


# ---- ink by hand ------------------------------------------------------------------------------------


def handwriting(rng: np.random.Generator, count: int, size_px: int, pen_px: float) -> U8:
    """Mask of `count` characters that look like writing and say nothing: (1.4 size, count size)."""
    height, width = int(size_px * 1.4), int(size_px * (count + 0.4))
    mask = np.zeros((height, width), np.uint8)
    slant = rng.uniform(-0.1, 0.3)
    for place in range(count):
        left = size_px * (0.2 + place + rng.uniform(-0.04, 0.04))
        for stroke in range(int(rng.integers(4, 9))):
            middle = rng.uniform(0.15, 0.85, 2)
            reach = rng.uniform(0.15, 0.45) * np.array(
                [(1, -0.08), (0.05, 1), (-0.5, 0.7)][stroke % 3]
            )
            bend = middle + rng.normal(0, 0.07, 2)
            start, end = (middle - reach).clip(0, 0.95), (middle + reach).clip(0, 0.95)
            t = np.linspace(0, 1, 8)[:, None]
            line = (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end
            xs = left + (line[:, 0] - slant * (line[:, 1] - 0.5)) * size_px * 0.9
            ys = size_px * 0.2 + line[:, 1] * size_px
            points = (np.stack([xs, ys], 1) * 8).astype(np.int32)[:, None]
            thick = max(1, round(pen_px * rng.uniform(0.8, 1.3)))
            cv2.polylines(mask, [points], False, 255, thick, cv2.LINE_AA, 3)
    return mask


def stamp(rng: np.random.Generator, split: str, size_px: int) -> U8:
    """Mask of a round or square seal with made-up writing and worn ink, (size, size)."""
    mask = Image.new("L", (size_px, size_px), 0)
    draw = ImageDraw.Draw(mask)
    face = typeface(rng, split)
    line = max(2, size_px // 28)
    box = [line, line, size_px - line, size_px - line]
    if rng.random() < 0.7:
        draw.ellipse(box, outline=255, width=line)
        _ring_text(mask, rng, face, house_name(rng) + "专用章示样有限公司")
        if rng.random() < 0.6:
            angles = np.arange(10) * np.pi / 5 - np.pi / 2
            radii = np.where(np.arange(10) % 2, 0.055, 0.14) * size_px
            points = np.stack([radii * np.cos(angles), radii * np.sin(angles)], 1) + size_px / 2
            draw.polygon([tuple(p) for p in points.tolist()], fill=255)
        write(
            draw,
            (size_px / 2, size_px * 0.68),
            "SPECIMEN",
            size_px * 0.085,
            face,
            255,
            anchor="m",
        )
    else:
        draw.rectangle(box, outline=255, width=line)
        for row in range(2):
            text = house_name(rng)[:2] if row == 0 else "样印"
            write(
                draw,
                (size_px / 2, size_px * (0.12 + 0.4 * row)),
                text,
                size_px * 0.34,
                face,
                255,
                anchor="m",
            )
    worn = slow_noise(rng, size_px, size_px, 24) + 0.5 * slow_noise(rng, size_px, size_px, 90)
    keep = ((worn + rng.uniform(0.6, 2.2)) * 255).clip(0, 255)
    return np.asarray(np.asarray(mask, np.float32) * keep / 255, np.float32).astype(np.uint8)


def _ring_text(mask: Image.Image, rng: np.random.Generator, face: Typeface, text: str) -> None:
    size = mask.width
    glyph = max(8, int(size * 0.13))
    sweep = rng.uniform(3.6, 4.6)
    for place, char in enumerate(text):
        angle = -np.pi / 2 + sweep * (place / (len(text) - 1) - 0.5)
        cell = Image.new("L", (glyph * 2, glyph * 2), 0)
        write(ImageDraw.Draw(cell), (glyph, glyph * 0.5), char, glyph, face, 255, anchor="m")
        cell = cell.rotate(-np.degrees(angle) - 90, resample=Image.Resampling.BILINEAR)
        x = size / 2 + 0.37 * size * np.cos(angle) - glyph
        y = size / 2 + 0.37 * size * np.sin(angle) - glyph
        mask.paste(255, (round(x), round(y)), cell)


def ink_on(picture: U8, mask: U8, place: tuple[int, int], ink: Colour, strength: float) -> None:
    """Multiplies BGR ink into `picture` where mask is, its left top at `place` (x, y); may stick out."""
    x, y = place
    left, top = max(0, x), max(0, y)
    right, bottom = (
        min(picture.shape[1], x + mask.shape[1]),
        min(picture.shape[0], y + mask.shape[0]),
    )
    if right <= left or bottom <= top:
        return
    cover = mask[top - y : bottom - y, left - x : right - x].astype(np.float32)
    cover = cover[:, :, None] * (strength / 255)
    under = picture[top:bottom, left:right].astype(np.float32)
    inked = under * (np.array(ink, np.float32) / 255)
    picture[top:bottom, left:right] = (under + (inked - under) * cover).astype(np.uint8)


# ---- pictures on cards ------------------------------------------------------------------------------

# Looks of busts: (round head, hair kinds). The test's heads, hair and clothes are of other shapes.
_BUSTS = {"train": ("cap", "long", "bald", "curly"), "test": ("parted", "bun", "hat")}


def bust(rng: np.random.Generator, split: str, width: int, height: int) -> Image.Image:
    """A cartoon head and shoulders, RGBA on a plain or no background, (width, height) px."""
    scale = 2
    w, h = width * scale, height * scale
    layer = Image.new("RGBA", (w, h), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    unit = min(w / 21, h / 28)
    cx, base = w / 2 + rng.uniform(-0.6, 0.6) * unit, h

    def oval(x: float, y: float, rx: float, ry: float, colour: tuple[int, ...]) -> None:
        draw.ellipse(
            [
                cx + (x - rx) * unit,
                base - (y + ry) * unit,
                cx + (x + rx) * unit,
                base - (y - ry) * unit,
            ],
            fill=(*colour, 255),
        )

    skin = tuple(int(v) for v in (np.array([236, 192, 160]) * rng.uniform(0.45, 1.05)).clip(0, 255))
    shade = tuple(int(v * 0.85) for v in skin)
    hair = tuple(int(v) for v in rng.integers(10, 90, 3))
    coat = tuple(int(v) for v in rng.integers(15, 230, 3))
    kind = str(rng.choice(_BUSTS[split]))
    wide = rng.uniform(0.9, 1.15)
    if kind == "long":
        oval(0, 12.5, 7, 9, hair)
    elif kind == "curly":
        for angle in np.linspace(0, np.pi, 7):
            oval(5 * np.cos(angle), 17 + 5 * np.sin(angle), 2.6, 2.6, hair)
    elif kind == "bun":
        oval(0, 25.5, 2.4, 2.2, hair)
    oval(0, 0, 10.2 * wide, 8.5, coat)
    draw.rectangle(
        [cx - 2.2 * unit, base - 12 * unit, cx + 2.2 * unit, base - 6 * unit], fill=(*shade, 255)
    )
    oval(0, 7, 2.9, 1.8, skin if split == "test" else (245, 245, 245))
    if kind != "bald":
        oval(0, 18.5, 5.9, 6.3, hair)
    oval(0, 16, 5.1 * rng.uniform(0.92, 1.05), 6.9, skin)
    _hair_front(draw, kind, cx, base, unit, hair)
    _features(draw, rng, cx, base, unit, shade)
    return layer.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2)


def _hair_front(
    draw: ImageDraw.ImageDraw, kind: str, cx: float, base: float, unit: float, hair: Any
) -> None:
    fill = (*hair, 255)
    if kind in ("cap", "long"):
        box = [cx - 5.6 * unit, base - 25 * unit, cx + 5.6 * unit, base - 16 * unit]
        draw.chord(box, 180, 360, fill=fill)
    elif kind in ("parted", "bun"):
        for side in (-1, 1):
            points = [(0.5, 24.4), (side * 5.4, 22), (side * 5.6, 16.5), (side * 3.9, 20)]
            draw.polygon([(cx + x * unit, base - y * unit) for x, y in points], fill=fill)
    elif kind == "hat":
        draw.rectangle(
            [cx - 7 * unit, base - 21 * unit, cx + 7 * unit, base - 20 * unit], fill=fill
        )
        draw.rectangle(
            [cx - 5 * unit, base - 26 * unit, cx + 5 * unit, base - 21 * unit], fill=fill
        )


def _features(
    draw: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    cx: float,
    base: float,
    unit: float,
    shade: Any,
) -> None:
    dark, thin = (30, 22, 22, 255), max(1, int(0.35 * unit))
    for side in (-1, 1):
        x, y = cx + side * 2.2 * unit, base - 16.3 * unit
        draw.ellipse([x - 0.9 * unit, y - 0.5 * unit, x + 0.9 * unit, y + 0.5 * unit], (250,) * 4)
        draw.ellipse([x - 0.45 * unit, y - 0.5 * unit, x + 0.45 * unit, y + 0.5 * unit], dark)
        draw.line([x - 1.2 * unit, y - 1.3 * unit, x + 1.2 * unit, y - 1.5 * unit], dark, thin)
    nose = [cx, base - 15.4 * unit, cx + 0.6 * unit, base - 13.6 * unit, cx, base - 13.4 * unit]
    draw.line(nose, (*shade, 255), thin)
    mouth = [cx - 1.5 * unit, base - 12.6 * unit, cx + 1.5 * unit, base - 11.2 * unit]
    draw.arc(mouth, 20, 160, (165, 80, 85, 255), thin + 1)
    if rng.random() < 0.25:
        for side in (-1, 1):
            x, y = cx + side * 2.3 * unit, base - 16.3 * unit
            lens = [x - 1.6 * unit, y - 1.3 * unit, x + 1.6 * unit, y + 1.3 * unit]
            draw.ellipse(lens, outline=dark, width=thin)


def paste_bust(
    image: Image.Image,
    rng: np.random.Generator,
    split: str,
    box: tuple[int, int, int, int],
    *,
    plain: bool | None = None,
) -> None:
    """A bust in (left, top, right, bottom), on a plain background, or on the card's own."""
    left, top, right, bottom = box
    if plain or (plain is None and rng.random() < 0.8):
        image.paste(tuple(int(v) for v in rng.integers(150, 256, 3)), box)
    layer = bust(rng, split, right - left, bottom - top)
    if rng.random() < 0.2:
        alpha = layer.getchannel("A")
        layer = layer.convert("L").convert("RGBA")
        layer.putalpha(alpha)
    image.paste(layer, (left, top), layer)


def matrix_code(rng: np.random.Generator, cells: int, cell_px: int) -> U8:
    """A square of random cells with three corner marks, white border included; it encodes nothing."""
    grid = np.pad(rng.integers(0, 2, (cells, cells), dtype=np.uint8) * 255, 2, constant_values=255)
    for y, x in ((0, 0), (0, cells - 7), (cells - 7, 0)):
        mark = grid[y + 2 : y + 9, x + 2 : x + 9]
        mark[:] = 0
        mark[1:6, 1:6] = 255
        mark[2:5, 2:5] = 0
    return np.asarray(grid.repeat(cell_px, 0).repeat(cell_px, 1), np.uint8)


def bar_code(rng: np.random.Generator, width: int, height: int) -> U8:
    """Random bars on white; they encode nothing."""
    steps = rng.choice(np.arange(1, 5), width // 4 + 8) * max(1, width // 220)
    row = np.concatenate([np.full(s, 255 * (k % 2), np.uint8) for k, s in enumerate(steps)])
    row = np.resize(row, width)
    row[:4] = row[-4:] = 255
    return np.repeat(row[None], height, 0)


def rounded(width: int, height: int, radius: float) -> U8:
    """(height, width) mask of a rectangle with rounded corners."""
    mask = np.full((height, width), 255, np.uint8)
    side = int(np.ceil(radius))
    if side:
        large = np.zeros((side * 4, side * 4), np.uint8)
        cv2.circle(large, (side * 4, side * 4), round(radius * 4), 255, -1)
        corner = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)
        mask[:side, :side], mask[:side, -side:] = corner, corner[:, ::-1]
        mask[-side:, :side], mask[-side:, -side:] = corner[::-1], corner[::-1, ::-1]
    return mask


# ---- laying flat things in pictures ------------------------------------------------------------------


def spread(picture: U8, quad: F64, size: tuple[int, int]) -> U8:
    """`picture` (h, w, n) warped to quad (4, 2) in a black (height, width) sheet."""
    side = float(np.linalg.norm(quad[1] - quad[0]))
    shrink = side / picture.shape[1]
    if shrink < 0.75:
        small = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        picture = np.asarray(small, np.uint8)
    h, w = picture.shape[:2]
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(source, quad.astype(np.float32) - 0.5)
    return np.asarray(
        cv2.warpPerspective(picture, matrix, (size[1], size[0]), flags=cv2.INTER_LINEAR), np.uint8
    )


def window(quad: F64, size: tuple[int, int], margin: float = 0.0) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) px around a quad, within (height, width)."""
    left, top = np.floor(quad.min(0) - margin).astype(int).clip(0).tolist()
    right, bottom = np.ceil(quad.max(0) + margin).astype(int).tolist()
    return left, top, min(right, size[1]), min(bottom, size[0])
