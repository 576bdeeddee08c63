"""idocr beside rapidocr on the same pictures, each in a process of its own with one thread.

    python bench/speed.py --rival-python PATH [PICTURE...]

PATH is the python of an environment with `pip install rapidocr==3.10.0 onnxruntime`. The two are run in turn,
several times; medians are quoted. Writes bench/reports/speed.md and speed.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from idocr.bench import describe, progress

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "tests" / "samples"

MEASURE = """
import json, resource, sys, time
pictures = [open(p, "rb").read() for p in json.loads(sys.argv[1])]
start = time.perf_counter()
{setup}
first = read(pictures[0])
first_result_ms = (time.perf_counter() - start) * 1000
cpu = []
for picture in pictures:
    begun = time.process_time()
    read(picture)
    cpu.append((time.process_time() - begun) * 1000)
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({{"cpu_ms": cpu, "first_result_ms": first_result_ms, "peak_mb": peak_mb}}))
"""

OURS = "import idocr; read = idocr.Recognizer(threads=1).recognize"
RIVAL = """
import logging; logging.disable(logging.CRITICAL)
from rapidocr import RapidOCR
one = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
read = RapidOCR(params=one)
"""


def run_once(python: str, setup: str, pictures: list[Path]) -> dict[str, Any]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
    code = MEASURE.format(setup="import cv2; cv2.setNumThreads(1)\n" + setup)
    done = subprocess.run(
        [python, "-c", code, json.dumps([str(p) for p in pictures])],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    if done.returncode != 0:
        raise SystemExit(f"{python} could not measure:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def summary(runs: list[dict[str, Any]]) -> dict[str, float]:
    return {
        "cpu_ms": statistics.median(ms for run in runs for ms in run["cpu_ms"]),
        "first_result_ms": statistics.median(run["first_result_ms"] for run in runs),
        "peak_mb": statistics.median(run["peak_mb"] for run in runs),
    }


def report(
    ours: dict[str, float], rival: dict[str, float], about: dict[str, Any], pictures: int
) -> str:
    rows = [
        ("CPU ms a picture, warm", "cpu_ms"),
        ("first result, ms from nothing imported", "first_result_ms"),
        ("peak memory, MB", "peak_mb"),
    ]
    lines = [
        f"Measured {about['date']} on {about['processor']}, one thread each, {pictures} SPECIMEN "
        f"photographs of 1280x960 px in {about['rounds']} rounds, JPEG bytes to answer; medians. "
        f"idocr {about['idocr']}, rapidocr 3.10.0 as installed (PP-OCRv6 small), "
        f"onnxruntime {about['onnxruntime']}, opencv {about['opencv']}.",
        "",
        "| | idocr | rapidocr | rapidocr / idocr |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {ours[key]:.0f} | {rival[key]:.0f} | {rival[key] / ours[key]:.1f} |"
        for name, key in rows
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "pictures", nargs="*", type=Path, help="photographs (default: the cards of tests/samples)"
    )
    parser.add_argument(
        "--rival-python", required=True, help="python of an environment with rapidocr"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "reports", help="folder of the report")
    options = parser.parse_args()
    cards = [p for p in sorted(SAMPLES.glob("*.jpg")) if not p.stem.startswith(("none", "other"))]
    pictures = options.pictures or cards
    ours, rival = [], []
    for _ in progress("rounds", options.rounds):
        ours.append(run_once(sys.executable, OURS, pictures))
        rival.append(run_once(options.rival_python, RIVAL, pictures))
    about = {"date": f"{date.today():%Y-%m-%d}", "rounds": options.rounds, **describe()}
    text = report(summary(ours), summary(rival), about, len(pictures))
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "speed.md").write_text(text, "utf-8")
    figures = {"idocr": summary(ours), "rapidocr": summary(rival), "about": about}
    (options.out / "speed.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
