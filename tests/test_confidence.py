"""confidence.py: curves, their fit, and abstaining."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import idocr
from idocr import confidence, errors
from idocr.confidence import Calibration, Curve
from idocr.fields import Draft
from idocr.lines import Line, LineChar
from idocr.models import shipped_folder
from idocr.reading import FIELD_NAMES, Field
from idocr.recognizer import withhold
from idocr.wire import megvii

SAMPLE = Path(__file__).parent / "samples" / "portrait.jpg"


def char(text: str, sure: float, *others: tuple[str, float]) -> LineChar:
    return LineChar(text, sure, 0, 1, ((text, sure), *others))


def test_fit_finds_the_curve_that_made_the_data() -> None:
    rng = np.random.default_rng(1)
    found = rng.normal(2, 2, (20_000, 3))
    chance = 1 / (1 + np.exp(-(0.5 + found @ [0.7, 0.3, -0.4])))
    right = rng.random(20_000) < chance
    curve = confidence.fit(found, right)
    assert curve.bias == pytest.approx(0.5, abs=0.1)
    assert curve.weights == pytest.approx((0.7, 0.3, -0.4), abs=0.05)
    stated = [curve(row) for row in found]
    assert confidence.calibration_error(stated, right) < 0.01


def test_what_is_wrong_however_sure_becomes_a_lapse() -> None:
    rng = np.random.default_rng(2)
    found = rng.normal(6, 2, (20_000, 1))
    right = (rng.random(20_000) < 1 / (1 + np.exp(-found[:, 0]))) & (rng.random(20_000) > 0.02)
    curve = confidence.fit(found, right)
    assert curve.lapse >= 0.01
    assert 1 - curve(np.array([11.0])) == pytest.approx(0.02, abs=0.008)


def test_without_any_error_the_own_account_stays_in_force() -> None:
    found = np.full((50, 2), 5.0)
    curve = confidence.fit(found, np.ones(50, bool))
    assert 0.99 < curve(found[0]) < 1
    assert curve(np.array([-5.0, 5.0])) < curve(found[0])


def test_calibration_error_is_the_mean_gap_of_equal_bins() -> None:
    assert confidence.calibration_error([], []) == 0
    assert confidence.calibration_error([0.9] * 10, [True] * 9 + [False], 1) == pytest.approx(0)
    stated, right = [0.1] * 5 + [0.9] * 5, [False] * 5 + [True] * 5
    assert confidence.calibration_error(stated, right, 2) == pytest.approx(0.1)


def test_features_of_a_field() -> None:
    chars = (char("张", 0.9, ("弓", 0.09)), char("三", 0.99))
    draft = Draft("张三", problems=("is odd",), notes=("one", "two"))
    found = dict(
        zip(confidence.FEATURES, confidence.features(draft, chars, (), 20.0, 5.0), strict=True)
    )
    assert found["own"] == pytest.approx(math.log(0.891 / 0.109))
    assert found["least"] == pytest.approx(math.log(9))
    assert found["gap"] == pytest.approx(math.log(10))
    assert (found["problems"], found["notes"]) == (1.0, 2.0)
    assert found["size"] == pytest.approx(math.log(2))
    assert np.isfinite(confidence.features(Draft(), (), (), 0.0, 0.0)).all()


def test_a_card_is_as_sure_as_its_han_characters() -> None:
    line = Line.__new__(Line)  # pieces name their line, which is not asked here
    sure = Draft("张1", pieces=((line, (char("张", 0.9), char("1", 0.5))),))
    other = Draft("三", pieces=((line, (char("三", 0.5),)),))
    assert confidence.card_odds([sure, other]) == pytest.approx((math.log(9) + 0) / 2)
    assert confidence.card_odds([]) == pytest.approx(math.log((1 - 1e-5) / 1e-5))


def test_a_characters_alternatives_share_what_its_probability_leaves() -> None:
    curve = Curve(0.0, (0.0, 0.0))
    right, others = Calibration({}, {"han": curve}).char(
        char("张", 0.8, ("弓", 0.15), ("长", 0.05))
    )
    assert right == 0.5
    assert others == (("张", 0.5), ("弓", pytest.approx(0.375)), ("长", pytest.approx(0.125)))
    assert Calibration({}, {}).char(char("1", 0.8, ("7", 0.1)))[1] == (
        ("1", 0.8), ("7", pytest.approx(0.1)),
    )  # fmt: skip


def test_the_shipped_file_has_a_curve_for_every_field_and_character() -> None:
    known = Calibration.of_models(shipped_folder())
    assert set(known.fields) == set(confidence.GROUPS.values())
    assert set(known.chars) == {"han", "other"}
    assert set(confidence.GROUPS) == {name for names in FIELD_NAMES.values() for name in names}


def test_a_file_of_other_features_is_refused(tmp_path: Path) -> None:
    text = (shipped_folder() / "confidence.json").read_text("utf-8")
    (tmp_path / "confidence.json").write_text(text.replace('"glare"', '"glow"'), "utf-8")
    with pytest.raises(errors.ModelError, match="other features"):
        idocr.Recognizer(tmp_path)
    (tmp_path / "confidence.json").write_text(json.dumps([1]), "utf-8")
    with pytest.raises(errors.ModelError):
        idocr.Recognizer(tmp_path)


# ---- abstaining ---------------------------------------------------------------------------------


def test_withheld_text_stays_in_the_reading_with_its_reason() -> None:
    field = Field("name", "张三", "张三", confidence=0.99)
    assert withhold(field, None) is field
    assert withhold(field, 0.02) is field
    kept = withhold(field, 0.005)
    assert (kept.text, kept.withheld, kept.raw) == ("", "张三", "张三")
    assert kept.problems == ("is less sure than was asked for",)
    assert "张三" not in repr(kept)
    empty = replace(field, text="")
    assert withhold(empty, 0.005) is empty


def test_max_error_leaves_results_empty_and_the_answer_doubted() -> None:
    plain = idocr.Recognizer().read(SAMPLE)
    least = min(f.confidence for f in plain.fields.values())
    bound = (1 - least) * 0.99
    reading = idocr.Recognizer(max_error=bound).read(SAMPLE)
    withheld = {n for n, f in reading.fields.items() if f.withheld}
    assert withheld == {n for n, f in plain.fields.items() if 1 - f.confidence > bound} != set()
    answer = megvii.answer(reading)
    for name in withheld:
        shown = answer[megvii.KEYS[name]]  # type: ignore[literal-required]
        assert shown["result"] == ""
        assert shown["rect"]["rb"] == {"x": 0, "y": 0}
        assert reading.fields[name].withheld == plain.fields[name].text
    assert answer["result"] == megvii.DOUBTFUL  # type: ignore[typeddict-item]


@pytest.mark.parametrize("bound", [0, 1, -0.1, 2])
def test_max_error_is_a_probability(bound: float) -> None:
    with pytest.raises(errors.ArgumentError):
        idocr.Recognizer(max_error=bound)
