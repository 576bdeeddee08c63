"""models.py: files are verified, replaced by dropping one in, and damage is explained."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

import idocr
from idocr import errors
from idocr.models import LocatorModel, RecognizerModel, shipped_folder
from idocr.steps import Seen, Steps, find_characters, mean_directions

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in shipped_folder().iterdir():
        if path.suffix in (".onnx", ".toml"):
            shutil.copy(path, tmp_path / path.name)
    return tmp_path


def test_shipped_files_are_listed(folder: Path) -> None:
    import tomllib

    listed = tomllib.loads((folder / "MODELS.toml").read_text("utf-8"))
    for name in ("locator", "recognizer", "closer"):
        assert {"sha256", "source", "licence", "input"} <= set(listed[name])


@pytest.mark.parametrize("name", ["locator", "recognizer", "closer"])
def test_damaged_file(folder: Path, name: str) -> None:
    path = folder / f"{name}.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(errors.ModelError, match=rf"{name}\.onnx .*install idocr again"):
        idocr.Recognizer(folder)


@pytest.mark.parametrize("name", ["locator", "recognizer", "closer"])
def test_unlisted_garbage(folder: Path, name: str) -> None:
    (folder / "MODELS.toml").unlink()
    (folder / f"{name}.onnx").write_bytes(b"no model")
    with pytest.raises(errors.ModelError, match="cannot be loaded"):
        idocr.Recognizer(folder)


def test_a_closer_look_of_another_table_is_refused(folder: Path) -> None:
    (folder / "MODELS.toml").unlink()
    path = folder / "closer.onnx"
    data = path.read_bytes()
    at = data.index(b"table") + len(b"table") + 2  # the field's mark and its length
    path.write_bytes(data[:at] + b"00000000" + data[at + 8 :])
    with pytest.raises(errors.ModelError, match="export both anew"):
        idocr.Recognizer(folder)


def test_broken_list(folder: Path) -> None:
    (folder / "MODELS.toml").write_text("this is [not toml")
    with pytest.raises(errors.ModelError, match="cannot be read"):
        idocr.Recognizer(folder)


def test_one_file_can_be_dropped_in(folder: Path) -> None:
    """A folder with a recogniser alone: the locator stays the one that ships."""
    (folder / "locator.onnx").unlink()
    (folder / "MODELS.toml").unlink()
    body = idocr.Recognizer(folder).recognize(SAMPLES / "emblem.jpg")
    assert body["side"] == 1


def test_characters_travel_with_the_model() -> None:
    model = RecognizerModel(shipped_folder(), 1, "年X0")
    assert len(model.characters) == len(set(model.characters)) > 21_000
    assert {"0", "X", "男", "女", "年", "长", "㛃", "·"} <= set(model.characters)
    assert sorted(model.class_of) == sorted("年X0")


def test_steps_are_characters_with_a_blank_between_any_two() -> None:
    model = RecognizerModel(shipped_folder(), 1, "0123456789")
    canvas = np.full((32, 200), 235, np.uint8)
    cv2.putText(canvas, "1987", (20, 27), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 30, 2, cv2.LINE_AA)
    (steps,) = model.run([canvas.astype(np.float32) / 127.5 - 1])
    assert steps.probs.shape == (len(steps.middles), len(steps.characters))
    assert len(steps.middles) % 2 == 1
    assert (steps.probs[0::2, 0] == 1).all()
    assert (steps.probs.sum(axis=1) <= 1 + 1e-4).all()
    assert (np.diff(steps.middles) > 0).all()
    assert text_of(steps) == "1987"
    assert all(0.08 < x < 0.6 for x in steps.middles[1::2])


def text_of(steps: Steps) -> str:
    return "".join(steps.characters[i] for i in steps.probs.argmax(axis=1) if i)


def test_a_strip_may_be_higher_than_the_network_sees() -> None:
    model = RecognizerModel(shipped_folder(), 1, "0123456789")
    canvas = np.full((48, 300), 235, np.uint8)
    cv2.putText(canvas, "1987", (30, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.35, 30, 3, cv2.LINE_AA)
    (steps,) = model.run([canvas.astype(np.float32) / 127.5 - 1])
    assert text_of(steps) == "1987"


def test_only_strips_in_doubt_are_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise at a strip's end must change nothing on another strip, and no place on its own."""
    model = RecognizerModel(shipped_folder(), 1, "0123456789")
    canvas = np.full((48, 300), 235, np.uint8)
    cv2.putText(canvas, "1987", (30, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.35, 30, 3, cv2.LINE_AA)
    plain = canvas.astype(np.float32) / 127.5 - 1
    blots = np.full((48, 300), 0.8, np.float32)  # ink of no character
    random = np.random.default_rng(0).choice([-0.7, 0.8], (8, 40))
    blots[8:40, 30:190] = np.kron(random, np.ones((4, 4)))
    looked = []
    again = model._look_again
    monkeypatch.setattr(model, "_look_again", lambda *a: looked.append(a) or again(*a))
    sure, doubtful = model.run([plain, blots])
    assert len(looked) == 1
    (alone,) = model.run([plain])
    assert (sure.probs == alone.probs).all()
    monkeypatch.setattr(model, "_doubtful", lambda seen, _: np.zeros(len(seen.peaks), bool))
    (first,) = model.run([blots])
    assert (first.middles == doubtful.middles).all()
    assert (first.probs[:, 0] == doubtful.probs[:, 0]).all()


def seen_as(model: RecognizerModel, told: str, ink: Sequence[float]) -> Seen:
    """A strip of which each step says one character, with this ink; a space stands for noise."""
    ids = np.array([model.characters.find(c, 1) for c in told])
    directions = model.rows[ids].astype(np.float32)
    directions[np.array(list(told)) == " "] = np.random.default_rng(0).normal(size=128)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    levels = np.array(ink, np.float32)
    peaks, centres = find_characters(levels, len(levels))
    means = mean_directions(directions, levels, centres)
    return Seen(directions, means, levels, peaks, centres, 32)


@pytest.mark.parametrize(
    ("told", "ink", "text"),
    [
        (" 77..22 ", (0, 1, 0.96, 0.92, 0.8, 0.92, 1, 0), "7.2"),
        (" 00 33", (0, 1, 0.7, 0.5, 0.9, 0.9), "03"),
        (" 8888  1", (0, 1, 1, 1, 0.9, 0, 0, 1), "81"),  # one digit as wide as two
        (" 22 33", (0, 1, 0.9, 0.45, 1, 0.9), "23"),  # two peaks already
        (
            " 明明明明11 ",
            (0, 1, 1, 1, 1, 0.9, 0.9, 0),
            "明",
        ),  # Han: what its rim says does not count
    ],
)
def test_digits_that_share_their_ink_are_told_apart(
    told: str, ink: Sequence[float], text: str
) -> None:
    model = RecognizerModel(shipped_folder(), 1, "0123456789")
    seen = [seen_as(model, told, ink)]
    (first,) = model._tell(seen)
    before = len(first.ranked)
    is_divided = model._divide(seen, 0, first)
    (found,) = model._tell(seen)
    assert "".join(model.characters[c[0][0]] for c in found.ranked) == text
    assert is_divided == (len(text) > before)


def test_a_character_at_the_very_end_stays_as_it_is() -> None:
    """Its middle may lie in the paper behind the strip, beyond the last step."""
    model = RecognizerModel(shipped_folder(), 1, "0123456789")
    whole = seen_as(model, " 77..22 号号", (0, 1, 0.96, 0.92, 0.8, 0.92, 1, 0, 1, 1))
    seen = [replace(whole, centres=whole.centres + np.array([0, 0.9], np.float32))]
    (first,) = model._tell(seen)
    assert model._divide(seen, 0, first)
    assert len(seen[0].peaks) == 4
    assert seen[0].centres[-1] == pytest.approx(9.4)
    assert (seen[0].directions[-1] == whole.directions[-1]).all()


def test_an_empty_strip_says_nothing() -> None:
    model = RecognizerModel(shipped_folder(), 1, "0123456789")
    (steps,) = model.run([np.zeros((32, 64), np.float32)])
    assert steps.probs.argmax(axis=1).tolist() == [0] * len(steps.probs)


@pytest.mark.parametrize("shape", [(960, 1280, 3), (1280, 960, 3), (400, 4096, 3), (500, 500, 3)])
def test_locator_takes_any_shape(shape: tuple[int, int, int]) -> None:
    located = LocatorModel(shipped_folder(), 1).run(np.full(shape, 128, np.uint8))
    assert located.heat.shape[0] == 4
    assert sum(located.kind.values()) == pytest.approx(1)
    # The canvas maps onto the picture: its margin lies outside, its middle in the middle.
    rows, columns = located.heat.shape[1] * 4, located.heat.shape[2] * 4
    x, y, _ = located.to_picture @ ((columns - 1) / 2, (rows - 1) / 2, 1)
    assert (x, y) == pytest.approx(
        ((shape[1] - 1) / 2, (shape[0] - 1) / 2), abs=0.6 * max(shape) / 224
    )


def test_threads_change_no_answer() -> None:
    one, two = (idocr.Recognizer(threads=n).read(SAMPLES / "portrait.jpg") for n in (1, 2))
    texts = {name: field.text for name, field in one.fields.items()}
    assert texts == {name: field.text for name, field in two.fields.items()}
    assert all(texts.values())


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", None])
def test_threads_are_checked(threads: object) -> None:
    with pytest.raises(errors.ArgumentError, match="threads"):
        idocr.Recognizer(threads=threads)  # type: ignore[arg-type]
