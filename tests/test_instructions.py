"""bench/instructions.py: tables from counts; cmake/aarch64_wheel.py: which headers it takes."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

# Programs, no packages.
sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
sys.path.insert(0, str(Path(__file__).parents[1] / "cmake"))

import aarch64_wheel
import instructions

ROOT = Path(__file__).parents[1]
# Two pictures; in the first 5 instructions of stage 2, 7 after it; the module begins at 0x1000.
COUNTS = """stage 99
block 1010 1000000
stage 2
block 1010 2000000
block 2010 3000000
stage 0
block 9010 7000000
stage 103
block 1018 4000000
1000-2000 r-xp 00000000 fe:00 1                            /x/idocr/_core.abi3.so
2000-3000 r-xp 00000000 fe:00 2                            /x/cv2/cv2.abi3.so
9000-a000 r-xp 00000000 fe:00 3                            /usr/bin/python3.11
"""


@pytest.fixture
def counts(tmp_path: Path) -> instructions.Counts:
    (tmp_path / "counts.txt").write_text(COUNTS, "utf-8")
    return instructions.read_counts(tmp_path / "counts.txt")


def test_instructions_are_told_apart_by_stage_and_file(
    counts: instructions.Counts, capsys: pytest.CaptureFixture[str]
) -> None:
    instructions.print_stages(counts, 0)
    rows = {line.split(" |")[0][2:]: line for line in capsys.readouterr().out.splitlines() if line}
    assert rows["locate"] == "| locate | 2.0 | 0.0 | 3.0 | 0.0 | 0.0 | 5.0 |"
    assert rows["all else"] == "| all else | 0.0 | 0.0 | 0.0 | 0.0 | 7.0 | 7.0 |"
    assert rows["whole"].endswith(" 12.0 |")
    instructions.print_stages(counts, 1)
    assert "| rows | 4.0 |" in capsys.readouterr().out


def test_kernels_are_named_by_the_symbols_of_the_file(
    counts: instructions.Counts,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(instructions, "symbols_of", lambda _: lambda address: f"at {address:x}")
    instructions.print_kernels(counts, 0, 5)
    assert capsys.readouterr().out.splitlines()[-1] == "| `at 10` | 2.00 |"


def test_counts_that_are_not_there_are_named(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "bench" / "instructions.py"), "table"]
    command.append(str(tmp_path / "no.txt"))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no.txt does not exist" in done.stderr
    (tmp_path / "empty.txt").write_text("", "utf-8")
    with pytest.raises(SystemExit, match="no stages"):
        instructions.read_counts(tmp_path / "empty.txt")


def test_debians_headers_lose_the_choice_by_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    include, chosen = tmp_path / "python3.11", tmp_path / "a-machine" / "python3.11"
    for folder in (include, chosen):
        folder.mkdir(parents=True)
    (include / "Python.h").write_text("", "utf-8")
    (include / "pyconfig.h").write_text("#error unknown processor", "utf-8")
    (chosen / "pyconfig.h").write_text("#define SIZEOF_LONG 8", "utf-8")
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(include))
    monkeypatch.setattr(sysconfig, "get_config_var", lambda _: "a-machine")
    aarch64_wheel.copy_python_headers(tmp_path / "copied")
    assert "SIZEOF_LONG" in (tmp_path / "copied" / "pyconfig.h").read_text("utf-8")


def test_without_pythons_headers_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    with pytest.raises(SystemExit, match="python3-dev"):
        aarch64_wheel.copy_python_headers(tmp_path / "copied")
