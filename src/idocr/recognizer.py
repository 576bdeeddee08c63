"""The stages in order: decode, locate, sample, infer, decode text, judge.

No pixel arithmetic and no vendor's words here: each stage lives in the module that its call names.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from . import _core, fields, judge
from .errors import ArgumentError
from .fields import Draft, SideText
from .image import ImageInput, Limits, Picture, load
from .layout import (
    CARD_MM,
    EMBLEM_ROWS,
    INK_PX_PER_MM,
    NUMBER_ROW,
    PORTRAIT_ROWS,
    BoxMm,
)
from .lines import Line, LineChar, read_line
from .models import LocatorModel, RecognizerModel, _shipped_folder
from .reading import Char, Field, Portrait, Quad, Reading, Side
from .strips import Strip, card_to_picture, map_box

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]
if TYPE_CHECKING:
    from .wire.megvii import Answer

SideName = Literal["auto", "portrait", "emblem"]

# A picture finer than this is halved first: bilinear sampling skips pixels beyond a factor of two.
MOST_PX_PER_MM = 22.0
# Coarser than this, a picture decoded at reduced scale is decoded again with all its pixels.
LEAST_PX_PER_MM = 10.0
# The locator's kinds that are this project's cards, and the probability below which the print must
# prove what the locator doubts.
CARD_KINDS = ("portrait", "emblem")
LEAST_CARD = 0.03
SURE_CARD = 0.85
# A side with an edge along less of its length is worth a second look: of 198 specimens 11 were off by
# more than 2 % of the card's width after one look, 4 after two.
SURE_SUPPORT = 0.75
PROOF = 2  # evidence of the print that settles side and turn


@dataclass
class Stopwatch:
    """Milliseconds of each stage, in order."""

    stage_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            passed = (time.perf_counter() - start) * 1000
            self.stage_ms[name] = self.stage_ms.get(name, 0.0) + passed


@dataclass(frozen=True)
class Card:
    """A card's place in a picture. `to_px` maps card mm to px of `bgr`."""

    bgr: U8
    scale: float  # px of the given picture to one of bgr
    corners: F64  # (4, 2) px of bgr
    support: tuple[float, float, float, float]
    kinds: Mapping[str, float]

    @property
    def to_px(self) -> F64:
        return card_to_picture(self.corners)

    @property
    def px_per_mm(self) -> float:
        top = float(np.linalg.norm(self.corners[1] - self.corners[0]))
        bottom = float(np.linalg.norm(self.corners[2] - self.corners[3]))
        return max(top, bottom) / CARD_MM[0]

    def rescaled(self, bgr: U8) -> Card:
        """The same card in the same picture at another size."""
        ratio = bgr.shape[1] / self.bgr.shape[1]
        corners = (self.corners + 0.5) * ratio - 0.5
        return Card(bgr, self.scale / ratio, corners, self.support, self.kinds)

    def turned_over(self) -> Card:
        """The same card taken to stand on its head."""
        return Card(
            self.bgr,
            self.scale,
            np.ascontiguousarray(np.roll(self.corners, 2, axis=0)),
            (self.support[2], self.support[3], self.support[0], self.support[1]),
            self.kinds,
        )

    def in_picture(self, quad: Quad) -> Quad:
        """From px of bgr to px of the picture as given."""
        a, b, c, d = (((x + 0.5) * self.scale - 0.5, (y + 0.5) * self.scale - 0.5) for x, y in quad)
        return a, b, c, d

    @property
    def quad(self) -> Quad:
        a, b, c, d = self.corners.tolist()
        return self.in_picture(((a[0], a[1]), (b[0], b[1]), (c[0], c[1]), (d[0], d[1])))

    @property
    def turn_degrees(self) -> int:
        x, y = self.corners[1] - self.corners[0] + self.corners[2] - self.corners[3]
        return round(float(np.degrees(np.arctan2(y, x))) / 90) % 4 * 90


class Recognizer:
    """Reads PRC resident ID cards. Safe to share between threads: it keeps no state of a call.

    models: a folder with `recognizer.onnx` or `locator.onnx` (and MODELS.toml, whose sha256 is then
    checked) to use in place of the ones that ship. threads: those of one network's run. limits:
    what pictures are accepted. Raises ModelError for a missing or damaged file.
    """

    def __init__(
        self,
        models: str | os.PathLike[str] | None = None,
        threads: int = 1,
        *,
        limits: Limits | None = None,
    ) -> None:
        if not isinstance(threads, int) or threads < 1:
            raise ArgumentError("threads", "must be a whole number from 1")
        folder = Path(models) if models is not None else _shipped_folder()
        self.limits = limits or Limits()
        self._locator = LocatorModel(folder, threads)
        self._reader = RecognizerModel(folder, threads)
        self._grammars = fields.Grammars(self._reader.class_of)

    def recognize(
        self, image: ImageInput, *, return_portrait: bool = False, side: SideName = "auto"
    ) -> Answer:
        """Megvii's answer for one picture; see `idocr.recognize`."""
        from .wire import megvii

        start = time.perf_counter()
        reading = self.read(image, side=side, portrait_jpeg=return_portrait)
        return megvii.answer(
            reading,
            return_portrait=return_portrait,
            time_used_ms=round((time.perf_counter() - start) * 1000),
        )

    def read(
        self, image: ImageInput, *, side: SideName = "auto", portrait_jpeg: bool = False
    ) -> Reading:
        """The engine's own answer: everything found in one picture.

        image: see `idocr.recognize`. side: what to read the card as; "auto" finds out.
        portrait_jpeg: also cut out the portrait.
        """
        if side not in ("auto", *CARD_KINDS):
            raise ArgumentError("side", 'must be "auto", "portrait" or "emblem"')
        watch = Stopwatch()
        with watch.stage("decode"):
            picture = load(image, self.limits)
        size = (picture.width_px, picture.height_px)
        with watch.stage("locate"):
            card, kinds = self._locate(picture)
        if card is None:
            return Reading(None, size, kinds, stage_ms=watch.stage_ms)
        card, text = self._read_text(card, side, watch)
        if text is None:
            return Reading(None, size, kinds, stage_ms=watch.stage_ms)
        with watch.stage("judge"):
            return self._judge(picture, card, text, portrait_jpeg, watch)

    # ---- locate -------------------------------------------------------------------------------

    def _locate(self, picture: Picture) -> tuple[Card | None, dict[str, float]]:
        """Look at the whole picture; where a side of the card found is doubtful, look again closely."""
        height, width = picture.bgr.shape[:2]
        gray = np.asarray(cv2.cvtColor(picture.bgr, cv2.COLOR_BGR2GRAY), np.uint8)
        card, kinds = self._look(picture, gray, (0, 0, width, height))
        if card is None:
            return None, kinds
        if min(card.support) < SURE_SUPPORT:
            closer, _ = self._look(picture, gray, window_around(card.corners, width, height))
            if closer and sum(closer.support) > sum(card.support):
                card = closer
        if card.px_per_mm < LEAST_PX_PER_MM and picture.encoded:
            card = card.rescaled(picture.at_full_scale().bgr)
        while card.px_per_mm > MOST_PX_PER_MM:
            half = cv2.resize(card.bgr, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            card = card.rescaled(np.ascontiguousarray(half))
        return card, kinds

    def _look(
        self, picture: Picture, gray: U8, window: tuple[int, int, int, int]
    ) -> tuple[Card | None, dict[str, float]]:
        """Run the locator on a window (left, top, right, bottom) and refine what it proposes."""
        left, top, right, bottom = window
        located = self._locator.run(picture.bgr[top:bottom, left:right])
        kinds = located.kind
        if judge.sum_of(kinds, *CARD_KINDS) < LEAST_CARD:
            return None, kinds
        proposed = _core.propose_card_quad(located.heat, located.heat_stride)
        if proposed is None:
            return None, kinds
        corners = cv2.perspectiveTransform(np.array([proposed[0]]), located.to_picture)[0]
        corners = np.ascontiguousarray(corners + np.array([left, top]), np.float64)
        refined, support = _core.refine_card_quad(gray, corners)
        return Card(picture.bgr, picture.scale, np.array(refined), support, kinds), kinds

    # ---- sample, infer, decode text -------------------------------------------------------------

    def _read_text(
        self, card: Card, side: SideName, watch: Stopwatch
    ) -> tuple[Card, SideText | None]:
        """Read the card as what it seems to be; if the print disagrees, as what else it may be."""
        sides = list(Side) if side == "auto" else [Side[side.upper()]]
        if card.kinds["emblem"] > card.kinds["portrait"]:
            sides.reverse()
        best: tuple[Card, SideText] | None = None
        for view in (card, card.turned_over()):
            for candidate in sides:
                text = self._read_side(view, candidate, watch)
                if text.evidence >= PROOF:
                    return view, text
                if text.evidence > (best[1].evidence if best else 0):
                    best = (view, text)
        if best:
            return best
        if judge.sum_of(card.kinds, *CARD_KINDS) >= SURE_CARD:
            return card, SideText(sides[0], {})  # surely a card, though nothing on it can be read
        return card, None

    def _read_side(self, card: Card, side: Side, watch: Stopwatch) -> SideText:
        with watch.stage("rows"):
            ink = ink_map(card)
            regions = [PORTRAIT_ROWS, NUMBER_ROW] if side is Side.PORTRAIT else [EMBLEM_ROWS]
            rows = [find_rows(ink, region) for region in regions]
        lines = [[self._read_row(card, row, watch) for row in found] for found in rows]
        with watch.stage("decode text"):
            if side is Side.PORTRAIT:
                return fields.draft_portrait_side(lines[0], lines[1], self._grammars)
            return fields.draft_emblem_side(lines[0], self._grammars)

    def _read_row(self, card: Card, row: BoxMm, watch: Stopwatch) -> Line:
        with watch.stage("read"):
            strip = Strip.around(row, self._reader.HEIGHT_PX)
            return read_line(strip, card.bgr, card.to_px, self._reader)

    # ---- judge ----------------------------------------------------------------------------------

    def _judge(
        self, picture: Picture, card: Card, text: SideText, portrait_jpeg: bool, watch: Stopwatch
    ) -> Reading:
        checked = fields.cross_check(text)
        judged = {name: judge_field(name, draft, card) for name, draft in checked.items()}
        upright = judge.upright_card(card.bgr, card.to_px)
        measures = judge.LegalityMeasures(
            chroma=judge.measure_chroma(upright),
            moire=judge.measure_moire(card.bgr, card.to_px),
            editor=float(judge.names_editor(picture.metadata)),
            temporary=text.temporary,
        )
        size = (picture.width_px, picture.height_px)
        quads = [f.quad for f in judged.values() if f.quad]
        unread = sum(not f.text for f in judged.values())
        return Reading(
            side=text.side,
            size_px=size,
            kinds=card.kinds,
            card_quad=card.quad,
            card_support=card.support,
            turn_degrees=card.turn_degrees,
            fields=judged,
            portrait=find_portrait(card, upright, portrait_jpeg)
            if text.side is Side.PORTRAIT
            else None,
            legality=judge.legality(measures),
            completeness=judge.completeness(card.quad, size, quads, unread),
            stage_ms=watch.stage_ms,
        )


def window_around(corners: F64, width: int, height: int) -> tuple[int, int, int, int]:
    """The corners' bounding box with a tenth of the card around it, inside the picture."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = 0.1 * float((high - low).max())
    left, top = np.clip(low - margin, 0, (width - 32, height - 32)).astype(int).tolist()
    right, bottom = (
        np.clip(high + margin, (left + 32, top + 32), (width, height)).astype(int).tolist()
    )
    return left, top, right, bottom


def ink_map(card: Card) -> U8:
    """How much darker than its surroundings each spot of the upright card is, at 6 px/mm.

    Closing fills strokes up to 1.6 mm wide with the paper around them.
    """
    width, height = (round(side * INK_PX_PER_MM) for side in CARD_MM)
    to_mm = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, INK_PX_PER_MM]]) / INK_PX_PER_MM
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    bgr = card.bgr
    to_px = card.to_px
    if card.px_per_mm > 1.9 * INK_PX_PER_MM:
        bgr = np.asarray(
            cv2.resize(bgr, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8
        )
        to_px = np.array([[0.5, 0, -0.25], [0, 0.5, -0.25], [0, 0, 1]]) @ to_px
    warped = cv2.warpPerspective(
        bgr, to_px @ to_mm, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    # Blue labels and black print are both dark in red light; the tinted paper is not.
    dark = np.ascontiguousarray(warped[:, :, 2])
    size = round(1.6 * INK_PX_PER_MM)
    paper = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    return np.asarray(cv2.subtract(paper, dark), dtype=np.uint8)


def find_rows(ink: U8, region: BoxMm) -> list[BoxMm]:
    px = INK_PX_PER_MM
    left, top, right, bottom = (
        round(v * px) for v in (region.left, region.top, region.right, region.bottom)
    )
    found = _core.find_text_rows(ink, left, top, right, min(bottom, ink.shape[0]), px)
    return [BoxMm(x0 / px, y0 / px, x1 / px, y1 / px) for x0, y0, x1, y1, _ in found]


def judge_field(name: str, draft: Draft, card: Card) -> Field:
    """Positions on the card become quads in the picture; measures become quality."""
    if not draft.text:
        return Field(name, raw=draft.raw, valid=draft.valid)
    chars = [c for line, line_chars in draft.pieces for c in place_chars(line, line_chars, card)]
    measures = [m for line, line_chars in draft.pieces for m in line.measure(line_chars)]
    confidence = float(np.prod([c.confidence for c in chars])) if chars else 0.0
    return Field(
        name=name,
        text=draft.text,
        raw=draft.raw,
        valid=draft.valid,
        confidence=confidence,
        quality=judge.field_quality(measures),
        logic=int(bool(draft.problems)),
        problems=draft.problems,
        quad=card.in_picture(map_box(card.to_px, outline(draft))),
        chars=tuple(chars),
        measures=tuple(measures),
    )


def outline(draft: Draft) -> BoxMm:
    """The box around all of a field's characters, on the card."""
    spans = [line.strip.span(c.left_mm, c.right_mm) for line, chars in draft.pieces for c in chars]
    return BoxMm(
        min(s.left for s in spans),
        min(s.top for s in spans),
        max(s.right for s in spans),
        max(s.bottom for s in spans),
    )


def place_chars(line: Line, chars: tuple[LineChar, ...], card: Card) -> Iterator[Char]:
    for char in chars:
        quad = map_box(card.to_px, line.strip.span(char.left_mm, char.right_mm))
        yield Char(char.text, char.confidence, card.in_picture(quad), char.alternatives)


def find_portrait(card: Card, upright: U8, cut_out: bool) -> Portrait | None:
    face = judge.find_face(upright)
    if face is None:
        return None
    quad = map_box(card.to_px, face.box)
    jpeg = b""
    if cut_out:
        strip = Strip(face.box, face.box, *portrait_size(face.box, card.px_per_mm))
        pixels = strip.sample(card.bgr, card.to_px)
        bgr = ((pixels.transpose(1, 2, 0) + 1) * 127.5 + 0.5).clip(0, 255).astype(np.uint8)
        jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
    return Portrait(card.in_picture(quad), face.evidence, jpeg)


def portrait_size(box: BoxMm, px_per_mm: float) -> tuple[int, int]:
    """Width and height in px at the picture's own resolution."""
    return max(2, round(box.width * px_per_mm)), max(2, round(box.height * px_per_mm))
