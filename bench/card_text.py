"""From lines of text with boxes to the fields of a card: what a careful user of rapidocr writes.

Works in a frame of its own, in which the lines lie level and the print stands upright, so the turn of
the card in the picture does not matter. Labels may be boxes of their own or fused with their values,
and one character of a label may be misread. Nothing here knows idocr.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from rapidocr_card import EMBLEM_LABELS, LABELS, Box, text_direction, turned

PORTRAIT_WORDS = ("姓名", "性别", "民族", "出生", "住址", "公民身份号码")
EMBLEM_WORDS = ("签发机关", "有效期限")
TITLES = ("中华人民共和国", "居民身份证", "临时居民身份证")
NUMBER = re.compile(r"\d{17}[\dX]")
BIRTH = re.compile(r"(\d{4})\D{0,3}年?\D{0,2}?(\d{1,2})[月\D]\D{0,2}?(\d{1,2})")
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
GAP = 3.0  # heights of a line: what lies further off on its row belongs to something else
SIMPLIFIED = str.maketrans("漢滿壯蒙維爾東鮮鄉錫納麗達烏茲別", "汉满壮蒙维尔东鲜乡锡纳丽达乌孜别")
Quad = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class TextField:
    text: str
    confidence: float  # the lowest score of the boxes it comes from
    quad: Quad | None  # lt, rt, rb, lb as printed, around all of them, px; labels fused with it too


@dataclass
class CardText:
    """What the boxes say about a card. side: None when they speak of none."""

    side: str | None = None
    turn_degrees: float = 0.0  # clockwise turn of the print in the picture
    fields: dict[str, TextField] = field(default_factory=dict)
    evidence: int = 0  # labels in their places and fields that keep their grammar
    words: str = ""  # all text in reading order, labels of their own left out, without spaces


@dataclass(frozen=True)
class Piece:
    """A box in the upright frame. u runs along the lines, v down; px of the picture."""

    text: str
    box: Box
    u0: float
    u1: float
    v: float  # of the centre
    height: float
    ramp: float  # dv / du of its own long side: perspective makes lines fan out

    @property
    def is_long(self) -> bool:
        return self.u1 - self.u0 > 1.6 * self.height

    def v_at(self, u: float, ramp: float) -> float:
        return self.v + ramp * (u - (self.u0 + self.u1) / 2)


def plain(text: str) -> str:
    return "".join(text.split())


def _piece(box: Box, degrees: float) -> Piece:
    corners = sorted((turned(p, degrees) for p in box.quad), key=lambda p: p[0])
    (left, right) = (
        tuple(sum(c) / 2 for c in zip(*pair, strict=True)) for pair in (corners[:2], corners[2:])
    )
    length = max(right[0] - left[0], 1e-6)
    height = (abs(corners[1][1] - corners[0][1]) + abs(corners[3][1] - corners[2][1])) / 2
    ramp = (right[1] - left[1]) / length
    v = (left[1] + right[1]) / 2
    return Piece(plain(box.text), box, left[0], right[0], v, max(height, 1.0), ramp)


def _offset(a: Piece, b: Piece) -> float:
    """How far b's line lies below a's, in heights of a, seen where they meet."""
    ramps = [p.ramp for p in (a, b) if p.is_long]
    ramp = sum(ramps) / len(ramps) if ramps else 0.0
    u = (max(a.u0, b.u0) + min(a.u1, b.u1)) / 2
    return (b.v_at(u, ramp) - a.v_at(u, ramp)) / a.height


def _same_row(a: Piece, b: Piece) -> bool:
    return abs(_offset(a, b)) < 0.6


def _right_of(a: Piece, b: Piece) -> bool:
    """Whether b starts about where a ends, or later."""
    return b.u0 > a.u1 - 0.7 * a.height


# ---- labels ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Label:
    word: str
    piece: Piece
    rest: str  # what the box says after the label
    exact: bool


def _is_near(start: str, word: str) -> bool:
    """One character is wrong, or the last of a long label is missing and nothing follows."""
    if len(start) < len(word):
        return len(word) > 3 and start == word[:-1]
    return sum(x != y for x, y in zip(start, word, strict=True)) == 1


def _find_labels(pieces: Sequence[Piece], words: Iterable[str]) -> dict[str, Label]:
    """The best box for each word: exact first; else one wrong character, where it stands like a label."""
    found: dict[str, Label] = {}
    for word in words:
        for piece in pieces:
            if piece.text.startswith(word):
                found.setdefault(word, Label(word, piece, piece.text[len(word) :], True))
    taken = {id(label.piece) for label in found.values()}
    lefts = [label.piece for label in found.values() if label.word != "民族"]
    for word in words:
        if word in found:
            continue
        for piece in pieces:
            start = piece.text[: len(word)]
            near = _is_near(start, word)
            in_column = word == "民族" or any(abs(p.u0 - piece.u0) < 1.2 * p.height for p in lefts)
            if near and id(piece) not in taken and in_column:
                found[word] = Label(word, piece, piece.text[len(start) :], False)
                taken.add(id(piece))
                break
    return found


# ---- values ---------------------------------------------------------------------------------------


def _field(text: str, pieces: Sequence[Piece], degrees: float) -> TextField:
    return TextField(text, min(p.box.score for p in pieces), _around(pieces, degrees))


def _around(pieces: Sequence[Piece], degrees: float) -> Quad:
    """lt, rt, rb, lb of the print. One box as it is; of several, the upright rectangle around them."""
    points = [turned(p, degrees) for piece in pieces for p in piece.box.quad]
    if len(pieces) == 1:
        start = min(range(4), key=lambda i: points[i][0] + points[i][1])
        quad = pieces[0].box.quad[start:] + pieces[0].box.quad[:start]
        a, b = (points[(start + k) % 4] for k in (1, 3))
        return quad if a[0] > b[0] else (quad[0], quad[3], quad[2], quad[1])
    u0, u1 = min(u for u, _ in points), max(u for u, _ in points)
    v0, v1 = min(v for _, v in points), max(v for _, v in points)
    return tuple(turned(p, -degrees) for p in ((u0, v0), (u1, v0), (u1, v1), (u0, v1)))


def _row_value(label: Label, pieces: Sequence[Piece], stop: set[int]) -> tuple[str, list[Piece]]:
    """What stands on the label's row: the rest of its box, then boxes to the right, up to a label."""
    text, used = label.rest, [label.piece] if label.rest else []
    right = [
        p
        for p in pieces
        if p is not label.piece and _right_of(label.piece, p) and _same_row(label.piece, p)
    ]
    end = label.piece.u1
    for piece in sorted(right, key=lambda p: p.u0):
        if id(piece) in stop or piece.u0 - end > GAP * label.piece.height:
            break
        text += piece.text
        used.append(piece)
        end = piece.u1
    return text, used


def _block(label: Label, candidates: Iterable[Piece]) -> tuple[str, list[Piece]]:
    """A value of several lines: they start below each other, or go on to the right on their row.

    Its first line may lie on the label's row or above it; `candidates` are the boxes at a fitting height.
    """
    anchor, height = label.piece, label.piece.height
    near = [p for p in candidates if p is not anchor and 0.5 < p.height / height < 1.9]
    right = [p for p in near if _right_of(anchor, p) and p.u0 - anchor.u1 < GAP * height]
    if label.rest:
        text, used = label.rest, [anchor]
        # Where the value starts in the box is a matter of its characters' widths.
        share = len(label.word) / max(len(anchor.text), 1)
        start = anchor.u0 + share * (anchor.u1 - anchor.u0)
    elif right:
        text, used, start = "", [], min(p.u0 for p in right)
    else:
        return "", []
    for piece in _lines(near):
        level = abs(piece.u0 - start) < 1.5 * height
        goes_on = any(
            _same_row(u, piece) and -height < piece.u0 - u.u1 < GAP * height for u in used
        )
        if level or goes_on:
            text += piece.text
            used.append(piece)
    return text, used


def _lines(pieces: Iterable[Piece]) -> list[Piece]:
    """In reading order: by rows, each from the left."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.v):
        row = next((r for r in rows if _same_row(r[-1], piece) or _same_row(piece, r[-1])), None)
        if row is None:
            rows.append([piece])
        else:
            row.append(piece)
    return [p for row in rows for p in sorted(row, key=lambda p: p.u0)]


@dataclass
class _Reader:
    pieces: list[Piece]
    degrees: float
    labels: dict[str, Label]
    fields: dict[str, TextField] = field(default_factory=dict)

    def put(self, name: str, text: str, pieces: Sequence[Piece]) -> None:
        if text and pieces:
            self.fields[name] = _field(text, pieces, self.degrees)

    @property
    def label_ids(self) -> set[int]:
        return {id(label.piece) for label in self.labels.values()}

    def row(self, word: str) -> tuple[str, list[Piece]]:
        label = self.labels.get(word)
        return _row_value(label, self.pieces, self.label_ids) if label else ("", [])

    # -- the portrait side

    def number_piece(self) -> Piece | None:
        """The box with the number, or with the most of it."""

        def digits(piece: Piece) -> int:
            runs = re.findall(r"[\dXx×]+", piece.text)
            return max(map(len, runs), default=0)

        best = max(self.pieces, key=digits, default=None)
        return best if best is not None and digits(best) >= 12 else None

    def read_number(self) -> None:
        piece = self.number_piece()
        if piece is None:
            return
        text, used = piece.text, [piece]
        for other in sorted(self.pieces, key=lambda p: p.u0):  # a number cut in two
            part = other is not piece and re.fullmatch(r"[\dXx×]+", other.text)
            if part and len(text) < 18 and _same_row(piece, other):
                text = text + other.text if other.u0 > piece.u0 else other.text + text
                used.append(other)
        text = text.replace("x", "X").replace("×", "X")
        found = NUMBER.search(text)
        runs = re.findall(r"[\dX]+", text)
        self.put("id_number", found.group() if found else max(runs, key=len), used)

    def read_gender(self) -> None:
        text, used = self.row("性别")
        if not text:
            used = [p for p in self.pieces if p.text in ("男", "女")][:1]
            text = used[0].text if used else ""
        found = re.search(r"[男女]", text)
        self.put("gender", found.group() if found else text[:1], used[:1])
        rest = text[found.end() :] if found else ""  # "性别男民族汉" in one box
        if (fused := re.match(r"民族?|.族", rest)) and "民族" not in self.labels:
            self.put("ethnicity", rest[fused.end() :].translate(SIMPLIFIED), used)

    def read_ethnicity(self) -> None:
        text, used = self.row("民族")
        text = "".join(HAN.findall(text)).translate(SIMPLIFIED)
        self.put("ethnicity", text, used)

    def read_birth(self) -> None:
        text, used = self.row("出生")
        found = BIRTH.search(text)
        if found is None:
            used = [p for p in self.pieces if "年" in p.text and BIRTH.search(p.text)][:1]
            found = BIRTH.search(used[0].text) if used else None
        if found is None:
            return
        used = [p for p in used if re.search(r"\d", p.text)]
        for name, part in zip(("year", "month", "day"), found.groups(), strict=True):
            self.put(f"birth_{name}", part.lstrip("0") if name != "year" else part, used)

    def free(self, anchor: Piece, low: float, high: float) -> list[Piece]:
        """Boxes that are no labels, whose lines lie low..high heights below the anchor's."""
        return [
            p
            for p in self.pieces
            if p is not anchor
            and id(p) not in self.label_ids
            and low < _offset(anchor, p) < high
            and "SPECIMEN" not in p.text.upper()
        ]

    def read_name(self) -> None:
        """Right of 姓名; a long name takes two lines, and its label may be lost."""
        label = self.labels.get("姓名")
        below = self.labels.get("性别") or self.labels.get("民族") or self.labels.get("出生")
        if label is not None:
            floor = _offset(label.piece, below.piece) - 0.7 if below else 1.3
            near = self.free(label.piece, -1.4, min(floor, 1.4))
            text, used = _block(label, [p for p in near if HAN.search(p.text)])
        elif below is not None:
            height = below.piece.height
            lines = [
                p
                for p in self.free(below.piece, -4.5, -1)
                if HAN.search(p.text) and abs(p.u0 - below.piece.u1) < 3 * height
            ]
            used = sorted(lines, key=lambda p: p.v)[-1:]
            text = "".join(p.text for p in used)
        else:
            return
        text = re.sub(r"[.•・∙‧]", "·", text)
        self.put("name", re.sub(r"[^\u3400-\u9fff\U00020000-\U0003ffff·]", "", text), used)

    def read_address(self) -> None:
        """From 住址 down to the number's row; where 住址 was not read, below the birth date."""
        end = self.number_piece() or (
            self.labels["公民身份号码"].piece if "公民身份号码" in self.labels else None
        )
        label = self.labels.get("住址")
        if label is not None:
            near, anchor = self.free(label.piece, -0.6, 7), label
        else:
            birth = [p for p in self.pieces if "年" in p.text and BIRTH.search(p.text)][:1]
            if not birth:
                return
            near = self.free(birth[0], 0.7, 7)
            left = replace(birth[0], u1=birth[0].u0)  # as if a label ended where the date begins
            if "出生" in birth[0].text:
                left = replace(left, u1=birth[0].u0 + 3 * birth[0].height)
            anchor = Label("", left, "", False)
        near = [p for p in near if end is None or (p is not end and _offset(p, end) > 0.6)]
        text, used = _block(anchor, [p for p in near if p.box.score > 0.4])
        self.put("address", text, used)

    # -- the emblem side

    def read_authority(self) -> None:
        label = self.labels.get("签发机关")
        if label is None:
            return
        below = self.labels.get("有效期限")
        floor = _offset(label.piece, below.piece) - 0.6 if below else 1.6
        near = self.free(label.piece, -1.4, min(floor, 1.6))
        near = [p for p in near if HAN.search(p.text) and not re.search(r"\d{4}", p.text)]
        text, used = _block(label, near)
        self.put("issued_by", text, used)

    def read_validity(self) -> None:
        text, used = self.row("有效期限")
        pattern = re.compile(r"\d{4}\D?\d{2}\D?\d{2}.{0,3}?(\d{4}\D?\d{2}\D?\d{2}|长期|长|期)")
        if not pattern.search(text):
            number = self.number_piece()  # eighteen digits look like two dates
            others = [p for p in self.pieces if p is not number and pattern.search(p.text)][:1]
            if others:
                text, used = others[0].text, others
        digits = re.sub(r"\D", "", text)
        if len(digits) >= 8:
            self.put("valid_from", digits[:8], used)
        if len(digits) >= 16:
            self.put("valid_to", digits[8:16], used)
        elif re.search(r"长|期$", text):
            self.put("valid_to", "长期", used)

    def read(self) -> None:
        self.read_number()
        self.read_gender()
        if "民族" in self.labels:
            self.read_ethnicity()
        self.read_birth()
        self.read_name()
        self.read_address()
        self.read_authority()
        self.read_validity()


def _order(labels: dict[str, Label], words: Sequence[str]) -> int:
    heights = [labels[word].piece.v for word in words if word in labels]
    return sum((b > a) - (b < a) for a, b in pairwise(heights))


def _evidence(reader: _Reader) -> int:
    fields = reader.fields
    score = len(fields) + sum(label.exact for label in reader.labels.values())
    score += 2 * _order(reader.labels, LABELS) + 2 * _order(reader.labels, EMBLEM_LABELS)
    gender = fields.get("gender")
    score += gender is not None and gender.text in ("男", "女")
    return score


def _words(pieces: Sequence[Piece]) -> str:
    """Everything but labels, the way the lines run: a long value on two lines stays together."""
    alone = {*PORTRAIT_WORDS, *EMBLEM_WORDS, *TITLES}
    return "".join(p.text for p in _lines(pieces) if p.text not in alone)


def _read_at(boxes: Sequence[Box], degrees: float) -> CardText:
    pieces = [_piece(box, degrees) for box in boxes if plain(box.text)]
    labels = _find_labels(pieces, (*PORTRAIT_WORDS, *EMBLEM_WORDS))
    reader = _Reader(pieces, degrees, labels)
    titles = sum(p.text.endswith(TITLES) for p in pieces)
    has_number = any(NUMBER.search(p.text.upper()) for p in pieces)
    portrait = sum(word in labels for word in PORTRAIT_WORDS) + 2 * has_number
    emblem = sum(2 * (word in labels) for word in EMBLEM_WORDS) + titles
    found = CardText(turn_degrees=degrees % 360)
    if max(portrait, emblem) >= 2:  # one label alone stands on many a form
        reader.read()
        found.side = "portrait" if portrait >= emblem else "emblem"
        found.fields = reader.fields
        found.evidence = _evidence(reader)
    found.words = _words(pieces)
    return found


def read_card(boxes: Sequence[Box]) -> CardText:
    """The fields, in whichever of the four turns of the text's direction they make most sense."""
    base = text_direction(boxes)
    readings = [_read_at(boxes, base + quarter) for quarter in (0.0, 180.0, 90.0, -90.0)]
    return max(readings, key=lambda r: (r.side is not None, r.evidence))


def best_pass(passes: Sequence[Sequence[Box]]) -> CardText:
    """The reading with most evidence; of equal ones the last, which read the most upright picture."""
    readings = [read_card(boxes) for boxes in reversed(passes)]
    return max(readings, key=lambda r: (r.side is not None, r.evidence))
