"""Is the judgement of a picture right: quality of spoilt fields, completeness of cut cards, portraits.

    python bench/judgement.py --n 300 --seed 1

Draws from the split test with models/training. Writes `bench/reports/judgement.json`, which `accuracy.py`
puts into its report, and `quality.png` beside it. Legality needs no pictures of its own: `accuracy.py`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from asking import import_from_training
from curves import Axes, Curve, draw, png, roc
from scores import Share

import idocr
from idocr.image import Limits

HERE = Path(__file__).parent
QUALITY_THRESHOLD = 0.15  # Megvii's
# Of the card's width or height that a cut takes: none, the border, into the print.
CUTS = (-0.06, -0.02, 0.03, 0.06, 0.12, 0.2, 0.3)
EDGES = ("left", "top", "right", "bottom", "left top", "right top", "right bottom", "left bottom")
QUALITY_AXES = Axes(
    "quality, or share of clean fields below it; upwards: share right, share caught"
)
PORTRAITS = ("as drawn", "grey", "covered", "blank", "blurred")


def decoded(jpeg: bytes) -> np.ndarray:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


# ---- quality ----------------------------------------------------------------------------------------


@dataclass
class QualityFigures:
    """Spoilt fields: `lost` were read right before and are not now; `kept` still are."""

    clean_low: Share = field(default_factory=Share)  # fields of clean pictures below 0.15
    lost_low: dict[str, Share] = field(default_factory=dict)  # by the kind of spoiling
    kept_low: Share = field(default_factory=Share)
    right_by_quality: list[Share] = field(default_factory=list)  # in tenths of quality
    lost: list[float] = field(default_factory=list)
    clean: list[float] = field(default_factory=list)


def measure_quality(recognizer: idocr.Recognizer, count: int, seed: int) -> QualityFigures:
    import spoil
    from pictures import draw_picture

    found = QualityFigures(right_by_quality=[Share() for _ in range(10)])
    for index in range(count):
        set_name, number = spoil.base_of(index, spoil.PLAIN_SETS[:2])
        base = draw_picture(set_name, seed, number, "test")
        jpeg, truth = spoil.spoilt_picture(base, seed, index)
        before, after = recognizer.read(base.jpeg), recognizer.read(jpeg)
        name, kind = truth["spoilt"], truth["spoil_kind"]
        right = {n for n, f in base.fields.items() if before.text(n) == f.text}
        for n in right if set_name == "clean" else ():
            found.clean_low.count(before.fields[n].quality < QUALITY_THRESHOLD)
            found.clean.append(before.fields[n].quality)
        if name not in right:
            continue
        quality = after.fields[name].quality if name in after.fields else 0.0
        still = after.text(name) == base.fields[name].text
        found.right_by_quality[min(9, int(10 * quality))].count(still)
        if still:
            found.kept_low.count(quality < QUALITY_THRESHOLD)
        else:
            found.lost_low.setdefault(str(kind), Share()).count(quality < QUALITY_THRESHOLD)
            found.lost.append(quality)
    return found


# ---- completeness -----------------------------------------------------------------------------------


def cut(
    photo: np.ndarray, corners: np.ndarray, edge: str, share: float
) -> tuple[np.ndarray, np.ndarray]:
    """The photograph without what lies beyond `share` of the card from that edge or corner of it.

    The card is taken to lie across the picture; returns the rest and where its left top px was.
    """
    low, high = corners.min(axis=0), corners.max(axis=0)
    reach = share * (high - low)
    height, width = photo.shape[:2]
    left = int(max(0, low[0] + reach[0])) if "left" in edge else 0
    top = int(max(0, low[1] + reach[1])) if "top" in edge else 0
    right = int(min(width, high[0] - reach[0])) if "right" in edge else width
    bottom = int(min(height, high[1] - reach[1])) if "bottom" in edge else height
    return np.ascontiguousarray(photo[top:bottom, left:right]), np.array([left, top])


def true_completeness(picture: Any, origin: np.ndarray, size: tuple[int, int]) -> int:
    """0 whole, 1 cut with all text inside, 2 text outside, from the drawing's own truth."""
    slack = 0.015 * float(np.linalg.norm(picture.corners[1] - picture.corners[0]))

    def outside(points: np.ndarray, margin: float) -> bool:
        at = points - origin
        beyond = (at < -margin) | (at > np.array(size) - 1 + margin)
        return bool(beyond.any())

    if not outside(picture.corners, slack):
        return 0
    return 2 if any(outside(f.quad, 0.0) for f in picture.fields.values()) else 1


def measure_completeness(recognizer: idocr.Recognizer, count: int, seed: int) -> dict[str, Share]:
    """By the true class, of cards that were found; and how many were not found."""
    from pictures import draw_picture

    found = {
        name: Share() for name in ("whole", "cut, text inside", "text outside", "no card found")
    }
    for index in range(count):
        picture = draw_picture("clean", seed, index, "test")
        photo = decoded(picture.jpeg)
        edge, share = EDGES[index % len(EDGES)], CUTS[index // len(EDGES) % len(CUTS)]
        rest, origin = cut(photo, np.asarray(picture.corners, float), edge, share)
        truth = true_completeness(picture, origin, (rest.shape[1], rest.shape[0]))
        reading = recognizer.read(rest)
        found["no card found"].count(not reading.found)
        if reading.found:
            name = list(found)[truth]
            found[name].count(reading.completeness == truth)
    return found


# ---- portraits --------------------------------------------------------------------------------------


def spoilt_portrait(photo: np.ndarray, quad: np.ndarray, way: str, rng: np.random.Generator) -> Any:
    """The photograph with the portrait grey, covered, blank or blurred."""
    out = photo.copy()
    mask = np.zeros(photo.shape[:2], np.uint8)
    middle = quad.mean(axis=0)
    points = ((quad - middle) * 1.05 + middle).round().astype(np.int32)
    cv2.fillConvexPoly(mask, points, 255)
    inside = mask > 0
    if way == "grey":
        out[inside] = cv2.cvtColor(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)[
            inside
        ]
    elif way == "covered":
        out[inside] = np.clip(
            rng.normal(rng.uniform(40, 250, 3), 3, (int(inside.sum()), 3)), 0, 255
        )
    elif way == "blank":
        ring = (cv2.dilate(mask, np.ones((15, 15), np.uint8)) > 0) & ~inside
        paper = np.median(photo[ring], axis=0)
        out[inside] = np.clip(rng.normal(paper, 2, (int(inside.sum()), 3)), 0, 255)
    elif way == "blurred":
        sigma = 0.12 * float(np.linalg.norm(quad[1] - quad[0]))
        out[inside] = cv2.GaussianBlur(photo, (0, 0), sigma)[inside]
    return out


def measure_portraits(recognizer: idocr.Recognizer, count: int, seed: int) -> dict[str, Share]:
    """How many portraits are returned, by what was done to them."""
    from pictures import draw_picture

    rng = np.random.default_rng(seed)
    found = {way: Share() for way in PORTRAITS}
    for index in range(count):
        picture = draw_picture("clean", seed, 2 * (index // len(PORTRAITS)), "test")
        way = PORTRAITS[index % len(PORTRAITS)]
        photo = decoded(picture.jpeg)
        quad = np.asarray(picture.portrait_quad, float)
        reading = recognizer.read(spoilt_portrait(photo, quad, way, rng))
        if reading.found:
            found[way].count(reading.portrait is not None)
    return found


# ---- cost and the command ------------------------------------------------------------------------------


def judge_cpu_ms(recognizer: idocr.Recognizer, count: int, seed: int) -> float:
    """Median CPU time of the stage "judge" of ordinary pictures, this process, one thread."""
    from pictures import draw_picture

    spent = []
    inner = recognizer._judge

    def timed(*arguments: Any) -> Any:
        inner(*arguments)
        start = time.process_time()
        reading = inner(*arguments)
        spent.append((time.process_time() - start) * 1000)
        return reading

    recognizer._judge = timed  # type: ignore[method-assign, assignment]
    try:
        for index in range(count):
            recognizer.read(draw_picture("ordinary", seed, index, "test").jpeg)
    finally:
        recognizer._judge = inner  # type: ignore[method-assign]
    return float(np.median(spent))


def plain(shares: dict[str, Share]) -> dict[str, list[int]]:
    return {name: [s.right, s.total] for name, s in shares.items()}


def quality_curves(found: QualityFigures) -> list[Curve]:
    caught = roc([1 - q for q in found.lost], [1 - q for q in found.clean])
    shares = [(k / 10 + 0.05, s.value) for k, s in enumerate(found.right_by_quality)]
    known = [(x, y) for x, y in shares if y is not None]
    return [
        Curve("misread, of clean ones", [x for x, _ in caught], [y for _, y in caught]),
        Curve("right, by quality", [x for x, _ in known], [y for _, y in known]),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--n", type=int, default=300, help="pictures of each kind (default: 300)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HERE, metavar="DIR")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    import_from_training()
    # What a cut leaves may be smaller than Megvii takes.
    recognizer = idocr.Recognizer(limits=Limits(min_side_px=64))
    quality = measure_quality(recognizer, options.n, options.seed)
    figures = {
        "n": options.n,
        "seed": options.seed,
        "quality, clean fields below 0.15": plain({"all": quality.clean_low})["all"],
        "quality, spoilt and still right, below 0.15": plain({"all": quality.kept_low})["all"],
        "quality, spoilt and misread, below 0.15": plain(quality.lost_low),
        "completeness right": plain(measure_completeness(recognizer, options.n, options.seed)),
        "portraits returned": plain(measure_portraits(recognizer, options.n // 2, options.seed)),
        "judge, CPU ms": round(judge_cpu_ms(recognizer, min(60, options.n), options.seed), 2),
    }
    text = json.dumps(figures, ensure_ascii=False, indent=1)
    (options.out / "reports").mkdir(parents=True, exist_ok=True)
    (options.out / "reports" / "judgement.json").write_text(text + "\n", "utf-8")
    canvas = draw(quality_curves(quality), QUALITY_AXES)
    (options.out / "reports" / "quality.png").write_bytes(png(canvas))
    print(text)


if __name__ == "__main__":
    main()
