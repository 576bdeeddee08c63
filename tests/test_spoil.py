"""models/training/spoil.py: one field is spoilt, all else stays."""

from __future__ import annotations

import numpy as np
import pytest
from recipe import require

require()

import cv2  # noqa: E402
import spoil  # noqa: E402
from pictures import draw_picture  # noqa: E402


@pytest.mark.parametrize("kind", spoil.KINDS)
def test_only_the_field_s_surroundings_change(kind: str) -> None:
    photo = np.random.default_rng(1).integers(90, 200, (300, 500, 3), dtype=np.uint8)
    quad = np.array([[200.0, 140], [300, 142], [300, 162], [200, 160]])
    rng = np.random.default_rng(2)
    done = spoil.spoil(photo, quad, kind, 0.9, rng)
    changed = np.argwhere((done != photo).any(axis=2))
    assert len(changed) > 500
    assert changed.min(axis=0)[0] > 80
    assert changed.max(axis=0)[0] < 220
    assert changed.min(axis=0)[1] > 140
    assert changed.max(axis=0)[1] < 360
    assert (spoil.spoil(photo, quad, kind, 0.9, np.random.default_rng(2)) == done).all()


def test_a_spoilt_picture_knows_its_base() -> None:
    base = draw_picture("clean", 5, 0, "train")
    jpeg, truth = spoil.spoilt_picture(base, 5, 1)
    assert truth["base"] == ["clean", 5, 0]
    assert truth["spoilt"] in base.fields
    assert truth["spoil_kind"] == "shadow"
    before, after = (cv2.imdecode(np.frombuffer(j, np.uint8), 1) for j in (base.jpeg, jpeg))
    assert before.shape == after.shape


def test_each_set_meets_each_kind_and_both_sides() -> None:
    count = 2 * len(spoil.KINDS) * len(spoil.PLAIN_SETS)
    bases = [spoil.base_of(index) for index in range(count)]
    assert len(set(bases)) == count
    met = {
        (set_name, number % 2, spoil.KINDS[index % len(spoil.KINDS)])
        for index, (set_name, number) in enumerate(bases)
    }
    assert len(met) == count
