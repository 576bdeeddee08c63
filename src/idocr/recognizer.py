"""The stages in order: decode, locate, sample, infer, decode text, judge.

No pixel arithmetic and no vendor's words here: each stage lives in the module that its call names.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import cv2
import numpy as np
from numpy.typing import NDArray

from . import _core, evidence, fields, judge, rules, unread
from .agreement import with_agreement
from .card import Card, Window, find_rows, halves, window_around
from .confidence import Calibration, card_odds, features
from .divisions import with_known_divisions
from .errors import ArgumentError
from .fields import Draft, SideText
from .image import ImageInput, Limits, Picture, load
from .language import with_language
from .layout import (
    CARD_MM,
    COLOUR_PX_PER_MM,
    EMBLEM_ROWS,
    NUMBER_ROW,
    PORTRAIT_ROWS,
    TEMPORARY_ROWS,
    BoxMm,
)
from .lines import Line, read_lines
from .models import (
    LegalityModel,
    LocatorModel,
    QualityModel,
    RecognizerModel,
    shipped_folder,
)
from .reading import Char, Field, Portrait, Quad, Reading, Side
from .repair import with_repaired_number
from .strips import Strip
from .visibility import Paper, Print, look

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]
if TYPE_CHECKING:
    from .wire import FormatName, OtherFormat
    from .wire.megvii import Answer

SideName = Literal["auto", "portrait", "emblem"]

# A picture finer than this is halved first: bilinear sampling skips pixels beyond a factor of two.
MOST_PX_PER_MM = 22.0
# Coarser than this, a picture decoded at reduced scale is decoded again with all its pixels.
LEAST_PX_PER_MM = 10.0
# The locator's kinds that are this project's cards; below the least probability a picture is given up,
# above the sure one two halves of it are looked at when the whole gives no card.
SIDE_KINDS = {
    Side.PORTRAIT: ("portrait", "bilingual_portrait", "temporary", "permit_portrait"),
    Side.EMBLEM: ("emblem", "bilingual_emblem", "permit_emblem"),
}
LEAST_CARD = 0.03
SURE_CARD = 0.85
# A side with an edge along less of its length is worth a second look: of 198 specimens 11 were off by
# more than 2 % of the card's width after one look, 4 after two.
SURE_SUPPORT = 0.75
PROOF = 2  # evidence of the print that settles side and turn
LIKELY_CARD, MORE_PROOF = (
    0.5,
    3,
)  # of what the locator takes for something else, such as a card with a term
NUMBER_LENGTH = 18  # characters; permanent-residence cards are no cards of ours
NUMBER_MARGIN_MM = 1.0  # around the number where it is cut out
WHOLE_CARD = BoxMm(0.0, 0.0, *CARD_MM)
MOST_OVERLAP = 0.2  # of two cards in one picture
MOST_CARDS = 12  # of one picture
COVER_GROWTH = 1.06  # a found card is covered with its edges and some of its shadow
COVER_LONG_SIDE_PX = 160  # of the picture on which what covers it is made


@dataclass(frozen=True, slots=True)
class Crops:
    """Which parts of the picture to cut out."""

    portrait: bool = False
    card: bool = False
    number: bool = False


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


class Recognizer:
    """Reads PRC resident ID cards. Safe to share between threads: it keeps no state of a call.

    models: a folder with `recognizer.onnx` and its `closer.onnx`, or `locator.onnx` (and MODELS.toml, whose
    sha256 is then checked) to use in place of the ones that ship. threads: those of one network's run.
    limits: what pictures are accepted; without them, those of the format that is answered in (`read`:
    those of Megvii's). repair: restore a number that breaks its rules where one reading is clearly ahead;
    the trace is `Reading.number_repair`. max_error: answer only fields whose probability of being wrong is
    at most this; the others' text is "", what was read is in `Field.withheld`. Raises ModelError for a
    missing or damaged file.
    """

    def __init__(
        self,
        models: str | os.PathLike[str] | None = None,
        threads: int = 1,
        *,
        limits: Limits | None = None,
        repair: bool = True,
        max_error: float | None = None,
    ) -> None:
        if max_error is not None and not 0 < max_error < 1:
            raise ArgumentError("max_error", "must lie between 0 and 1")
        if not isinstance(threads, int) or threads < 1:
            raise ArgumentError("threads", "must be a whole number from 1")
        folder = Path(models) if models is not None else shipped_folder()
        self.limits = limits or Limits()
        self._given_limits = limits
        self._repair = repair
        self._max_error = max_error
        self.calibration = Calibration.of_models(folder)
        self._locator = LocatorModel(folder, threads)
        self._reader = RecognizerModel(folder, threads, fields.Grammars.characters())
        self._legality = LegalityModel(folder, threads)
        self._quality = QualityModel(folder, threads)
        self._grammars = fields.Grammars(self._reader.class_of)

    @overload
    def recognize(
        self,
        image: ImageInput,
        *,
        return_portrait: bool = False,
        side: SideName = "auto",
        format: Literal["megvii"] = "megvii",
        repair: bool | None = None,
    ) -> Answer: ...

    @overload
    def recognize(
        self,
        image: ImageInput,
        *,
        side: SideName = "auto",
        format: OtherFormat,
        repair: bool | None = None,
        **switches: Any,
    ) -> dict[str, Any]: ...

    def recognize(
        self,
        image: ImageInput,
        *,
        side: SideName = "auto",
        format: FormatName = "megvii",
        repair: bool | None = None,
        **switches: Any,
    ) -> Answer | dict[str, Any]:
        """A vendor's answer for one picture; see `idocr.recognize`."""
        return self.recognize_and_read(image, side=side, format=format, repair=repair, **switches)[
            0
        ]

    def recognize_and_read(
        self,
        image: ImageInput,
        *,
        side: SideName = "auto",
        format: FormatName = "megvii",
        repair: bool | None = None,
        **switches: Any,
    ) -> tuple[dict[str, Any], Reading]:
        """The answer and the reading from which it was made."""
        from . import wire

        start = time.perf_counter()
        chosen = wire.find(format)
        chosen.check(switches)
        limits = self._given_limits or chosen.limits
        reading = self.read(
            image, side=side, limits=limits, repair=repair, **chosen.crops(switches)
        )
        passed_ms = round((time.perf_counter() - start) * 1000)
        return chosen.answer(reading, switches, passed_ms), reading

    def recognize_all(
        self,
        image: ImageInput,
        *,
        side: SideName = "auto",
        format: FormatName = "megvii",
        repair: bool | None = None,
        **switches: Any,
    ) -> tuple[list[dict[str, Any]], list[Reading]]:
        """An answer for every card in one picture, and the readings from which they were made."""
        from . import wire

        chosen = wire.find(format)
        chosen.check(switches)
        limits = self._given_limits or chosen.limits
        readings = self.read_all(
            image, side=side, limits=limits, repair=repair, **chosen.crops(switches)
        )
        answers = [
            chosen.answer(reading, switches, round(sum(reading.stage_ms.values())))
            for reading in readings
        ]
        return answers, readings

    def read(
        self,
        image: ImageInput,
        *,
        side: SideName = "auto",
        portrait_jpeg: bool = False,
        card_jpeg: bool = False,
        number_jpeg: bool = False,
        limits: Limits | None = None,
        repair: bool | None = None,
    ) -> Reading:
        """The engine's own answer: everything found in one picture.

        image: see `idocr.recognize`. side: what to read the card as; "auto" finds out.
        portrait_jpeg, card_jpeg, number_jpeg: also cut out the portrait, the upright card, the ID
        number's row. limits, repair: of this picture, in place of the recognizer's.
        """
        crops = Crops(portrait_jpeg, card_jpeg, number_jpeg)
        watch = Stopwatch()
        picture = self._load(image, side, limits, watch)
        size = (picture.width_px, picture.height_px)
        with watch.stage("locate"):
            card, kinds = self._locate(picture, whole(picture))
            card = card and at_reading_scale(card, picture)
        if card is None:
            return Reading(None, size, kinds, stage_ms=watch.stage_ms)
        with_repair = self._repair if repair is None else repair
        reading = self._read_card(picture, card, side, with_repair, crops, watch)
        return reading or Reading(None, size, kinds, stage_ms=watch.stage_ms)

    def read_all(
        self,
        image: ImageInput,
        *,
        side: SideName = "auto",
        portrait_jpeg: bool = False,
        card_jpeg: bool = False,
        number_jpeg: bool = False,
        limits: Limits | None = None,
        repair: bool | None = None,
    ) -> list[Reading]:
        """Every card in one picture, top to bottom, then left to right; [] where there is none.

        Several cards, or both sides of one; arguments as of `read`. Finds one, covers it and looks
        again, then at the picture's halves and quarters; a card narrower than about a quarter of
        the picture may be missed. `stage_ms` of each reading is the time since the one found before.
        """
        crops = Crops(portrait_jpeg, card_jpeg, number_jpeg)
        with_repair = self._repair if repair is None else repair
        watch = Stopwatch()
        picture = self._load(image, side, limits, watch)
        searched = replace(picture, bgr=picture.bgr.copy())
        readings: list[Reading] = []
        for window in search_windows(picture):
            while len(readings) < MOST_CARDS:
                with watch.stage("locate"):
                    card, _ = self._locate(searched, window)
                if card is None or any(
                    overlap(card.quad, r.card_quad) > MOST_OVERLAP for r in readings
                ):
                    break
                card = on_picture(card, picture)
                reading = self._read_card(picture, card, side, with_repair, crops, watch)
                if reading is None:
                    break
                readings.append(reading)
                cover_card(searched.bgr, reading, picture.scale)
                watch = Stopwatch()
        return sorted(readings, key=place_in_picture)

    def _read_card(
        self,
        picture: Picture,
        card: Card,
        side: SideName,
        with_repair: bool,
        crops: Crops,
        watch: Stopwatch,
    ) -> Reading | None:
        """One card from its print to its judgement; None where the print proves none."""
        card, text = self._read_text(card, side, watch)
        if text is None:
            return None
        with watch.stage("repair"):
            text = with_known_divisions(with_language(text))
            if with_repair:
                text = with_repaired_number(text)
            text = with_agreement(text)
        with watch.stage("judge"):
            return self._judge(picture, card, text, crops, watch)

    def _load(
        self, image: ImageInput, side: SideName, limits: Limits | None, watch: Stopwatch
    ) -> Picture:
        if side not in ("auto", "portrait", "emblem"):
            raise ArgumentError("side", 'must be "auto", "portrait" or "emblem"')
        with watch.stage("decode"):
            return load(image, limits or self.limits)

    # ---- locate -------------------------------------------------------------------------------

    def _locate(self, picture: Picture, window: Window) -> tuple[Card | None, dict[str, float]]:
        """Look at a window of the picture; where a side of the card found is doubtful, look closer."""
        height, width = picture.bgr.shape[:2]
        card, kinds = self._look(picture, window)
        if card is not None and min(card.support) < SURE_SUPPORT:
            again = [window_around(card.corners, width, height)]
        elif card is None and card_probability(kinds) > SURE_CARD:
            again = halves(window)  # corners of two cards that make no card together
        else:
            again = []
        for closer_window in again:
            closer, _ = self._look(picture, closer_window)
            if closer and sum(closer.support) > (sum(card.support) if card else 0):
                card = closer
        return card, kinds

    def _look(self, picture: Picture, window: Window) -> tuple[Card | None, dict[str, float]]:
        """Run the locator on a window and refine what it proposes."""
        left, top, right, bottom = window
        located = self._locator.run(picture.bgr[top:bottom, left:right])
        kinds = located.kind
        if card_probability(kinds) < LEAST_CARD:
            return None, kinds
        proposed = _core.propose_card_quad(located.heat, located.heat_stride)
        if proposed is None:
            return None, kinds
        corners = cv2.perspectiveTransform(np.array([proposed[0]]), located.to_picture)[0]
        corners = np.ascontiguousarray(corners + np.array([left, top]), np.float64)
        refined, support = _core.refine_card_quad(picture.bgr, corners)
        card = Card(picture.bgr, picture.scale, np.array(refined), support, kinds)
        return (card if card.has_place else None), kinds

    # ---- sample, infer, decode text -------------------------------------------------------------

    def _read_text(
        self, card: Card, side: SideName, watch: Stopwatch
    ) -> tuple[Card, SideText | None]:
        """Read the card as what it seems to be; if the print disagrees, as what else it may be.

        What bears no proof is no card of ours, however sure the locator is: it knows few others.
        """
        with watch.stage("rows"):
            card = card.levelled()
        sides = list(Side) if side == "auto" else [Side[side.upper()]]
        sides.sort(key=lambda one: -side_probability(card.kinds, one))
        proof = PROOF if card_probability(card.kinds) > LIKELY_CARD else MORE_PROOF
        for view in (card, card.turned_over()):
            for candidate in sides:
                text = self._read_side(view, candidate, watch)
                if text.evidence >= proof:
                    return view, self._with_missing(view, text, watch)
        if card_probability(card.kinds) < SURE_CARD:
            return card, None
        for view in (card, card.turned_over()):  # grain or moire may hide where its rows are
            text = self._read_side(view.smoothed(), sides[0], watch)
            if text.evidence >= PROOF:
                return view, text
        return card, None

    def _with_missing(self, card: Card, text: SideText, watch: Stopwatch) -> SideText:
        """The text with what was found in no row, if a smoother look at the rows finds it."""
        if not text.missing:
            return text
        return text.filled_from(self._read_side(card.smoothed(), text.side, watch))

    def _read_side(self, card: Card, side: Side, watch: Stopwatch) -> SideText:
        with watch.stage("rows"):
            ink = card.ink
            regions = [PORTRAIT_ROWS, NUMBER_ROW] if side is Side.PORTRAIT else [EMBLEM_ROWS]
            rows = [find_rows(ink, region) for region in regions]
        lines = self._read_rows(card, [row for found in rows for row in found], watch)
        with watch.stage("decode text"):
            if side is Side.EMBLEM:
                text = fields.draft_emblem_side(lines, self._grammars)
            else:
                upper, number = lines[: len(rows[0])], lines[len(rows[0]) :]
                text = fields.draft_portrait_side(upper, number, self._grammars)
        if side is Side.PORTRAIT and not text.drafts["id_number"].text:
            text = self._with_cut_number(card, text, upper, watch)
        if text.temporary >= fields.LEAST_TEMPORARY:
            low = self._read_rows(card, find_rows(ink, TEMPORARY_ROWS), watch)
            with watch.stage("decode text"):
                text = fields.with_temporary_rows(text, low, self._grammars)
        for name, box in unread.unread_lines(text):
            (line,) = self._read_rows(card, [box], watch)
            text = unread.with_line(text, name, line)
        return text

    def _with_cut_number(
        self, card: Card, text: SideText, upper: Sequence[Line], watch: Stopwatch
    ) -> SideText:
        """Corners that are off leave the number among the rows above its place, cut at their end."""
        box = unread.cut_number(upper)
        if box is None:
            return text
        number = self._read_rows(card, [box], watch)
        return fields.draft_portrait_side(upper, number, self._grammars)

    def _read_rows(self, card: Card, rows: Sequence[BoxMm], watch: Stopwatch) -> list[Line]:
        with watch.stage("read"):
            strips = [Strip.around(row) for row in rows]
            return read_lines(strips, card.bgr, card.to_px, self._reader)

    # ---- judge ----------------------------------------------------------------------------------

    def _judge(
        self, picture: Picture, card: Card, text: SideText, crops: Crops, watch: Stopwatch
    ) -> Reading:
        checked = rules.cross_check(text)
        upright = card.upright(COLOUR_PX_PER_MM)
        prints = look_at_prints(checked, card, upright)
        qualities = self._qualities(prints)
        sureness = Sureness(self.calibration, card.px_per_mm, card_odds(checked.values()))
        judged = {
            name: judge_field(name, draft, prints[name], qualities[name], card, sureness)
            for name, draft in checked.items()
        }
        editor = judge.editor_name(picture.metadata)
        found = evidence.gather(card, upright, prints, text.side, bool(editor), text.temporary)
        size = (picture.width_px, picture.height_px)
        quads = [f.quad for f in judged.values() if f.quad]
        number = judged.get("id_number")
        broken = number.quad if number and number.logic else None
        unread = sum(is_cut_short(f) for f in judged.values())
        return Reading(
            side=text.side,
            size_px=size,
            kinds=card.kinds,
            card_quad=card.quad,
            card_support=card.support,
            turn_degrees=card.turn_degrees,
            fields={name: withhold(found, self._max_error) for name, found in judged.items()},
            number_repair=checked["id_number"].repair if "id_number" in checked else None,
            portrait=find_portrait(card, upright, crops.portrait)
            if text.side is Side.PORTRAIT
            else None,
            legality=judge.legality(self._legality.run(found.card, found.fields, found.view)),
            completeness=judge.completeness(card.quad, card.support, size, quads, unread, broken),
            editor=editor,
            card_jpeg=cut_out(card, WHOLE_CARD) if crops.card else b"",
            number_jpeg=cut_out_number(card, checked) if crops.number else b"",
            stage_ms=watch.stage_ms,
        )

    def _qualities(self, prints: Mapping[str, Print]) -> dict[str, float]:
        """Of each field that of its worst window; 0 where nothing was read."""
        tables = [p.table for p in prints.values() if len(p.table)]
        windows = self._quality.run(np.concatenate(tables)).tolist() if tables else []
        found = {}
        for name, p in prints.items():
            own, windows = windows[: len(p.table)], windows[len(p.table) :]
            found[name] = round(min(own, default=0.0), 3)
        return found


def look_at_prints(drafts: Mapping[str, Draft], card: Card, upright: U8) -> dict[str, Print]:
    """What can be seen of each field's print; upright: the card at COLOUR_PX_PER_MM."""
    paper = Paper.of(upright, COLOUR_PX_PER_MM)
    return {name: look(draft.pieces, paper, card.px_per_mm) for name, draft in drafts.items()}


def whole(picture: Picture) -> Window:
    height, width = picture.bgr.shape[:2]
    return 0, 0, width, height


def search_windows(picture: Picture) -> list[Window]:
    """Where to look for every card: the whole, its halves and quarters, and what is left of the whole."""
    everything = whole(picture)
    left, top, right, bottom = everything
    across, along = (right - left) * 3 // 5, (bottom - top) * 3 // 5
    columns = [(left, top, left + across, bottom), (right - across, top, right, bottom)]
    rows = [(left, top, right, top + along), (left, bottom - along, right, bottom)]
    quarters = [(x0, y0, x1, y1) for _, y0, _, y1 in rows for x0, _, x1, _ in columns]
    return [everything, *columns, *rows, *quarters, everything]


def on_picture(card: Card, picture: Picture) -> Card:
    """A card that was found in a covered copy, in the picture itself."""
    return at_reading_scale(replace(card, bgr=picture.bgr), picture)


def at_reading_scale(card: Card, picture: Picture) -> Card:
    """The card in a picture fine enough to read it and not much finer."""
    if card.px_per_mm < LEAST_PX_PER_MM and picture.encoded:
        card = card.rescaled(picture.at_full_scale().bgr)
    while card.px_per_mm > MOST_PX_PER_MM:
        card = card.halved()
    return card


def cover_card(bgr: U8, reading: Reading, scale: float) -> None:
    """Paint what surrounds a card over it, in place, so that the next one is found.

    scale: px of the picture as given to one of bgr.
    """
    assert reading.card_quad is not None
    quad = (np.array(reading.card_quad) + 0.5) / scale - 0.5
    middle = quad.mean(axis=0)
    outline = np.round(middle + (quad - middle) * COVER_GROWTH).astype(np.int32)
    mask = np.zeros(bgr.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, outline, 255)
    zoom = COVER_LONG_SIDE_PX / max(bgr.shape[:2])
    small = cv2.resize(bgr, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    hole = cv2.resize(mask, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    filled = cv2.inpaint(small, (hole > 0).astype(np.uint8), 3, cv2.INPAINT_TELEA)
    large = cv2.resize(filled, bgr.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    np.copyto(bgr, np.asarray(large, np.uint8), where=mask[:, :, None] > 0)


def overlap(first: Quad, second: Quad | None) -> float:
    """The common area of two quads over the smaller one."""
    if second is None:
        return 0.0
    a, b = (np.array(quad, np.float32) for quad in (first, second))
    common, _ = cv2.intersectConvexConvex(a, b)
    return float(common) / max(1.0, min(cv2.contourArea(a), cv2.contourArea(b)))


def place_in_picture(reading: Reading) -> tuple[float, float]:
    """Sorts cards as one reads: by bands of a quarter of the picture's height, then from the left."""
    assert reading.card_quad is not None
    x, y = np.mean(reading.card_quad, axis=0).tolist()
    return float(round(4 * y / reading.size_px[1])), x


def card_probability(kinds: Mapping[str, float]) -> float:
    return sum(side_probability(kinds, side) for side in Side)


def side_probability(kinds: Mapping[str, float], side: Side) -> float:
    """Of all cards of ours that show this side, as the locator sees it."""
    return sum(kinds.get(kind, 0.0) for kind in SIDE_KINDS[side])


@dataclass(frozen=True)
class Sureness:
    """What makes confidence of one side's drafts, besides themselves."""

    calibration: Calibration
    px_per_mm: float
    card_odds: float

    def of_field(self, name: str, draft: Draft, seen: Print) -> tuple[float, tuple[float, ...]]:
        found = features(draft, draft.chars, seen.own, self.px_per_mm, self.card_odds)
        confidence = self.calibration.field(name, found)
        if name == "id_number" and len(draft.text) < NUMBER_LENGTH:
            confidence = 0.0  # what is there may be read right, but it is not the number
        if (
            draft.repair and not draft.repair.applied
        ):  # either another number is printed or this one
            confidence = min(confidence, 1 - draft.repair.probability)
        return confidence, found


def judge_field(
    name: str, draft: Draft, seen: Print, quality: float, card: Card, sureness: Sureness
) -> Field:
    """Positions on the card become quads in the picture; measures become confidence."""
    if not draft.text:
        return Field(name, raw=draft.raw, valid=draft.valid)
    spans = print_boxes(draft)
    boxes = [outline(spans)]
    for span, (_, chars) in zip(spans, draft.pieces, strict=True):
        boxes += [BoxMm(c.left_mm, span.top, c.right_mm, span.bottom) for c in chars]
    quad, *quads = card.quads(boxes)
    told = map(sureness.calibration.char, draft.chars)
    confidence, found = sureness.of_field(name, draft, seen)
    return Field(
        name=name,
        text=draft.text,
        raw=draft.raw,
        valid=draft.valid,
        confidence=confidence,
        quality=quality,
        logic=int(bool(draft.problems)),
        problems=draft.problems,
        notes=draft.notes,
        quad=quad,
        chars=tuple(
            Char(char.text, right, char_quad, alternatives)
            for char, char_quad, (right, alternatives) in zip(draft.chars, quads, told, strict=True)
        ),
        measures=seen.own,
        spoils=seen.spoils,
        features=found,
    )


def is_cut_short(found: Field) -> bool:
    """True where nothing was read, or less than a number has."""
    return len(found.text) < (NUMBER_LENGTH if found.name == "id_number" else 1)


def withhold(found: Field, max_error: float | None) -> Field:
    """The field without its text where that is wrong with more than this probability."""
    if max_error is None or not found.text or 1 - found.confidence <= max_error:
        return found
    reason = "is less sure than was asked for"
    return replace(found, text="", withheld=found.text, problems=(*found.problems, reason))


def print_boxes(draft: Draft) -> list[BoxMm]:
    """The box around the characters of each of a field's lines, on the card."""
    return [line.print_box(chars) for line, chars in draft.pieces]


def outline(spans: Sequence[BoxMm]) -> BoxMm:
    """The box around them all."""
    return BoxMm(
        min(s.left for s in spans),
        min(s.top for s in spans),
        max(s.right for s in spans),
        max(s.bottom for s in spans),
    )


def find_portrait(card: Card, upright: U8, with_jpeg: bool) -> Portrait | None:
    face = judge.find_face(upright)
    if face is None:
        return None
    (quad,) = card.quads([face.box])
    jpeg = cut_out(card, face.box) if with_jpeg else b""
    return Portrait(quad, face.evidence, jpeg)


def cut_out(card: Card, box: BoxMm) -> bytes:
    """A part of the card, upright, as a JPEG at the picture's own resolution."""
    width, height = (max(2, round(mm * card.px_per_mm)) for mm in (box.width, box.height))
    pixels = Strip(box, box, width, height).sample(card.bgr, card.to_px)
    bgr = ((pixels.transpose(1, 2, 0) + 1) * 127.5 + 0.5).clip(0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


def cut_out_number(card: Card, drafts: Mapping[str, Draft]) -> bytes:
    """The ID number's row with a margin; empty where none was read."""
    draft = drafts.get("id_number")
    if draft is None or not draft.pieces:
        return b""
    box, margin = outline(print_boxes(draft)), NUMBER_MARGIN_MM
    return cut_out(
        card,
        BoxMm(box.left - margin, box.top - margin, box.right + margin, box.bottom + margin),
    )
