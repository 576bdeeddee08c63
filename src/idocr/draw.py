"""What was found, drawn over the picture: the card's outline, the fields, their names and state."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .reading import Field, Quad, Reading

U8 = NDArray[np.uint8]
Colour = tuple[int, int, int]  # BGR

CARD: Colour = (60, 200, 60)
READ: Colour = (200, 120, 20)
DOUBTFUL: Colour = (30, 60, 230)
PORTRAIT: Colour = (180, 60, 160)
QUALITY_THRESHOLD = 0.15


def _outline(canvas: U8, quad: Quad, colour: Colour, thickness: int) -> None:
    points = np.round(np.array(quad)).astype(np.int32)
    cv2.polylines(canvas, [points], True, colour, thickness, cv2.LINE_AA)


def _label(canvas: U8, quad: Quad, text: str, colour: Colour, scale: float) -> None:
    """A name tag on the quad's left top corner, as far as the picture reaches."""
    (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    x = int(np.clip(quad[0][0], 0, max(0, canvas.shape[1] - width - 4)))
    y = int(np.clip(quad[0][1] - 3, height + 4, canvas.shape[0] - base))
    cv2.rectangle(canvas, (x, y - height - 3), (x + width + 3, y + base - 1), colour, cv2.FILLED)
    white = (255, 255, 255)
    cv2.putText(canvas, text, (x + 2, y), cv2.FONT_HERSHEY_SIMPLEX, scale, white, 1, cv2.LINE_AA)


def _colour(field: Field) -> Colour:
    return DOUBTFUL if field.logic or field.quality < QUALITY_THRESHOLD else READ


def _turned_back(quad: Quad, width_px: int, height_px: int, quarters: int) -> Quad:
    """Where the corners lie after the picture was turned counter-clockwise by so many quarters."""
    for _ in range(quarters):
        lt, rt, rb, lb = ((y, width_px - 1 - x) for x, y in quad)
        quad = (lt, rt, rb, lb)
        width_px, height_px = height_px, width_px
    return quad


def _draw_found(canvas: U8, reading: Reading, quarters: int, scale: float, thin: int) -> U8:
    """Draw on the picture turned so that the card stands upright: tags then run along the print."""
    height, width = canvas.shape[:2]
    upright = np.ascontiguousarray(np.rot90(canvas, quarters))
    boxes = [(f.name, f.quad, _colour(f)) for f in reading.fields.values() if f.quad]
    if reading.portrait:
        boxes.append(("portrait", reading.portrait.quad, PORTRAIT))
    turned = [(name, _turned_back(q, width, height, quarters), c) for name, q, c in boxes]
    for _, quad, colour in turned:
        _outline(upright, quad, colour, thin)
    for name, quad, colour in turned:  # after all outlines, so that none crosses a tag
        _label(upright, quad, name, colour, scale)
    return np.ascontiguousarray(np.rot90(upright, -quarters))


def draw(bgr: U8, reading: Reading) -> U8:
    """A copy of the picture (H, W, 3) with what `reading` found in it.

    Green: the card, with a dot on its own left top corner. Blue: fields; red: fields that break a
    rule or are of bad quality. Purple: the portrait. The text itself is not drawn.
    """
    canvas = bgr.copy()
    scale = max(0.4, max(bgr.shape[:2]) / 2400)
    thin = max(1, round(max(bgr.shape[:2]) / 900))
    if reading.card_quad is None or reading.side is None:
        _label(canvas, ((4, 24),) * 4, "no card found", DOUBTFUL, 1.5 * scale)
        return canvas
    _outline(canvas, reading.card_quad, CARD, 2 * thin)
    corner = (round(reading.card_quad[0][0]), round(reading.card_quad[0][1]))
    cv2.circle(canvas, corner, 5 * thin, CARD, cv2.FILLED, cv2.LINE_AA)
    canvas = _draw_found(canvas, reading, reading.turn_degrees // 90 % 4, scale, thin)
    title = f"{reading.side.name.lower()} side, turned {reading.turn_degrees} degrees"
    _label(canvas, ((4, 24),) * 4, title, CARD, 1.2 * scale)
    return canvas
