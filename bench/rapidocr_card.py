"""rapidocr as the accuracy report asks it: one process, one thread, its default models.

    RIVAL_PYTHON bench/rapidocr_card.py      (started by accuracy.py; speaks as serving.py says)

rapidocr reads lines of text wherever they are, upside down too, but reads best what is upright. So
a picture whose text runs another way is turned upright by what was found in it, and read again:
what a careful user would do. What was read is answered as it is; `card_text.py` makes fields of it.
"""

from __future__ import annotations

import time

START = time.perf_counter()

import math  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from itertools import pairwise  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from serving import digest, serve  # noqa: E402

UPRIGHT_DEGREES = 20.0  # lines that lean less are rectified well enough by rapidocr itself
# In reading order; the words of the two sides never meet on one card but a temporary one.
LABELS = ("姓名", "性别", "出生", "住址", "公民身份号码")
EMBLEM_LABELS = ("中华人民共和国", "居民身份证", "签发机关", "有效期限")


@dataclass(frozen=True)
class Box:
    """One piece of text. quad: 4 points (x, y) in px of the picture, in any cyclic order."""

    text: str
    score: float  # 0..1
    quad: tuple[tuple[float, float], ...]

    @property
    def centre(self) -> tuple[float, float]:
        return sum(x for x, _ in self.quad) / 4, sum(y for _, y in self.quad) / 4


def is_of_a_card(box: Box) -> bool:
    """Whether the box begins with a label or is the number: the table may be full of other print."""
    text = box.text.replace(" ", "")
    return text.startswith((*LABELS, "民族", *EMBLEM_LABELS)) or (
        len(text) == 18 and text[:17].isdecimal()
    )


def text_direction(boxes: Sequence[Box]) -> float:
    """The angle of the lines in degrees, -90..90, clockwise in the picture; 0 where none is long.

    The mean over doubled angles of the long sides, by their length squared: a line and the same
    line upside down count as one direction. Of a card's own boxes where there are any long ones.
    """
    return _direction([box for box in boxes if is_of_a_card(box)]) or _direction(boxes)


def _direction(boxes: Sequence[Box]) -> float:
    cosine = sine = 0.0
    for box in boxes:
        (ax, ay), (bx, by), (cx, cy), _ = box.quad
        sides = ((bx - ax, by - ay), (cx - bx, cy - by))
        dx, dy = max(sides, key=lambda s: math.hypot(*s))
        short = min(math.hypot(*s) for s in sides)
        if math.hypot(dx, dy) > 1.6 * short:
            angle = 2 * math.atan2(dy, dx)
            cosine += math.hypot(dx, dy) ** 2 * math.cos(angle)
            sine += math.hypot(dx, dy) ** 2 * math.sin(angle)
    return math.degrees(math.atan2(sine, cosine)) / 2 if cosine or sine else 0.0


def turned(point: tuple[float, float], degrees: float) -> tuple[float, float]:
    """The point in a frame whose first axis runs `degrees` clockwise of the picture's."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return point[0] * cosine + point[1] * sine, point[1] * cosine - point[0] * sine


def is_upside_down(boxes: Sequence[Box], degrees: float) -> bool:
    """Whether the labels run from the bottom to the top when lines of `degrees` lie level."""
    votes = 0
    for labels in (LABELS, EMBLEM_LABELS):
        heights = [
            turned(box.centre, degrees)[1]
            for label in labels
            for box in boxes
            if box.text.replace(" ", "").startswith(label)
        ]
        votes += sum((b > a) - (b < a) for a, b in pairwise(heights))
    return votes < 0


def main() -> None:
    import importlib.metadata
    import logging

    logging.disable(logging.CRITICAL)
    import cv2

    cv2.setNumThreads(1)
    import numpy as np
    from rapidocr import RapidOCR

    one = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    engine = RapidOCR(params=one)

    def recognize(image: Any, to_picture: Any) -> list[Box]:
        """to_picture: (2, 3), px of `image` -> px of the picture as given."""
        found: Any = engine(image)
        if found.boxes is None:
            return []
        quads = np.asarray(found.boxes, float) @ to_picture[:, :2].T + to_picture[:, 2]
        return [
            Box(text, float(score), tuple((float(x), float(y)) for x, y in quad))
            for text, score, quad in zip(found.txts, found.scores, quads, strict=True)
        ]

    def upright(image: Any, degrees: float) -> tuple[Any, Any]:
        """The picture turned so that lines of `degrees` lie level, and the way back, (2, 3)."""
        height, width = image.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), degrees, 1.0)
        span = np.abs(matrix[:, :2]) @ (width, height)
        matrix[:, 2] += (span - (width, height)) / 2
        size = (round(float(span[0])), round(float(span[1])))
        return cv2.warpAffine(image, matrix, size), cv2.invertAffineTransform(matrix)

    def read(picture: bytes) -> dict[str, Any]:
        begun = time.process_time()
        image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
        passes = [recognize(image, np.eye(2, 3))]
        first_cpu_ms = (time.process_time() - begun) * 1000
        level = 0.0  # the direction that the last pass took for level
        while len(passes) < 3 and passes[-1]:
            degrees = text_direction(passes[-1])
            if is_upside_down(passes[-1], degrees):
                degrees += 180.0
            if abs((degrees - level + 180) % 360 - 180) <= UPRIGHT_DEGREES:
                break
            level = degrees
            passes.append(recognize(*upright(image, level)))
        return {
            "first_cpu_ms": round(first_cpu_ms, 2),
            "passes": [[[b.text, round(b.score, 4), b.quad] for b in boxes] for boxes in passes],
        }

    version = importlib.metadata.version("rapidocr")
    serve(f"{version}+{digest([Path(__file__)])}", START, read)


if __name__ == "__main__":
    main()
