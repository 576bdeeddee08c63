"""Recognizer.read_all and `idocr --all`: several cards, or both sides of one, in one picture."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import idocr
from idocr.reading import Side

SAMPLES = Path(__file__).parent / "samples"


def photograph(name: str, width_px: int = 900) -> np.ndarray:
    bgr = cv2.imread(str(SAMPLES / f"{name}.jpg"))
    height_px = round(bgr.shape[0] * width_px / bgr.shape[1])
    return cv2.resize(bgr, (width_px, height_px), interpolation=cv2.INTER_AREA)


def side_by_side(*names: str) -> np.ndarray:
    pictures = [photograph(name) for name in names]
    height = min(picture.shape[0] for picture in pictures)
    return np.ascontiguousarray(np.hstack([picture[:height] for picture in pictures]))


def above_each_other(*names: str) -> np.ndarray:
    return np.ascontiguousarray(np.vstack([photograph(name) for name in names]))


def texts(reading: idocr.Reading) -> dict[str, str]:
    return {name: field.text for name, field in reading.fields.items()}


@pytest.fixture(scope="module")
def recognizer() -> idocr.Recognizer:
    return idocr.Recognizer()


@pytest.mark.parametrize("place", [side_by_side, above_each_other])
def test_both_sides_in_one_picture(place, recognizer: idocr.Recognizer) -> None:  # type: ignore[no-untyped-def]
    readings = recognizer.read_all(place("portrait", "emblem"))
    assert [reading.side for reading in readings] == [Side.PORTRAIT, Side.EMBLEM]
    for name, reading in zip(("portrait", "emblem"), readings, strict=True):
        assert texts(reading) == texts(recognizer.read(photograph(name)))
        assert reading.card_quad is not None


def test_cards_come_in_reading_order(recognizer: idocr.Recognizer) -> None:
    upper, lower = side_by_side("emblem", "portrait"), side_by_side("patterned_1", "patterned_2")
    width = min(upper.shape[1], lower.shape[1])
    readings = recognizer.read_all(np.vstack([upper[:, :width], lower[:, :width]]))
    assert [r.side for r in readings] == [Side.EMBLEM, Side.PORTRAIT, Side.PORTRAIT, Side.EMBLEM]
    corners = [np.mean(r.card_quad or (), axis=0) for r in readings]
    assert corners[0][0] < corners[1][0]
    assert corners[1][1] < corners[2][1]


def test_one_card_is_found_once(recognizer: idocr.Recognizer) -> None:
    readings = recognizer.read_all(SAMPLES / "portrait.jpg")
    one = recognizer.read(SAMPLES / "portrait.jpg")
    assert [texts(reading) for reading in readings] == [texts(one)]
    assert readings[0].card_quad == one.card_quad


def test_the_picture_given_stays_as_it_is(recognizer: idocr.Recognizer) -> None:
    picture = side_by_side("portrait", "emblem")
    before = picture.copy()
    recognizer.read_all(picture)
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("name", ["none_page", "none_table", "other_card"])
def test_no_card_is_no_reading(name: str, recognizer: idocr.Recognizer) -> None:
    assert recognizer.read_all(SAMPLES / f"{name}.jpg") == []


def test_answers_in_a_format(recognizer: idocr.Recognizer) -> None:
    answers, readings = recognizer.recognize_all(
        side_by_side("portrait", "emblem"), return_portrait=True
    )
    assert [answer["side"] for answer in answers] == [0, 1]
    assert [bool(answer.get("portrait")) for answer in answers] == [True, False]
    assert len(readings) == 2


def test_command(tmp_path: Path) -> None:
    photo, drawn = tmp_path / "both.png", tmp_path / "found.png"
    cv2.imwrite(str(photo), side_by_side("portrait", "emblem"))
    run = [sys.executable, "-m", "idocr", "--all", "--draw", str(drawn), str(photo)]
    done = subprocess.run(run, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    cards = json.loads(done.stdout)["cards"]
    assert [card["side"] for card in cards] == [0, 1]
    given, found = cv2.imread(str(photo)), cv2.imread(str(drawn))
    half = given.shape[1] // 2
    for part in (slice(None, half), slice(half, None)):  # both cards are outlined
        assert (given[:, part] != found[:, part]).any(axis=2).mean() > 0.005


def test_command_without_any_card() -> None:
    run = [sys.executable, "-m", "idocr", "--all", str(SAMPLES / "none_table.jpg")]
    done = subprocess.run(run, capture_output=True, check=False)
    assert (done.returncode, json.loads(done.stdout)) == (1, {"cards": []})
