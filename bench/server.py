"""`idocr serve` under load, beside the library alone on the same cores, in one run.

    python bench/server.py --requests 400 --workers 1 2

For each number of workers: pictures a second of the library (so many threads on one Recognizer) and of the
server (so many workers, twice as many callers, each with one request at a time), their ratio, the 99th
percentile, the growth of the server's memory over the second half, and how a server without a free seat
refuses. Ends with 1 if an answer was neither the card nor the format's own refusal.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import idocr

SAMPLES = Path(__file__).parent.parent / "tests" / "samples"
PICTURES = [(SAMPLES / f"{name}.jpg").read_bytes() for name in ("portrait", "emblem")]
ROUTE = "/api/ai/ocr/idcard"
KIND = {"Content-Type": "image/jpeg"}
BUSY = 50001


@contextmanager
def server(workers: int, queue: int) -> Iterator[tuple[int, int]]:
    """The port and the process id of a server of its own."""
    command = [sys.executable, "-m", "idocr", "serve", "--port", "0", "--quiet"]
    command += ["--workers", str(workers), "--queue", str(queue)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            found = re.search(r"127\.0\.0\.1:(\d+)", process.stderr.readline())  # type: ignore[union-attr]
            if found is None:
                raise SystemExit("the server did not start")
            yield int(found[1]), process.pid
        finally:
            process.send_signal(signal.SIGTERM)


def ask(port: int, index: int) -> tuple[int, float]:
    """The error code of the answer, 0 for a card, and the seconds that it took."""
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("POST", ROUTE, PICTURES[index % len(PICTURES)], KIND)
        body = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return int(body["data"]["error_code"]), time.perf_counter() - start


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def timed(
    call: Callable[[int], tuple[int, float]], count: int, callers: int
) -> tuple[float, list[tuple[int, float]]]:
    """Calls a second, and what each gave."""
    with ThreadPoolExecutor(callers) as pool:
        start = time.perf_counter()
        given = list(pool.map(call, range(count)))
        return count / (time.perf_counter() - start), given


def measure(workers: int, count: int) -> bool:
    """Print one line; whether every answer was right."""
    recognizer = idocr.Recognizer()

    def read(index: int) -> tuple[int, float]:
        picture = PICTURES[index % len(PICTURES)]
        recognizer.recognize(picture, format="tempeisite")
        return 0, 0.0

    timed(read, 4, workers)
    alone, _ = timed(read, count, workers)
    with server(workers, queue=2 * workers) as (port, pid):
        timed(lambda index: ask(port, index), 4, workers)
        first, given = timed(lambda index: ask(port, index), count // 2, 2 * workers)
        before = resident_mb(pid)
        second, more = timed(lambda index: ask(port, index), count // 2, 2 * workers)
        growth = resident_mb(pid) - before
    with server(workers, queue=0) as (port, _):
        _, crowd = timed(lambda index: ask(port, index), 20 * workers, 8 * workers)
    served = 2 / (1 / first + 1 / second)
    seconds = sorted(passed for _, passed in given + more)
    refused = sum(code == BUSY for code, _ in crowd)
    print(
        f"{workers} workers: library {alone:.1f}/s, server {served:.1f}/s, ratio {served / alone:.2f}, "
        f"99 % within {1000 * seconds[int(len(seconds) * 0.99)]:.0f} ms, memory {growth:+.1f} MB, "
        f"of {len(crowd)} without a queue {refused} refused"
    )
    return all(code == 0 for code, _ in given + more) and all(
        code in (0, BUSY) for code, _ in crowd
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="idocr serve beside the library alone")
    parser.add_argument("--requests", type=int, default=400, metavar="N")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], metavar="N")
    options = parser.parse_args()
    wrong = sum(not measure(workers, options.requests) for workers in options.workers)
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
