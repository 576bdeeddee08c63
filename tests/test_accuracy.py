"""bench/accuracy.py: its plan, its work folder, its errors and its report, with an engine made up here."""

from __future__ import annotations

import json
import queue
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import pytest

# The bench is no package: its files are run as programs.
sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

import accuracy
import asking
import report
from answers import SETS
from asking import Asked, Lane, SetupError, Store
from serving import Engine, EngineError

SQUARE = [[0.0, 0.0], [90.0, 0.0], [90.0, 50.0], [0.0, 50.0]]
TEXTS = {"issued_by": "大名县公安局", "valid_from": "20100102", "valid_to": "长期"}

# Answers every picture alike and notes how often it was asked.
FAKE = f"""
import sys, time
sys.path.insert(0, {str(Path(asking.__file__).parent)!r})
from serving import serve
def read(picture):
    if picture == b"break": raise RuntimeError("the engine's own words")
    open(sys.argv[1], "a").write("x")
    fields = {{n: dict(text=t, raw=t, confidence=.9, logic=0, quad=None) for n, t in {TEXTS!r}.items()}}
    print("chatter on standard output")
    return dict(side="emblem", turn_degrees=0, card_quad={SQUARE!r}, result=1001,
                legality={{"ID_Photo": .9}}, fields=fields)
serve("1", time.perf_counter(), read)
"""


@dataclass
class Drawn:
    """What the generator's Picture has that the report uses."""

    set_name: str
    index: int
    jpeg: bytes
    kind: str = "emblem"
    side: str | None = "emblem"
    turn_degrees: float = 0.0
    width_px: int = 100
    height_px: int = 60
    corners: Any = field(default_factory=lambda: SQUARE)
    fields: dict[str, Any] = field(default_factory=dict)
    legality: str | None = "ID_Photo"
    attack: str = ""
    number_is_right: bool = True
    strengths: dict[str, float] = field(default_factory=lambda: {"noise": 2.0})


@dataclass
class DrawnField:
    text: str
    quad: Any
    visibility: float = 1.0


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    program = tmp_path / "engine.py"
    program.write_text(FAKE, "utf-8")
    return [sys.executable, str(program), str(tmp_path / "asked")]


def run(plan: list[asking.Task], command: list[str], folder: Path, monkeypatch: Any) -> Store:
    """One lane, in this process, on pictures without pixels."""

    def draw(set_name: str, seed: int, index: int) -> Drawn:
        fields = {name: DrawnField(text, SQUARE) for name, text in TEXTS.items()}
        return Drawn(set_name, index, f"{set_name} {seed} {index}".encode(), fields=fields)

    monkeypatch.setattr(asking, "draw", draw)
    store = Store(folder, 1)
    tasks: queue.Queue[asking.Task | None] = queue.Queue()
    lines: queue.Queue[dict[str, Any]] = queue.Queue()
    for task in [*plan, None]:
        tasks.put(task)
    Lane(1, {"idocr": command}, {"idocr": "1"}, frozenset(store.answers)).ask(tasks, lines)
    while not lines.empty():
        line = lines.get()
        if line["line"] != "done":
            store.add(line)
    store.close()
    return store


PLAN = [("clean", 0), ("hard", 0), ("clean", 1)]


def test_asked_once_and_never_again(command: list[str], tmp_path: Path, monkeypatch: Any) -> None:
    asked = tmp_path / "asked"
    run(PLAN[:2], command, tmp_path / "work", monkeypatch)
    assert asked.read_text() == "xx"
    store = run(PLAN, command, tmp_path / "work", monkeypatch)
    assert asked.read_text() == "xxx"
    assert len(store.answers) == len(store.truths) == 3


def test_a_line_broken_off_is_asked_for_again(
    command: list[str], tmp_path: Path, monkeypatch: Any
) -> None:
    run(PLAN, command, tmp_path / "work", monkeypatch)
    kept = tmp_path / "work" / "seed1.jsonl"
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-20])
    store = run(PLAN, command, tmp_path / "work", monkeypatch)
    assert len(store.answers) == 3
    assert (tmp_path / "asked").read_text() == "xxxx"


def test_a_better_truth_of_the_same_picture_is_taken(
    command: list[str], tmp_path: Path, monkeypatch: Any
) -> None:
    run(PLAN[:1], command, tmp_path / "work", monkeypatch)
    monkeypatch.setitem(TEXTS, "issued_by", "大名\u2028县公安局")
    run(PLAN[:1], command, tmp_path / "work", monkeypatch)
    store = Store(tmp_path / "work", 1)
    (truth,) = store.truths.values()
    store.close()
    assert truth.fields["issued_by"].text == "大名\u2028县公安局"
    assert (tmp_path / "asked").read_text() == "x"


def test_answers_to_other_pictures_are_not_used(
    command: list[str], tmp_path: Path, monkeypatch: Any
) -> None:
    run(PLAN[:1], command, tmp_path / "work", monkeypatch)
    store = Store(tmp_path / "work", 1)
    (known,) = store.answers
    store.close()
    assert known[:2] == ("clean", 0)
    assert len(known[2]) == 16  # the digest of the JPEG is part of what an answer is found by
    assert known[3:] == ("idocr", "1")


def test_an_engine_that_breaks_says_its_last_words(command: list[str]) -> None:
    engine = Engine("idocr", command)
    with pytest.raises(EngineError, match="the engine's own words"):
        engine.ask(b"break")
    engine.start()  # and may be started again
    assert engine.ask(b"picture")["side"] == "emblem"
    engine.close()


def test_an_engine_that_changed_is_refused(command: list[str], tmp_path: Path) -> None:
    lane = Lane(1, {"idocr": command}, {"idocr": "2"}, frozenset())
    with pytest.raises(EngineError, match="changed while it was measured"):
        lane.ask(queue.Queue(), queue.Queue())
    assert not (tmp_path / "asked").exists()


def test_plan() -> None:
    plan = accuracy.make_plan(SETS, 200)
    counts = {name: sum(n == name for n, _ in plan) for name in SETS}
    assert counts == {name: 200 if name in ("clean", "ordinary", "hard") else 40 for name in SETS}
    assert len(set(plan)) == len(plan)
    assert {name for name, _ in plan[:60]} == set(SETS)  # mixed
    assert len(accuracy.make_plan(["attacks"], 5)) == 20


@pytest.mark.parametrize("python", [None, "/nowhere/python"])
def test_rival_needs_a_python(python: str | None, monkeypatch: Any) -> None:
    monkeypatch.setattr(accuracy, "find_spec", lambda _: None)
    with pytest.raises(SetupError, match="rival-python"):
        accuracy.engine_commands(["rapidocr"], python)


def test_command_line_errors(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.setattr(accuracy, "find_spec", lambda _: None)
    assert accuracy.main(["--engine", "rapidocr"]) == 1
    assert "pip install rapidocr" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        accuracy.main(["--n", "0"])


def test_report_is_written_and_notes_survive(
    command: list[str], tmp_path: Path, monkeypatch: Any
) -> None:
    store = run(PLAN, command, tmp_path / "work", monkeypatch)
    cases = [
        asking.Case(store.truths[key[:3]], asking.answer_of("idocr", line))
        for key, line in store.answers.items()
    ]
    greeting = {"version": "1", "versions": {"numpy": "2"}}
    asked = Asked({"idocr": cases}, {"idocr": greeting}, {"idocr": [12.0]})
    made = accuracy.Run(
        "python bench/accuracy.py", 1, 2, SETS, "2026-01-01", "a CPU", {"idocr": {}}
    )
    figures = report.measure(asked)
    report.write(tmp_path, made, figures)
    target = tmp_path / "ACCURACY.md"
    text = target.read_text("utf-8")
    notes = f"{report.NOTES_START}\nwritten by hand\n{report.NOTES_END}"
    empty = f"{report.NOTES_START}\n{report.NOTES_END}"
    target.write_text(text.replace(empty, notes), "utf-8")
    report.write(tmp_path, made, figures)
    again = target.read_text("utf-8")
    assert again == text.replace(empty, notes)
    assert "| clean | idocr | 2 | 100.0 %" in again
    data = json.loads((tmp_path / "reports" / "accuracy.json").read_text("utf-8"))
    clean = data["engines"]["idocr"]["sets"]["clean"]
    assert clean["whole"]["right"] == clean["whole"]["total"] == 2
    for name in ("risk_coverage.png", "calibration.png"):
        plot = cv2.imread(str(tmp_path / "reports" / name))
        assert plot.shape[0] < plot.shape[1]
        assert (plot != 255).any()
