"""How fast specimens are drawn: whole photographs by set, and text lines; CPU time of one core.

The bar: at least 20 whole photographs a second a core (50 ms each), and 300 text lines.

    python bench/drawing.py [--count 60]

Both splits: the accuracy report is drawn from "test", training from "train".
Photographs are of 1280x960 px, from a seed to JPEG bytes with all their truth; lines are 216x32 px, as the
recogniser is trained on. Glyphs, textures and portraits are drawn once a process and kept: the first
pictures, which are slower, are timed apart. Writes bench/reports/drawing.md and drawing.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from idocr.bench import processor, progress

HERE = Path(__file__).parent
LEAST_PICTURES, LEAST_LINES = 20, 300  # a second a core
sys.path.insert(0, str(HERE.parent / "models" / "training"))


def timed(action: Callable[[], Any]) -> float:
    """CPU ms of one call."""
    start = time.process_time()
    action()
    return (time.process_time() - start) * 1000


def summary(first: list[float], steady: list[float]) -> dict[str, float]:
    """Of ms: the first ones, while caches fill, only averaged. Drawn in a second: by the mean."""
    mean = statistics.fmean(steady)
    return {
        "first_ms": statistics.fmean(first),
        "ms": mean,
        "median_ms": statistics.median(steady),
        "a_second": 1000 / mean,
    }


def measure_pictures(split: str, count: int) -> dict[str, dict[str, float]]:
    """The first round over all sets is what fills the caches, for the second too."""
    import pictures

    times: dict[str, list[float]] = {name: [] for name in pictures.SETS}
    for first in (0, count):
        for set_name in progress_over(pictures.SETS):
            times[set_name] += [
                timed(lambda i=i, s=set_name: pictures.draw_picture(s, 3, i, split))  # type: ignore[misc]
                for i in range(first, first + count)
            ]
    return {name: summary(found[:count], found[count:]) for name, found in times.items()}


def measure_lines(count: int, warm_up: int) -> dict[str, float]:
    import lines
    import numpy as np

    rng = np.random.default_rng(3)
    times = [timed(lambda: lines.draw_line(rng, "train")) for _ in range(warm_up + count)]
    return summary(times[:warm_up], times[warm_up:])


def progress_over(items: tuple[str, ...]) -> list[str]:
    return [items[index] for index in progress("sets", len(items))]


def report(
    splits: dict[str, dict[str, dict[str, float]]],
    lines: dict[str, float],
    count: int,
    load: float,
) -> str:
    rows = [
        f"CPU time of one core of {processor()}: {count} pictures a set, after as many first ones of "
        f"every set. Mean load of the {os.cpu_count()} cores meanwhile: {load:.1f} (CPU time grows with what "
        f"else the machine does). The bar: {LEAST_PICTURES} photographs a second a core, that is "
        f"{1000 // LEAST_PICTURES} ms each, and {LEAST_LINES} lines. A second's worth is by the mean.",
        "",
        "| split | | a second a core | the bar | median, ms | mean, ms | first ones, mean, ms |",
        "|---|---|---|---|---|---|---|",
    ]
    named = [
        (split, *one, LEAST_PICTURES) for split, sets in splits.items() for one in sets.items()
    ]
    for split, name, figures, least in [*named, ("train", "text line", lines, LEAST_LINES)]:
        reached = "reached" if figures["a_second"] >= least else "missed"
        times = " | ".join(f"{figures[n]:.1f}" for n in ("median_ms", "ms", "first_ms"))
        rows.append(f"| {split} | {name} | {figures['a_second']:.1f} | {reached} | {times} |")
    rows.append("")
    for split, sets in splits.items():
        tiers = statistics.fmean(sets[name]["ms"] for name in ("clean", "ordinary", "hard"))
        rows.append(
            f"The three tiers of {split} together: {1000 / tiers:.1f} photographs a second a core."
        )
    return "\n".join(rows) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=60, help="pictures of each set")
    parser.add_argument("--out", type=Path, default=HERE / "reports", help="folder of the report")
    options = parser.parse_args()
    import cv2

    cv2.setNumThreads(1)
    load = [os.getloadavg()[0]]
    splits = {}
    for split in ("train", "test"):
        splits[split] = measure_pictures(split, options.count)
        load.append(os.getloadavg()[0])
    lines = measure_lines(10 * options.count, 20 * options.count)
    text = report(splits, lines, options.count, statistics.fmean(load))
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "drawing.md").write_text(text, "utf-8")
    figures = {"pictures": splits, "lines": lines, "processor": processor()}
    (options.out / "drawing.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
