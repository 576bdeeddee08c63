"""Lines of text for the recogniser, drawn as the engine samples them but without whole photographs.

A line is set, laid on card paper at the camera's scale, spoiled by lens, sensor and JPEG, and sampled
to the recogniser's height, with the neighbours that a strip of a card shows: labels, rows above and
below, a portrait's edge. The truth is where each character stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from alphabet import alphabet
from backgrounds import add_noise
from faces import EM_PX, NUMBER, OTHER_STYLES, SCRIPTS, Face, draw_face, is_drawable
from numpy.typing import NDArray
from people import make_person
from specimen import Ink, _wave_lines, lay_ink
from tables import characters, gbk_rare
from typeset import PAD_PX, SetLine, embolden, set_line, set_shaped

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

LABELS = (
    "姓名",
    "性别",
    "民族",
    "出生",
    "住址",
    "年",
    "月",
    "日",
    "公民身份号码",
    "签发机关",
    "有效期限",
)

MOST_BLUR = 0.085  # of an em: what is softer hardly anybody reads
MOST_BEND = 0.022  # of an em: standard deviation of how far strokes of drawn lines are moved


@dataclass(frozen=True)
class LinePicture:
    image: U8  # (height, width, 3) BGR
    chars: tuple[str, ...]
    spans: F32  # (N, 2) left and right px of each character's ink


@dataclass(frozen=True)
class _Piece:
    """Text that stands on the line, `gap` ems after what precedes it."""

    text: str
    face: Face
    size: float  # of its em against the line's
    ink: Ink
    gap: float
    squeeze: float
    weight: float
    tracking: float


# ---- texts ------------------------------------------------------------------------------------------------


def _any_characters(rng: np.random.Generator, count: int) -> str:
    """Each class as often as any other: what teaches the rare ones."""
    letters = alphabet()
    return "".join(letters[i] for i in rng.integers(0, len(letters), count))


def _rare_characters(rng: np.random.Generator, count: int) -> str:
    """As names have them: levels 2 and 3 of the national list more often than GBK's rest."""
    pool = (characters(1), characters(2), characters(3), gbk_rare())
    picks = rng.choice(4, count, p=[0.4, 0.3, 0.22, 0.08])
    return "".join(pool[k][int(rng.integers(len(pool[k])))] for k in picks)


def _dotted(rng: np.random.Generator, count: int) -> str:
    """As names of minorities have it: a dot between common characters."""
    pool = characters(1)
    text = [pool[int(i)] for i in rng.integers(0, len(pool), max(4, count))]
    text[int(rng.integers(1, min(6, len(text) - 1)))] = "·"
    return "".join(text)


def _digits(rng: np.random.Generator, count: int) -> str:
    kind = rng.integers(7)
    if kind == 0:
        return "".join(rng.choice(list("0123456789X"), min(18, 2 * count)))
    if kind == 1:
        year = rng.integers(1930, 2060)
        return f"{year}.{rng.integers(1, 13):02d}.{rng.integers(1, 32):02d}-"
    if kind == 2:
        return "".join(rng.choice(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), count))
    if kind == 3:
        return f"{rng.integers(1, 99)}号{rng.integers(1, 99)}幢{rng.integers(101, 2999)}室"
    if kind == 4:
        return str(rng.choice(list("1127740"))) * int(rng.integers(2, 5)) + str(
            rng.integers(0, 99999)
        )
    # Houses of houses: a dash close to either digit is easily missed.
    numbers = [str(rng.integers(1, 10 ** rng.integers(1, 5))) for _ in range(rng.integers(2, 5))]
    begin = "-" if rng.random() < 0.15 else ""  # where the line before was full
    return begin + "-".join(numbers) + str(rng.choice(["号", "室", "户", ""]))


def _printed_text(rng: np.random.Generator, split: str, count: int) -> str:
    """Part of what a made-up person's card says."""
    person = make_person(rng, split)
    end = f"{person.valid_to:%Y.%m.%d}" if person.valid_to else "长期"
    start = int(rng.integers(0, max(1, len(person.address) - count)))
    texts = (
        person.name,
        person.issued_by[:count],
        person.id_number,
        f"{person.valid_from:%Y.%m.%d}-{end}",
        person.address[start : start + count + 2],
    )
    return texts[rng.choice(len(texts), p=[0.2, 0.2, 0.2, 0.12, 0.28])]


TEXTS = ((_any_characters, 0.19), (_rare_characters, 0.33), (_dotted, 0.05), (_digits, 0.13))


def random_text(rng: np.random.Generator, split: str, count: int) -> str:
    """About `count` Han widths of text."""
    kind = rng.random()
    for make, share in TEXTS:
        if kind < share:
            return make(rng, count)
        kind -= share
    return _printed_text(rng, split, count)


# ---- setting ------------------------------------------------------------------------------------------


def _draw_line_face(rng: np.random.Generator, split: str) -> Face:
    if split == "train" and rng.random() < 0.5:
        return OTHER_STYLES[int(rng.integers(len(OTHER_STYLES)))]
    return draw_face(rng, split)


def _pieces(rng: np.random.Generator, split: str, width_ems: float) -> list[_Piece]:
    """A value, on one line in three after a label or before another, about as wide as the line."""
    dark = int(rng.integers(8, 90))
    ink: Ink = (dark, dark, dark)
    blue: Ink = (
        int(rng.integers(130, 210)),
        int(rng.integers(90, 160)),
        int(rng.integers(30, 100)),
    )
    face = _draw_line_face(rng, split)
    squeeze, weight = rng.uniform(0.88, 1.12), float(np.clip(rng.normal(0.1, 0.55), -1, 1.4))
    pieces: list[_Piece] = []
    room = width_ems - rng.uniform(0.05, 1.0)
    if rng.random() < 0.03:  # nothing but paper: noise and waves are no print
        return []
    while room > 0.8:
        gap = 0.0 if not pieces else rng.uniform(0.25, 2.5)
        if rng.random() < 0.22:
            text, size, colour = str(rng.choice(LABELS)), rng.uniform(0.8, 1.0), blue
        else:
            text, size, colour = random_text(rng, split, max(1, round(room / squeeze))), 1.0, ink
        own, tracking = face, float(rng.choice([0.0, 0.0, 0.03, 0.22], p=[0.6, 0.1, 0.2, 0.1]))
        if text.isascii() and text.isalnum() and len(text) > 8 and rng.random() < 0.8:
            own, size, tracking = NUMBER[split], rng.uniform(1.15, 1.35), rng.uniform(0, 0.09)
        text = "".join(c for c in text if is_drawable(c, own, split))
        text, used = _fitting(text, room - gap, size * squeeze, tracking)
        if not text:
            break
        pieces.append(_Piece(text, own, size, colour, gap, squeeze, weight, tracking))
        room -= gap + used
        if rng.random() < 0.35:
            break
    return pieces


def _fitting(text: str, room: float, size: float, tracking: float) -> tuple[str, float]:
    """The beginning of the text that fits, and its width, in ems."""
    used = 0.0
    for index, char in enumerate(text):
        step = ((0.62 if char.isascii() else 1.0) + tracking) * size
        if used + step > room:
            return text[:index], used
        used += step
    return text, used


def _lay_pieces(
    paper: U8,
    pieces: list[_Piece],
    rng: np.random.Generator,
    split: str,
    em_px: float,
    x_px: float,
    top_px: float,
) -> tuple[list[str], list[tuple[float, float]]]:
    """Print the pieces on paper; their characters and spans in px of the paper."""
    chars: list[str] = []
    spans: list[tuple[float, float]] = []
    for piece in pieces:
        x_px += piece.gap * em_px
        line = set_line(piece.text, piece.face, split, piece.tracking)
        line = replace(line, mask=_bent(embolden(line, piece.weight), rng))
        height_px = em_px * piece.size
        drop_px = (em_px - height_px) / 2
        laid = _lay_line(paper, line, x_px, top_px + drop_px, height_px, piece.squeeze, piece.ink)
        chars.extend(line.chars)
        spans.extend(laid)
        x_px = spans[-1][1]
    return chars, spans


def _bent(mask: U8, rng: np.random.Generator) -> U8:
    """Strokes moved smoothly by up to a few hundredths of an em: no two type designers agree on them."""
    most_px = EM_PX * max(0.0, rng.normal(0, MOST_BEND))
    if most_px < 0.4:
        return mask
    height, width = mask.shape
    cells = (2, 3, max(2, round(width / EM_PX * rng.uniform(1.5, 3.5))))
    moves = rng.normal(0, most_px, cells).astype(np.float32).transpose(1, 2, 0)
    field = cv2.resize(moves, (width, height), interpolation=cv2.INTER_CUBIC)
    field += _places(-(-width // 256) * 256)[:height, :width]
    return np.asarray(cv2.remap(mask, field, None, cv2.INTER_LINEAR), np.uint8)


@lru_cache(maxsize=32)
def _places(width: int) -> F32:
    """(EM_PX + 2 PAD_PX, width, 2) x and y of each px of a set line, kept for some widths."""
    ys, xs = np.mgrid[: EM_PX + 2 * PAD_PX, :width].astype(np.float32)
    return np.stack([xs, ys], axis=-1)


def _lay_line(
    paper: U8, line: SetLine, x_px: float, top_px: float, em_px: float, squeeze: float, ink: Ink
) -> list[tuple[float, float]]:
    """Print a line whose em box begins at (x_px, top_px); the spans of its characters."""
    wide, high = em_px / EM_PX * squeeze, em_px / EM_PX
    left, top = x_px - PAD_PX * wide, top_px - PAD_PX * high
    column, row = int(np.floor(left)), int(np.floor(top))
    # To a whole part by means, the rest and the shift by sampling: either is many times as fast as one
    # INTER_AREA to the size itself.
    n, m = (max(1, int(1 / share)) for share in (wide, high))
    height, width = line.mask.shape[0] // m, line.mask.shape[1] // n
    whole = line.mask[: height * m, : width * n]
    small = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    x, y = wide * n, high * m  # what is left of the scale
    to_paper = np.array([[x, 0, x / 2 - 0.5 + left - column], [0, y, y / 2 - 0.5 + top - row]])
    size = (int(width * x) + 2, int(height * y) + 2)
    lay_ink(paper, column, row, np.asarray(cv2.warpAffine(small, to_paper, size), np.uint8), ink)
    return [(left + b[0] * wide, left + b[2] * wide) for b in line.boxes.tolist()]


def _lay_second_script(
    paper: U8, rng: np.random.Generator, em_px: float, x_px: float, top_px: float
) -> None:
    """Words of a bilingual card's other script above its labels and values; no truth: not to be read."""
    words, face = list(SCRIPTS.values())[int(rng.integers(len(SCRIPTS)))]
    dark = int(rng.integers(20, 160))
    while x_px < paper.shape[1]:
        line = set_shaped(str(rng.choice(words.split())), face)
        height_px = em_px * rng.uniform(0.5, 0.72)
        at = top_px - height_px * rng.uniform(0.75, 1.05)
        spans = _lay_line(paper, line, x_px, at, height_px, 1.0, (dark + 60, dark + 30, dark))
        x_px = spans[-1][1] + em_px * rng.uniform(0.5, 4.0)


# ---- paper and camera ---------------------------------------------------------------------------------


def _paper(rng: np.random.Generator, split: str, height: int, width: int, em_px: float) -> U8:
    """Tinted card paper with waves at the camera's scale: (height, width, 3)."""
    tint = np.array([232, 228, 228]) + rng.normal(0, 14, 3)
    if rng.random() < 0.25:
        tint = np.full(3, rng.uniform(170, 255))
    sheet = _wave_lines(split, int(rng.integers(16)))
    zoom = 36 / em_px  # the kept sheets are at 12 px/mm, where an em is about 3 mm
    h, w = min(sheet.shape[0], int(height * zoom) + 2), min(sheet.shape[1], int(width * zoom) + 2)
    y, x = int(rng.integers(sheet.shape[0] - h + 1)), int(rng.integers(sheet.shape[1] - w + 1))
    waves = cv2.resize(sheet[y : y + h, x : x + w], (width, height))
    strength = rng.uniform(0, 14) * rng.uniform(0.3, 1, 3)
    levels = tint - np.arange(256)[:, None] * (strength / 255)
    tints = levels.clip(0, 255).astype(np.uint8).reshape(256, 1, 3)
    return np.asarray(cv2.LUT(cv2.cvtColor(waves, cv2.COLOR_GRAY2BGR), tints), np.uint8)


def _reflection(rng: np.random.Generator, height: int, width: int) -> F32:
    """(height, width) of light that a lamp or a window throws on part of a row, with a soft rim."""
    at_x, at_y = rng.uniform(-0.1, 1.1) * width, rng.uniform(-0.8, 1.8) * height
    across, down = rng.uniform(0.4, 4.0) * height, rng.uniform(0.3, 2.0) * height
    turn = rng.uniform(-0.8, 0.8)
    x = np.arange(width, dtype=np.float32)[None, :] - np.float32(at_x)
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32(at_y)
    far = ((x + turn * y) / across) ** 2 + (y / down) ** 2
    return np.asarray(rng.uniform(15, 150) / (1 + far ** rng.uniform(1.0, 3.0)), np.float32)


def _spoil(patch: U8, rng: np.random.Generator, split: str, em_px: float) -> U8:
    """Light, lens, sensor, sharpening and JPEG, as a photograph's part sees them."""
    width = patch.shape[1]
    gain = np.linspace(rng.uniform(0.75, 1.05), rng.uniform(0.75, 1.05), width, dtype=np.float32)
    if rng.random() < 0.2:  # a shadow's edge
        at, soft = rng.uniform(0, width), rng.uniform(2, 40)
        edge = np.exp((np.arange(width) - at) / soft * rng.choice([-1, 1])).clip(1e-9, 1e9)
        gain = gain * (1 - rng.uniform(0.1, 0.6) / (1 + edge))
    exposure = rng.uniform(0.22, 1.08) if rng.random() < 0.4 else rng.uniform(0.8, 1.05)
    field = gain[None, :, None] * (rng.normal(1, 0.05, 3) * exposure).astype(np.float32)
    veil = 0.0
    if rng.random() < 0.15:  # glare, sleeve: contrast goes
        veil = rng.uniform(10, 120)
    bright = np.multiply(patch, field, dtype=np.float32)
    if rng.random() < 0.25:
        bright += _reflection(rng, patch.shape[0], width)[:, :, None]
    lit = np.asarray(cv2.convertScaleAbs(bright, beta=veil), np.uint8)
    sigma = rng.uniform(0.3, 1.2) if rng.random() < 0.75 else rng.uniform(1.0, 2.0)
    sigma = min(sigma, MOST_BLUR * em_px)
    lit = np.asarray(
        cv2.GaussianBlur(lit, (0, 0), sigma * rng.uniform(0.8, 1.25), sigmaY=sigma), np.uint8
    )
    if rng.random() < 0.15:
        size = int(rng.choice([3, 5]))
        kernel = np.zeros((size, size), np.float32)
        cv2.line(kernel, (0, int(rng.integers(size))), (size - 1, int(rng.integers(size))), 1.0)
        lit = np.asarray(cv2.filter2D(lit, -1, kernel / kernel.sum()), np.uint8)
    lit = add_noise(lit, rng.uniform(0.5, 9), rng, split)
    if rng.random() < 0.35:
        soft_ = cv2.GaussianBlur(lit, (0, 0), 1.2)
        amount = rng.uniform(0.2, 1.2)
        lit = np.asarray(cv2.addWeighted(lit, 1 + amount, soft_, -amount, 0), np.uint8)
    if rng.random() < 0.5:
        quality = int(rng.integers(45, 96))
        lit = np.asarray(
            cv2.imdecode(cv2.imencode(".jpg", lit, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1),
            np.uint8,
        )
    if rng.random() < 0.06:
        lit = np.repeat(cv2.cvtColor(lit, cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2)
    return lit


def draw_line(
    rng: np.random.Generator, split: str, height: int = 32, width: int = 216
) -> LinePicture:
    """One strip of a card, as the engine would sample it.

    An em is as high as 0.67 to 1.0 of the strip: rows are found from their ink and framed. Where
    something else stands in the row it is less, and the text out of the middle.
    """
    is_roomy = rng.random() < 0.25
    em_net = height * (rng.uniform(0.45, 0.7) if is_roomy else rng.uniform(0.67, 1.0))
    em_px = float(np.exp(rng.uniform(np.log(15), np.log(44))))  # px of the camera
    scale = em_px / em_net
    patch_w, patch_h = int(width * scale) + 8, int(height * scale) + 8
    paper = _paper(rng, split, patch_h, patch_w, em_px)
    x = rng.uniform(0.05, 0.6) * em_px + 4
    top = (patch_h - em_px) / 2 + rng.normal(0, 0.04) * em_px
    if is_roomy:
        top = (patch_h - em_px) * rng.uniform(0.1, 0.95)
        if rng.random() < 0.5:
            top = (patch_h - em_px) * rng.uniform(0.7, 1.0)
            _lay_second_script(paper, rng, em_px, x + rng.uniform(-1, 2) * em_px, top)
    pieces = _pieces(rng, split, (patch_w - x) / em_px)
    chars, spans = _lay_pieces(paper, pieces, rng, split, em_px, x, top)
    if rng.random() < 0.15:  # a row above or below looks in
        away = rng.uniform(1.12, 1.4) * rng.choice([-1, 1]) * em_px
        others = _pieces(rng, split, 0.8 * patch_w / em_px)
        _lay_pieces(paper, others, rng, split, em_px, x, top + away)
    if rng.random() < 0.08:  # a coat's edge
        edge = int(rng.uniform(0.85, 1) * patch_w)
        if not spans or spans[-1][1] < edge:
            paper[:, edge:] = rng.integers(20, 220, 3)
    patch = _spoil(paper, rng, split, em_px)
    image, spans_px = _sampled(patch, rng, scale, height, width, spans, top + em_px / 2)
    return LinePicture(image, tuple(chars), spans_px)


def _sampled(
    patch: U8,
    rng: np.random.Generator,
    scale: float,
    height: int,
    width: int,
    spans: list[tuple[float, float]],
    middle_px: float,
) -> tuple[U8, F32]:
    """The strip that the engine would sample from a patch, a little turned and sheared, and the spans on it.

    scale: px of the patch to one of the strip; spans, middle_px: of the print on the patch.
    """
    turn, shear = rng.normal(0, 0.006), rng.normal(0, 0.02)
    to_patch = np.array([[scale, shear * scale, 4.0], [turn * scale, scale, 4.0]])
    to_patch[:, 2] -= (
        to_patch[:, :2] @ np.array([width / 2, height / 2]) - scale * np.array([width, height]) / 2
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    image = cv2.warpAffine(
        patch, to_patch, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    ends = np.array(spans, np.float64).reshape(-1, 2)
    inverse = cv2.invertAffineTransform(to_patch)
    at = (ends - 0.5) * inverse[0, 0] + middle_px * inverse[0, 1] + inverse[0, 2] + 0.5
    return np.asarray(image, np.uint8), np.asarray(at, np.float32)


def draw_number(rng: np.random.Generator, split: str, number: str, height: int = 48) -> U8:
    """The strip of a citizen number's row as the engine samples it: (height, W, 3), W a multiple of 6."""
    em_px = float(np.exp(rng.uniform(np.log(17), np.log(44))))  # px of the camera
    scale = em_px / (height * rng.uniform(0.7, 0.85))
    ink: Ink = (dark := int(rng.integers(8, 90)), dark, dark)
    squeeze, tracking = rng.uniform(0.93, 1.07), rng.uniform(0, 0.09)
    piece = _Piece(number, NUMBER[split], 1.0, ink, 0.0, squeeze, rng.normal(0.1, 0.4), tracking)
    line = set_line(number, piece.face, split, tracking)
    ems = (line.mask.shape[1] / EM_PX) * squeeze + 1.0
    width = round(ems * em_px / scale / 6) * 6
    patch_w, patch_h = int(width * scale) + 8, int(height * scale) + 8
    paper = _paper(rng, split, patch_h, patch_w, em_px)
    top = (patch_h - em_px) / 2 + rng.normal(0, 0.04) * em_px
    _, spans = _lay_pieces(paper, [piece], rng, split, em_px, 0.5 * em_px + 4, top)
    patch = _spoil(paper, rng, split, em_px)
    return _sampled(patch, rng, scale, height, width, spans, top + em_px / 2)[0]
