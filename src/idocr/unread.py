"""Rows that the ink did not show: where a text must go on, and where a number lies that is not at its place.

A line of one character is too little ink to be told from noise, and corners that are off leave the number
among the rows of the address, cut where these end. Both are looked at once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from .fields import DIGITS, NUMBER_ALPHABET, SideText, is_authority, is_printed, mean_confidence
from .layout import NUMBER_ROW, PORTRAIT_ROWS, BoxMm
from .lines import Line, is_han
from .median import median
from .reading import Side
from .strays import Piece, is_astray, without_strays

# A line that is as long, mm from its first character's left to its last one's right, may go on below.
FULL_LINE_MM = {"address": 25.0, "name": 21.0, "issued_by": 25.0}
LINE_STEP = 1.3  # of a line's height, from line to line
NEXT_LINE_MM = 24.0  # how much of the next one is looked at
SURE_NEXT = 0.5  # confidence of what stands in it
LAST_WORDS, SURE_END = "号室户组", 0.2  # what follows an address's last digits is one of these
MOST_SHARED = 0.3  # of the next line's height, with a line that was read
LEAST_DIGITS = 8  # of a number that a region's edge has cut
EDGE_MM = 2.0  # from that edge ends its row


def unread_lines(text: SideText) -> Iterator[tuple[str, BoxMm]]:
    """Fields that may go on in a line that was not found, and where it would be."""
    for name, draft in text.drafts.items():
        is_open = {
            "address": text.side is Side.PORTRAIT,
            "name": "·" in draft.text and len(draft.pieces) == 1,
            "issued_by": not is_authority(draft.text),
        }
        box = _below(draft.pieces, FULL_LINE_MM[name]) if is_open.get(name) else None
        if box and not _holds_print(text, box):
            yield name, box


def _below(pieces: Sequence[Piece], full_mm: float) -> BoxMm | None:
    """The line beneath a full one."""
    if not pieces:
        return None
    begin_mm, end_mm = pieces[0][1][0].left_mm, pieces[-1][1][-1].right_mm
    is_as_long = len(pieces) > 1 and len(pieces[-1][1]) >= len(pieces[0][1])  # of narrow digits
    if end_mm - begin_mm < full_mm and not is_as_long:
        return None
    rows = [line.row for line, _ in pieces]
    height_mm = median(row.height for row in rows)
    middles = [(row.top + row.bottom) / 2 for row in rows]
    steps = [after - before for before, after in pairwise(middles)]
    middle = middles[-1] + (median(steps) if steps else LINE_STEP * height_mm)
    half = height_mm / 2
    return BoxMm(begin_mm, middle - half, begin_mm + NEXT_LINE_MM, middle + half)


def _holds_print(text: SideText, box: BoxMm) -> bool:
    """Whether a line that was read lies in the box, with more than its rim."""
    rows = (line.row for draft in text.drafts.values() for line, _ in draft.pieces)
    most_mm = MOST_SHARED * box.height
    return any(min(row.bottom, box.bottom) - max(row.top, box.top) > most_mm for row in rows)


def with_line(text: SideText, name: str, line: Line) -> SideText:
    """The side's text with what a line beneath a field's says, where the reader is sure of it."""
    draft = text.drafts[name]
    is_value = is_printed if name == "address" else is_han
    chars = without_strays(tuple(c for c in line.chars if is_value(c.text)))
    more = "".join(c.text for c in chars)
    is_end = name == "address" and more in LAST_WORDS and draft.text[-1] in DIGITS
    least = SURE_END if is_end else SURE_NEXT
    if not chars or is_astray((line, chars), draft.pieces) or mean_confidence(chars) < least:
        return text
    pieces = (*draft.pieces, (line, chars))
    longer = replace(draft, text=draft.text + more, raw=draft.raw + more, pieces=pieces)
    return replace(text, drafts={**text.drafts, name: longer})


def cut_number(rows: Sequence[Line]) -> BoxMm | None:
    """Where a number goes on beyond the rows of the address; None if it is not among them."""
    for line in rows:
        tail = line.text[-LEAST_DIGITS:]
        is_number = len(tail) == LEAST_DIGITS and all(c in NUMBER_ALPHABET for c in tail)
        if is_number and line.row.right > PORTRAIT_ROWS.right - EDGE_MM:
            return BoxMm(NUMBER_ROW.left, line.row.top, NUMBER_ROW.right, line.row.bottom)
    return None
