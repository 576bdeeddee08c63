"""`python -m idocr.bench [IMAGE]`: where the time goes on this machine."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from . import __version__
from .errors import IdocrError

SPECIMEN = Path(__file__).with_name("specimen.jpg")
LARGE_FILE = 64 * 1024 * 1024  # the bench takes larger pictures than the service's default

# Run in a process of its own: import, first answer, and the peak of its memory.
FRESH = """
import json, resource, sys, time
start = time.perf_counter()
import idocr
imported = time.perf_counter()
recognizer = idocr.Recognizer(threads=1, limits=idocr.Limits(1, 1 << 15, 1 << 26))
recognizer.recognize(sys.argv[1])
done = time.perf_counter()
for _ in range(4):
    recognizer.recognize(sys.argv[1])
peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({
    "import_ms": (imported - start) * 1000,
    "first_result_ms": (done - start) * 1000,
    "peak_memory_mb": peak_kb / 1024,
}))
"""


def progress(label: str, count: int) -> Iterator[int]:
    """range(count) with a bar on a terminal."""
    shown = sys.stderr.isatty()
    for index in range(count):
        if shown:
            filled = 30 * index // count
            sys.stderr.write(f"\r{label:<24}[{'#' * filled}{'.' * (30 - filled)}] {index}/{count} ")
            sys.stderr.flush()
        yield index
    if shown:
        sys.stderr.write("\r" + " " * 70 + "\r")


def percentiles(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "p50": statistics.median(ordered),
        "p95": ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
    }


def measure_fresh(image: Path, times: int) -> dict[str, float]:
    """Medians over fresh processes: import time, time to the first result, peak memory."""
    rows = []
    for _ in progress("fresh processes", times):
        done = subprocess.run(
            [sys.executable, "-c", FRESH, str(image)], capture_output=True, text=True, check=True
        )
        rows.append(json.loads(done.stdout))
    return {key: statistics.median(row[key] for row in rows) for key in rows[0]}


def measure_stages(read: Callable[[], Any], runs: int) -> dict[str, Any]:
    """Bytes to answer, one call at a time: wall and CPU ms of the whole, wall ms of each stage."""
    wall, cpu = [], []
    stages: dict[str, list[float]] = {}
    for _ in progress("one thread", runs):
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        reading = read()
        wall.append((time.perf_counter() - wall_start) * 1000)
        cpu.append((time.process_time() - cpu_start) * 1000)
        for name, ms in reading.stage_ms.items():
            stages.setdefault(name, []).append(ms)
    return {
        "stages_ms": {name: percentiles(ms) for name, ms in stages.items()},
        "whole_ms": percentiles(wall),
        "whole_cpu_ms": percentiles(cpu),
    }


def measure_throughput(read: Callable[[], Any], threads: int, runs: int) -> float:
    """Pictures a second with this many threads sharing one Recognizer."""
    with ThreadPoolExecutor(threads) as pool:
        start = time.perf_counter()
        list(pool.map(lambda _: read(), range(runs)))
        return runs / (time.perf_counter() - start)


def processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text("utf-8", "replace").splitlines():
            if line.lower().startswith(("model name", "hardware")):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def describe() -> dict[str, Any]:
    from . import models

    return {
        "idocr": __version__,
        "python": platform.python_version(),
        **models.versions(),
        "models": models.shipped_files(),
        "processor": processor(),
        "cores": os.cpu_count(),
    }


def measure(image: Path, runs: int, threads: int) -> dict[str, Any]:
    from .image import Limits
    from .recognizer import Recognizer

    recognizer = Recognizer(threads=1, limits=Limits(1, 1 << 15, LARGE_FILE))
    data = image.read_bytes()

    def read() -> Any:
        return recognizer.read(data)

    first = read()  # warm-up, and the picture's size
    report = {
        "picture": {
            "name": image.name,
            "size_px": list(first.size_px),
            "bytes": len(data),
            "card_found": first.found,
        },
        **measure_fresh(image, max(1, runs // 20)),
        **measure_stages(read, runs),
        "per_second": {
            str(n): measure_throughput(read, n, max(n * 4, runs)) for n in sorted({1, threads})
        },
        "runs": runs,
    }
    return report | {"about": describe()}


def table(report: dict[str, Any]) -> str:
    picture, about = report["picture"], report["about"]
    lines = [
        f"idocr {about['idocr']} on {about['processor']} ({about['cores']} cores), Python {about['python']}, "
        f"onnxruntime {about['onnxruntime']}, numpy {about['numpy']}, opencv {about['opencv']}",
        f"{picture['name']}: {picture['size_px'][0]}x{picture['size_px'][1]} px, {picture['bytes']} bytes, "
        + ("card found" if picture["card_found"] else "NO CARD FOUND"),
        "",
        f"{'stage':<16}{'p50 ms':>10}{'p95 ms':>10}",
    ]
    rows = {
        **report["stages_ms"],
        "whole": report["whole_ms"],
        "whole, CPU": report["whole_cpu_ms"],
    }
    lines += [f"{name:<16}{row['p50']:>10.2f}{row['p95']:>10.2f}" for name, row in rows.items()]
    lines.append("")
    lines += [
        f"{n} thread{'s' if n != '1' else ''}: {rate:.1f} pictures a second"
        for n, rate in report["per_second"].items()
    ]
    lines += [
        f"import: {report['import_ms']:.0f} ms; first result after {report['first_result_ms']:.0f} ms; "
        f"peak memory {report['peak_memory_mb']:.0f} MB",
    ]
    lines += [
        f"{name}: {m['bytes'] / 1e6:.2f} MB, sha256 {m['sha256'][:12]}"
        for name, m in about["models"].items()
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m idocr.bench",
        description="Measure idocr on this machine: stages, throughput, memory, start-up.",
    )
    parser.add_argument(
        "image",
        nargs="?",
        type=Path,
        default=SPECIMEN,
        help="a photograph (default: a specimen that comes along)",
    )
    parser.add_argument("--runs", type=int, default=60, help="calls measured (default: 60)")
    parser.add_argument(
        "--quick", action="store_true", help="8 calls: does it work, about how fast"
    )
    parser.add_argument(
        "--threads",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="also measure N threads (default: all cores)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here too")
    options = parser.parse_args(arguments)
    if not options.image.is_file():
        parser.error(f"{options.image} is no file")
    runs = 8 if options.quick else max(1, options.runs)
    try:
        report = measure(options.image, runs, max(1, options.threads))
    except IdocrError as error:
        parser.error(f"{options.image}: {error}")
    print(table(report))
    if options.json:
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
