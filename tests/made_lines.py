"""Lines made up from text: what the network would say of them, without any picture."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from idocr import fields
from idocr.layout import BoxMm
from idocr.lines import Line
from idocr.models import RecognizerModel, shipped_folder
from idocr.steps import Steps
from idocr.strips import Strip

MODEL = RecognizerModel(shipped_folder(), 1, fields.Grammars.characters())
GRAMMARS = fields.Grammars(MODEL.class_of)


def line(
    text: str,
    left_mm: float,
    top_mm: float,
    pitch_mm: float = 3.2,
    doubts: Mapping[int, Mapping[str, float]] = MappingProxyType({}),
) -> Line:
    """A line whose network output says `text`, one step a character and a blank one after each.

    doubts: of a character's place, what else may stand there, with its probability; "" is paper.
    """
    places = dict(MODEL.class_of)
    for char in (*text, *(c for others in doubts.values() for c in others if c)):
        places.setdefault(char, len(places) + 1)
    count = 2 * len(text) + 1
    probs = np.full((count, len(places) + 1), 1e-7, np.float32)
    probs[:, 0] = 1
    for index, char in enumerate(text):
        if char == " ":
            continue
        probs[2 * index + 1, 0] = 0.001
        probs[2 * index + 1, places[char]] = 0.998
        for other, probability in doubts.get(index, {}).items():
            probs[2 * index + 1, places[other] if other else 0] = probability
            probs[2 * index + 1, places[char]] -= probability
    probs /= probs.sum(axis=1, keepdims=True)
    middles = ((np.arange(count) + 0.5) / count).astype(np.float32)
    box = BoxMm(left_mm, top_mm, left_mm + pitch_mm * len(text), top_mm + 3.2)
    strip = Strip(box, box, 8 * count, 48)
    steps = Steps(probs, ("", *places), middles)
    return Line(strip, np.zeros((3, 48, 8 * count), np.float32), steps, MODEL)
