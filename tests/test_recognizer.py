"""recognizer.py: the stages together: rects under every turn, threads, sides, completeness."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import idocr
from idocr import errors

SAMPLES = Path(__file__).parent / "samples"


@cache
def recognizer() -> idocr.Recognizer:
    return idocr.Recognizer()


def texts(reading: idocr.Reading) -> dict[str, str]:
    return {name: field.text for name, field in reading.fields.items()}


def truth(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
@pytest.mark.parametrize("name", ["portrait", "emblem"])
def test_rects_follow_the_picture_when_it_turns(name: str, quarters: int) -> None:
    bgr = cv2.imread(str(SAMPLES / f"{name}.jpg"))
    upright = recognizer().read(bgr)
    turned = recognizer().read(np.ascontiguousarray(np.rot90(bgr, -quarters)))
    assert texts(turned) == texts(upright)
    assert turned.turn_degrees == 90 * quarters
    height, width = bgr.shape[:2]
    for field in upright.fields.values():
        assert field.quad is not None
        x, y = np.array(field.quad).T
        for _ in range(quarters):  # a quarter clockwise
            x, y, width, height = height - 1 - y, x, height, width
        height, width = bgr.shape[:2]
        found = turned.fields[field.name].quad
        assert np.abs(np.array(found) - np.column_stack([x, y])).max() < 8


def test_answers_do_not_depend_on_threads() -> None:
    """One Recognizer for all threads, and the same bits from each."""
    names = ["portrait", "emblem", "tilted_1", "none_page"] * 4
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda n: recognizer().read(SAMPLES / f"{n}.jpg"), names))
    for name, reading in zip(names, together, strict=True):
        alone = recognizer().read(SAMPLES / f"{name}.jpg")
        assert (alone.side, alone.card_quad, alone.fields) == (
            reading.side,
            reading.card_quad,
            reading.fields,
        )


def test_the_shared_recognizer_is_made_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        bodies = list(pool.map(lambda _: idocr.recognize(SAMPLES / "emblem.jpg"), range(4)))
    assert {body["issued_by"]["result"] for body in bodies} == {
        truth("emblem")["fields"]["issued_by"]["text"]
    }


def test_side_can_be_given() -> None:
    assert recognizer().read(SAMPLES / "emblem.jpg", side="emblem").side == 1
    with pytest.raises(errors.ArgumentError, match="side"):
        recognizer().read(SAMPLES / "emblem.jpg", side="front")  # type: ignore[arg-type]


def test_large_pictures_are_read_at_full_resolution() -> None:
    """Twice the size: decoded at half scale, with the rects of the large picture."""
    bgr = cv2.imread(str(SAMPLES / "small_portrait.jpg"))
    large = cv2.resize(bgr, None, fx=2.4, fy=2.4, interpolation=cv2.INTER_CUBIC)
    data = bytes(cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 90])[1])
    once, again = recognizer().read(bgr), recognizer().read(data)
    assert texts(again) == texts(once)
    assert again.size_px == (3072, 2304)
    assert again.card_quad is not None
    assert once.card_quad is not None
    assert (
        np.abs((np.array(again.card_quad) + 0.5) / 2.4 - 0.5 - np.array(once.card_quad)).max() < 2
    )


def cut(name: str, *, left_mm: float = 0, right_mm: float = 0, bottom_mm: float = 0) -> np.ndarray:
    """The sample without what lies beyond these distances inside the card's edges."""
    bgr = cv2.imread(str(SAMPLES / f"{name}.jpg"))
    corners = np.array(truth(name)["corners"])
    mm = np.linalg.norm(corners[1] - corners[0]) / 85.6
    (x0, _), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    height, width = bgr.shape[:2]
    left = int(x0 + left_mm * mm) if left_mm else 0
    right = int(x1 - right_mm * mm) if right_mm else width
    bottom = int(y1 - bottom_mm * mm) if bottom_mm else height
    return np.ascontiguousarray(bgr[:bottom, left:right])


def test_completeness() -> None:
    whole = recognizer().read(SAMPLES / "portrait.jpg")
    edge = recognizer().read(cut("portrait", right_mm=4.5))
    text = recognizer().read(cut("emblem", right_mm=18))
    assert (whole.completeness, edge.completeness, text.completeness) == (0, 1, 2)
    assert texts(edge) == texts(whole)


def test_quality_falls_with_blur_and_glare() -> None:
    bgr = cv2.imread(str(SAMPLES / "portrait.jpg"))
    clear = recognizer().read(bgr).fields["address"]
    blurred = recognizer().read(cv2.GaussianBlur(bgr, (0, 0), 3.2)).fields["address"]
    assert clear.quad is not None
    spot = np.zeros(bgr.shape[:2], np.float32)
    x, y = np.array(clear.quad).mean(axis=0)
    cv2.circle(spot, (int(x), int(y)), 90, 1.0, cv2.FILLED)
    spot = cv2.GaussianBlur(spot, (0, 0), 25)[:, :, None]
    glaring = (bgr * (1 - spot) + 255 * spot).astype(np.uint8)
    dazzled = recognizer().read(glaring).fields["address"]
    assert clear.quality > 0.9
    assert blurred.quality < 0.75 * clear.quality
    assert dazzled.quality < 0.75 * clear.quality


def test_an_editor_in_the_metadata_is_told() -> None:
    data = (SAMPLES / "emblem.jpg").read_bytes()
    note = b"Exif\0\0Adobe Photoshop 25.0 (Windows)"
    marked = data[:2] + b"\xff\xe1" + (len(note) + 2).to_bytes(2, "big") + note + data[2:]
    assert recognizer().read(data).legality["Edited"] < 0.05
    assert recognizer().read(marked).legality["Edited"] > 0.8


def test_a_screen_is_told_by_its_grid() -> None:
    bgr = cv2.imread(str(SAMPLES / "portrait.jpg"))
    ys, xs = np.mgrid[: bgr.shape[0], : bgr.shape[1]].astype(np.float32)
    grid = np.dstack(
        [0.7 + 0.3 * np.cos(2 * np.pi * ((xs + 0.04 * ys) / 3.1 + c / 3)) for c in range(3)]
    )
    screen = (bgr * grid).clip(0, 255).astype(np.uint8)
    assert recognizer().read(screen).legality["Screen"] > 0.8


def test_no_portrait_without_a_face() -> None:
    bgr = cv2.imread(str(SAMPLES / "portrait.jpg"))
    whole = recognizer().read(bgr, portrait_jpeg=True)
    assert whole.portrait is not None
    assert whole.portrait.jpeg[:3] == b"\xff\xd8\xff"
    quad = np.array(whole.portrait.quad)
    for colour in ((230, 225, 228), (60, 90, 140)):  # paper, and something laid over it
        covered = bgr.copy()
        grown = quad.mean(axis=0) + 1.15 * (quad - quad.mean(axis=0))
        cv2.fillConvexPoly(covered, grown.astype(np.int32), colour)
        assert recognizer().read(covered).portrait is None


def test_confidence_and_alternatives() -> None:
    number = recognizer().read(SAMPLES / "portrait.jpg").fields["id_number"]
    assert len(number.chars) == 18
    assert 0.9 < number.confidence <= 1
    for char in number.chars:
        assert 0 < char.confidence <= 1.001
        assert char.text in [text for text, _ in char.alternatives]
        assert [p for _, p in char.alternatives] == sorted(
            (p for _, p in char.alternatives), reverse=True
        )


def test_a_number_of_which_part_is_covered_is_not_sure() -> None:
    """What is left may be read well: it is not the number."""
    whole = recognizer().read(SAMPLES / "portrait.jpg")
    bgr = cv2.imread(str(SAMPLES / "portrait.jpg"))
    assert bgr is not None
    quads = np.array([char.quad for char in whole.fields["id_number"].chars[:7]])
    low, high = quads.reshape(-1, 2).min(axis=0), quads.reshape(-1, 2).max(axis=0)
    (left, top), (right, bottom) = (low - 6).astype(int).tolist(), (high + 6).astype(int).tolist()
    bgr[top:bottom, left:right] = np.median(bgr[top:bottom, left:right], axis=(0, 1))
    cut = recognizer().read(bgr, repair=False).fields["id_number"]
    assert 6 <= len(cut.text) < 18
    assert cut.confidence == 0
    assert cut.logic == 1


@pytest.mark.parametrize("axis", [0, 1])
def test_of_two_cards_one_is_read_whole(axis: int) -> None:
    """Corners of two cards are never mixed into one."""
    names = ("portrait", "emblem")
    both = [cv2.imread(str(SAMPLES / f"{name}.jpg")) for name in names]
    picture = np.concatenate(both, axis=axis)
    reading = recognizer().read(picture)
    assert reading.side is not None
    expected = truth(names[int(reading.side)])["fields"]
    assert texts(reading) == {name: field["text"] for name, field in expected.items()}


# ---- determinism --------------------------------------------------------------------------------

ANSWER = """
import json, sys
import idocr
recognizer = idocr.Recognizer(threads=int(sys.argv[1]))
for path in sys.argv[2:]:
    answer = recognizer.recognize(path)
    del answer["request_id"], answer["time_used"]
    print(json.dumps(answer, sort_keys=True))
    print(repr([(f.confidence, f.chars) for f in recognizer.read(path).fields.values()]))
"""


def answered(threads: int, hash_seed: int, *names: str) -> str:
    """What a fresh process answers of the samples, in this order."""
    paths = [str(SAMPLES / f"{name}.jpg") for name in names]
    return subprocess.run(
        [sys.executable, "-c", ANSWER, str(threads), *paths],
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_same_picture_same_answer_over_threads_order_and_runs() -> None:
    names = ("portrait", "emblem", "wrong_number")
    once = answered(1, 1, *names)
    assert once.count("\n") == 6
    assert answered(1, 2, *names) == once  # another run
    assert answered(2, 3, *names) == once  # more threads in the networks
    alone = answered(1, 4, "emblem").splitlines()
    assert alone == once.splitlines()[2:4]  # what was read before leaves no trace
