"""bench/floors.py: its counts against sums made by hand, its clock, and a real, quick run."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

# The bench is no package: its files are run as programs.
sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

from floors import Clock, Machine, Work, graph_work, node_work

from idocr.models import shipped_folder

BENCH = Path(__file__).parents[1] / "bench"
RECOGNIZER = shipped_folder() / "recognizer.onnx"


def test_a_convolution_counts_each_weight_at_each_place() -> None:
    node = {
        "op_name": "Conv",
        "input_type_shape": [{"float": [1, 16, 8, 100]}, {"float": [40, 4, 3, 3]}, {"float": [40]}],
        "output_type_shape": [{"float": [1, 40, 4, 50]}],
    }
    assert node_work(node) == Work(40 * 4 * 50 * 4 * 3 * 3, 4 * 40 * 4 * 3 * 3)


def test_a_product_of_matrices_counts_its_inner_side() -> None:
    node = {
        "op_name": "MatMul",
        "input_type_shape": [{"float": [7, 30]}, {"float": [30, 11]}],
        "output_type_shape": [{"float": [7, 11]}],
    }
    assert node_work(node) == Work(7 * 30 * 11, 4 * 30 * 11)


def test_what_is_no_product_counts_nothing() -> None:
    assert node_work({"op_name": "Relu"}) == Work()


def test_the_recognisers_work_grows_with_the_strip() -> None:
    narrow, wide = (graph_work(RECOGNIZER, [(1, 1, 32, width)]) for width in (64, 192))
    assert wide.multiply_adds == pytest.approx(3 * narrow.multiply_adds)
    assert wide.bytes == narrow.bytes > 1_000_000
    both = graph_work(RECOGNIZER, [(1, 1, 32, 64), (1, 1, 32, 192)])
    assert both == narrow + wide


def test_the_floor_is_the_slower_of_sums_and_bytes() -> None:
    machine = Machine(multiply_adds=1000, bytes=100, decode_ms=4)
    assert machine.floor_ms(Work(multiply_adds=2000, bytes=100)) == 2
    assert machine.floor_ms(Work(multiply_adds=2000, bytes=300)) == 3
    assert machine.floor_ms(Work(ms=5)) == 5


def busy(ms: float) -> None:
    end = time.thread_time() + ms / 1000
    while time.thread_time() < end:
        pass


def test_a_stage_within_another_counts_for_itself_alone() -> None:
    clock = Clock()

    def outer() -> None:
        busy(4)
        clock.around("inner", lambda: busy(8), lambda _: Work(bytes=3))

    for _ in range(2):
        clock.around("outer", outer, lambda _: Work(multiply_adds=5))
    assert clock.ms["outer"] == pytest.approx(8, rel=0.2)
    assert clock.ms["inner"] == pytest.approx(16, rel=0.2)
    assert clock.work == {"outer": Work(multiply_adds=10), "inner": Work(bytes=6)}


def test_a_real_run_has_every_stage(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCH / "floors.py"), "--rounds", "2", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = (tmp_path / "floors.md").read_text("utf-8")
    assert report in done.stdout
    for side in ("portrait", "emblem"):
        part = report[report.index(f"`{side}.jpg`") :].split("\n\n")[1]
        rows = dict(re.findall(r"^\| ([a-z' ]+) \|.*\| ([\d.–]*) \|$", part, re.M))
        assert {"decode", "classes", "rows", "strips", "corners", "judge", "text"} <= set(rows)
        # Nothing is done faster than it can be, but a shared machine's peak changes severalfold between
        # the two measurements: what this finds is a count or a unit that is wrong by more than that.
        assert all(float(ratio) > 0.1 for ratio in rows.values() if ratio != "–")
        assert float(rows["whole"]) > 0.3
