"""How much idocr reads right on freshly drawn specimens: fonts of the test split, three camera levels.

    python bench/specimens.py [--count 300] [--seed 7]

Strict: a field counts as right when its text is exactly the printed one; a misread field whose
`logic` is 0 is silent. Draws with models/training (its README says what that needs). Writes
bench/reports/specimens.md and .json.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import idocr
from idocr.bench import progress

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "models" / "training"))


@dataclass
class Score:
    cards: int = 0
    found: int = 0
    whole: int = 0
    fields: int = 0
    right: int = 0
    misread: int = 0
    silent: int = 0
    corner_errors: list[float] = field(
        default_factory=list
    )  # worst corner, share of the card's width

    def add(self, reading: idocr.Reading, side: str, truth: dict[str, str], corners: Any) -> None:
        found = reading.side is not None and reading.side.name.lower() == side
        texts = {name: reading.text(name) if found else "" for name in truth}
        wrong = [name for name in truth if texts[name] and texts[name] != truth[name]]
        self.cards += 1
        self.found += found
        self.fields += len(truth)
        self.right += sum(texts[name] == truth[name] for name in truth)
        self.whole += all(texts[name] == truth[name] for name in truth)
        self.misread += len(wrong)
        self.silent += sum(not reading.fields[name].logic for name in wrong)
        width = float(np.linalg.norm(corners[1] - corners[0]))
        quad = np.array(reading.card_quad) if reading.card_quad else np.full((4, 2), np.inf)
        self.corner_errors.append(min(1.0, float(np.abs(quad - corners).max()) / width))


def measure(count: int, seed: int) -> tuple[dict[str, Score], dict[str, list[int]]]:
    """Scores by camera level, and [right, cards] by field."""
    import camera
    import people
    import specimen

    rng = np.random.default_rng(seed)
    recognizer = idocr.Recognizer()
    levels: dict[str, Score] = {level: Score() for level in camera.LEVELS}
    fields: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for index in progress("specimens", count):
        side = ("portrait", "emblem")[index % 2]
        style = specimen.CardStyle.random(rng, split="test")
        drawn = specimen.draw_card(people.make_person(rng), side, style)
        level = camera.LEVELS[index // 2 % 3]
        photo = camera.photograph(drawn.image, drawn.alpha, rng, level)
        data = bytes(cv2.imencode(".jpg", photo.image, [cv2.IMWRITE_JPEG_QUALITY, 90])[1])
        reading = recognizer.read(data)
        truth = {name: known.text for name, known in drawn.fields.items()}
        levels[level].add(reading, side, truth, photo.corners - 0.5)
        for name, text in truth.items():
            fields[name][0] += reading.text(name) == text
            fields[name][1] += 1
    return levels, dict(fields)


def measure_refusals(count: int, seed: int) -> dict[str, list[int]]:
    """[refused, pictures] by kind of picture without a card."""
    import camera
    import specimen

    rng = np.random.default_rng(seed)
    recognizer = idocr.Recognizer()
    kinds: dict[str, list[int]] = {"table": [0, 0], "page of text": [0, 0], "other card": [0, 0]}
    for index in progress("no cards", count):
        kind = list(kinds)[index % 3]
        if kind == "table":
            picture = camera.background(rng, 960, 1280)
        elif kind == "page of text":
            picture = specimen.draw_page(rng)
        else:
            face = specimen.draw_other_card(rng)
            whole = np.full(face.shape[:2], 255, np.uint8)
            picture = camera.photograph(face, whole, rng, "clean").image
        kinds[kind][0] += not recognizer.read(picture).found
        kinds[kind][1] += 1
    return kinds


def report(
    levels: dict[str, Score], fields: dict[str, list[int]], refused: dict[str, list[int]], seed: int
) -> str:
    lines = [
        f"{sum(s.cards for s in levels.values())} specimens of 1280x960 px, seed {seed}, "
        f"fonts of the test split; strict comparison of texts. idocr {idocr.__version__}.",
        "",
        "| camera | cards | side found | whole card right | fields right | misread | of these silent | "
        "worst corner, median / 95 % (of the width) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for level, s in levels.items():
        middle, high = np.quantile(s.corner_errors, [0.5, 0.95]) * 100
        lines.append(
            f"| {level} | {s.cards} | {s.found / s.cards:.1%} | {s.whole / s.cards:.1%} | "
            f"{s.right / s.fields:.1%} | {s.misread / s.fields:.1%} | {s.silent / s.fields:.1%} | "
            f"{middle:.2f} / {high:.2f} % |"
        )
    lines += ["", "| field | right |", "|---|---|"]
    lines += [
        f"| {name} | {right / cards:.1%} of {cards} |" for name, (right, cards) in fields.items()
    ]
    lines += ["", "| picture without a card | refused |", "|---|---|"]
    lines += [f"| {name} | {right} of {pictures} |" for name, (right, pictures) in refused.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=HERE / "reports", help="folder of the report")
    options = parser.parse_args()
    levels, fields = measure(options.count, options.seed)
    refused = measure_refusals(options.count // 2, options.seed)
    text = report(levels, fields, refused, options.seed)
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "specimens.md").write_text(text, "utf-8")
    figures = {
        "levels": {name: asdict(score) for name, score in levels.items()},
        "fields": fields,
        "refused": refused,
    }
    (options.out / "specimens.json").write_text(json.dumps(figures) + "\n", "utf-8")


if __name__ == "__main__":
    main()
