"""Strays: characters that were read where nothing is printed, out of noise, folds and what stands beside.

Print stands in a block: without gaps as wide as a character, each line beginning where the one before did,
one line's height beneath it. What the reader is sure of stays wherever it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .lines import Line, LineChar

SURE = 0.6  # confidence of a character that is print wherever it stands
FEW, SURE_OF_FEW = 2, 0.9  # so many characters have less to agree with
GAP_EM = 0.8  # of free paper between two characters: so much no print leaves
INDENT_EM = 1.5  # of a line against the first one
LEADING_EM = 1.2  # of free paper between two lines

Piece = tuple[Line, tuple[LineChar, ...]]


def _em_mm(chars: Sequence[LineChar]) -> float:
    """The width of a Han character, which is the row's height."""
    return max(c.right_mm - c.left_mm for c in chars)


def without_strays(chars: tuple[LineChar, ...]) -> tuple[LineChar, ...]:
    """A line without doubtful characters behind a gap at its end."""
    for count, (before, after) in enumerate(pairwise(chars), start=1):
        if after.left_mm - before.right_mm <= GAP_EM * _em_mm(chars):
            continue
        if sum(c.confidence for c in chars[count:]) < SURE * (len(chars) - count):
            return chars[:count]
    return chars


def without_margin(chars: tuple[LineChar, ...], first: Sequence[LineChar]) -> tuple[LineChar, ...]:
    """A line without doubtful characters left of where the field's first line begins."""
    begin_mm = first[0].left_mm + 0.2 * _em_mm(first)
    count = 0
    while (
        count < len(chars) and chars[count].right_mm < begin_mm and chars[count].confidence < SURE
    ):
        count += 1
    return chars[count:]


def is_astray(piece: Piece, above: Sequence[Piece]) -> bool:
    """Whether a doubtful line is no next one of these: it begins elsewhere, or farther below."""
    line, chars = piece
    least = SURE if len(chars) > FEW else SURE_OF_FEW
    if sum(c.confidence for c in chars) >= least * len(chars):
        return False
    em_mm = _em_mm(above[0][1])
    indent_mm = chars[0].left_mm - above[0][1][0].left_mm
    leading_mm = line.row.top - above[-1][0].row.bottom
    return indent_mm > INDENT_EM * em_mm or leading_mm > LEADING_EM * em_mm
