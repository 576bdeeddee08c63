"""models.py: files are verified, replaced by dropping one in, and damage is explained."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import idocr
from idocr import errors
from idocr.models import LocatorModel, RecognizerModel, shipped_folder

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
    for name in ("locator", "recognizer"):
        assert {"sha256", "source", "licence", "input"} <= set(listed[name])


@pytest.mark.parametrize("name", ["locator", "recognizer"])
def test_damaged_file(folder: Path, name: str) -> None:
    path = folder / f"{name}.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(errors.ModelError, match=rf"{name}\.onnx .*install idocr again"):
        idocr.Recognizer(folder)


@pytest.mark.parametrize("name", ["locator", "recognizer"])
def test_unlisted_garbage(folder: Path, name: str) -> None:
    (folder / "MODELS.toml").unlink()
    (folder / f"{name}.onnx").write_bytes(b"no model")
    with pytest.raises(errors.ModelError, match="cannot be loaded"):
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
    model = RecognizerModel(shipped_folder(), 1)
    probs = model.run(np.zeros((3, 48, 64), np.float32))
    assert probs.shape == (8, len(model.characters))
    np.testing.assert_allclose(probs.sum(axis=1), 1, atol=1e-4)
    assert {"0", "X", "男", "女", "年", "长"} <= set(model.class_of)


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
