"""idocr beside rapidocr on the same pictures, each in a process of its own with one thread.

    python bench/speed.py --rival-python PATH [PICTURE...]

PATH is the python of an environment with `pip install rapidocr==3.10.0 onnxruntime`. The two are run
in turn, several times; medians are quoted. Writes bench/reports/speed.md and speed.json.
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

# cv2 is no part of the import's time: it is imported by both, and first, to be held to one thread.
MEASURE = """
import importlib.metadata, json, resource, sys, time
pictures = [open(p, "rb").read() for p in json.loads(sys.argv[1])]
start = time.perf_counter()
import cv2, numpy; cv2.setNumThreads(1)
import_start = time.perf_counter()
{importing}
import_ms = (time.perf_counter() - import_start) * 1000
{making}
first = read(pictures[0])
first_result_ms = (time.perf_counter() - start) * 1000
cpu = []
for picture in pictures:
    begun = time.process_time()
    read(picture)
    cpu.append((time.process_time() - begun) * 1000)
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
names = ("idocr", "rapidocr", "onnxruntime", "numpy", "opencv-python-headless", "opencv-python")
versions = {{d.metadata["Name"]: d.version for d in importlib.metadata.distributions()
            if d.metadata["Name"] in names}}
sizes = sorted({{"{{1}}x{{0}}".format(*cv2.imdecode(numpy.frombuffer(p, "u1"), 1).shape) for p in pictures}})
print(json.dumps({{"cpu_ms": cpu, "import_ms": import_ms, "first_result_ms": first_result_ms,
                  "peak_mb": peak_mb, "versions": versions, "sizes": sizes}}))
"""

# `import idocr` is lazy: naming Recognizer imports onnxruntime too, as the rival's import does.
OURS = ("from idocr import Recognizer", "read = Recognizer(threads=1).recognize")
RIVAL = (
    "import logging; logging.disable(logging.CRITICAL); from rapidocr import RapidOCR",
    """
one = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
read = RapidOCR(params=one)
""",
)


def run_once(python: str, setup: tuple[str, str], pictures: list[Path]) -> dict[str, Any]:
    """One fresh process: CPU ms of each picture, start-up, memory, and what was installed there."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
    code = MEASURE.format(importing=setup[0], making=setup[1])
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
        "import_ms": statistics.median(run["import_ms"] for run in runs),
        "first_result_ms": statistics.median(run["first_result_ms"] for run in runs),
        "peak_mb": statistics.median(run["peak_mb"] for run in runs),
    }


def report(ours: dict[str, float], rival: dict[str, float], about: dict[str, Any]) -> str:
    rows = [
        ("CPU ms a picture, warm", "cpu_ms"),
        ("import after cv2, ms", "import_ms"),
        ("first result, ms from nothing imported", "first_result_ms"),
        ("peak memory, MB", "peak_mb"),
    ]
    lines = [
        f"Measured {about['date']} on {about['processor']}, one thread each, {about['pictures']} "
        f"photographs of {' and '.join(about['sizes_px'])} px in {about['rounds']} rounds, JPEG bytes to "
        f"answer; medians. {installed('idocr', about['idocr_environment'])}; "
        f"{installed('rapidocr', about['rapidocr_environment'])}, its default models.",
        "",
        "| | idocr | rapidocr | rapidocr / idocr |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {ours[key]:.0f} | {rival[key]:.0f} | {rival[key] / ours[key]:.1f} |"
        for name, key in rows
    ]
    return "\n".join(lines) + "\n"


def installed(name: str, versions: dict[str, str]) -> str:
    """ "rapidocr 3.10.0 with numpy ..., onnxruntime ..." as the measured process found it."""
    others = ", ".join(f"{n} {v}" for n, v in sorted(versions.items()) if n != name)
    return f"{name} {versions.get(name, 'of no known version')} with {others}"


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
    about = {
        "date": f"{date.today():%Y-%m-%d}",
        "rounds": options.rounds,
        "pictures": len(pictures),
        "sizes_px": ours[0]["sizes"],
        "idocr_environment": ours[0]["versions"],
        "rapidocr_environment": rival[0]["versions"],
        **describe(),
    }
    text = report(summary(ours), summary(rival), about)
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "speed.md").write_text(text, "utf-8")
    figures = {"idocr": summary(ours), "rapidocr": summary(rival), "about": about}
    (options.out / "speed.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
