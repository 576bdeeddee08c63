"""The locator's training pictures: corners stay on the card through windows, turns and warps."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import recipe  # noqa: F401 - puts models/training on the path
from locator_pictures import (
    FACE_SHARES,
    FACES,
    KINDS,
    MOST_CARDS,
    Photograph,
    Stock,
    make_example,
)
from numpy.typing import NDArray

from idocr.models import LocatorModel, shipped_folder
from idocr.recognizer import SIDE_KINDS

# Of a card's lt, rt, rb, lb; far enough apart to be told in any light.
TONES = np.array([[40, 40, 250], [40, 250, 40], [250, 60, 40], [40, 230, 250]])


def marked_face() -> NDArray[np.uint8]:
    face = np.full((270, 428, 4), 128, np.uint8)
    face[:, :, 3] = 255
    for (x, y), tone in zip(((0, 0), (428, 0), (428, 270), (0, 270)), TONES, strict=True):
        centre = (min(max(x, 30), 398), min(max(y, 30), 240))
        cv2.circle(face, centre, 30, (*tone.tolist(), 255), cv2.FILLED)
    return face


def photograph() -> Photograph:
    canvas = np.full((360, 480, 3), 20, np.uint8)
    corners = np.array([[90, 70], [380, 100], [370, 290], [80, 260]], np.float64)
    face = marked_face()
    source = np.array([[0, 0], [428, 0], [428, 270], [0, 270]], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(source, (corners - 0.5).astype(np.float32))
    warped = cv2.warpPerspective(face, matrix, (480, 360))
    canvas[warped[:, :, 3] > 127] = warped[warped[:, :, 3] > 127][:, :3]
    return Photograph(cv2.imencode(".png", canvas)[1].tobytes(), corners, ("portrait",))


def stock(*photographs: Photograph) -> Stock:
    grey = np.full((360, 480, 3), 90, np.uint8)
    return Stock({kind: [marked_face()] for kind in FACES}, [grey], list(photographs))


def tones_at(picture: NDArray[np.uint8], quad: NDArray[np.float32]) -> list[int]:
    """Which of TONES lies just inside each corner; those outside the picture are left out (-1)."""
    middle = quad.mean(axis=0)
    found = []
    for corner in quad:
        x, y = (corner + 0.16 * (middle - corner)).round().astype(int).tolist()
        if not (0 <= x < picture.shape[1] and 0 <= y < picture.shape[0]):
            found.append(-1)
            continue
        pixel = picture[y, x].astype(float)
        lit = (pixel - pixel.min()) / max(np.ptp(pixel), 1)
        plain = (TONES - TONES.min(1, keepdims=True)) / np.ptp(TONES, axis=1)[:, None]
        found.append(int(np.abs(plain - lit).sum(axis=1).argmin()))
    return found


@pytest.mark.parametrize("shape", [(224, 256), (256, 192), (256, 256)])
def test_windows_of_photographs_keep_their_corners(
    shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("locator_pictures.PHOTOGRAPHS", 1.0)
    monkeypatch.setattr("locator_pictures.spoil", lambda picture, _: picture)
    rng = np.random.default_rng(3)
    known = stock(photograph())
    right = asked = 0
    for _ in range(40):
        example = make_example(known, rng, shape)
        assert example.picture.shape == (*shape, 3)
        assert np.isnan(example.corners[1]).all()
        assert [k for k, is_one in zip(KINDS, example.kinds, strict=True) if is_one] == ["portrait"]
        told = tones_at(example.picture, example.corners[0])
        asked += sum(tone >= 0 for tone in told)
        right += sum(tone == place for place, tone in enumerate(told))
    # Light is shed anew and channels are exchanged in one of seven: then tones are others.
    assert asked > 120
    assert right > 0.75 * asked


def test_composed_pictures_have_their_cards_where_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for plain in ("spoil", "dressed"):
        monkeypatch.setattr(f"locator_pictures.{plain}", lambda picture, _: picture)
    monkeypatch.setattr("locator_pictures.cover", lambda *_: None)
    rng = np.random.default_rng(4)
    known = stock()
    counts = [0, 0, 0]
    right = asked = 0
    for _ in range(80):
        example = make_example(known, rng, (224, 256))
        quads = [quad for quad in example.corners if not np.isnan(quad).any()]
        counts[len(quads)] += 1
        assert example.kinds.any()
        assert bool(quads) or not example.kinds[: KINDS.index("other_card")].any()
        for quad in quads:
            told = tones_at(example.picture, quad)
            asked += sum(tone >= 0 for tone in told)
            right += sum(tone == place for place, tone in enumerate(told))
    assert min(counts) > 0
    assert right > 0.85 * asked


def test_kinds_and_shares_are_one_list() -> None:
    assert len(FACES) == len(FACE_SHARES)
    assert sum(FACE_SHARES) == pytest.approx(1)
    assert MOST_CARDS == 2


def test_the_shipped_locator_knows_these_kinds() -> None:
    located = LocatorModel(shipped_folder(), 1).run(np.full((300, 400, 3), 128, np.uint8))
    assert tuple(located.kind) == KINDS
    assert {kind for kinds in SIDE_KINDS.values() for kind in kinds} <= set(KINDS)
