"""Pictures without a PRC resident ID card: other cards and documents to photograph, and whole scenes.

All text, names, houses and codes are made up; no layout is that of a PRC resident ID card, and nothing
imitates a brand's mark or security print.

The splits share no layout family (other_cards.py, documents.py, scenes.py) and no type face (drawing.py).
"""

from __future__ import annotations

import numpy as np
from documents import DOCUMENTS
from numpy.typing import NDArray
from other_cards import OTHER_CARDS, Flat
from scenes import SCENES

__all__ = ["DOCUMENTS", "OTHER_CARDS", "SCENES", "document", "other_card", "scene"]

U8 = NDArray[np.uint8]


def _any(families: dict[str, Flat], rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    name = list(families)[rng.integers(len(families))]
    return families[name](rng, split)


def other_card(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """A card of another kind: face (H, W, 3) BGR at 12 px/mm, also upright ones, and alpha (H, W)."""
    return _any(OTHER_CARDS[split], rng, split)


def document(rng: np.random.Generator, split: str) -> tuple[U8, U8]:
    """A form, receipt, page, ticket or letter: face (H, W, 3) BGR, at most 1400 px, and alpha (H, W)."""
    return _any(DOCUMENTS[split], rng, split)


def scene(rng: np.random.Generator, split: str, size: tuple[int, int] = (960, 1280)) -> U8:
    """A whole picture (height, width, 3) BGR without any card."""
    families = SCENES[split]
    name = list(families)[rng.integers(len(families))]
    return families[name](rng, split, size)
