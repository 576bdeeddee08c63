"""Draws SPECIMEN cards with full truth: both sides of the second-generation card, bilingual ones too.

Layout in mm as the domain notes give it, moved about by the style's jitter. Emblem, waves and portrait are
stylised stand-ins; every card says SPECIMEN and 样本. Fonts come from Debian packages (README.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from people import Person
from PIL import Image, ImageDraw, ImageFont

CARD_MM = (85.6, 54.0)
PX_PER_MM = 12.0
SIZE_PX = (1027, 648)
CORNER_RADIUS_MM = 3.18  # ISO/IEC 7810

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]

FONTS = "/usr/share/fonts/"
NOTO = FONTS + "opentype/noto/NotoSansCJK-{}.ttc"
OCR_B = FONTS + "opentype/ocr-b/OCRB.otf"
# (file, index in the collection); the test split's faces are never trained on.
FACES = {
    "train": (
        (NOTO.format("Regular"), 2),
        (NOTO.format("Medium"), 2),
        (FONTS + "truetype/wqy/wqy-microhei.ttc", 0),
        (NOTO.format("DemiLight"), 2),
    ),
    "test": (
        (FONTS + "truetype/wqy/wqy-zenhei.ttc", 0),
        (FONTS + "truetype/droid/DroidSansFallbackFull.ttf", 0),
    ),
}
SCRIPTS = {  # sample text of the six bilingual layouts, in the script's own order, and its font
    "zhuang": ("Mingzcoh Singqbied Minzcuz Seng Dieggyouq", NOTO.format("Regular")),
    "uyghur": (
        "ئىسمى جىنسى مىللىتى تۇغۇلغان ئادرېسى",
        FONTS + "truetype/noto/NotoNaskhArabic-Regular.ttf",
    ),
    "tibetan": ("མིང་ ཕོ་མོ་ མི་རིགས་ སྐྱེས་ གནས་", FONTS + "truetype/noto/NotoSerifTibetan-Regular.ttf"),
    "yi": ("ꂓꑳ ꍈꄜ ꑍꋌ ꇫꄮ ꃅꄷ", FONTS + "truetype/noto/NotoSansYi-Regular.ttf"),
    "mongolian": (
        "ᠨᠡᠷᠡ ᠬᠦᠶᠰᠦ ᠦᠨᠳᠦᠰᠦᠲᠡᠨ ᠲᠥᠷᠦᠭᠰᠡᠨ ᠬᠠᠶᠢᠭ",
        FONTS + "truetype/noto/NotoSansMongolian-Regular.ttf",
    ),
    "korean": ("성명 성별 민족 출생 주소", NOTO.format("Regular")),
}


@dataclass(frozen=True)
class CardStyle:
    """Everything that may differ from one print shop, and one drawer, to the next."""

    face: tuple[str, int]
    text_size: float  # factor on all point sizes
    squeeze: float  # width over height of characters
    weight: float  # extra stroke width in mm
    ink: tuple[int, int, int]
    label_ink: tuple[int, int, int]
    paper: tuple[tuple[int, int, int], tuple[int, int, int]]  # left and right tint
    waves: float  # strength of the wavy lines, grey levels
    shift_mm: F64  # (8, 2) jitter of the rows
    number_x_mm: float
    number_tracking: float
    wrap: int
    script: str | None
    grey_portrait: bool
    seed: int

    @staticmethod
    def random(
        rng: np.random.Generator, split: str = "train", script: str | None = "any"
    ) -> CardStyle:
        if script == "any":
            script = str(rng.choice(list(SCRIPTS))) if rng.random() < 0.08 else None
        dark = int(rng.integers(10, 70))
        left = np.array([214, 232, 238]) + rng.normal(0, 9, 3)
        right = np.array([238, 222, 232]) + rng.normal(0, 9, 3)
        tint = [tuple(int(v) for v in c.clip(150, 255)) for c in (left, right)]
        blue = (
            int(rng.integers(30, 100)),
            int(rng.integers(100, 160)),
            int(rng.integers(150, 210)),
        )
        return CardStyle(
            face=FACES[split][rng.integers(len(FACES[split]))],
            text_size=float(rng.uniform(0.95, 1.06)),
            squeeze=float(rng.uniform(0.95, 1.05)),
            weight=float(max(0.0, rng.normal(0.0, 0.03))),
            ink=(dark, dark, dark),
            label_ink=blue,
            paper=(tint[0], tint[1]),  # type: ignore[arg-type]
            waves=float(rng.uniform(2, 9)),
            shift_mm=rng.normal(0, 0.35, (8, 2)).clip(-1.2, 1.2)
            + rng.normal(0, 0.35, 2).clip(-0.9, 0.9),
            number_x_mm=float(rng.uniform(26.5, 31)),
            number_tracking=float(rng.uniform(0.0, 0.28)),
            wrap=11 if rng.random() < 0.8 else 12,
            script=script,
            grey_portrait=bool(rng.random() < 0.15),
            seed=int(rng.integers(1 << 31)),
        )


@dataclass
class FieldTruth:
    text: str
    lines_mm: list[tuple[float, float, float, float]]  # left, top, right, bottom of each line's ink

    @property
    def quad_mm(self) -> F64:
        boxes = np.array(self.lines_mm)
        (x0, y0), (x1, y1) = boxes[:, :2].min(0), boxes[:, 2:].max(0)
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


@dataclass
class Specimen:
    image: U8  # (648, 1027, 3) BGR
    alpha: U8  # (648, 1027): rounded corners
    side: str
    fields: dict[str, FieldTruth] = field(default_factory=dict)
    portrait_quad_mm: F64 | None = None


# ---- text -------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _font(path: str, index: int, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size_px, index=index)


@cache
def _covered(path: str, index: int) -> frozenset[int]:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    font = TTFont(path, fontNumber=index if path.endswith(".ttc") else -1, lazy=True)
    return frozenset(font.getBestCmap())


def _runs(text: str, face: tuple[str, int]) -> list[tuple[tuple[str, int], str]]:
    """The text cut where the face has to give way to Noto for characters it cannot draw."""
    runs: list[tuple[tuple[str, int], str]] = []
    for char in text:
        own = face if ord(char) in _covered(*face) else FACES["train"][0]
        if runs and runs[-1][0] == own:
            runs[-1] = (own, runs[-1][1] + char)
        else:
            runs.append((own, char))
    return runs


class Pen:
    """Writes on a card in millimetres and remembers where the ink is."""

    def __init__(self, image: Image.Image, style: CardStyle) -> None:
        self.image, self.style = image, style

    def write(
        self,
        x_mm: float,
        y_mm: float,
        text: str,
        height_mm: float,
        ink: tuple[int, int, int],
        *,
        face: tuple[str, int] | None = None,
        tracking_mm: float = 0.0,
        squeeze: float | None = None,
        weight_mm: float | None = None,
    ) -> tuple[float, float, float, float]:
        """Left top of the em box at (x, y); height of the em box. Returns the ink's box in mm."""
        scale = 4  # glyphs are drawn 4 times larger: squeeze, tracking and weight in parts of a px
        size = max(8, round(height_mm * PX_PER_MM * scale))
        runs = [(face, text)] if face else _runs(text, self.style.face)
        fonts = [_font(*own, size) for own, _ in runs]
        squeeze = self.style.squeeze if squeeze is None else squeeze
        stroke = round(2 * (self.style.weight if weight_mm is None else weight_mm) * PX_PER_MM)
        pad = size // 2
        step = tracking_mm * PX_PER_MM * scale
        lengths = [font.getlength(run) for font, (_, run) in zip(fonts, runs, strict=True)]
        width = int(sum(lengths) + step * len(text)) + 2 * pad
        ascent, _ = fonts[0].getmetrics()
        mask = Image.new("L", (width, int(size * 1.5) + 2 * pad), 0)
        draw = ImageDraw.Draw(mask)
        x = float(pad)
        for font, (_, run), length in zip(fonts, runs, lengths, strict=True):
            for part in run if step else (run,):
                draw.text(
                    (x, pad + ascent), part, 255, font, "ls", stroke_width=stroke, stroke_fill=255
                )
                x += font.getlength(part) + step if step else length
        glyphs = np.asarray(mask)
        left = x_mm * PX_PER_MM - pad * squeeze / scale
        top = y_mm * PX_PER_MM - (pad + ascent - 0.88 * size) / scale  # Han type's em box
        column, row = int(np.floor(left)), int(np.floor(top))
        reduced = cv2.resize(
            glyphs, None, fx=squeeze / scale, fy=1 / scale, interpolation=cv2.INTER_AREA
        )
        shift = np.array([[1, 0, left - column], [0, 1, top - row]], np.float32)
        layer = cv2.warpAffine(reduced, shift, (reduced.shape[1] + 1, reduced.shape[0] + 1))
        self.image.paste(ink, (column, row), Image.fromarray(layer))
        ys, xs = np.nonzero(layer > 96)
        if not len(xs):
            return (x_mm, y_mm, x_mm, y_mm)
        box = np.array(
            [xs.min() + column, ys.min() + row, xs.max() + 1 + column, ys.max() + 1 + row]
        )
        x0, y0, x1, y1 = (box / PX_PER_MM).tolist()
        return x0, y0, x1, y1


# ---- parts of the card --------------------------------------------------------------------------------


def _wave_lines(rng: np.random.Generator) -> tuple[NDArray[np.bool_], F64]:
    """Where the lines of one family are, (648, 1027), and how strongly each channel darkens, (3,).

    A line is where sin(phase) exceeds a threshold. The phase is a sum of products of a row's and
    a column's terms, thus one thin matrix product; in turns, so that no sine of it is needed.
    """
    width, height = SIZE_PX
    angle, pitch = rng.uniform(0, np.pi), rng.uniform(7, 26)
    swing, reach = rng.uniform(4, 18) / pitch, rng.uniform(30, 120)
    tint = rng.uniform(0.2, 1.0, 3)
    limit = np.arcsin(rng.uniform(0.3, 0.9)) / (2 * np.pi)
    xs, ys = np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64)
    along_x, along_y = xs * np.cos(angle) / reach, ys * np.sin(angle) / reach
    rows = np.stack(
        [
            ys * np.cos(angle) / pitch,
            np.ones(height),
            swing * np.cos(along_y),
            swing * np.sin(along_y),
        ],
        1,
    )
    columns = np.stack(
        [np.ones(width), xs * -np.sin(angle) / pitch, np.sin(along_x), np.cos(along_x)]
    )
    turns = rows @ columns
    turns -= np.floor(turns)
    return (turns > limit) & (turns < 0.5 - limit), tint.astype(np.float32).astype(np.float64)


def _paper(style: CardStyle, rng: np.random.Generator) -> Image.Image:
    """A tint that changes from left to right, crossed by plain wavy lines: no security print."""
    width = SIZE_PX[0]
    share = np.linspace(0, 1, width, dtype=np.float32)[:, None]
    left, right = (np.array(c, np.float32) for c in style.paper)
    # The tint depends on the column and on which lines cross: a palette of 4 colours a column.
    palette = np.tile(left * (1 - share) + right * share, (4, 1, 1))
    crossed = np.zeros(SIZE_PX[::-1], np.int32)
    for bit in (1, 2):
        lines, tint = _wave_lines(rng)
        crossed += bit * lines
        for key in range(4):
            if key & bit:
                palette[key] = palette[key] - style.waves * tint
    packed = np.zeros((4, width, 4), np.uint8)
    packed[:, :, :3] = palette.clip(0, 255)
    places = crossed * width + np.arange(width, dtype=np.int32)
    pixels = packed.view(np.uint32).ravel().take(places)
    rgbx = pixels.view(np.uint8).reshape(*places.shape, 4)
    return Image.fromarray(cv2.cvtColor(rgbx, cv2.COLOR_BGRA2BGR))


def _emblem(
    draw: ImageDraw.ImageDraw, x_mm: float, y_mm: float, radius_mm: float, rng: np.random.Generator
) -> None:
    """A red disc with yellow dots: stands for the emblem and looks nothing like it up close."""
    px = PX_PER_MM
    red = (int(rng.integers(185, 225)), int(rng.integers(30, 60)), int(rng.integers(30, 60)))
    gold = (int(rng.integers(225, 250)), int(rng.integers(180, 210)), int(rng.integers(60, 110)))

    def disc(x: float, y: float, r: float, colour: tuple[int, int, int]) -> None:
        draw.ellipse([(x - r) * px, (y - r) * px, (x + r) * px, (y + r) * px], fill=colour)

    disc(x_mm, y_mm, radius_mm, gold)
    disc(x_mm, y_mm, radius_mm * 0.86, red)
    disc(x_mm, y_mm - radius_mm * 0.35, radius_mm * 0.16, gold)
    for angle in np.linspace(-0.6, 3.74, 4):
        disc(
            x_mm + radius_mm * 0.45 * np.cos(angle),
            y_mm - radius_mm * 0.15 + radius_mm * 0.3 * np.sin(angle),
            radius_mm * 0.08,
            gold,
        )
    draw.rectangle(
        [
            (x_mm - radius_mm * 0.5) * px,
            (y_mm + radius_mm * 0.3) * px,
            (x_mm + radius_mm * 0.5) * px,
            (y_mm + radius_mm * 0.5) * px,
        ],
        fill=gold,
    )


def _portrait(
    image: Image.Image, rng: np.random.Generator, x_mm: float, y_mm: float, gender: str, grey: bool
) -> None:
    """A cartoon bust, 21 x 28 mm: shoulders, neck, head, hair, eyes, mouth."""
    px, width, height = PX_PER_MM * 2, 21.0, 28.0
    layer = Image.new("RGBA", (int(width * px), int(height * px)), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)

    def oval(x0: float, y0: float, x1: float, y1: float, colour: tuple[int, ...]) -> None:
        draw.ellipse([x0 * px, y0 * px, x1 * px, y1 * px], fill=(*colour, 255))

    skin = tuple(int(v) for v in (np.array([232, 190, 160]) * rng.uniform(0.72, 1.04)).clip(0, 255))
    hair = tuple(int(v) for v in rng.integers(12, 62, 3))
    coat = tuple(int(v) for v in rng.integers(20, 200, 3))
    shade = tuple(int(v * 0.86) for v in skin)
    broad, tall = rng.uniform(0.9, 1.1), rng.uniform(-0.8, 0.8)
    cx = width / 2 + rng.uniform(-0.6, 0.6)
    if gender == "女":
        draw.rounded_rectangle(
            [(cx - 6.4) * px, (5 + tall) * px, (cx + 6.4) * px, (21 + tall) * px],
            radius=5 * px,
            fill=(*hair, 255),
        )
    oval(cx - 10 * broad, 20 + tall, cx + 10 * broad, 40, coat)
    draw.rectangle(
        [(cx - 2.3) * px, (16 + tall) * px, (cx + 2.3) * px, (22.5 + tall) * px], fill=(*shade, 255)
    )
    draw.polygon(
        [((cx - 3.4) * px, 21.6 * px), ((cx + 3.4) * px, 21.6 * px), (cx * px, 26.5 * px)],
        fill=(245, 245, 245, 255),
    )
    oval(cx - 6, 3 + tall, cx + 6, 15 + tall, hair)
    oval(cx - 5.2, 5 + tall, cx + 5.2, 19 + tall, skin)
    draw.chord(
        [(cx - 5.6) * px, (3.2 + tall) * px, (cx + 5.6) * px, (11.5 + tall) * px],
        180,
        360,
        fill=(*hair, 255),
    )
    for eye in (-2.2, 2.2):
        oval(cx + eye - 0.85, 10.6 + tall, cx + eye + 0.85, 11.5 + tall, (250, 250, 250))
        oval(cx + eye - 0.42, 10.6 + tall, cx + eye + 0.42, 11.5 + tall, (25, 20, 20))
        draw.line(
            [
                ((cx + eye - 1.2) * px, (9.8 + tall) * px),
                ((cx + eye + 1.2) * px, (9.6 + tall) * px),
            ],
            fill=(*hair, 255),
            width=int(0.4 * px),
        )
    draw.line(
        [(cx * px, (12 + tall) * px), ((cx + 0.5) * px, (13.8 + tall) * px)],
        fill=(*shade, 255),
        width=int(0.3 * px),
    )
    draw.line(
        [((cx - 1.4) * px, (15.7 + tall) * px), ((cx + 1.4) * px, (15.7 + tall) * px)],
        fill=(170, 90, 90, 255),
        width=int(0.45 * px),
    )
    small = layer.resize(
        (int(width * PX_PER_MM), int(height * PX_PER_MM)), Image.Resampling.LANCZOS
    )
    if grey:
        alpha = small.getchannel("A")
        small = small.convert("L").convert("RGBA")
        small.putalpha(alpha)
    place = (round(x_mm * PX_PER_MM), round(y_mm * PX_PER_MM))
    if rng.random() < 0.4:  # some printers keep the photograph's own pale background
        tone = tuple(int(v) for v in rng.integers(195, 256, 3))
        image.paste(tone, (*place, place[0] + small.width, place[1] + small.height))
    image.paste(small, place, small)


@cache
def card_alpha() -> U8:
    """(648, 1027): 255 on the card, 0 outside its rounded corners."""
    large = Image.new("L", (SIZE_PX[0] * 4, SIZE_PX[1] * 4), 0)
    ImageDraw.Draw(large).rounded_rectangle(
        [0, 0, large.width - 1, large.height - 1],
        radius=int(CORNER_RADIUS_MM * PX_PER_MM * 4),
        fill=255,
    )
    return np.asarray(large.resize(SIZE_PX, Image.Resampling.BOX))


def _mark(pen: Pen, side: str) -> None:
    """SPECIMEN and 样本, where no field is."""
    pale = (214, 128, 128)
    if side == "portrait":
        pen.write(7.3, 49.6, "SPECIMEN 样本", 2.6, pale, weight_mm=0)
    else:
        pen.write(58.0, 29.0, "SPECIMEN 样本", 2.8, pale, weight_mm=0)


def _second_script(
    pen: Pen,
    script: str,
    x_mm: float,
    y_mm: float,
    ink: tuple[int, int, int],
    first: int,
    words: int,
) -> None:
    text, path = SCRIPTS[script]
    index = {"korean": 1, "zhuang": 2}.get(script, 0)
    pen.write(
        x_mm,
        y_mm,
        " ".join(text.split()[first : first + words]),
        1.9,
        ink,
        face=(path, index),
        weight_mm=0,
    )


# ---- the two sides --------------------------------------------------------------------------------------


def _write_name(
    pen: Pen, name: str, x: float, y: float, style: CardStyle, truth: dict[str, FieldTruth]
) -> None:
    """One line of 5 point type; a name of more than 9 characters takes two smaller lines."""
    if len(name) <= 9:
        truth["name"] = FieldTruth(name, [pen.write(x, y, name, 3.85 * style.text_size, style.ink)])
        return
    lines = [name[:9], name[9:]]
    truth["name"] = FieldTruth(
        name,
        [pen.write(x, y - 1.3 + 3.6 * i, line, 3.1, style.ink) for i, line in enumerate(lines)],
    )


def _draw_portrait_side(
    pen: Pen, person: Person, style: CardStyle, portrait_x: float
) -> dict[str, FieldTruth]:
    """portrait_x: the portrait's left edge in mm, where address lines end at the latest."""
    rows = [9.0, 15.6, 21.9, 28.1] if style.script is None else [9.4, 16.6, 22.9, 28.9]
    size = style.text_size * (1.0 if style.script is None else 0.9)
    shift = style.shift_mm
    value_x = 17.0 if style.script is None else 18.2
    label = 2.65 * size
    truth: dict[str, FieldTruth] = {}

    def put(name: str, x: float, row: int, text: str, height: float, drop: float = 0.0) -> None:
        box = pen.write(
            x + shift[row, 0], rows[row] + drop + shift[row, 1], text, height * size, style.ink
        )
        truth[name] = FieldTruth(text, [box])

    labels = (
        ("姓名", 7.3, 0, 0.5),
        ("性别", 7.3, 1, 0.5),
        ("民族", 27.0, 1, 1.0),
        ("出生", 7.3, 2, 0.5),
        ("住址", 7.3, 3, 0.5),
    )
    for word, (text, x, row, follow) in enumerate(labels):
        place, y = x + shift[row, 0] * follow, rows[row] + shift[row, 1]
        pen.write(place, y + 0.35, text, label, style.label_ink, tracking_mm=0.6)
        if style.script:
            _second_script(pen, style.script, place, y - 2.3, style.label_ink, word, 1)
    _write_name(pen, person.name, value_x + shift[0, 0], rows[0] + shift[0, 1], style, truth)
    if style.script:
        _second_script(pen, style.script, value_x, rows[0] - 2.4 + shift[0, 1], style.ink, 0, 2)
    put("gender", value_x, 1, person.gender, 3.15)
    put("ethnicity", 35.0, 1, person.ethnicity, 3.15)
    birth = person.birth_date
    put("birth_year", value_x, 2, str(birth.year), 3.15)
    put("birth_month", 29.3 + 0.8 * (birth.month < 10), 2, str(birth.month), 3.15)
    put("birth_day", 38.2 + 0.8 * (birth.day < 10), 2, str(birth.day), 3.15)
    for x, text in ((25.4, "年"), (34.2, "月"), (42.6, "日")):
        pen.write(x + shift[2, 0], rows[2] + 0.35 + shift[2, 1], text, label, style.label_ink)
    lines = [person.address[i : i + style.wrap] for i in range(0, len(person.address), style.wrap)]
    address_x = value_x + shift[3, 0]
    address_y = rows[3] + shift[3, 1]
    pitch = 4.23 * (0.95 if style.script else 1)
    if len(lines) == 4:  # the fourth ends above the number
        pitch = min(pitch, (43.7 + shift[4, 1] * 0.5 - 3.15 * size - address_y) / 3)
    room = (portrait_x - 0.3 - address_x) / (max(map(len, lines)) * 3.15 * size)
    boxes = [
        pen.write(
            address_x,
            address_y + pitch * i,
            line,
            3.15 * size,
            style.ink,
            squeeze=min(style.squeeze, room),
        )
        for i, line in enumerate(lines)
    ]
    truth["address"] = FieldTruth(person.address, boxes)
    pen.write(7.3, 44.8 + shift[4, 1] * 0.5, "公民身份号码", label, style.label_ink)
    digits = pen.write(
        style.number_x_mm,
        44.1 + shift[4, 1] * 0.5,
        person.id_number,
        4.05,
        style.ink,
        face=(OCR_B, 0),
        squeeze=0.84,
        tracking_mm=style.number_tracking,
        weight_mm=0,
    )
    truth["id_number"] = FieldTruth(person.id_number, [digits])
    return truth


def _draw_emblem_side(pen: Pen, person: Person, style: CardStyle) -> dict[str, FieldTruth]:
    shift = style.shift_mm
    size = style.text_size
    serif = (FONTS + "opentype/noto/NotoSerifCJK-Bold.ttc", 2)
    pen.write(
        28.0 + shift[5, 0],
        8.0 + shift[5, 1],
        "中华人民共和国",
        5.6 * size,
        style.ink,
        face=serif,
        tracking_mm=1.1,
    )
    pen.write(
        27.0 + shift[6, 0],
        17.2 + shift[6, 1],
        "居民身份证",
        7.8 * size,
        style.ink,
        face=serif,
        tracking_mm=2.2,
    )
    if style.script:
        between = 14.5 + (shift[5, 1] + shift[6, 1]) / 2
        _second_script(pen, style.script, 30.0, between, style.ink, 0, 4)
    label = 2.75 * size
    x = 34.2 + shift[0, 0]
    lines = [person.issued_by[i : i + 12] for i in range(0, len(person.issued_by), 12)]
    y = 38.6 + shift[0, 1] - (2.2 if len(lines) > 1 else 0)
    pen.write(
        20.8,
        38.9 + shift[0, 1],
        "签发机关",
        label,
        style.label_ink if style.seed % 2 else style.ink,
        weight_mm=0.04,
    )
    pen.write(
        20.8,
        45.3 + shift[1, 1],
        "有效期限",
        label,
        style.label_ink if style.seed % 2 else style.ink,
        weight_mm=0.04,
    )
    boxes = [
        pen.write(x, y + 4.0 * i, line, 3.35 * size, style.ink) for i, line in enumerate(lines)
    ]
    truth = {"issued_by": FieldTruth(person.issued_by, boxes)}
    start = f"{person.valid_from:%Y.%m.%d}"
    end = f"{person.valid_to:%Y.%m.%d}" if person.valid_to else "长期"
    y = 45.0 + shift[1, 1]
    box = pen.write(x, y, f"{start}-{end}", 3.35 * size, style.ink)
    split = box[0] + (box[2] - box[0]) * (len(start) + 0.5) / (
        len(start) + 1 + len(end) * (1 if person.valid_to else 2)
    )
    truth["valid_from"] = FieldTruth(start.replace(".", ""), [(box[0], box[1], split, box[3])])
    truth["valid_to"] = FieldTruth(end.replace(".", ""), [(split, box[1], box[2], box[3])])
    return truth


def draw_card(person: Person, side: str, style: CardStyle) -> Specimen:
    """One side ("portrait" or "emblem") at 12 px/mm. The same arguments give the same bytes."""
    rng = np.random.default_rng(style.seed)
    image = _paper(style, rng)
    pen = Pen(image, style)
    portrait_quad = None
    _mark(pen, side)
    if side == "portrait":
        x, y = 54.8 + rng.uniform(-1, 1), 9.4 + rng.uniform(-0.8, 0.8)
        _portrait(image, rng, x, y, person.gender, style.grey_portrait)
        portrait_quad = np.array([[x, y], [x + 21, y], [x + 21, y + 28], [x, y + 28]])
        fields = _draw_portrait_side(pen, person, style, x)
    else:
        _emblem(
            ImageDraw.Draw(image),
            14.5 + rng.uniform(-1.5, 1.5),
            15.5 + rng.uniform(-1.5, 1.5),
            rng.uniform(6.8, 8.6),
            rng,
        )
        fields = _draw_emblem_side(pen, person, style)
    bgr = np.asarray(cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2BGR), np.uint8)
    return Specimen(bgr, card_alpha(), side, fields, portrait_quad)


# ---- what is no such card ---------------------------------------------------------------------------------


def draw_other_card(rng: np.random.Generator) -> U8:
    """A bank, library, transport or business card: (648, 1027, 3) BGR."""
    width, height = SIZE_PX
    colours = rng.uniform(20, 250, (2, 3))
    share = np.linspace(0, 1, width)[None, :, None] * np.ones((height, 1, 1))
    image = Image.fromarray((colours[0] * (1 - share) + colours[1] * share).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    ink = (15, 15, 15) if colours.mean() > 120 else (240, 240, 240)
    face, index = FACES["train"][rng.integers(4)]
    words = (
        "图书馆借阅证",
        "城市交通卡",
        "会员卡",
        "PREPAID CARD",
        "Dr. A. Sample",
        "有限公司",
        "工作证",
        "学生证",
        "No.",
    )
    rows = rng.permutation(7)[: int(rng.integers(2, 7))]
    for row in rows:  # each text has a row of its own
        digits = " ".join(str(rng.integers(1000, 9999)) for _ in range(rng.integers(1, 5)))
        text = str(rng.choice(words)) if rng.random() < 0.5 else digits
        font = _font(face, index, int(rng.uniform(2.2, 6) * PX_PER_MM))
        x = rng.uniform(0.04, 0.6) * width
        x = max(0.03 * width, min(x, 0.96 * width - font.getlength(text)))
        draw.text((x, (0.05 + 0.13 * row) * height), text, font=font, fill=ink)
    if rng.random() < 0.4:
        x, y = rng.uniform(0.05, 0.7) * width, rng.uniform(0.2, 0.5) * height
        draw.rounded_rectangle([x, y, x + 150, y + 120], radius=18, fill=(212, 180, 90))
    if rng.random() < 0.35:
        _portrait(
            image, rng, rng.uniform(3, 60), rng.uniform(5, 22), str(rng.choice(["男", "女"])), False
        )
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])


def draw_page(rng: np.random.Generator, height: int = 960, width: int = 1280) -> U8:
    """A sheet of text, BGR."""
    paper = int(rng.integers(225, 252))
    image = Image.new("RGB", (width, height), (paper, paper, paper - 4))
    draw = ImageDraw.Draw(image)
    face, index = FACES["train"][rng.integers(4)]
    size = int(rng.integers(16, 34))
    text = "本页文字只为试验而排印没有任何人的信息请将卡片放平后再拍摄光线均匀避免反光".strip()
    y = size
    while y < height - size:
        count = int(rng.integers(8, width // size - 3))
        line = "".join(rng.choice(list(text), count))
        draw.text((size * 1.5, y), line, font=_font(face, index, size), fill=(40, 40, 40))
        y += int(size * rng.uniform(1.5, 1.9))
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])
