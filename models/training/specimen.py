"""Draws SPECIMEN cards with full truth: second-generation, bilingual, temporary, residence permits.

Layout in mm as the domain notes give it, moved about by the style's jitter. Emblem, waves and portrait
are stylised stand-ins; every card says SPECIMEN and 样本. No security print is imitated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import cv2
import numpy as np
from covering import cover
from faces import EM_PX, NUMBER, SCRIPTS, SONG, Face, draw_face
from numpy.typing import NDArray
from people import Permit, Person
from portraits import draw_portrait
from resizing import resized_by_area
from typeset import PAD_PX, SetLine, embolden, kept_line, set_shaped

CARD_MM = (85.6, 54.0)
PX_PER_MM = 12.0
SIZE_PX = (1027, 648)
CORNER_RADIUS_MM = 3.18  # ISO/IEC 7810
PORTRAIT_MM = (21.0, 28.0)
KINDS = ("portrait", "emblem", "temporary", "permit_portrait", "permit_emblem")

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]
Ink = tuple[int, int, int]  # BGR


@dataclass(frozen=True)
class CardStyle:
    """Everything that may differ from one print shop, and one drawer, to the next."""

    split: str
    face: Face
    text_size: float  # factor on all point sizes
    squeeze: float  # width over height of characters
    weight: float  # px at EM_PX added on either side of a stroke
    ink: Ink
    label_ink: Ink
    paper: tuple[Ink, Ink]  # left and right tint
    waves: float  # strength of the wavy lines, grey levels
    shift_mm: F64  # (8, 2) jitter of the rows
    number_x_mm: float
    number_tracking: float  # ems
    wrap: int  # characters in a line of the address
    script: str | None
    grey_portrait: bool
    seed: int

    @staticmethod
    def random(
        rng: np.random.Generator, split: str = "train", script: str | None = "any"
    ) -> CardStyle:
        """script: a name of SCRIPTS, None for none, "any" for one card in twelve."""
        if script == "any":
            script = str(rng.choice(list(SCRIPTS))) if rng.random() < 0.08 else None
        wide = 2.0 if rng.random() < 0.2 else 1.0  # a drawer who took the layout less seriously
        dark = int(rng.integers(8, 70))
        left = np.array([238, 232, 214]) + rng.normal(0, 9 * wide, 3)
        right = np.array([232, 222, 238]) + rng.normal(0, 9 * wide, 3)
        tints = [_ink(c.clip(150, 255)) for c in (left, right)]
        blue = (
            int(rng.integers(150, 210)),
            int(rng.integers(100, 160)),
            int(rng.integers(30, 100)),
        )
        label_ink = blue if rng.random() < 0.9 else (dark, dark, dark)
        wavy = 1.0
        if split == "train" and rng.random() < 0.3:  # a drawer with other ideas of the paper
            pale = rng.uniform(195, 252) + rng.normal(0, 11, 3)
            tints = [_ink((pale + rng.normal(0, 6, 3)).clip(130, 255)) for _ in range(2)]
            wavy = float(rng.choice([0.0, 1.0, 1.6]))
            if label_ink == blue:
                label_ink = _ink(rng.uniform(0, 150, 3) + np.array([60, 0, 0]))
        jitter = rng.normal(0, 0.35 * wide, (8, 2)).clip(-1.2, 1.2)
        whole = rng.normal(0, 0.35 * wide, 2).clip(-0.9, 0.9)
        return CardStyle(
            split=split,
            face=draw_face(rng, split),
            text_size=float(rng.uniform(1 - 0.05 * wide, 1 + 0.06 * wide)),
            squeeze=float(rng.uniform(1 - 0.05 * wide, 1 + 0.05 * wide)),
            weight=float(np.clip(rng.normal(0.0, 0.45), -0.8, 1.2)),
            ink=(dark, dark, dark),
            label_ink=label_ink,
            paper=(tints[0], tints[1]),
            waves=float(rng.uniform(0, 10)) * wavy,
            shift_mm=jitter + whole,
            number_x_mm=float(rng.uniform(26.5, 31)),
            number_tracking=float(rng.uniform(0.0, 0.075)),
            wrap=int(rng.choice([10, 11, 12], p=[0.05, 0.75, 0.2])),
            script=script,
            grey_portrait=bool(rng.random() < 0.15),
            seed=int(rng.integers(1 << 31)),
        )


def _ink(values: F64) -> Ink:
    b, g, r = (int(v) for v in values)
    return b, g, r


@dataclass(frozen=True)
class CharTruth:
    text: str
    box_mm: tuple[float, float, float, float]  # left, top, right, bottom of its ink


@dataclass(frozen=True)
class FieldTruth:
    text: str
    chars: tuple[CharTruth, ...]  # as printed: dates with their dots

    @property
    def quad_mm(self) -> F64:
        boxes = np.array([c.box_mm for c in self.chars])
        (x0, y0), (x1, y1) = boxes[:, :2].min(0), boxes[:, 2:].max(0)
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


@dataclass
class Specimen:
    image: U8  # (648, 1027, 3) BGR
    alpha: U8  # (648, 1027): rounded corners
    kind: str
    fields: dict[str, FieldTruth] = field(default_factory=dict)
    portrait_quad_mm: F64 | None = None

    @property
    def side(self) -> str:
        return "emblem" if self.kind.endswith(("emblem", "back")) else "portrait"


# ---- the pen ----------------------------------------------------------------------------------------


class Pen:
    """Writes on a card in millimetres and remembers where the ink is."""

    def __init__(self, image: U8, style: CardStyle) -> None:
        self.image, self.style = image, style

    def write(
        self,
        x_mm: float,
        y_mm: float,
        text: str,
        height_mm: float,
        ink: Ink,
        *,
        face: Face | None = None,
        tracking: float = 0.0,
        squeeze: float | None = None,
        weight: float | None = None,
    ) -> tuple[CharTruth, ...]:
        """Left top of the em box at (x, y), height of the em box; tracking in ems."""
        style = self.style
        line = kept_line(text, face or style.face, style.split, tracking)
        squeeze = style.squeeze if squeeze is None else squeeze
        weight = style.weight if weight is None else weight
        return self._print(line, x_mm, y_mm, height_mm, squeeze, weight, ink)

    def write_script(
        self, x_mm: float, y_mm: float, words: str, height_mm: float, ink: Ink, face: Face
    ) -> None:
        self._print(set_shaped(words, face), x_mm, y_mm, height_mm, 1.0, 0.0, ink)

    def _print(
        self,
        line: SetLine,
        x_mm: float,
        y_mm: float,
        height_mm: float,
        squeeze: float,
        weight: float,
        ink: Ink,
    ) -> tuple[CharTruth, ...]:
        scale = height_mm * PX_PER_MM / EM_PX  # card px of a px at EM_PX
        left = x_mm * PX_PER_MM - PAD_PX * scale * squeeze
        top = y_mm * PX_PER_MM - PAD_PX * scale
        column, row = int(np.floor(left)), int(np.floor(top))
        small = resized_by_area(embolden(line, weight), scale * squeeze, scale)
        exact = (small.shape[1] / line.mask.shape[1], small.shape[0] / line.mask.shape[0])
        shift = np.array([[1, 0, left - column], [0, 1, top - row]], np.float32)
        mask = cv2.warpAffine(small, shift, (small.shape[1] + 1, small.shape[0] + 1))
        lay_ink(self.image, column, row, np.asarray(mask, np.uint8), ink)
        size = np.array([exact[0], exact[1], exact[0], exact[1]])
        boxes = (line.boxes * size + np.array([left, top, left, top])) / PX_PER_MM
        return tuple(
            CharTruth(char, (b[0], b[1], b[2], b[3]))
            for char, b in zip(line.chars, boxes.tolist(), strict=True)
            if not char.isspace()
        )


def lay_ink(image: U8, column: int, row: int, mask: U8, ink: Ink) -> None:
    """Cover image with ink where mask, its left top px at (column, row), says so."""
    top, left = max(0, -row), max(0, -column)
    room = image[
        row + top : max(0, row + mask.shape[0]), column + left : max(0, column + mask.shape[1])
    ]
    if not room.size:
        return
    part = mask[top : top + room.shape[0], left : left + room.shape[1]]
    cover(room, part, np.array(ink, np.uint8))


# ---- paper and stand-ins -----------------------------------------------------------------------------


WAVE_FAMILIES = 16  # of lines, of each split
BANDS = {"train": 8, "test": 0}  # further families, of broad soft waves


@lru_cache(maxsize=2 * WAVE_FAMILIES + sum(BANDS.values()))
def _wave_lines(split: str, number: int) -> U8:
    """(972, 1540) mask of one family of wavy, ringed or crossing lines, larger than a card."""
    rng = np.random.default_rng([len(split), number])
    ys, xs = np.mgrid[:972, :1540].astype(np.float32)
    is_band = number >= WAVE_FAMILIES
    angle, pitch = rng.uniform(0, np.pi), rng.uniform(7, 30) * (4 if is_band else 1)
    u = xs * np.cos(angle) + ys * np.sin(angle)
    v = ys * np.cos(angle) - xs * np.sin(angle)
    if number % 4 == 3:  # rings and petals about a point
        cx, cy = rng.uniform(300, 1200), rng.uniform(200, 800)
        turn, radius = np.arctan2(ys - cy, xs - cx), np.hypot(xs - cx, ys - cy)
        phase = radius / pitch + rng.uniform(0.2, 2) * np.sin(turn * int(rng.integers(3, 14)))
    else:
        swing, reach = rng.uniform(4, 18) / pitch, rng.uniform(30, 120)
        phase = v / pitch + swing * np.sin(u / reach)
    if is_band:
        return np.asarray(127.5 + 127.5 * np.sin(2 * np.pi * phase), np.uint8)
    lines = np.sin(2 * np.pi * phase) - rng.uniform(0.2, 0.85)
    return np.asarray((lines * 300).clip(0, 255), np.uint8)


def _paper(style: CardStyle, rng: np.random.Generator) -> U8:
    """A tint that changes from left to right, crossed by plain wavy lines: no security print."""
    width, height = SIZE_PX
    share = np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
    left, right = (np.array(c, np.float32) for c in style.paper)
    row = (left * (1 - share) + right * share).clip(0, 255).astype(np.uint8)
    planes = [np.repeat(row[:, :, channel], height, axis=0) for channel in range(3)]
    for _ in range(2):
        families = WAVE_FAMILIES + BANDS[style.split]
        lines = _wave_lines(style.split, int(rng.integers(families)))
        y, x = rng.integers(972 - height + 1), rng.integers(1540 - width + 1)
        crop = lines[y : y + height, x : x + width]
        crop = cv2.flip(crop, 0) if rng.random() < 0.5 else crop.copy()
        tints = style.waves * rng.uniform(0.2, 1.0, 3) / 255
        for plane, tint in zip(planes, tints, strict=True):
            cv2.subtract(plane, cv2.convertScaleAbs(crop, alpha=tint), plane)
    return np.asarray(cv2.merge(planes), np.uint8)


def draw_emblem(
    image: U8, x_mm: float, y_mm: float, radius_mm: float, rng: np.random.Generator
) -> None:
    """A red disc with yellow dots: stands for the emblem and looks nothing like it up close."""
    red = _ink(np.array([rng.integers(30, 60), rng.integers(30, 60), rng.integers(185, 225)]))
    gold = _ink(np.array([rng.integers(60, 110), rng.integers(180, 210), rng.integers(225, 250)]))

    def disc(x: float, y: float, r: float, colour: Ink) -> None:
        centre = (round(x * PX_PER_MM * 16), round(y * PX_PER_MM * 16))
        cv2.circle(image, centre, round(r * PX_PER_MM * 16), colour, -1, cv2.LINE_AA, 4)

    disc(x_mm, y_mm, radius_mm, gold)
    disc(x_mm, y_mm, radius_mm * 0.86, red)
    disc(x_mm, y_mm - radius_mm * 0.35, radius_mm * 0.16, gold)
    for angle in np.linspace(-0.6, 3.74, 4):
        x = x_mm + radius_mm * 0.45 * np.cos(angle)
        disc(x, y_mm - radius_mm * (0.15 - 0.3 * np.sin(angle)), radius_mm * 0.08, gold)
    low, high = np.array([x_mm, y_mm]) + radius_mm * np.array([[-0.5, 0.3], [0.5, 0.5]])
    corners = [tuple(int(v * PX_PER_MM) for v in p) for p in (low, high)]
    cv2.rectangle(image, corners[0], corners[1], gold, -1)


@lru_cache(maxsize=1)
def card_alpha() -> U8:
    """(648, 1027): 255 on the card, 0 outside its rounded corners."""
    large = np.zeros((SIZE_PX[1] * 4, SIZE_PX[0] * 4), np.uint8)
    radius = int(CORNER_RADIUS_MM * PX_PER_MM * 4)
    h, w = large.shape
    cv2.rectangle(large, (radius, 0), (w - 1 - radius, h - 1), 255, -1)
    cv2.rectangle(large, (0, radius), (w - 1, h - 1 - radius), 255, -1)
    for x in (radius, w - 1 - radius):
        for y in (radius, h - 1 - radius):
            cv2.circle(large, (x, y), radius, 255, -1)
    return np.asarray(cv2.resize(large, SIZE_PX, interpolation=cv2.INTER_AREA), np.uint8)


def mark(pen: Pen, x_mm: float, y_mm: float) -> None:
    """SPECIMEN and 样本, where no field is."""
    pen.write(x_mm, y_mm, "SPECIMEN 样本", 2.6, (128, 128, 214), weight=0.0)


def _second_script(
    pen: Pen, x_mm: float, y_mm: float, ink: Ink, first: int, words: int, height_mm: float = 1.9
) -> None:
    text, face = SCRIPTS[pen.style.script or "korean"]
    pen.write_script(
        x_mm, y_mm, " ".join(text.split()[first : first + words]), height_mm, ink, face
    )


# ---- the portrait side --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """Heights of the rows' em boxes on a side that bears a portrait, mm from the top; -1 is no row."""

    name: float = 9.0
    gender: float = 15.6
    birth: float = 21.9
    address: float = 28.1
    number: float = 44.1
    label_x: float = 7.3
    value_x: float = 17.0
    ethnicity: bool = True
    size: float = 1.0
    address_end: float = 43.7


PLAIN = Rows()
BILINGUAL = Rows(9.4, 16.6, 22.9, 28.9, value_x=18.2, size=0.9)
PERMIT = Rows(9.6, 16.4, 23.0, 29.2, ethnicity=False)
TEMPORARY = Rows(6.6, 11.5, 16.4, 21.3, 42.0, size=0.88, address_end=34.5)


def wrap_address(address: str, wrap: int, by_width: bool) -> list[str]:
    """Lines of `wrap` characters, or of as many as fill the width of `wrap` Han characters."""
    lines, line, room = [], "", float(wrap)
    for char in address:
        width = 0.55 if by_width and char.isascii() else 1.0
        if width > room + 1e-9:
            lines.append(line)
            line, room = "", float(wrap)
        line, room = line + char, room - width
    return [*lines, line]


def _write_name(pen: Pen, name: str, x: float, y: float, size: float) -> FieldTruth:
    """One line of 5 point type; a name of more than 9 characters takes two smaller lines."""
    ink = pen.style.ink
    if len(name) <= 9:
        return FieldTruth(name, pen.write(x, y, name, 3.85 * size, ink))
    lines = [name[:9], name[9:]]
    written = [pen.write(x, y - 1.3 + 3.6 * i, line, 3.1, ink) for i, line in enumerate(lines)]
    return FieldTruth(name, tuple(c for line in written for c in line))


def _write_address(
    pen: Pen, address: str, rows: Rows, x: float, y: float, right: float
) -> FieldTruth:
    """right: where lines end at the latest, mm."""
    style = pen.style
    height = 3.15 * style.text_size * rows.size
    lines = wrap_address(address, style.wrap, by_width=bool(style.seed & 4))
    pitch = 4.23 * rows.size**0.5
    if len(lines) > 3:  # the last ends above the number
        pitch = min(pitch, (rows.address_end - height - y) / (len(lines) - 1))
    squeeze = min(style.squeeze, (right - 0.3 - x) / (max(map(len, lines)) * height))
    written = [
        pen.write(x, y + pitch * i, line, height, style.ink, squeeze=squeeze)
        for i, line in enumerate(lines)
    ]
    return FieldTruth(address, tuple(c for line in written for c in line))


def _write_portrait_labels(pen: Pen, rows: Rows) -> None:
    style, shift = pen.style, pen.style.shift_mm
    size = 2.65 * style.text_size * rows.size
    labels = [
        ("姓名", rows.label_x, rows.name, 0, 0.5),
        ("性别", rows.label_x, rows.gender, 1, 0.5),
    ]
    if rows.ethnicity:
        labels.append(("民族", rows.value_x + 10, rows.gender, 1, 1.0))
    labels.append(("出生", rows.label_x, rows.birth, 2, 0.5))
    labels.append(("住址", rows.label_x, rows.address, 3, 0.5))
    for word, (text, x, y, row, follow) in enumerate(labels):
        at_x, at_y = x + shift[row, 0] * follow, y + shift[row, 1]
        pen.write(at_x, at_y + 0.35, text, size, style.label_ink, tracking=0.22)
        if style.script:
            _second_script(pen, at_x, at_y - 2.3, style.label_ink, word, 1)
    for x, text in ((8.4, "年"), (17.2, "月"), (25.6, "日")):
        at = (rows.value_x + x + shift[2, 0], rows.birth + 0.35 + shift[2, 1])
        pen.write(*at, text, size, style.label_ink)
    number_y = rows.number + 0.7 + shift[4, 1] * 0.5
    pen.write(rows.label_x, number_y, "公民身份号码", size, style.label_ink)


def _write_portrait_side(
    pen: Pen, person: Person, rows: Rows, portrait_x: float
) -> dict[str, FieldTruth]:
    style, shift = pen.style, pen.style.shift_mm
    size = style.text_size * rows.size
    _write_portrait_labels(pen, rows)

    def put(x: float, y: float, row: int, text: str) -> FieldTruth:
        at = (rows.value_x + x + shift[row, 0], y + shift[row, 1])
        return FieldTruth(text, pen.write(*at, text, 3.15 * size, style.ink))

    name_at = (rows.value_x + shift[0, 0], rows.name + shift[0, 1])
    if style.script:
        _second_script(pen, rows.value_x, name_at[1] - 2.4, style.ink, 0, 2)
    birth = person.birth_date
    truth = {
        "name": _write_name(pen, person.name, *name_at, size),
        "gender": put(0, rows.gender, 1, person.gender),
        "birth_year": put(0, rows.birth, 2, str(birth.year)),
        "birth_month": put(12.3 + 0.8 * (birth.month < 10), rows.birth, 2, str(birth.month)),
        "birth_day": put(21.2 + 0.8 * (birth.day < 10), rows.birth, 2, str(birth.day)),
    }
    if rows.ethnicity:
        truth["ethnicity"] = put(18.0, rows.gender, 1, person.ethnicity)
    at = (rows.value_x + shift[3, 0], rows.address + shift[3, 1])
    truth["address"] = _write_address(pen, person.address, rows, *at, portrait_x)
    truth["id_number"] = _write_number(pen, person.id_number, rows.number + shift[4, 1] * 0.5)
    return truth


def _write_number(pen: Pen, number: str, y: float) -> FieldTruth:
    style = pen.style
    chars = pen.write(
        style.number_x_mm,
        y,
        number,
        4.05,
        style.ink,
        face=NUMBER[style.split],
        squeeze=0.84,
        tracking=style.number_tracking,
        weight=0.5 * style.weight
        - 0.5,  # OCR-B of the font package is bolder than the cards' print
    )
    return FieldTruth(number, chars)


# ---- the emblem side ----------------------------------------------------------------------------------


def split_validity(chars: tuple[CharTruth, ...]) -> dict[str, FieldTruth]:
    """2016.05.09-长期 as two fields: the dash belongs to neither."""
    dash = [c.text for c in chars].index("-")
    ends = {"valid_from": chars[:dash], "valid_to": chars[dash + 1 :]}
    return {
        name: FieldTruth("".join(c.text for c in part).replace(".", ""), part)
        for name, part in ends.items()
    }


def write_validity(
    pen: Pen, person: Person, x: float, y: float, height: float
) -> dict[str, FieldTruth]:
    end = f"{person.valid_to:%Y.%m.%d}" if person.valid_to else "长期"
    text = f"{person.valid_from:%Y.%m.%d}-{end}"
    return split_validity(pen.write(x, y, text, height, pen.style.ink))


def write_authority(pen: Pen, text: str, x: float, y: float, height: float) -> FieldTruth:
    """Twelve characters to a line; y is that of a single line."""
    lines = [text[i : i + 12] for i in range(0, len(text), 12)]
    y -= 2.2 if len(lines) > 1 else 0
    written = [
        pen.write(x, y + 4.0 * i, line, height, pen.style.ink) for i, line in enumerate(lines)
    ]
    return FieldTruth(text, tuple(c for line in written for c in line))


def _write_title(pen: Pen, upper: str, lower: str) -> None:
    """Two centred lines of Song type beside the emblem."""
    style, shift = pen.style, pen.style.shift_mm
    for row, text, y, height, tracking in ((5, upper, 8.0, 5.6, 0.2), (6, lower, 17.2, 7.8, 0.28)):
        ems = len(text) * (1 + tracking)
        size = min(height * style.text_size, 58 / ems)
        x = 51.0 - ems * size / 2 + shift[row, 0]
        at = (x, y + shift[row, 1])
        pen.write(*at, text, size, style.ink, face=SONG, tracking=tracking, weight=0.2)


def _write_emblem_side(pen: Pen, person: Person, title: str) -> dict[str, FieldTruth]:
    style, shift = pen.style, pen.style.shift_mm
    _write_title(pen, "中华人民共和国", title)
    if style.script:
        _second_script(pen, 30.0, 14.5 + (shift[5, 1] + shift[6, 1]) / 2, style.ink, 0, 4)
    size = style.text_size
    ink = style.label_ink if style.seed % 2 else style.ink
    for text, y, row in (("签发机关", 38.9, 0), ("有效期限", 45.3, 1)):
        pen.write(20.8, y + shift[row, 1], text, 2.75 * size, ink, weight=style.weight + 0.5)
    x = 34.2 + shift[0, 0]
    issued_by = write_authority(pen, person.issued_by, x, 38.6 + shift[0, 1], 3.35 * size)
    validity = write_validity(pen, person, x, 45.0 + shift[1, 1], 3.35 * size)
    return {"issued_by": issued_by, **validity}


# ---- the cards ----------------------------------------------------------------------------------------


def begin(style: CardStyle) -> tuple[Pen, np.random.Generator]:
    """Paper to write on, and the chance that decides what the style leaves open."""
    rng = np.random.default_rng(style.seed)
    return Pen(_paper(style, rng), style), rng


def put_portrait(pen: Pen, rng: np.random.Generator, x: float, y: float, gender: str) -> F64:
    """Pastes a portrait, left top near (x, y) mm; returns its quad in mm."""
    x, y = x + rng.uniform(-1, 1), y + rng.uniform(-0.8, 0.8)
    column, row = round(x * PX_PER_MM), round(y * PX_PER_MM)
    drawn = draw_portrait(rng, pen.style.split, gender, pen.style.grey_portrait)
    h, w = drawn.shape[:2]
    room = pen.image[row : row + h, column : column + w]
    bust = np.asarray(cv2.cvtColor(drawn, cv2.COLOR_BGRA2BGR), np.uint8)
    cover(room, np.asarray(cv2.extractChannel(drawn, 3), np.uint8), bust)
    x, y = column / PX_PER_MM, row / PX_PER_MM
    width, height = PORTRAIT_MM
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])


def _portrait_side(person: Person, style: CardStyle) -> Specimen:
    pen, rng = begin(style)
    mark(pen, 7.3, 49.6)
    quad = put_portrait(pen, rng, 54.8, 9.4, person.gender)
    rows = BILINGUAL if style.script else PLAIN
    fields = _write_portrait_side(pen, person, rows, float(quad[0, 0]))
    return Specimen(pen.image, card_alpha(), "portrait", fields, quad)


def _emblem_side(person: Person, style: CardStyle, title: str = "居民身份证") -> Specimen:
    pen, rng = begin(style)
    mark(pen, 58.0, 29.0)
    at = (14.5 + rng.uniform(-1.5, 1.5), 15.5 + rng.uniform(-1.5, 1.5))
    draw_emblem(pen.image, *at, rng.uniform(6.8, 8.6), rng)
    return Specimen(pen.image, card_alpha(), "emblem", _write_emblem_side(pen, person, title))


def _temporary(person: Person, style: CardStyle) -> Specimen:
    """Nine items and the portrait on one side, on pale green (domain notes B4)."""
    rng = np.random.default_rng(style.seed)
    green = np.array([[205, 232, 214], [214, 238, 222]]) + rng.normal(0, 7, (2, 3))
    paper = [_ink(c.clip(150, 255)) for c in green]
    style = replace(style, paper=(paper[0], paper[1]), script=None, grey_portrait=True, wrap=11)
    pen = Pen(_paper(style, rng), style)
    quad = put_portrait(pen, rng, 57.5, 8.2, person.gender)
    fields = _write_portrait_side(pen, person, TEMPORARY, float(quad[0, 0]))
    size, shift = style.text_size * TEMPORARY.size, style.shift_mm
    for text, y, row in (("有效期限", 47.0, 6), ("签发机关", 36.6, 5)):
        pen.write(7.3, y + 0.3 + shift[row, 1] * 0.4, text, 2.65 * size, style.label_ink)
    fields["issued_by"] = write_authority(
        pen, person.issued_by, 19.5 + shift[5, 0], 36.6 + shift[5, 1] * 0.4, 3.15 * size
    )
    fields |= write_validity(pen, person, 19.5 + shift[6, 0], 47.0 + shift[6, 1] * 0.4, 3.15 * size)
    mark(pen, 60.0, 38.5)
    return Specimen(pen.image, card_alpha(), "temporary", fields, quad)


def _permit_portrait_side(permit: Permit, style: CardStyle) -> Specimen:
    """港澳台居民居住证: as the citizens' card without an ethnic group."""
    style = replace(style, script=None)
    pen, rng = begin(style)
    mark(pen, 7.3, 49.6)
    quad = put_portrait(pen, rng, 54.8, 9.4, permit.person.gender)
    fields = _write_portrait_side(pen, permit.person, PERMIT, float(quad[0, 0]))
    return Specimen(pen.image, card_alpha(), "permit_portrait", fields, quad)


def _permit_emblem_side(permit: Permit, style: CardStyle) -> Specimen:
    """Authority and validity as on the citizens' card; permit number and count of issues below them."""
    style = replace(style, script=None)
    pen, rng = begin(style)
    mark(pen, 60.0, 27.5)
    draw_emblem(pen.image, 14.5, 14.5, rng.uniform(6.8, 8.6), rng)
    region = {"82": "澳门", "83": "台湾"}.get(permit.person.id_number[:2], "香港")
    _write_title(pen, "中华人民共和国", "港澳居民居住证" if region != "台湾" else "台湾居民居住证")
    size, shift = style.text_size, style.shift_mm
    x = 34.2 + shift[0, 0]
    for text, y, at_x in (
        ("签发机关", 32.9, 20.8),
        ("有效期限", 38.7, 20.8),
        ("通行证号码", 44.5, 18.1),
        ("签发次数", 44.5, 57.0),
    ):
        pen.write(
            at_x, y + shift[1, 1] * 0.5, text, 2.75 * size, style.ink, weight=style.weight + 0.5
        )
    fields = {
        "issued_by": write_authority(
            pen, permit.person.issued_by, x, 32.6 + shift[1, 1] * 0.5, 3.35 * size
        ),
        **write_validity(pen, permit.person, x, 38.4 + shift[1, 1] * 0.5, 3.35 * size),
    }
    for name, text, at_x in (
        ("permit_number", permit.permit_number, 34.2),
        ("issue_count", permit.issue_count, 70.5),
    ):
        chars = pen.write(
            at_x + shift[2, 0], 44.2 + shift[1, 1] * 0.5, text, 3.35 * size, style.ink
        )
        fields[name] = FieldTruth(text, chars)
    return Specimen(pen.image, card_alpha(), "permit_emblem", fields)


DRAWERS: dict[str, Callable[..., Specimen]] = {
    "portrait": _portrait_side,
    "emblem": _emblem_side,
    "temporary": _temporary,
    "permit_portrait": _permit_portrait_side,
    "permit_emblem": _permit_emblem_side,
}


def draw_card(holder: Person | Permit, kind: str, style: CardStyle) -> Specimen:
    """One side at 12 px/mm; kind: one of KINDS, permits for a Permit. Same arguments, same bytes."""
    return DRAWERS[kind](holder, style)
