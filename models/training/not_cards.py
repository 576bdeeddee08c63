"""Pictures without a PRC resident ID card: other cards and documents to photograph, and whole scenes.

All text, names, houses and codes are made up; no layout is that of a PRC resident ID card, and nothing
imitates a brand's mark or security print.

The splits share no layout family (OTHER_CARDS, DOCUMENTS, SCENES below) and no type face (drawing.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from drawing import (
    Colour,
    Typeface,
    bar_code,
    bust,
    date_text,
    digits,
    gradient,
    grain,
    han_text,
    handwriting,
    house_name,
    ink_on,
    latin_text,
    matrix_code,
    paste_bust,
    person_name,
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


def _to_image(bgr: U8) -> Image.Image:
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


def _canvas(
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
        _soft_shapes(picture, rng)
    elif kind < 0.4:
        wave = slow_noise(rng, height // 3 + 1, width // 3 + 1, int(rng.integers(4, 30)))
        wave = cv2.resize(wave, (width, height)) * np.float32(rng.uniform(2, 9))
        picture = np.asarray(cv2.add(picture, cv2.merge([wave] * 3), dtype=cv2.CV_8U), np.uint8)
    light = sum(cv2.mean(picture)[:3]) > 384
    tone = rng.integers(0, 70, 3) if light else rng.integers(205, 256, 3)
    ink = (int(tone[0]), int(tone[1]), int(tone[2]))
    image = _to_image(picture)
    return Canvas(image, rng, split, typeface(rng, split), ink)


def _sheet(rng: np.random.Generator, split: str, width: int, height: int) -> Canvas:
    """A page's ground: mostly white paper, sometimes of a colour."""
    if rng.random() < 0.3:
        return _canvas(rng, split, width, height, pale=True)
    white = rng.uniform(222, 254) + np.array([-1, 0, 0.4]) * abs(rng.normal(0, 7))
    picture = gradient(height, width, white + rng.normal(0, 3, (2, 2, 1)))
    tone = int(rng.integers(10, 70))
    return Canvas(_to_image(picture), rng, split, typeface(rng, split), (tone, tone, tone))


def _soft_shapes(picture: U8, rng: np.random.Generator) -> None:
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


def _mark(c: Canvas, x: float, y: float, size: float) -> None:
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


def _rows(
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


def _upright(rng: np.random.Generator, share: float) -> tuple[int, int]:
    """Card size (width, height); in portrait format with this share."""
    return CARD_PX[::-1] if rng.random() < share else CARD_PX


def _card(c: Canvas) -> tuple[U8, U8]:
    return c.bgr(), rounded(c.width, c.height, min(c.width, c.height) * 0.059)


def _page(c: Canvas) -> tuple[U8, U8]:
    picture = c.bgr()
    light = grain(c.rng, c.split, c.height, c.width) * np.float32(c.rng.uniform(0, 3))
    picture = np.asarray(cv2.add(picture, cv2.merge([light] * 3), dtype=cv2.CV_8U), np.uint8)
    return picture, np.full((c.height, c.width), 255, np.uint8)


# ---- other cards: training ----------------------------------------------------------------------------


def _bank_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _canvas(rng, split, *_upright(rng, 0.15), pale=rng.random() < 0.25)
    name = house_name(rng)[:2] + "银行" if rng.random() < 0.6 else latin_text(rng, 2, title=True)
    c.text(0.14, 0.07, name, 0.09)
    _mark(c, 0.08, 0.12, 0.12)
    if rng.random() < 0.8:
        gold = (205 + int(rng.integers(-25, 25)), 175, 95)
        x, y = 0.09, 0.3 + rng.uniform(-0.03, 0.05)
        right, bottom = x + 0.13 * CARD_PX[0] / c.width, y + 0.16 * CARD_PX[1] / c.height
        c.rectangle(x, y, right, bottom, gold, 16)
        for share in (0.33, 0.66):
            c.draw.line(
                c.box(x, y + share * (bottom - y), right, y + share * (bottom - y)),
                (120, 95, 40),
                3,
            )
        c.draw.line(c.box((x + right) / 2, y, (x + right) / 2, bottom), (120, 95, 40), 3)
    number = digits(rng, int(rng.choice([16, 19])), 4)
    size = rng.uniform(0.09, 0.125)
    dark = tuple(max(0, v - 90) for v in c.ink)
    c.text(0.083, 0.565, number, size, ink=(dark[0], dark[1], dark[2]))  # embossed: a shade beside
    c.text(0.08, 0.56, number, size)
    c.text(0.4, 0.71, f"{rng.integers(1, 13):02}/{rng.integers(24, 36)}", 0.07)
    c.text(0.08, 0.83, latin_text(rng, 2).upper(), 0.075)
    _mark(c, 0.86, 0.82, 0.16)
    return _card(c)


def _driving_licence(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _canvas(rng, split, *CARD_PX, pale=True)
    titles = ("机动车驾驶证", "驾驶许可", "DRIVING LICENCE", "PERMIS DE CONDUIRE")
    c.text(0.5, 0.04, titles[rng.integers(4)], 0.085, anchor="m")
    c.text(
        0.06,
        0.15,
        f"证号 {digits(rng, 12)}" if rng.random() < 0.5 else f"5. {digits(rng, 10)}",
        0.06,
    )
    left = rng.random() < 0.5
    x = 0.36 if left else 0.06
    c.bust(*((0.05, 0.27, 0.3, 0.8) if left else (0.7, 0.27, 0.95, 0.8)))
    if rng.random() < 0.5:
        labels = ["姓名 Name", "国籍 Nationality", "住址 Address", "初次领证", "准驾车型"]
        values = [person_name(rng), "样例", house_name(rng) + "路", date_text(rng), "C1"]
    else:
        labels = ["1.", "2.", "3.", "4a.", "9."]
        words = [latin_text(rng, int(rng.integers(1, 3))).upper() for _ in range(2)]
        values = [*words, date_text(rng), date_text(rng), "B AM"]
    _rows(c, x, 0.27, labels, values, 0.062, 0.115)
    if rng.random() < 0.5:
        c.stamped(0.62 if left else 0.45, 0.62, 0.28)
    return _card(c)


def _social_security(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _canvas(rng, split, *CARD_PX, pale=rng.random() < 0.8)
    c.text(0.5, 0.06, "社会保障卡", 0.12, anchor="m", bold=1)
    c.text(0.5, 0.21, latin_text(rng, 3).upper(), 0.045, anchor="m")
    c.bust(0.07, 0.34, 0.28, 0.82)
    labels = ["姓名", "社会保障号码", "卡号", "发卡日期"]
    values = [person_name(rng), "SPECIMEN " + digits(rng, 6), digits(rng, 9), date_text(rng)]
    _rows(c, 0.34, 0.38, labels, values, 0.065, 0.125)
    if rng.random() < 0.6:
        c.rectangle(0.8, 0.7, 0.93, 0.88, (210, 180, 100), 14)
    _mark(c, 0.09, 0.15, 0.15)
    return _card(c)


def _business_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _canvas(rng, split, *((1080, 648) if rng.random() < 0.85 else (648, 1080)))
    han = rng.random() < 0.6
    anchor, x = (("l", 0.08), ("m", 0.5), ("r", 0.92))[rng.integers(3)]
    name = person_name(rng) if han else latin_text(rng, 2, title=True)
    c.text(x, 0.2, name, 0.13, anchor=anchor)
    title = ("经理", "教授", "设计师", "工程师")[rng.integers(4)] if han else latin_text(rng, 2)
    c.text(x, 0.38, title, 0.06, anchor=anchor)
    lines = [
        house_name(rng) + "有限公司" if han else latin_text(rng, 3, title=True),
        "T " + digits(rng, 11, 4),
        latin_text(rng, 1) + "@example.com",
        han_text(rng, 12) if han else latin_text(rng, 4),
    ]
    for k in range(int(rng.integers(2, 5))):
        c.text(x, 0.55 + 0.095 * k, lines[k], 0.055, anchor=anchor)
    _mark(c, 0.12 if anchor == "r" else 0.88, 0.16, rng.uniform(0.1, 0.25))
    return c.bgr(), np.full((c.height, c.width), 255, np.uint8)


def _library_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _canvas(rng, split, *_upright(rng, 0.2))
    words = ("图书馆借阅证", "读者证", "LIBRARY CARD", "阅览证")
    c.text(0.5, 0.08, words[rng.integers(4)], 0.12, anchor="m")
    c.rectangle(0.08, 0.6, 0.92, 0.92, (255, 255, 255))
    bars = bar_code(rng, round(c.width * 0.76), round(c.height * 0.2))
    c.paste(0.12, 0.63, bars)
    c.text(0.5, 0.845, digits(rng, 14), 0.06, ink=(0, 0, 0), anchor="m")
    _rows(c, 0.1, 0.3, ["姓名:", "编号:"], [person_name(rng), digits(rng, 8)], 0.08, 0.12)
    return _card(c)


def _gift_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _canvas(rng, split, *CARD_PX, pale=False)
    picture = c.bgr()
    _soft_shapes(picture, rng)
    c.image = _to_image(picture)
    words = ("礼品卡", "购物卡", "GIFT CARD", "会员卡", "VIP", "储值卡")
    place = (rng.uniform(0.1, 0.5), rng.uniform(0.15, 0.5))
    c.text(*place, words[rng.integers(6)], rng.uniform(0.15, 0.28), bold=int(rng.integers(0, 3)))
    c.text(0.08, 0.84, house_name(rng), 0.08)
    if rng.random() < 0.6:
        c.text(0.92, 0.84, f"￥{rng.integers(1, 20) * 50}", 0.1, anchor="r")
    if rng.random() < 0.5:
        c.text(0.92, 0.7, "NO. " + digits(rng, 10), 0.055, anchor="r")
    return _card(c)


def _foreign_id(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """An identity card of no country, portrait at the left."""
    c = _canvas(rng, split, *CARD_PX, pale=True)
    titles = ("IDENTITY CARD", "CARTE D'IDENTITE", "PERSONALAUSWEIS", "TARJETA DE IDENTIDAD")
    c.rectangle(0, 0, 1, 0.14, tuple(rng.integers(40, 200, 3).tolist()))
    c.text(0.05, 0.03, titles[rng.integers(4)], 0.08, ink=(250, 250, 250))
    c.bust(0.05, 0.22, 0.33, 0.8)
    labels = ["Surname", "Given names", "Sex / Nationality", "Date of birth", "Document No."]
    sex = ("M", "F")[rng.integers(2)]
    values = [
        latin_text(rng, 1).upper(),
        latin_text(rng, 2).upper(),
        f"{sex}   UTO",
        date_text(rng),
        "SPECIMEN" + digits(rng, 4),
    ]
    _rows(c, 0.38, 0.2, labels, values, 0.055, 0.13)
    c.written(0.06, 0.84, 6, 0.06)
    return _card(c)


def _staff_badge(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """Upright, with a hole for the band."""
    c = _canvas(rng, split, *CARD_PX[::-1])
    c.rectangle(0, 0, 1, 0.22, tuple(rng.integers(20, 210, 3).tolist()))
    c.text(0.5, 0.1, house_name(rng), 0.1, ink=(250, 250, 250), anchor="m")
    c.rectangle(0.4, 0.03, 0.6, 0.055, (60, 60, 60), 12)
    c.bust(0.28, 0.27, 0.72, 0.6)
    c.text(0.5, 0.64, person_name(rng), 0.12, anchor="m")
    words = ("工作证", "实习生", "VISITOR", "STAFF", "出入证")
    c.text(0.5, 0.75, words[rng.integers(5)], 0.09, anchor="m")
    c.text(0.5, 0.86, "编号 " + digits(rng, 6), 0.07, anchor="m")
    return _card(c)


# ---- other cards: test ----------------------------------------------------------------------------------


def _transport_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _canvas(rng, split, *CARD_PX)
    for k in range(int(rng.integers(2, 6))):  # lines of a map
        y = rng.uniform(0.1, 0.9)
        tone = tuple(rng.integers(30, 240, 3).tolist())
        points = [(0, y), (0.3, y), (0.45, y + rng.normal(0, 0.2)), (1, y + rng.normal(0, 0.2))]
        c.draw.line([(px * c.width, py * c.height) for px, py in points], tone, 10 + 2 * k)
    words = ("城市一卡通", "公共交通卡", "TRANSIT", "地铁单程票")
    c.text(0.06, 0.06, words[rng.integers(4)], 0.13)
    c.text(0.06, 0.84, digits(rng, 16, 4), 0.07)
    return _card(c)


def _health_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _canvas(rng, split, *_upright(rng, 0.3), pale=True)
    c.text(0.06, 0.06, ("居民健康卡", "就诊卡", "HEALTH CARD")[rng.integers(3)], 0.11)
    cells = 25
    side = max(3, round(min(c.width, c.height) * 0.5 / (cells + 4)))
    code = matrix_code(rng, cells, side)
    c.paste(0.92 - code.shape[1] / c.width, 0.35, code)
    labels = ["姓名", "性别", "就诊号", "建卡日期"]
    sex = ("男", "女")[rng.integers(2)]
    values = [person_name(rng), sex, digits(rng, 8), date_text(rng)]
    _rows(c, 0.06, 0.3, labels, values, 0.065, 0.13)
    c.rectangle(0.86, 0.06, 0.9, 0.2, (210, 40, 40))
    c.rectangle(0.83, 0.105, 0.93, 0.155, (210, 40, 40))
    return _card(c)


def _key_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _canvas(rng, split, *_upright(rng, 0.4))
    _mark(c, rng.uniform(0.3, 0.7), rng.uniform(0.25, 0.5), rng.uniform(0.25, 0.5))
    c.text(0.5, 0.7, latin_text(rng, 2, title=True), 0.09, anchor="m")
    if rng.random() < 0.5:
        c.rectangle(0, 0.06, 1, 0.2, (25, 22, 22))  # a magnetic stripe
    return _card(c)


def _machine_read_id(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """An identity card of no country, portrait at the right, machine-readable lines below."""
    c = _canvas(rng, split, *CARD_PX, pale=True)
    c.text(0.05, 0.04, "UTOPIA  SPECIMEN", 0.075)
    right = rng.random() < 0.75
    c.bust(*((0.68, 0.14, 0.94, 0.64) if right else (0.06, 0.16, 0.32, 0.64)))
    labels = ["NAME", "BIRTH", "PLACE", "EXPIRY"]
    values = [
        latin_text(rng, 2).upper(),
        date_text(rng),
        latin_text(rng, 1).upper(),
        date_text(rng),
    ]
    _rows(c, 0.06 if right else 0.38, 0.17, labels, values, 0.055, 0.12)
    c.rectangle(0, 0.69, 1, 1, (244, 244, 240))
    for k in range(3):
        text = (latin_text(rng, 2).upper().replace(" ", "<<") + digits(rng, 8)).ljust(30, "<")[:30]
        c.text(0.04, 0.71 + 0.09 * k, text, 0.07, ink=(20, 20, 20))
    return _card(c)


def _student_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _canvas(rng, split, *_upright(rng, 0.5))
    tall = c.height > c.width
    c.text(0.5, 0.05, house_name(rng)[:2] + "大学", 0.11, anchor="m")
    c.text(0.5, 0.05 + (0.1 if tall else 0.14), "校园卡 STUDENT", 0.06, anchor="m")
    c.bust(*((0.3, 0.25, 0.7, 0.56) if tall else (0.72, 0.32, 0.94, 0.8)))
    labels = ["姓名", "学号", "学院", "有效期"]
    values = [person_name(rng), digits(rng, 10), han_text(rng, 4), date_text(rng)]
    start = (0.12, 0.62) if tall else (0.07, 0.34)
    _rows(c, *start, labels, values, 0.065, 0.085 if tall else 0.13)
    return _card(c)


def _insurance_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _canvas(rng, split, *CARD_PX)
    _mark(c, 0.1, 0.14, 0.16)
    c.text(0.2, 0.08, latin_text(rng, 3, title=True), 0.08)
    for k in range(int(rng.integers(4, 7))):
        y = 0.28 + 0.1 * k
        c.text(0.06, y, latin_text(rng, 1).upper(), 0.045)
        c.text(0.4, y, digits(rng, 9, 3) if k % 2 else latin_text(rng, 2, title=True), 0.055)
        c.line(0.06, y + 0.085, 0.94, y + 0.085, 1)
    return _card(c)


# ---- documents ------------------------------------------------------------------------------------------


def _paragraph(
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


def _grid(c: Canvas, x: float, y: float, right: float, bottom: float, rows: int, cols: int) -> None:
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


def _form(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _sheet(rng, split, 990, 1400 if rng.random() < 0.6 else 760)
    c.text(
        0.5,
        0.04,
        han_text(rng, 4) + ("申请表", "登记表", "审批表")[rng.integers(3)],
        0.055,
        anchor="m",
    )
    _grid(c, 0.06, 0.14, 0.94, 0.8, int(rng.integers(6, 14)), int(rng.integers(2, 6)))
    for _ in range(int(rng.integers(1, 5))):
        c.written(rng.uniform(0.15, 0.6), rng.uniform(0.15, 0.75), int(rng.integers(2, 6)), 0.04)
    c.text(0.5, 0.85, "日期: " + date_text(rng), 0.035)
    if rng.random() < 0.6:
        c.stamped(rng.uniform(0.45, 0.7), 0.72, rng.uniform(0.18, 0.26))
    return _page(c)


def _receipt(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _sheet(rng, split, 560, int(rng.integers(800, 1400)))
    c.text(0.5, 0.03, house_name(rng), 0.09, anchor="m")
    y = 0.12
    step = 30 / c.height * 1.4
    while y < 0.75:
        c.text(0.07, y, han_text(rng, int(rng.integers(2, 6))), 0.05)
        c.text(0.93, y, f"{rng.integers(1, 300)}.{rng.integers(0, 100):02}", 0.05, anchor="r")
        y += step
    c.line(0.05, 0.78, 0.95, 0.78)
    c.text(0.07, 0.8, "合计 TOTAL", 0.07)
    c.text(0.93, 0.8, f"￥{rng.integers(10, 3000)}.00", 0.07, anchor="r")
    c.paste(0.12, 0.89, bar_code(rng, round(c.width * 0.76), round(c.height * 0.07)))
    return _page(c)


def _certificate(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _sheet(rng, split, 1300, 920)
    tone = tuple(rng.integers(90, 220, 3).tolist())
    for inset in (0.025, 0.04):
        c.draw.rectangle(c.box(inset, inset, 1 - inset, 1 - inset), outline=tone, width=8)
    c.text(
        0.5, 0.12, ("荣誉证书", "毕业证书", "结业证书", "奖状")[rng.integers(4)], 0.13, anchor="m"
    )
    c.text(0.12, 0.36, person_name(rng) + " 同志：", 0.05)
    _paragraph(c, 0.12, 0.46, 0.88, 0.7, 0.042)
    c.text(0.88, 0.74, house_name(rng), 0.045, anchor="r")
    c.text(0.88, 0.82, date_text(rng), 0.04, anchor="r")
    c.stamped(0.68, 0.62, 0.27)
    if rng.random() < 0.4:
        c.bust(0.12, 0.68, 0.25, 0.92)
    return _page(c)


def _letter(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _sheet(rng, split, 990, 1400)
    han = rng.random() < 0.7
    c.text(0.5, 0.05, han_text(rng, 6) if han else latin_text(rng, 3, title=True), 0.05, anchor="m")
    _paragraph(c, 0.09, 0.13, 0.91, 0.85, rng.uniform(0.022, 0.036), han=han)
    c.text(0.9, 0.88, date_text(rng), 0.03, anchor="r")
    if rng.random() < 0.4:
        c.stamped(0.62, 0.8, 0.22)
    return _page(c)


def _household_page(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """A page of a booklet: a narrow table of labels and values, the fold at one side."""
    c = _sheet(rng, split, 1260, 880)
    c.text(
        0.5, 0.05, ("户籍样页", "常住人口登记样页", "家庭手册")[rng.integers(3)], 0.055, anchor="m"
    )
    rows = int(rng.integers(6, 10))
    _grid(c, 0.08, 0.16, 0.92, 0.86, rows, 4)
    c.text(0.5, 0.9, "SPECIMEN 样本", 0.04, anchor="m")
    if rng.random() < 0.7:
        c.stamped(rng.uniform(0.5, 0.7), 0.55, 0.3)
    picture, alpha = _page(c)
    fade = (1 - 0.35 * np.exp(-np.arange(c.width) / 40)).astype(np.float32)
    gain = np.ascontiguousarray(np.broadcast_to(fade, (c.height, c.width)))
    return np.asarray(
        cv2.multiply(picture, cv2.merge([gain] * 3), dtype=cv2.CV_8U), np.uint8
    ), alpha


def _envelope(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _sheet(rng, split, 1400, 700)
    for k in range(6):
        x = 0.04 + 0.045 * k
        c.draw.rectangle(c.box(x, 0.07, x + 0.035, 0.17), outline=(200, 40, 40), width=3)
        c.text(x + 0.008, 0.08, str(rng.integers(0, 10)), 0.1)
    c.written(0.15, 0.35, int(rng.integers(6, 12)), 0.08)
    c.written(0.3, 0.55, int(rng.integers(3, 7)), 0.09)
    c.text(0.95, 0.85, house_name(rng) + "　邮编 " + digits(rng, 6), 0.05, anchor="r")
    c.draw.rectangle(c.box(0.86, 0.06, 0.96, 0.3), outline=c.ink, width=4)
    c.stamped(0.74, 0.05, 0.3, ink=(60, 60, 60))
    return _page(c)


def _ticket(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _sheet(rng, split, 1027, int(rng.integers(400, 648)))
    c.text(0.06, 0.07, digits(rng, 8), 0.07, ink=(190, 50, 50))
    c.text(0.1, 0.22, han_text(rng, 2) + "站", 0.13)
    c.text(0.9, 0.22, han_text(rng, 2) + "站", 0.13, anchor="r")
    c.line(0.4, 0.3, 0.6, 0.3, 4)
    c.text(0.5, 0.16, "G" + digits(rng, 3), 0.1, anchor="m")
    c.text(0.06, 0.45, date_text(rng) + f"  {rng.integers(0, 24)}:{rng.integers(0, 60):02}开", 0.08)
    c.text(0.06, 0.6, f"￥{rng.integers(5, 900)}.5元  二等座", 0.08)
    c.text(0.06, 0.8, "SPECIMEN " + person_name(rng), 0.08)
    side = max(2, round(c.height * 0.4 / 29))
    c.paste(0.76, 0.5, matrix_code(rng, 25, side))
    return _page(c)


def _passport(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """The open page of a passport of no country, with machine-readable lines."""
    c = _sheet(rng, split, 1400, 980)
    c.text(0.32, 0.05, "PASSPORT  护照  SPECIMEN", 0.055)
    c.bust(0.05, 0.16, 0.28, 0.66)
    labels = ["Type", "Surname", "Given names", "Nationality", "Date of birth", "Date of expiry"]
    words = [latin_text(rng, 1).upper() for _ in range(3)]
    values = ["P", *words, date_text(rng), date_text(rng)]
    _rows(c, 0.32, 0.15, labels, values, 0.04, 0.1)
    for k in range(2):
        text = ("P<UTO" + latin_text(rng, 3).upper().replace(" ", "<<")).ljust(44, "<")[:44]
        text = text if k == 0 else (digits(rng, 9) + "UTO" + digits(rng, 13)).ljust(44, "<")
        c.text(0.03, 0.8 + 0.08 * k, text, 0.05)
    return _page(c)


def _invoice(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _sheet(rng, split, 1400, 860)
    tone = (int(rng.integers(60, 140)), 40, 30)
    c.ink = tone
    c.text(0.5, 0.04, ("增值发票样张", "收费票据", "INVOICE")[rng.integers(3)], 0.07, anchor="m")
    c.text(0.95, 0.06, "No " + digits(rng, 8), 0.045, anchor="r", ink=(30, 30, 30))
    _grid(c, 0.04, 0.16, 0.96, 0.42, 3, 3)
    _grid(c, 0.04, 0.42, 0.96, 0.84, int(rng.integers(4, 8)), int(rng.integers(5, 8)))
    c.text(0.05, 0.88, "收款人 " + person_name(rng) + "　复核 " + person_name(rng), 0.04)
    c.paste(0.04, 0.02, matrix_code(rng, 21, 4))
    c.stamped(0.7, 0.68, 0.28)
    return _page(c)


def _newspaper(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    c = _sheet(rng, split, 1000, 1400)
    c.text(0.05, 0.03, han_text(rng, 4) + "报", 0.12, bold=1)
    columns = int(rng.integers(2, 5))
    for k in range(columns):
        left, right = 0.05 + 0.9 * k / columns, 0.04 + 0.9 * (k + 1) / columns
        top = 0.17
        if rng.random() < 0.6:
            c.text(left, top, han_text(rng, int(rng.integers(4, 7))), 0.045)
            top += 0.05
        if rng.random() < 0.35:
            tone = tuple(rng.integers(60, 190, 3).tolist())
            c.rectangle(left, top, right, top + 0.2, tone)
            c.bust(left + 0.02, top + 0.03, left + 0.16, top + 0.2)
            top += 0.22
        _paragraph(c, left, top, right, 0.96, 0.02)
    return _page(c)


def _label(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """A parcel's label: a big code, boxes, addresses."""
    c = _sheet(rng, split, 700, 1050)
    c.text(0.05, 0.03, house_name(rng)[:2] + "速运", 0.09)
    c.paste(0.1, 0.12, bar_code(rng, round(c.width * 0.8), round(c.height * 0.12)))
    c.text(0.5, 0.25, digits(rng, 12, 4), 0.05, anchor="m")
    for k, mark in enumerate(("收", "寄")):
        y = 0.32 + 0.2 * k
        c.draw.rectangle(c.box(0.04, y, 0.96, y + 0.19), outline=c.ink, width=3)
        c.text(0.06, y + 0.05, mark, 0.09)
        c.text(0.22, y + 0.03, person_name(rng) + "  1**" + digits(rng, 4), 0.05)
        c.text(0.22, y + 0.1, han_text(rng, int(rng.integers(8, 14))), 0.045)
    c.text(0.5, 0.76, digits(rng, 3) + "-" + digits(rng, 2), 0.16, anchor="m", bold=1)
    return _page(c)


# ---- scenes ---------------------------------------------------------------------------------------------


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
    canvas = _canvas(rng, split, width, height)
    tall = int(height * rng.uniform(0.7, 1.0))
    layer = bust(rng, split, int(tall * 0.75), tall)
    x = int((width - layer.width) * rng.uniform(0.1, 0.9))
    canvas.image.paste(layer, (x, height - tall), layer)
    return canvas.bgr()


def _text_page(rng: np.random.Generator, split: str, size: tuple[int, int]) -> U8:
    c = _canvas(rng, split, size[1], size[0], pale=True)
    han = bool(rng.random() < 0.7)
    _paragraph(c, rng.uniform(0, 0.08), 0.0, 1.0, 1.0, rng.uniform(0.025, 0.07), han=han)
    return c.bgr()


def _screen_page(rng: np.random.Generator, split: str, size: tuple[int, int]) -> U8:
    """A program's window: bars, a list of rows, buttons, a picture or two."""
    c = _canvas(rng, split, size[1], size[0], pale=rng.random() < 0.7)
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
    c = _canvas(rng, split, size[1], size[0], pale=True)
    text = rng.uniform(0.022, 0.036)
    for left in (0.04, 0.54):
        _paragraph(c, left, 0.06, left + 0.42, 0.94, text, han=bool(rng.random() < 0.6))
    picture = c.bgr()
    off = np.abs(np.arange(size[1]) - size[1] / 2)
    fade = (1 - 0.5 * np.exp(-off / (0.05 * size[1]))).astype(np.float32)
    gain = np.ascontiguousarray(np.broadcast_to(fade, size))
    return np.asarray(cv2.multiply(picture, cv2.merge([gain] * 3), dtype=cv2.CV_8U), np.uint8)


def _group_of_busts(rng: np.random.Generator, split: str, size: tuple[int, int]) -> U8:
    height, width = size
    c = _canvas(rng, split, width, height)
    count = int(rng.integers(2, 5))
    for k in range(count):
        tall = int(height * rng.uniform(0.5, 0.85))
        layer = bust(rng, split, int(tall * 0.75), tall)
        x = int(width * (k + 0.5) / count - layer.width / 2)
        c.image.paste(layer, (x, height - tall), layer)
    return c.bgr()


# ---- families and doors -----------------------------------------------------------------------------------

Flat = Callable[[np.random.Generator, str], tuple[U8, U8]]
Whole = Callable[[np.random.Generator, str, tuple[int, int]], U8]

OTHER_CARDS: dict[str, dict[str, Flat]] = {
    "train": {
        "bank_card": _bank_card,
        "driving_licence": _driving_licence,
        "social_security": _social_security,
        "business_card": _business_card,
        "library_card": _library_card,
        "gift_card": _gift_card,
        "foreign_id": _foreign_id,
        "staff_badge": _staff_badge,
    },
    "test": {
        "transport_card": _transport_card,
        "health_card": _health_card,
        "key_card": _key_card,
        "machine_read_id": _machine_read_id,
        "student_card": _student_card,
        "insurance_card": _insurance_card,
    },
}
DOCUMENTS: dict[str, dict[str, Flat]] = {
    "train": {
        "form": _form,
        "receipt": _receipt,
        "certificate": _certificate,
        "letter": _letter,
        "household_page": _household_page,
        "envelope": _envelope,
    },
    "test": {
        "ticket": _ticket,
        "passport": _passport,
        "invoice": _invoice,
        "newspaper": _newspaper,
        "label": _label,
    },
}
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


def _any(families: dict[str, Flat], rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    name = list(families)[rng.integers(len(families))]
    return families[name](rng, split)


def other_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """A card of another kind: face (H, W, 3) BGR at 12 px/mm, also upright ones, and alpha (H, W)."""
    return _any(OTHER_CARDS[split], rng, split)


def document(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """A form, receipt, page, ticket or letter: face (H, W, 3) BGR, at most 1400 px, and alpha (H, W)."""
    return _any(DOCUMENTS[split], rng, split)


def scene(rng: np.random.Generator, split: str, size: tuple[int, int] = (960, 1280)) -> U8:
    """A whole picture (height, width, 3) BGR without any card."""
    families = SCENES[split]
    name = list(families)[rng.integers(len(families))]
    return families[name](rng, split, size)
