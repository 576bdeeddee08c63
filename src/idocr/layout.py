"""Where things are on the upright card, in millimetres from its left top corner.

The card is ISO/IEC 7810 ID-1. Rows are found from the ink; these regions only say where to look,
wide enough for the three published layouts and for bilingual cards, whose rows are shifted.
"""

from __future__ import annotations

from typing import NamedTuple

CARD_MM = (85.6, 54.0)
INK_PX_PER_MM = 6.0  # scale of the upright map on which rows are looked for
COLOUR_PX_PER_MM = 4.0  # scale of the upright card that is judged


class BoxMm(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


# Name to address, labels included. Lines of 12 large characters end at 56; the portrait begins at 53
# to 56, so that a coat's edge may follow the text.
PORTRAIT_ROWS = BoxMm(4.0, 4.5, 57.0, 43.0)
PORTRAIT_EDGE_MM = 53.5
NUMBER_ROW = BoxMm(23.5, 41.5, 80.5, 51.5)  # without its label
EMBLEM_ROWS = BoxMm(16.0, 31.9, 82.0, 51.5)  # authority and validity, labels included; permits too
TEMPORARY_ROWS = BoxMm(4.0, 28.0, 82.0, 52.0)  # the lower half of a card that bears everything
PORTRAIT_WINDOW = BoxMm(53.0, 6.5, 79.0, 41.0)

LABEL_END_MM = 14.4  # portrait side: labels end at 13.6, values begin at 14.8 or later
EMBLEM_LABEL_END_MM = 33.0
# A temporary card's labels of four characters end at 18; its validity may stand below the number.
TEMPORARY_LABEL_END_MM = 18.0
