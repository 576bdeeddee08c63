"""Counts for Prometheus, in its text format 0.0.4: how many, how long, how many wait. No personal data."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator

BUCKETS_S = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Safe between threads."""

    def __init__(self, queue_length: Callable[[], int], busy_workers: Callable[[], int]) -> None:
        self._queue_length, self._busy_workers = queue_length, busy_workers
        self._requests: Counter[tuple[str, str]] = Counter()  # format, outcome
        self._durations: dict[str, list[int]] = {}  # format -> one count a bucket, the last beyond
        self._seconds: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, format_name: str, outcome: str, seconds: float) -> None:
        with self._lock:
            self._requests[format_name, outcome] += 1
            counts = self._durations.setdefault(format_name, [0] * (len(BUCKETS_S) + 1))
            counts[bisect_left(BUCKETS_S, seconds)] += 1
            self._seconds[format_name] += seconds  # type: ignore[assignment]

    def text(self) -> str:
        with self._lock:
            return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield "# HELP idocr_requests_total Requests answered, by format and what became of them."
        yield "# TYPE idocr_requests_total counter"
        for (name, outcome), count in sorted(self._requests.items()):
            yield f'idocr_requests_total{{format="{name}",outcome="{outcome}"}} {count}'
        yield "# HELP idocr_request_seconds From a request's head to its answer."
        yield "# TYPE idocr_request_seconds histogram"
        for name, counts in sorted(self._durations.items()):
            for edge, below in zip((*BUCKETS_S, "+Inf"), _running(counts), strict=True):
                yield f'idocr_request_seconds_bucket{{format="{name}",le="{edge}"}} {below}'
            yield f'idocr_request_seconds_sum{{format="{name}"}} {self._seconds[name]:.6f}'
            yield f'idocr_request_seconds_count{{format="{name}"}} {sum(counts)}'
        yield "# HELP idocr_queue_length Requests that wait for a worker."
        yield "# TYPE idocr_queue_length gauge"
        yield f"idocr_queue_length {self._queue_length()}"
        yield "# HELP idocr_workers_busy Workers at work on a request."
        yield "# TYPE idocr_workers_busy gauge"
        yield f"idocr_workers_busy {self._busy_workers()}"


def _running(counts: list[int]) -> Iterator[int]:
    total = 0
    for count in counts:
        total += count
        yield total
