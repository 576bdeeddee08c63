"""Lines made up from text: what the network would say of them, without any picture."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from idocr import fields
from idocr.layout import BoxMm
from idocr.lines import Line
from idocr.models import RecognizerModel, shipped_folder
from idocr.steps import Seen, Steps
from idocr.strips import Strip

MODEL = RecognizerModel(shipped_folder(), 1, fields.Grammars.characters())
GRAMMARS = fields.Grammars(MODEL.class_of)


def _seen(text: str) -> Seen:
    """Directions of these characters as the model's table has them, and ink where they stand."""
    known = {char: id_ for id_, char in enumerate(MODEL.characters)}
    directions = np.array([MODEL.rows[known.get(char, 0)] for char in text], np.float32).reshape(
        -1, 128
    )
    directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-6)
    everywhere = np.zeros((2 * len(text) + 1, 128), np.float32)
    everywhere[1::2] = directions
    ink = np.zeros(2 * len(text) + 1, np.float32)
    ink[1::2] = [char != " " for char in text]
    at = np.arange(len(text)) * 2 + 1
    return Seen(everywhere, directions, ink, at, at.astype(np.float32), 32)


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
    steps = Steps(probs, ("", *places), middles, _seen(text))
    return Line(strip, np.zeros((3, 48, 8 * count), np.float32), steps, MODEL)
