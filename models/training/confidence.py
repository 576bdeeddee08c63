"""Fits models/confidence.json: how sure the reader's own account of a field or character may be taken to be.

    python models/training/confidence.py --count 300 --jobs 2     (then list_models.py)

Draws --count pictures of each set of the split "train", reads them with the models that are there, and
fits one logistic regression a group of fields (src/idocr/confidence.py) to what was right. Then the same
number of pictures of the split "test" says how good that is. Run it after the recogniser was replaced.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from idocr import confidence
from idocr.confidence import Calibration
from idocr.lines import LineChar

OUTPUT = Path(__file__).parents[1] / "confidence.json"
SETS = ("clean", "ordinary", "hard", "bilingual", "damaged", "temporary")
MOST_SETS = 3  # the first of them are drawn --count times, the others a fifth of that
TRAIN_SEED, TEST_SEED = 11, 5
SEEN = 0.9  # a field of which less is visible is not asked for, as in bench/answers.py


@dataclass(frozen=True)
class Outcome:
    """One field, or one character, that was read: what was seen of it, and whether it was right."""

    group: str
    name: str
    features: tuple[float, ...]
    right: bool


_recognizer: Any = None


def _start() -> None:
    import cv2

    from idocr import Recognizer

    global _recognizer  # noqa: PLW0603 - one recognizer a process
    cv2.setNumThreads(1)
    _recognizer = Recognizer()
    _recognizer.calibration = Calibration({}, {})  # the network's own account


def _start_held_out() -> None:
    """Cards of the split train are printed in a face that the recogniser was not trained on."""
    import faces

    _start()
    faces.HEI["train"] = {faces.HELD_OUT: 1.0}


def outcomes(task: tuple[str, int, int, str]) -> list[Outcome]:
    """What was read in one picture: task is (set, seed, index, split)."""
    from pictures import draw_picture

    picture = draw_picture(*task)
    reading = _recognizer.read(picture.jpeg)
    if reading.side is None or (picture.side and reading.side.name.lower() != picture.side):
        return []
    found = []
    for name, field in reading.fields.items():
        printed = picture.fields.get(name)
        if not field.text or printed is None or printed.visibility < SEEN:
            continue
        right = field.text == printed.text
        found.append(Outcome(confidence.GROUPS[name], name, field.features, right))
        found += _char_outcomes(field, printed.text)
    return found


def _char_outcomes(field: Any, printed: str) -> Iterator[Outcome]:
    """Where texts are of one length their characters answer one another."""
    read = "".join(c.text for c in field.chars)
    plain = printed if len(printed) == len(read) else ""
    for char, truth in zip(field.chars, plain, strict=False):
        one = LineChar(char.text, char.confidence, 0, 0, char.alternatives)
        features = confidence.char_features(one)
        yield Outcome(confidence.char_group(char.text), "char", features, char.text == truth)


def collect(count: int, split: str, seed: int, jobs: int) -> list[Outcome]:
    tasks = [
        (name, seed, index, split)
        for at, name in enumerate(SETS)
        for index in range(count if at < MOST_SETS else max(1, count // 5))
    ]
    found: list[Outcome] = []
    start = _start_held_out if split == "train" else _start
    with get_context("spawn").Pool(jobs, start) as pool:
        for done, part in enumerate(pool.imap_unordered(outcomes, tasks, 4), 1):
            found += part
            if done % 50 == 0 or done == len(tasks):
                print(f"\r{split}: {done}/{len(tasks)} pictures", end="", file=sys.stderr)
    print(file=sys.stderr)
    return found


def fit(found: list[Outcome]) -> Calibration:
    """One curve for each group that occurs."""
    groups: dict[bool, defaultdict[str, list[Outcome]]] = {
        kind: defaultdict(list) for kind in (False, True)
    }
    for one in found:
        groups[one.name == "char"][one.group].append(one)
    fields, chars = (
        {
            name: confidence.fit(
                np.array([o.features for o in part]), np.array([o.right for o in part])
            )
            for name, part in sorted(groups[kind].items())
        }
        for kind in (False, True)
    )
    return Calibration(fields, chars)


def stated(calibration: Calibration, one: Outcome) -> float:
    if one.name == "char":
        return calibration.chars[one.group](np.array(one.features))
    return calibration.field(one.name, np.array(one.features))


def report(calibration: Calibration, found: list[Outcome]) -> None:
    """For each field: how many, how many right, and the expected calibration error before and after."""
    by_name = defaultdict(list)
    for one in found:
        by_name[one.name if one.name != "char" else f"char, {one.group}"].append(one)
    own = Calibration({}, {})
    print(f"{'':14}{'read':>7}{'right':>9}{'stated':>9}{'own ECE':>9}{'ECE':>8}")
    for name, part in by_name.items():
        right = [o.right for o in part]
        before = [
            1 / (1 + np.exp(-o.features[0])) if o.name == "char" else stated(own, o) for o in part
        ]
        after = [stated(calibration, o) for o in part]
        print(
            f"{name:14}{len(part):7}{np.mean(right):9.2%}{np.mean(after):9.2%}"
            f"{confidence.calibration_error(before, right):9.2%}"
            f"{confidence.calibration_error(after, right):8.2%}"
        )


def write(calibration: Calibration, path: Path) -> None:
    curves = {
        kind: {name: asdict(curve) for name, curve in getattr(calibration, kind).items()}
        for kind in ("fields", "chars")
    }
    head = {
        "features": list(confidence.FEATURES),
        "char_features": list(confidence.CHAR_FEATURES),
    }
    path.write_text(json.dumps(head | curves, indent=1) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--count", type=int, default=300, help="pictures of each set (default: 300)"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--out", type=Path, default=OUTPUT, metavar="FILE")
    parser.add_argument("--report-only", action="store_true", help="judge the file that is there")
    options = parser.parse_args()
    if options.report_only:
        calibration = Calibration.of_json(options.out.read_text("utf-8"))
    else:
        calibration = fit(collect(options.count, "train", TRAIN_SEED, options.jobs))
        write(calibration, options.out)
        print(f"{options.out} written; run models/training/list_models.py, then --report-only")
        return  # idocr does not load a file that MODELS.toml does not list
    report(calibration, collect(options.count, "test", TEST_SEED, options.jobs))


if __name__ == "__main__":
    main()
