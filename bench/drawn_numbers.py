"""How often a citizen number is read wrong and nothing says so: `python bench/drawn_numbers.py`.

Numbers of made-up people, each drawn as a row of a card of the split "test" and spoilt as rows in photographs
are, go through the recogniser, the decoder, repair and the rules, without the rest of their cards: the print
of birth and gender, which would give more of them away, is not there. The bar: of 100,000 none that is wrong
has `logic` 0. Writes bench/reports/drawn_numbers.json; about 8 ms of one core a number.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import idocr
from idocr import fields, rules
from idocr.bench import progress
from idocr.layout import NUMBER_ROW, BoxMm
from idocr.lines import Line, to_gray
from idocr.reading import Side
from idocr.repair import with_repaired_number
from idocr.strips import SIDE_MARGIN_MM, Strip

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "models" / "training"))
ROW_MM = 2.9  # the height of the number's print
OUTCOMES = ("right", "nothing read", "wrong, logic 1", "wrong, logic 0")
TASK = 250  # numbers to one message between processes


@cache
def _recognizer() -> idocr.Recognizer:
    cv2.setNumThreads(1)
    return idocr.Recognizer()


def line_of(pixels: np.ndarray, recognizer: Any) -> Line:
    """The row as if it had been found where a card's number stands. pixels: (48, W, 3) BGR."""
    height, width = pixels.shape[:2]
    strip = Strip.around(BoxMm(NUMBER_ROW.left, 0.0, NUMBER_ROW.left + 1.0, ROW_MM), height)
    mm = strip.box.height / height
    right = strip.box.left + width * mm
    top = NUMBER_ROW.top - strip.box.top
    box = BoxMm(strip.box.left, NUMBER_ROW.top, right, NUMBER_ROW.top + height * mm)
    row = BoxMm(NUMBER_ROW.left, top, right - SIDE_MARGIN_MM, top + ROW_MM)
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32) / 127.5 - 1
    (steps,) = recognizer._reader.run([to_gray(planes)])
    return Line(Strip(row, box, width, height), planes, steps, recognizer._reader)


def outcome(line: Line, number: str, recognizer: Any) -> str:
    draft = fields.draft_number([line], recognizer._grammars)
    drafts = {"id_number": draft, "name": fields.Draft(), "address": fields.Draft()}
    text = with_repaired_number(fields.SideText(Side.PORTRAIT, drafts))
    read = rules.cross_check(text)["id_number"]
    if not read.text:
        return "nothing read"
    if read.text == number:
        return "right"
    return f"wrong, logic {int(bool(read.problems))}"


def outcomes(task: tuple[int, int]) -> Counter[str]:
    from lines import draw_number
    from people import make_person

    seed, first = task
    found: Counter[str] = Counter()
    for index in range(first, first + TASK):
        rng = np.random.default_rng([seed, index])
        number = make_person(rng, "test").id_number
        pixels = draw_number(rng, "test", number)
        found[outcome(line_of(pixels, _recognizer()), number, _recognizer())] += 1
    return found


def measure(count: int, seed: int, jobs: int) -> dict[str, int]:
    tasks = [(seed, first) for first in range(0, count, TASK)]
    total: Counter[str] = Counter()
    with get_context("spawn").Pool(jobs) as pool:
        parts = pool.imap_unordered(outcomes, tasks)
        for _ in progress("numbers", len(tasks)):
            total += next(parts)
    return {name: total[name] for name in OUTCOMES}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=100_000, help="numbers (default: 100000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument(
        "--out", type=Path, default=HERE / "reports" / "drawn_numbers.json", metavar="FILE"
    )
    options = parser.parse_args()
    count = -(-options.n // TASK) * TASK
    found = measure(count, options.seed, options.jobs)
    report = {"numbers": count, "seed": options.seed, "idocr": idocr.__version__, **found}
    options.out.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    for name in OUTCOMES:
        print(f"{name:16}{found[name]:8}  {found[name] / count:8.3%}")


if __name__ == "__main__":
    main()
