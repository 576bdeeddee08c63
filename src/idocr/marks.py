"""Marks of a few px: the · of a name and the - between the numbers of houses.

The reader often takes their ink for a neighbour's, or sees none. Where characters stand apart for one, or the
network's steps between two say it, it is read all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .lines import Line, LineChar, is_han
from .median import median

LEAST_DOTTED = 4  # Han characters of a name with a ·
LEAST_PART = 2  # Han characters before it and behind it
SURELY_DOTTED = 6  # Han characters: hardly any name is so long without a ·
# Probability of a · between two characters that share its ink, with and without room for it.
LEAST_SHARED_DOT, SURE_SHARED_DOT = 0.4, 0.9
DOT_STEP = 1.08  # of the usual distance of Han characters: what leaves room for a ·
# Of a - between two digits that shares their ink: of 1,314 pairs without one none has as much of both.
LEAST_SHARED_DASH, LEAST_DASH_INK = 0.9, 0.05
LEAST_DIGIT_PAIRS = 3  # of a line whose digits tell how far digits stand apart
DASH_STEP = 1.35  # of that distance: what leaves room for a -
DIGIT_EM = 0.55  # of that distance from a digit's middle begins the paper beside it


def with_faint_dots(line: Line, chars: tuple[LineChar, ...]) -> tuple[LineChar, ...]:
    """A name's · is a few px: long names have one, others where two characters stand apart for it.

    What the network's steps say between two characters tells better than any measure of the pixels there.
    """
    han = [c for c in chars if is_han(c.text)]
    if len(han) < LEAST_DOTTED or len(han) < len(chars):
        return chars
    places = range(LEAST_PART, len(han) - LEAST_PART + 1)
    sure = _shared_dot(line, han, places, SURE_SHARED_DOT)
    if sure and len(han) >= SURELY_DOTTED:
        return _with_mark(han, *sure)
    step = median(after.middle_mm - before.middle_mm for before, after in pairwise(han))
    widest = max(places, key=lambda i: han[i].middle_mm - han[i - 1].middle_mm)
    apart = (han[widest].middle_mm - han[widest - 1].middle_mm) / step
    is_open = apart > DOT_STEP and len(han) > LEAST_DOTTED  # of four characters most have none
    shared = _shared_dot(line, han, [widest], LEAST_SHARED_DOT) if is_open else None
    return _with_mark(han, *shared) if shared else chars


def _with_mark(han: Sequence[LineChar], at: int, mark: LineChar) -> tuple[LineChar, ...]:
    return (*han[:at], mark, *han[at:])


def _shared_dot(
    line: Line, han: Sequence[LineChar], places: Sequence[int], least: float
) -> tuple[int, LineChar] | None:
    """The likeliest · whose ink the reader takes for a neighbour's, and before which character it stands."""
    dots = [(i, line.mark_between("·", han[i - 1], han[i], least=least)) for i in places]
    found = [(i, dot) for i, dot in dots if dot]
    return max(found, key=lambda f: f[1].confidence) if found else None


def with_faint_dashes(line: Line, chars: tuple[LineChar, ...]) -> tuple[LineChar, ...]:
    """A house's 184-25: where two digits stand apart and something dark is between them."""
    digits = [
        (a, b) for a, b in pairwise(chars) if a.text in "0123456789" and b.text in "0123456789"
    ]
    step = median(b.middle_mm - a.middle_mm for a, b in digits) if digits else 0.0
    found = list(chars)
    for before, after in digits:
        shared = line.mark_between(
            "-", before, after, least=LEAST_SHARED_DASH, least_ink=LEAST_DASH_INK
        )
        dash: tuple[LineChar, ...] = (shared,) if shared else ()
        is_apart = after.middle_mm - before.middle_mm > DASH_STEP * step
        if not dash and is_apart and len(digits) >= LEAST_DIGIT_PAIRS:
            edge_mm = DIGIT_EM * step
            dash = line.speck("-", before.middle_mm + edge_mm, after.middle_mm - edge_mm)
        found[found.index(after) : found.index(after)] = dash
    return tuple(found)
