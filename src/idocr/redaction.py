"""Redaction: everything personal on a card is covered with one flat colour, but for the fields to keep.

What is kept is cut out of the cover, not the other way round: what was not read, a second script
and what stands between the rows is covered because it stands on the card.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .errors import ArgumentError, CardNotFoundError
from .image import ImageInput, load
from .layout import CARD_MM, BoxMm
from .reading import FIELD_NAMES, KEEPABLE, Quad, Reading, Side
from .recognizer import SURE_SUPPORT, Recognizer
from .strips import card_to_picture, map_box, map_points

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]

COVER = (96, 96, 96)  # BGR; a constant, so that it says nothing of what lies beneath
PORTRAIT = "portrait"
BEYOND_MM = 2.0  # the cover goes beyond the card's edges: corners may be off
# Beyond a side without an edge: of a card cut off by the picture a corner was 18 mm off.
DOUBTFUL_MM = 25.0
COVERED_MARGIN_MM = 1.2  # around what was read and is not kept
KEPT_MARGIN_MM = 0.6  # around what is kept; rows are 2.5 mm apart and more

_RIGHT, _BOTTOM = CARD_MM[0] + BEYOND_MM, CARD_MM[1] + BEYOND_MM
WHOLE = BoxMm(-BEYOND_MM, -BEYOND_MM, _RIGHT, _BOTTOM)  # the card and its rim
# Labels end at 13.6 mm, values and the second script begin at 14.8 or later. The emblem side's title
# ends at 30 mm.
PERSONAL = {
    Side.PORTRAIT: BoxMm(13.0, -BEYOND_MM, _RIGHT, _BOTTOM),
    Side.EMBLEM: BoxMm(-BEYOND_MM, 32.0, _RIGHT, _BOTTOM),
}
# Rows that are told by what they say; where one is missing, a row that is told by its place (name,
# address, authority) may be another one, or the card one of another layout, a foreigner's for one.
PROOF = {
    Side.PORTRAIT: ("gender", "birth_year", "id_number"),
    Side.EMBLEM: ("issued_by", "valid_from", "valid_to"),
}


def redact(
    image: ImageInput, keep: Iterable[str] = ("name",), *, recognizer: Recognizer | None = None
) -> U8:
    """A copy of a picture with everything personal on its cards covered, but for the fields to keep.

    image: see `idocr.recognize`. keep: names of fields or "portrait" (`reading.KEEPABLE`); () keeps
    nothing. recognizer: the one to read with, else that of `idocr.recognize`.

    Returns (H, W, 3) uint8 BGR at the picture's full size, EXIF turn applied, without any metadata.
    Covered pixels have one constant colour: nothing can be recovered from them. Covered are the
    values, the number, the portrait, a second script and what lies between them, on every card that
    is found; labels, title and emblem stay. The whole card is covered where its edges are doubtful,
    and the fields to keep as well where rows of the print that prove their places were not read.
    A card that idocr does not find stays as it is: look at the result before you give it away.

    Raises CardNotFoundError when there is no card, rather than give the picture back as it is;
    ArgumentError for other names in keep; and what `idocr.recognize` raises for pictures.
    """
    kept = _kept_names(keep)
    if recognizer is None:
        from . import shared_recognizer

        recognizer = shared_recognizer()
    if isinstance(image, str | os.PathLike):  # one read of the file: it may change between two
        recognizer.limits.check_bytes(Path(image).stat().st_size)
        image = Path(image).read_bytes()
    bgr = load(image, recognizer.limits).at_full_scale().bgr
    readings = recognizer.read_all(image)
    if not readings:
        raise CardNotFoundError("there is no card in the picture, or none that can be made out")
    result = bgr.copy()
    for reading in readings:
        result[cover_mask(reading, kept, bgr.shape[:2])] = COVER
    return result


def _kept_names(keep: Iterable[str]) -> frozenset[str]:
    if isinstance(keep, str):
        raise ArgumentError("keep", 'must be several names, as in keep=("name",)')
    kept = frozenset(keep)
    if not kept <= set(KEEPABLE):
        raise ArgumentError("keep", f"must be of {', '.join(KEEPABLE)}")
    return kept


def _fill(mask: U8, quad: Quad, value: int) -> None:
    cv2.fillConvexPoly(mask, np.round(np.array(quad)).astype(np.int32), value)


def cover_mask(reading: Reading, kept: frozenset[str], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(H, W), True where a card's picture must be covered."""
    if reading.card_quad is None or reading.side is None:
        raise CardNotFoundError("there is no card in the reading")
    to_px = card_to_picture(np.array(reading.card_quad))
    mask = np.zeros(shape[:2], np.uint8)
    _fill(mask, map_box(to_px, _cover_box(reading)), 1)
    quads = {field.name: field.quad for field in reading.fields.values() if field.quad}
    if reading.portrait:
        quads[PORTRAIT] = reading.portrait.quad
    stays = {name for name in quads if name in kept and _is_proved(reading, _side_of(name))}
    for name in sorted(quads, key=lambda name: name not in stays):  # what is covered comes last
        margin = KEPT_MARGIN_MM if name in stays else COVERED_MARGIN_MM
        _fill(mask, map_box(to_px, _on_card(to_px, quads[name], margin)), int(name not in stays))
    return mask > 0


def _cover_box(reading: Reading) -> BoxMm:
    """What to cover: the personal part; all and more where the card's edges or rows are doubtful."""
    side = reading.side or Side.PORTRAIT
    doubtful = [share < SURE_SUPPORT for share in reading.card_support]
    if not any(doubtful):
        return PERSONAL[side] if _is_proved(reading, side) else WHOLE
    top, right, bottom, left = (DOUBTFUL_MM if doubt else 2 * BEYOND_MM for doubt in doubtful)
    return BoxMm(-left, -top, CARD_MM[0] + right, CARD_MM[1] + bottom)


def _is_proved(reading: Reading, side: Side) -> bool:
    """Whether the print is surely that of this side of a resident's card."""
    foreign = reading.text("id_number").startswith("9")
    return not foreign and all(reading.text(name) for name in PROOF[side])


def _side_of(name: str) -> Side:
    return Side.EMBLEM if name in FIELD_NAMES[Side.EMBLEM] else Side.PORTRAIT


def _on_card(to_px: F64, quad: Quad, margin: float) -> BoxMm:
    """The box on the card, in mm, that holds a quadrilateral of the picture and a margin."""
    to_mm: F64 = np.linalg.inv(to_px).astype(np.float64)
    points = map_points(to_mm, np.array(quad, np.float64))
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return BoxMm(left - margin, top - margin, right + margin, bottom + margin)
