"""`python -m idocr.bench`: a real, quick run, and its figures make sense."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from idocr.bench import SPECIMEN


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "idocr.bench", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_measures_and_writes_json(tmp_path: Path) -> None:
    target = tmp_path / "figures.json"
    done = bench("--quick", "--threads", "2", "--json", str(target))
    assert done.returncode == 0, done.stderr
    report = json.loads(target.read_text("utf-8"))
    assert report["picture"]["card_found"]
    assert set(report["per_second"]) == {"1", "2"}
    for stage in ("decode", "locate", "rows", "read", "decode text", "judge"):
        assert 0 < report["stages_ms"][stage]["p50"] <= report["stages_ms"][stage]["p95"]
        assert stage in done.stdout
    parts = sum(stage["p50"] for stage in report["stages_ms"].values())
    assert 0.7 * parts < report["whole_ms"]["p50"] < 2 * parts
    # The limits of this bar, with room for a busy machine: memory does not depend on it.
    assert 50 < report["peak_memory_mb"] < 200
    assert report["about"]["models"]["recognizer"]["bytes"] > 1_000_000


def test_the_picture_that_ships_is_a_sample() -> None:
    sample = Path(__file__).parent / "samples" / "portrait.jpg"
    assert SPECIMEN.read_bytes() == sample.read_bytes()


def test_what_is_no_picture_is_a_usage_error() -> None:
    done = bench("--quick", __file__)
    assert done.returncode == 2
    assert "not a JPEG, PNG, BMP, WebP or TIFF picture" in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_picture_is_a_usage_error(tmp_path: Path) -> None:
    done = bench(str(tmp_path / "none.jpg"))
    assert done.returncode == 2
    assert "is no file" in done.stderr
