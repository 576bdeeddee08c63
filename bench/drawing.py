"""How fast specimens are drawn: whole photographs by set, and text lines; CPU time of one core.

    python bench/drawing.py [--count 60]

Photographs are of 1280x960 px, from a seed to JPEG bytes with all their truth; lines are 216x32 px, as the
recogniser is trained on. Glyphs, textures and portraits are drawn once a process and kept: the first
pictures are slower and are timed apart. Writes bench/reports/drawing.md and drawing.json.
"""

from __future__ import annotations

import argparse
import json
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


def measure_pictures(count: int, warm_up: int) -> dict[str, dict[str, float]]:
    import pictures

    found: dict[str, dict[str, float]] = {}
    for set_name in progress_over(pictures.SETS):
        times = [
            timed(lambda i=i, s=set_name: pictures.draw_picture(s, 3, i, "train"))  # type: ignore[misc]
            for i in range(warm_up + count)
        ]
        found[set_name] = {
            "first_ms": statistics.fmean(times[:warm_up]),
            "ms": statistics.fmean(times[warm_up:]),
        }
    return found


def measure_lines(count: int, warm_up: int) -> dict[str, float]:
    import lines
    import numpy as np

    rng = np.random.default_rng(3)
    times = [timed(lambda: lines.draw_line(rng, "train")) for _ in range(warm_up + count)]
    return {"first_ms": statistics.fmean(times[:warm_up]), "ms": statistics.fmean(times[warm_up:])}


def progress_over(items: tuple[str, ...]) -> list[str]:
    return [items[index] for index in progress("sets", len(items))]


def report(sets: dict[str, dict[str, float]], lines: dict[str, float], count: int) -> str:
    rows = [
        f"Mean CPU time of one core of {processor()}, {count} pictures a set of the train split, after as "
        "many first ones.",
        "",
        "| | pictures a second | ms | first ones, ms |",
        "|---|---|---|---|",
    ]
    for name, figures in [*sets.items(), ("text line", lines)]:
        rows.append(
            f"| {name} | {1000 / figures['ms']:.0f} | {figures['ms']:.1f} | {figures['first_ms']:.1f} |"
        )
    tiers = statistics.fmean(sets[name]["ms"] for name in ("clean", "ordinary", "hard"))
    rows += ["", f"The three tiers together: {1000 / tiers:.0f} photographs a second."]
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
    sets = measure_pictures(options.count, options.count)
    lines = measure_lines(10 * options.count, 20 * options.count)
    text = report(sets, lines, options.count)
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "drawing.md").write_text(text, "utf-8")
    figures = {"pictures": sets, "lines": lines, "processor": processor()}
    (options.out / "drawing.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
