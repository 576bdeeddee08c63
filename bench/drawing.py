"""How fast specimens are drawn: whole photographs by set, and text lines; CPU time of one core.

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
sys.path.insert(0, str(HERE.parent / "models" / "training"))


def timed(action: Callable[[], Any]) -> float:
    """CPU ms of one call."""
    start = time.process_time()
    action()
    return (time.process_time() - start) * 1000


def measure_pictures(split: str, count: int) -> dict[str, dict[str, float]]:
    """The first round over all sets is what fills the caches, for the second too."""
    import pictures

    found: dict[str, dict[str, float]] = {name: {} for name in pictures.SETS}
    for first, figure in ((0, "first_ms"), (count, "ms")):
        for set_name in progress_over(pictures.SETS):
            found[set_name][figure] = statistics.fmean(
                timed(lambda i=i, s=set_name: pictures.draw_picture(s, 3, i, split))  # type: ignore[misc]
                for i in range(first, first + count)
            )
    return found


def measure_lines(count: int, warm_up: int) -> dict[str, float]:
    import lines
    import numpy as np

    rng = np.random.default_rng(3)
    times = [timed(lambda: lines.draw_line(rng, "train")) for _ in range(warm_up + count)]
    return {"first_ms": statistics.fmean(times[:warm_up]), "ms": statistics.fmean(times[warm_up:])}


def progress_over(items: tuple[str, ...]) -> list[str]:
    return [items[index] for index in progress("sets", len(items))]


def report(
    splits: dict[str, dict[str, dict[str, float]]],
    lines: dict[str, float],
    count: int,
    load: float,
) -> str:
    rows = [
        f"Mean CPU time of one core of {processor()}: {count} pictures a set, after as many first ones of "
        f"every set. Mean load of the {os.cpu_count()} cores meanwhile: {load:.1f} (CPU time grows with what "
        "else the machine does).",
        "",
        "| split | | a second | ms | first ones, ms |",
        "|---|---|---|---|---|",
    ]
    named = [(split, *one) for split, sets in splits.items() for one in sets.items()]
    for split, name, figures in [*named, ("train", "text line", lines)]:
        speed = f"{1000 / figures['ms']:.1f} | {figures['ms']:.1f} | {figures['first_ms']:.1f}"
        rows.append(f"| {split} | {name} | {speed} |")
    rows.append("")
    for split, sets in splits.items():
        tiers = statistics.fmean(sets[name]["ms"] for name in ("clean", "ordinary", "hard"))
        rows.append(
            f"The three tiers of {split} together: {1000 / tiers:.1f} photographs a second."
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
