"""evidence.py: what legality stands on moves with what it measures, and the same picture gives the same."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from test_samples import SAMPLES

import idocr
from idocr import _core, evidence
from idocr.card import Card
from idocr.judge import LEGALITY, legality
from idocr.lines import Strokes
from idocr.reading import Measures, Spoils
from idocr.visibility import NO_WINDOWS, Print

RING = evidence.RINGS


def spots(picture: np.ndarray) -> np.ndarray:
    """One square as evidence.py cuts them, levels not rounded."""
    axes = np.array([[0.114, 0.587, 0.299], [-0.5, 1.0, -0.5], [-1.0, 0.0, 1.0]], np.float32)
    return np.asarray([cv2.split(cv2.transform(picture.astype(np.float32), axes))])


def noise(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(128, 3, (evidence.SPOT_PX, evidence.SPOT_PX, 3))


def test_a_grid_stands_out_of_its_ring() -> None:
    plain = evidence.spectra(spots(noise()))
    across = np.arange(evidence.SPOT_PX)
    grid = noise() + 6 * np.sin(2 * np.pi * across * 0.305)[None, :, None]
    seen = evidence.spectra(spots(grid))
    peaks = slice(RING, 2 * RING)  # of lightness: power, peaks of the mean, peaks of one spot
    assert (seen - plain)[peaks].argmax() == int(0.305 * 2 * RING) - 1
    assert (seen - plain)[peaks].max() > 1  # ten times as far


def test_coloured_fringes_show_in_colour_only() -> None:
    fringe = 6 * np.sin(2 * np.pi * np.arange(evidence.SPOT_PX) * 0.2)[None, :, None]
    tinted = noise() + fringe * np.array([1.0, 0.0, -0.114 / 0.299])
    change = evidence.spectra(spots(tinted)) - evidence.spectra(spots(noise()))
    assert change[4 * RING : 5 * RING].max() > 1
    assert change[RING : 2 * RING].max() < 0.3


def test_grain_grows_with_noise() -> None:
    quiet, loud = (evidence.grain(spots(128 + k * (noise() - 128))) for k in (0.5, 2.0))
    assert loud[0] - quiet[0] == pytest.approx(np.log10(4), abs=0.1)


def test_a_grey_card_has_no_spread_of_colour() -> None:
    photo = cv2.imread(str(SAMPLES / "emblem.jpg"))
    small = np.asarray(cv2.resize(photo, (342, 216), interpolation=cv2.INTER_AREA), np.uint8)
    grey = cv2.cvtColor(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert evidence.colour(np.asarray(grey, np.uint8), 1)[:6].max() < 0.001
    assert evidence.colour(small, 1)[:4].min() > 0.005


def test_the_view_shows_the_card_and_what_lies_around_it() -> None:
    table, paper = (20, 90, 160), (230, 220, 210)
    photo = np.full((700, 1000, 3), table, np.uint8)
    corners = np.array([[60, 100], [916, 100], [916, 640], [60, 640]], np.float64)
    photo[100:640, 60:916] = paper
    seen = evidence.view(Card(photo, 1.0, corners - 0.5, (1.0, 1.0, 1.0, 1.0), {}))
    assert seen.shape == (80, 112, 3)
    assert (seen[14:66, 15:98] == paper).all()  # 54 x 85.6 mm in the middle
    assert (seen[4:11, 15:98] == table).all()
    assert (seen[:, :5] == evidence.NOTHING).all()  # the picture ends 6 mm left of the card


def test_a_plain_patch_behind_the_portrait_has_lost_the_paper_s_waves() -> None:
    rng = np.random.default_rng(1)
    waves = 215 + 6 * np.sin(np.arange(342) * 1.0)[None] * np.sin(np.arange(216) * 1.0)[:, None]
    card = waves[:, :, None] + rng.normal(0, 1, (216, 342, 3))
    pasted = card.copy()
    pasted[26:172, 208:320] = 215 + rng.normal(0, 1, (146, 112, 3))
    own, other = (evidence.portrait_rim(c.astype(np.uint8)) for c in (card, pasted))
    assert abs(own[-2:]).max() < 0.05
    assert other[-2:].max() < -0.1


def test_a_field_in_another_weight_stands_apart() -> None:
    line = Strokes(10.0, 80.0, 50.0, 40.0, 3.0, 1.0, 1.0)
    bold = line._replace(area_mm2=15.0)
    window = np.linspace(0.2, 0.6, 10, dtype=np.float32)
    own, table = (Measures(*window.tolist()),), np.zeros((1, 12), np.float32)
    usual, edited = (
        Print(own, window[None], NO_WINDOWS, table, Spoils(), (strokes,))
        for strokes in (line, bold)
    )
    names = ("name", "gender", "address", "id_number")
    rows = evidence.fields_apart({n: edited if n == "gender" else usual for n in names})
    apart = rows[:, 2 * 10 + evidence.WRITTEN]  # the width's difference from the others' median
    assert apart[1] == pytest.approx(np.log10(1.5), abs=0.01)
    assert abs(apart[[0, 2, 3]]).max() < 0.001


def test_probabilities_have_three_decimals_and_sum_to_1() -> None:
    given = dict(zip(LEGALITY, (0.3333, 0.3333, 0.33335, 0.00004, 0.00001), strict=True))
    answered = legality(given)
    assert sum(answered.values()) == pytest.approx(1, abs=1e-12)
    assert all(round(p, 3) == p for p in answered.values())


def test_the_same_picture_has_the_same_judgement() -> None:
    path = SAMPLES / "portrait.jpg"
    readings = [idocr.Recognizer(threads=threads).read(path) for threads in (1, 2)]
    assert readings[0].legality == readings[1].legality
    assert readings[0].fields == readings[1].fields


@pytest.mark.parametrize("name", ["portrait", "emblem"])
def test_a_grey_print_is_refused_and_the_card_is_not(name: str) -> None:
    photo = cv2.imread(str(SAMPLES / f"{name}.jpg"))
    recognizer = idocr.Recognizer()
    grey = cv2.cvtColor(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert recognizer.read(photo).legality["ID_Photo"] >= 0.8
    assert recognizer.read(np.asarray(grey, np.uint8)).legality["Photocopy"] >= 0.8


# ---- the kernels of csrc/evidence beside their slow versions ----------------------------------------


@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(2, 70))
def test_measures_grain_as_the_slow_one_does(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    spots = rng.normal(128, rng.uniform(0.5, 30), (2, 3, height, width)).astype(np.float32)
    rows = 2 + seed % (height - 1)
    expected = [reference.measure_grain(spot, rows) for spot in spots]
    found = np.empty((2, 12))
    _core.measure_grain(spots, rows, found)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_measures_rings_as_the_slow_one_does(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    planes = rng.normal(100, 20, (count, 3, 128, 128)).astype(np.float32)
    planes += 30 * np.sin(np.arange(128) * rng.uniform(0.1, 3.1, (count, 3, 1, 1))).astype(
        np.float32
    )
    cells = rng.permutation(65 * 128)[: rng.integers(20, 65 * 128)].astype(np.int32)
    begins = np.array([seed % 3, 4, 5, 17], np.int32)
    found = np.empty((2, 3, 4))
    _core.measure_rings(planes, cells, begins, found)
    expected = reference.measure_rings(planes.astype(np.float64), cells, begins)
    # Powers reach 1e9 beside which 32 bits keep little of the weakest cells.
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=1e-2)


@given(st.integers(0, 10_000), st.integers(11, 60), st.integers(11, 60))
def test_measures_blocks_as_the_slow_one_does(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    bgr = rng.integers(0, 256, (height, width, 3), np.uint8) // np.uint8(1 + seed % 40)
    part = (seed % (width - 10), seed % (height - 10), width, height)
    np.testing.assert_allclose(
        _core.measure_blocks(bgr, *part), reference.measure_blocks(bgr, *part), atol=1e-9
    )


def test_the_edges_of_blocks_stand_out() -> None:
    levels = np.random.default_rng(3).integers(90, 160, (16, 16)).repeat(8, 0).repeat(8, 1)
    along, down = _core.measure_blocks(np.dstack([levels] * 3).astype(np.uint8), 0, 0, 128, 128)
    assert along[6] > 10
    assert along[:5] == [0.0] * 5  # px 7 | 8 is the third difference 6
    assert down[6] > 10
    assert down[:5] == [0.0] * 5


@pytest.mark.parametrize(
    ("cells", "begins", "out", "words"),
    [
        ([65 * 128], [0], (2, 3, 1), "cells"),
        ([-1], [0], (2, 3, 1), "cells"),
        ([5, 6], [0, 2], (2, 3, 2), "begins"),
        ([5, 6], [1, 1], (2, 3, 2), "begins"),
        ([5, 6], [], (2, 3, 0), "begins"),
        ([5, 6], [0], (2, 3, 2), "out"),
    ],
)
def test_refuses_rings(
    cells: list[int], begins: list[int], out: tuple[int, int, int], words: str
) -> None:
    given = (np.array(cells, np.int32), np.array(begins, np.int32), np.empty(out))
    with pytest.raises(ValueError, match=words):
        _core.measure_rings(np.zeros((1, 3, 128, 128), np.float32), *given)


@pytest.mark.parametrize("shape", [(0, 3, 128, 128), (1, 2, 128, 128), (1, 3, 64, 128)])
def test_refuses_spots(shape: tuple[int, ...]) -> None:
    ring = (np.zeros(1, np.int32), np.zeros(1, np.int32), np.empty((2, 3, 1)))
    with pytest.raises(ValueError, match="planes"):
        _core.measure_rings(np.zeros(shape, np.float32), *ring)
    with pytest.raises(ValueError, match="rows"):
        _core.measure_grain(np.zeros((1, 3, 8, 8), np.float32), 9, np.empty((1, 12)))
    with pytest.raises(ValueError, match="out"):
        _core.measure_grain(np.zeros((2, 3, 8, 8), np.float32), 8, np.empty((1, 12)))


@given(st.integers(0, 10_000))
def test_takes_spots_as_the_slow_one_does(seed: int) -> None:
    bgr = np.random.default_rng(seed).integers(0, 256, (140, 150, 3), np.uint8)
    left, top = seed % 23, seed % 13
    found = np.empty((3, 128, 128), np.float32)
    _core.take_spot(bgr, left, top, found)
    np.testing.assert_allclose(found, reference.take_spot(bgr, left, top), atol=1e-3)


def test_refuses_spots_beyond_the_picture() -> None:
    out = np.empty((3, 128, 128), np.float32)
    for left, top in ((1, 0), (0, 3), (-1, 0)):
        with pytest.raises(ValueError, match="left and top"):
            _core.take_spot(np.zeros((130, 128, 3), np.uint8), left, top, out)
    with pytest.raises(ValueError, match="out"):
        _core.take_spot(np.zeros((130, 128, 3), np.uint8), 0, 0, out[:, :64].copy())


def test_small_pictures_have_spots_too() -> None:
    """What a picture has no room for is mirrored, as it always was."""
    corners = np.array([[2, 2], [98, 2], [98, 60], [2, 60]], np.float64)
    photo = np.random.default_rng(2).integers(0, 256, (64, 101, 3), np.uint8)
    spot = evidence._spots(Card(photo, 1.0, corners, (1.0,) * 4, {}))[2]
    mirrored = np.pad(photo, ((0, 64), (0, 27), (0, 0)), mode="symmetric")
    np.testing.assert_allclose(spot, reference.take_spot(mirrored, 0, 0), atol=1e-3)


@settings(deadline=None)  # OpenCV's first conversion makes tables, which takes long
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 12))
def test_measures_tones_as_the_slow_one_does(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    tint = rng.integers(40, 215, 3)
    cells = (tint + rng.normal(0, rng.uniform(0, 40), (height, width, 3))).clip(0, 255)
    lab = cv2.cvtColor(cells.astype(np.uint8).astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    expected = reference.measure_tones(lab.reshape(-1, 3).astype(np.float64))
    *found, a, b = _core.measure_tones(cells.astype(np.uint8))
    follows = slice(11, 13)  # of nearly one lightness hardly anything can follow
    np.testing.assert_allclose([*found[:11], a, b], [*expected[:11], *expected[13:]], atol=3e-4)
    np.testing.assert_allclose(found[follows], expected[follows], rtol=0.02, atol=0.02)


def test_refuses_cells() -> None:
    for shape in ((0, 3, 3), (3, 3, 1)):
        with pytest.raises(ValueError, match="cells"):
            _core.measure_tones(np.zeros(shape, np.uint8))


@given(st.integers(0, 10_000))
def test_measures_rims_as_the_slow_one_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    smooth = cv2.GaussianBlur(rng.integers(0, 256, (120, 150, 3), np.uint8), (0, 0), 1 + seed % 3)
    window = (seed % 40, seed % 30, 110 + seed % 41, 100 + seed % 21)
    paper = (seed % 50, seed % 60, 60 + seed % 91, 70 + seed % 51)
    upright = np.asarray(smooth, np.uint8)
    for own, other in zip(
        _core.measure_rim(upright, window, paper),
        reference.measure_rim(upright, window, paper),
        strict=True,
    ):
        np.testing.assert_allclose(own, other, atol=1e-9)


def test_refuses_rims() -> None:
    upright = np.zeros((80, 90, 3), np.uint8)
    for window, paper, words in (
        ((0, 0, 91, 80), (0, 0, 9, 9), "window"),
        ((0, 0, 63, 80), (0, 0, 9, 9), "window"),
        ((0, 0, 64, 64), (0, -1, 9, 9), "paper"),
        ((0, 0, 64, 64), (0, 0, 7, 9), "paper"),
    ):
        with pytest.raises(ValueError, match=words):
            _core.measure_rim(upright, window, paper)


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_compares_fields_as_the_slow_one_does(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    own = [rng.uniform(0, 1, (rng.integers(1, 5), 10)).astype(np.float32) for _ in range(count)]
    beside = [rng.uniform(0, 1, (rng.integers(0, 4), 10)).astype(np.float32) for _ in own]
    found = np.empty((count, 55))
    counts = [np.array([len(w) for w in windows], np.int32) for windows in (own, beside)]
    _core.compare_fields(np.concatenate(own), counts[0], np.concatenate(beside), counts[1], found)
    np.testing.assert_allclose(found, reference.compare_fields(own, beside), atol=1e-12)


@pytest.mark.parametrize(
    ("own_counts", "beside_counts", "rows", "words"),
    [
        ([2], [1], 1, "sum up"),
        ([0, 3], [0, 1], 2, "own_counts"),
        ([3], [1, 0], 1, "one number a field"),
        ([3], [1], 2, "out"),
        ([], [], 0, "one number a field"),
    ],
)
def test_refuses_fields(
    own_counts: list[int], beside_counts: list[int], rows: int, words: str
) -> None:
    own, beside = np.zeros((3, 10), np.float32), np.zeros((1, 10), np.float32)
    counts = (np.array(own_counts, np.int32), np.array(beside_counts, np.int32))
    with pytest.raises(ValueError, match=words):
        _core.compare_fields(own, counts[0], beside, counts[1], np.empty((rows, 55)))


@pytest.mark.parametrize(
    "part", [(-1, 0, 20, 20), (0, 0, 21, 20), (0, 10, 20, 20), (10, 0, 20, 20)]
)
def test_refuses_blocks(part: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="must describe 11"):
        _core.measure_blocks(np.zeros((20, 20, 3), np.uint8), *part)
