"""`bench/server.py`: a small run of the load test, and its report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import server_process  # noqa: F401  (skips where the extra serve is not installed)

BENCH = Path(__file__).parent.parent / "bench" / "server.py"


@pytest.mark.slow
def test_a_small_run_of_the_load_test(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCH), "--requests", "8", "--turns", "2", "--workers", "1"]
    command += ["--small", "--out", str(tmp_path)]
    for _ in range(2):  # the second run of the same options takes the place of the first
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    (run,) = json.loads((tmp_path / "server.json").read_text("utf-8"))
    assert (run["requests"], run["wrong"], run["crowd_wrong"]) == (8, 0, 0)
    assert len(run["memory_mb"]) == 2
    assert len(run["crowd"]) == 7
    assert all(" 0 other" in told for told in run["crowd"].values())
    report = (tmp_path / "server.md").read_text("utf-8")
    assert "| 1 | 400x300 | 8 |" in report
