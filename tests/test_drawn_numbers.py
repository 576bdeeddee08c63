"""bench/drawn_numbers.py: rows that hold their number, a run through recogniser, decoder and rules."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import recipe

recipe.require()

import lines  # noqa: E402
import people  # noqa: E402

import idocr  # noqa: E402

BENCH = Path(__file__).parents[1] / "bench"
sys.path.append(str(BENCH))

import drawn_numbers  # noqa: E402

NUMBER = "11010119900307003" + people.check_digit("11010119900307003")


@pytest.mark.parametrize("seed", range(4))
def test_the_whole_row_is_on_the_strip(seed: int) -> None:
    strip = lines.draw_number(np.random.default_rng(seed), "test", NUMBER)
    assert strip.shape[0] == 48
    assert strip.shape[1] % 6 == 0
    assert 10 < strip.shape[1] / 48 < 16
    same = lines.draw_number(np.random.default_rng(seed), "test", NUMBER)
    assert np.array_equal(strip, same)


def test_a_digit_that_was_changed_is_no_right_number() -> None:
    recognizer = idocr.Recognizer()
    strip = lines.draw_number(np.random.default_rng(1), "test", NUMBER)
    line = drawn_numbers.line_of(strip, recognizer)
    assert line.text == NUMBER
    assert drawn_numbers.outcome(line, NUMBER, recognizer) == "right"
    assert drawn_numbers.outcome(line, NUMBER[:-1] + "1", recognizer) == "wrong, logic 0"


def test_a_real_run(tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    command = [sys.executable, str(BENCH / "drawn_numbers.py"), "--n", "250", "--jobs", "1"]
    done = subprocess.run(
        [*command, "--out", str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text("utf-8"))
    assert found["numbers"] == 250 == sum(found[name] for name in drawn_numbers.OUTCOMES)
    assert found["right"] >= 240
    assert found["wrong, logic 0"] == 0
