"""The command line: real runs on real samples."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

SAMPLES = Path(__file__).parent / "samples"
PORTRAIT, EMBLEM, NONE = (
    str(SAMPLES / f"{name}.jpg") for name in ("portrait", "emblem", "none_page")
)


def idocr(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "idocr", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def test_prints_the_answer_and_draws(tmp_path: Path) -> None:
    done = idocr("--draw", str(tmp_path / "found.png"), "--return-portrait", PORTRAIT)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["side"] == 0
    assert answer["portrait"]["result"]
    drawn, given = cv2.imread(str(tmp_path / "found.png")), cv2.imread(PORTRAIT)
    assert drawn.shape == given.shape
    assert (drawn != given).any()


def test_several_pictures_give_a_line_each(tmp_path: Path) -> None:
    done = idocr("--draw", str(tmp_path / "out"), PORTRAIT, NONE, EMBLEM)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["photo"] for line in lines] == [PORTRAIT, NONE, EMBLEM]
    assert [line.get("side") for line in lines] == [0, None, 1]
    assert done.returncode == 1
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_reads_standard_input() -> None:
    done = idocr("-", stdin=Path(EMBLEM).read_bytes())
    assert json.loads(done.stdout)["side"] == 1


def test_side_can_be_given() -> None:
    done = idocr("--side", "emblem", EMBLEM)
    assert json.loads(done.stdout)["side"] == 1


def test_unreadable_files_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("this is no picture, although it is long enough to be looked at")
    done = idocr(str(text), str(tmp_path / "missing.jpg"), EMBLEM)
    assert done.returncode == 2
    assert b"notes.txt: not a JPEG, PNG, BMP or WebP picture" in done.stderr
    assert b"missing.jpg" in done.stderr
    assert json.loads(done.stdout.splitlines()[2])["side"] == 1
    assert b"Traceback" not in done.stderr


def test_limits_are_explained() -> None:
    done = idocr("--max-bytes", "1000", PORTRAIT)
    assert done.returncode == 2
    assert b"allowed are 1000" in done.stderr


@pytest.mark.parametrize(("option", "word"), [("--help", b"examples:"), ("--version", b"idocr ")])
def test_help_helps(option: str, word: bytes) -> None:
    done = idocr(option)
    assert done.returncode == 0
    assert word in done.stdout


def test_no_text_of_a_card_on_standard_error() -> None:
    done = idocr(PORTRAIT)
    assert done.stderr == b""
