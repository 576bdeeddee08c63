"""visibility.py and the network behind quality: print that is harder to see measures so, and counts less."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import idocr
from idocr.layout import BoxMm
from idocr.models import QualityModel, shipped_folder
from idocr.visibility import MEASURES, Paper

PX_PER_MM = 4.0
LINE = BoxMm(20.0, 20.0, 50.0, 23.5)


def card_with_line() -> np.ndarray:
    card = np.full((216, 342, 3), (222, 224, 214), np.uint8)
    cv2.putText(card, "1990 0123456", (82, 93), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (40, 40, 40), 1)
    return card


def test_a_plain_line_has_nothing_amiss() -> None:
    along = Paper.of(card_with_line(), PX_PER_MM).along(LINE)
    assert along.darkness < 0.02
    assert along.tint < 0.02
    assert along.cover == along.glare == along.stain == 0


def test_a_coloured_slip_is_a_cover_and_no_shadow() -> None:
    card = card_with_line()
    cv2.rectangle(card, (120, 76), (150, 98), (30, 60, 220), -1)
    along = Paper.of(card, PX_PER_MM).along(LINE)
    assert along.cover == pytest.approx(31 / 14, abs=0.3)  # px of the slip over px of the line
    assert along.tint > 0.5
    assert along.shadow < 0.1


def test_a_shadow_bears_print() -> None:
    card = card_with_line()
    card[70:100, 110:160] = (card[70:100, 110:160] * 0.4).astype(np.uint8)
    along = Paper.of(card, PX_PER_MM).along(LINE)
    assert along.shadow == pytest.approx(0.6, abs=0.05)
    assert along.stain < 0.05


def test_a_blank_amid_the_text_is_a_gap() -> None:
    card = card_with_line()
    whole = Paper.of(card, PX_PER_MM).along(LINE).gap
    cv2.rectangle(card, (120, 76), (160, 98), (222, 224, 214), -1)
    assert Paper.of(card, PX_PER_MM).along(LINE).gap > whole + 1.5


def test_quality_falls_in_every_measure() -> None:
    model = QualityModel(shipped_folder(), 1)
    rng = np.random.default_rng(4)
    usual = np.array([0, 1, 1.5, 0, 0.03, 0.007, 0.35, 0.01, 0.04, 0, 0.15, 0], np.float32)
    tables = (usual * rng.uniform(0.5, 3, (50, len(MEASURES)))).astype(np.float32)
    for k in range(len(MEASURES)):
        worse = tables.copy()
        worse[:, k] += 0.3
        assert (model.run(worse) <= model.run(tables)).all(), MEASURES[k]


def test_a_blurred_line_lowers_that_line_s_quality() -> None:
    from test_samples import SAMPLES

    recognizer = idocr.Recognizer()
    photo = cv2.imread(str(SAMPLES / "portrait.jpg"))
    before = recognizer.read(photo).fields["id_number"]
    assert before.quad is not None
    points = np.array(before.quad)
    low, high = points.min(axis=0).astype(int) - 6, points.max(axis=0).astype(int) + 6
    part = photo[low[1] : high[1], low[0] : high[0]]
    photo[low[1] : high[1], low[0] : high[0]] = cv2.GaussianBlur(part, (0, 0), 4)
    after = recognizer.read(photo).fields["id_number"]
    assert before.quality > 0.9
    assert after.quality < 0.15
    assert not after.text or after.spoils.blur > before.spoils.blur + 0.3
