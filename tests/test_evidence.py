"""evidence.py: what legality stands on moves with what it measures, and the same picture gives the same."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from test_samples import SAMPLES

import idocr
from idocr import evidence
from idocr.judge import LEGALITY, legality

RING = evidence.RINGS


def spots(picture: np.ndarray) -> np.ndarray:
    """One square as evidence.py cuts them."""
    return np.asarray([cv2.split(cv2.transform(picture.astype(np.float32), evidence._AXES))])


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
    assert evidence.colour(evidence.Tones.of(np.asarray(grey, np.uint8), 1))[:6].max() < 0.001
    assert evidence.colour(evidence.Tones.of(small, 1))[:4].min() > 0.005


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


def test_a_grey_print_is_refused_and_the_card_is_not() -> None:
    photo = cv2.imread(str(SAMPLES / "portrait.jpg"))
    recognizer = idocr.Recognizer()
    grey = cv2.cvtColor(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert recognizer.read(photo).legality["ID_Photo"] >= 0.8
    assert recognizer.read(np.asarray(grey, np.uint8)).legality["Photocopy"] >= 0.8
