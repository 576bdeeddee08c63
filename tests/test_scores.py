"""bench/scores.py, card_text.py, causes.py: measures against known values and slow oracles."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

# The bench is no package: its files are run as programs.
sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

import causes
import scores
from answers import Answer, AnsweredField, Case, PrintedField, Truth
from card_text import CardText, best_pass, read_card
from curves import Axes, Curve, draw, png, roc
from rapidocr_card import Box, is_upside_down, text_direction
from scores import Share, edit_distance, overlap, risk_coverage, roc_area, wilson

SQUARE = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))


# ---- shares ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_wilson_known_values(right: int, total: int, low: float, high: float) -> None:
    assert wilson(right, total) == pytest.approx((low, high), abs=6e-5)


@given(st.integers(1, 400), st.data())
def test_wilson_holds_the_share(total: int, data: Any) -> None:
    right = data.draw(st.integers(0, total))
    low, high = wilson(right, total)
    assert 0 <= low <= right / total <= high <= 1
    mirrored = wilson(total - right, total)
    assert mirrored == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(("right", "total"), [(0, 0), (3, 2), (-1, 5)])
def test_wilson_refuses_what_is_no_share(right: int, total: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(right, total)


def test_a_share_of_nothing_has_no_value() -> None:
    assert Share().value is None
    assert Share().interval is None


# ---- texts ----------------------------------------------------------------------------------------

TEXT = st.text("甲乙丙丁", max_size=6)


def slow_distance(a: str, b: str) -> int:
    """The definition, by recursion."""
    if not a or not b:
        return len(a) + len(b)
    return min(
        slow_distance(a[1:], b) + 1,
        slow_distance(a, b[1:]) + 1,
        slow_distance(a[1:], b[1:]) + (a[0] != b[0]),
    )


@given(st.text("甲乙丙", max_size=5), st.text("甲乙丙", max_size=5))
def test_edit_distance_is_its_definition(a: str, b: str) -> None:
    assert edit_distance(a, b) == slow_distance(a, b)


def test_edit_distance_known_values() -> None:
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "三字经") == 3
    assert edit_distance("北京市海淀区", "北京市海定区") == 1


@given(TEXT, TEXT)
def test_alignment_is_cheapest_and_whole(a: str, b: str) -> None:
    pairs = scores.align(a, b)
    assert "".join(x for x, _ in pairs) == a
    assert "".join(y for _, y in pairs) == b
    assert sum(x != y for x, y in pairs) == edit_distance(a, b)


def test_lenient() -> None:
    words = "姓名王小明1968年8月22日2007.07.08-长期"
    assert scores.appears("name", "王小明", words)
    assert scores.appears("birth_month", "8", words)
    assert not scores.appears("birth_month", "2", words)  # 22日 has it, no 2月
    assert scores.appears("valid_from", "20070708", words)
    assert scores.appears("valid_to", "长期", words)
    assert scores.appears("name", "阿依·买提", "阿依.买提")


# ---- geometry -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("move", "share"),
    [((0, 0), 1.0), ((5, 0), 1 / 3), ((5, 5), 1 / 7), ((10, 0), 0.0), ((30, 30), 0.0)],
)
def test_overlap_of_moved_squares(move: tuple[float, float], share: float) -> None:
    other = tuple((x + move[0], y + move[1]) for x, y in SQUARE)
    assert overlap(SQUARE, other) == pytest.approx(share, abs=1e-6)


def test_overlap_of_a_turned_square() -> None:
    """A square and itself turned by 45 degrees meet in a regular octagon."""
    around = tuple(
        (5 + 5 * math.sqrt(2) * math.cos(a), 5 + 5 * math.sqrt(2) * math.sin(a))
        for a in np.deg2rad([0, 90, 180, 270])
    )
    octagon = 100 * 2 * (math.sqrt(2) - 1)
    assert overlap(SQUARE, around) == pytest.approx(octagon / (200 - octagon), abs=1e-5)


def test_overlap_of_either_turning_sense_and_of_nothing() -> None:
    assert overlap(SQUARE, SQUARE[::-1]) == pytest.approx(1.0)
    assert overlap(((1.0, 1.0),) * 4, ((1.0, 1.0),) * 4) == 0.0


def test_worst_corner() -> None:
    moved = ((3.0, 4.0), *SQUARE[1:])
    assert scores.worst_corner_px(SQUARE, moved) == pytest.approx(5.0)
    assert scores.width_px(SQUARE) == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("degrees", "nearest"), [(0, 0), (-44, 0), (46, 90), (181, 180), (359, 0), (-90, 270)]
)
def test_quarter(degrees: float, nearest: int) -> None:
    assert scores.quarter(degrees) == nearest


# ---- confidence and classes -------------------------------------------------------------------------

CARDS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.9, 0.99, 1.0]), st.booleans()), min_size=1
)


@given(CARDS)
def test_risk_coverage_is_every_threshold(cards: list[tuple[float, bool]]) -> None:
    found = risk_coverage([c for c, _ in cards], [w for _, w in cards])
    expected = []
    for threshold in sorted({c for c, _ in cards}, reverse=True):
        taken = [w for c, w in cards if c >= threshold]
        expected.append((len(taken) / len(cards), sum(taken) / len(taken)))
    assert found.coverage == pytest.approx([c for c, _ in expected])
    assert found.risk == pytest.approx([r for _, r in expected])
    for limit in scores.RISKS:
        best = max((c for c, r in expected if r <= limit), default=0.0)
        assert found.at_risk[f"{limit:g}"] == pytest.approx(best)
    area, before = 0.0, 0.0
    for coverage, risk in expected:
        area, before = area + risk * (coverage - before), coverage
    assert found.area == pytest.approx(area)


def test_risk_coverage_of_no_card() -> None:
    assert risk_coverage([], []).coverage == []


VALUES = st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.8, 1.0]), min_size=1, max_size=12)


@given(VALUES, VALUES)
def test_roc_area_is_the_trapezoid_under_the_curve(
    positive: list[float], negative: list[float]
) -> None:
    points = [(0.0, 0.0)]
    for threshold in sorted({*positive, *negative}, reverse=True):
        hits = sum(p >= threshold for p in positive) / len(positive)
        alarms = sum(p >= threshold for p in negative) / len(negative)
        points.append((alarms, hits))
    area = sum((bx - ax) * (ay + by) / 2 for (ax, ay), (bx, by) in pairwise(points))
    assert roc_area(positive, negative) == pytest.approx(area)


def test_roc_area_known_values() -> None:
    assert roc_area([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert roc_area([0.5], [0.5]) == 0.5
    assert roc_area([], [0.5]) is None


# ---- cases ----------------------------------------------------------------------------------------

CORNERS = ((0.0, 0.0), (856.0, 0.0), (856.0, 540.0), (0.0, 540.0))
EMBLEM = {"issued_by": "大名县公安局", "valid_from": "20100102", "valid_to": "20200102"}


def case(
    texts: dict[str, str] | None = None,
    *,
    visibility: float = 1.0,
    logic: int = 0,
    **changes: Any,
) -> Case:
    """An emblem side, answered rightly but for `texts`; `changes` of the answer."""
    printed = {name: PrintedField(text, SQUARE, visibility) for name, text in EMBLEM.items()}
    truth = Truth("clean", 0, "emblem", "emblem", 0.0, (900, 600), CORNERS, printed, "ID_Photo")
    read = {**EMBLEM, **(texts or {})}
    fields = {n: AnsweredField(t, 0.9, logic, SQUARE, t) for n, t in read.items()}
    answer = Answer("emblem", 0, fields, "".join(read.values()), CORNERS, 1001, {"ID_Photo": 0.9})
    return Case(truth, replace(answer, **changes))


def test_what_fields_say_of_themselves_is_held_against_the_truth() -> None:
    wrong, unsure, sure = case({"issued_by": "大名具公安局"}), case(), case()
    fields = {n: replace(f, confidence=0.9995) for n, f in sure.answer.fields.items()}
    sure = replace(sure, answer=replace(sure.answer, fields=fields))
    found = scores.stated_fields([wrong, unsure, sure, sure])
    assert set(found) == {*EMBLEM, "all fields"}
    organ = found["issued_by"]
    assert organ.right == Share(3, 4)
    assert organ.stated == pytest.approx((2 * 0.9995 + 2 * 0.9) / 4)
    assert organ.answered["0.001"] == Share(2, 4)
    assert organ.wrong["0.001"] == Share(0, 2)
    assert found["all fields"].right == Share(11, 12)
    assert 0 < organ.error < 0.5
    assert scores.stated_fields([]) == {}


def test_a_right_card() -> None:
    found = scores.score([case()])
    assert found.whole == found.side == found.turn == Share(1, 1)
    assert found.silent_cards == Share(0, 1)
    assert found.all_fields.exact == Share(3, 3)
    assert found.geometry is not None
    assert found.geometry.overlap_mean == pytest.approx(1.0)


def test_a_wrong_field_is_silent_only_without_doubt() -> None:
    wrong = {"issued_by": "太名县公安局"}
    assert scores.is_silent(case(wrong))
    assert not scores.is_silent(case(wrong, result=1002))
    assert not scores.is_silent(case(wrong, logic=1))
    assert not scores.is_silent(case())


def test_a_covered_field_is_not_asked_for_but_may_be_misread() -> None:
    covered = case({"issued_by": ""}, visibility=0.5)
    assert not scores.wrong_fields(covered)
    assert not scores.misread_fields(covered)
    assert scores.misread_fields(case({"issued_by": "太名"}, visibility=0.5)) == ["issued_by"]


def test_not_found() -> None:
    missed = case(side=None, result=None, fields={}, words="", card_quad=None)
    found = scores.score([missed])
    assert found.cards_found == Share(0, 1)
    assert found.whole == Share(0, 1)
    assert found.all_fields.characters.rate == 1.0
    empty = replace(missed.truth, side=None, kind="none", fields={}, corners=None, legality=None)
    assert scores.score([Case(empty, missed.answer)]).others_refused == Share(1, 1)


def test_least_confidence_is_none_where_a_field_is_missing() -> None:
    assert scores.least_confidence(case()) == pytest.approx(0.9)
    assert scores.least_confidence(case({"valid_to": ""})) == 0.0


def test_shots() -> None:
    copy = case(legality={"ID_Photo": 0.3, "Photocopy": 0.7}, result=1002)
    copy = replace(copy, truth=replace(copy.truth, legality="Photocopy", attack="printed"))
    found = scores.shot_scores([case(), copy])
    assert set(found) == {"ID_Photo", "Photocopy, printed"}
    assert found["Photocopy, printed"].named == Share(1, 1)
    assert found["Photocopy, printed"].accepted == Share(0, 1)
    assert found["ID_Photo"].accepted == Share(1, 1)


def test_characters_by_level() -> None:
    printed = {"name": PrintedField("王溆·安", SQUARE)}
    truth = replace(case().truth, fields=printed)
    answer = replace(case().answer, fields={"name": AnsweredField("王叙·安", 0.9)})
    found = scores.name_characters([Case(truth, answer)], {"王": 1, "安": 1})
    assert found["1"] == Share(2, 2)
    assert found["beyond"] == Share(0, 1)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "field not read"),
        ("大名县", "cut short"),
        ("大名县公安局一", "too long"),
        ("太名县公安局", "misread character"),
        ("大溆县公安局", "misread character"),
    ],
)
def test_causes(text: str, cause: str) -> None:
    wrong = case({"issued_by": text})
    sorter = causes.Sorter([wrong], frozenset("大名县公安局"))
    assert sorter.cause(wrong, "issued_by").startswith(cause)


def test_causes_are_counted_by_set() -> None:
    wrong = case({"issued_by": "", "valid_to": ""})
    other = replace(wrong, truth=replace(wrong.truth, set_name="hard"))
    found = causes.count(causes.Sorter([wrong], frozenset()).failures([wrong, other]))
    (cause,) = found.fields
    assert found.fields[cause] == {"clean": 2, "hard": 2}
    assert found.pictures[cause] == 2


def test_the_strongest_strength_is_the_cause() -> None:
    cases = [case({"issued_by": "太名县公安局"}) for _ in range(12)]
    for i, one in enumerate(cases):
        strengths = {"noise": float(i), "jpeg_quality": 90.0 - i % 3, "of no matter": -float(i)}
        cases[i] = replace(one, truth=replace(one.truth, strengths=strengths))
    sorter = causes.Sorter(cases, frozenset())
    assert sorter.cause(cases[11], "issued_by") == "misread character, with much noise"
    assert sorter.cause(cases[0], "issued_by") == "misread character, nothing stands out"
    darker = replace(cases[5], truth=replace(cases[5].truth, strengths={"jpeg_quality": 40.0}))
    sorter = causes.Sorter([*cases, darker], frozenset())
    assert sorter.cause(darker, "issued_by") == "misread character, with little jpeg_quality"


def test_causes_of_the_whole_card() -> None:
    def first(wrong: Case, alphabet: str = "") -> str:
        return causes.Sorter([case(), wrong], frozenset(alphabet)).failures([wrong])[0].cause

    assert first(case(side=None, fields={})).startswith("card not found")
    assert first(case({"valid_to": "长期"}, side="portrait")) == "wrong side"
    assert first(case({"valid_to": "长期"}, turn_degrees=180)) == "wrong turn"
    away = tuple((x + 20, y) for x, y in CORNERS)
    assert first(case({"valid_to": "长期"}, card_quad=away)).startswith("corners off")
    assert first(case({"issued_by": "太名县公安局"}), "名县公安局").startswith("character outside")


# ---- the rival's parser -----------------------------------------------------------------------------

PORTRAIT = (  # text, left, top, width in mm; 3 mm high
    ("姓名", 7, 9, 6),
    ("司马小明", 17, 9, 14),
    ("性别男", 7, 16, 12),
    ("民族汉", 27, 16, 11),
    ("出生", 7, 22, 6),
    ("1968年8月22日", 17, 22, 26),
    ("住址", 7, 28, 6),
    ("云南省个旧市长江西路3", 17, 28, 35),
    ("64号龙泉山庄7幢5单", 17, 32, 32),
    ("元2680室", 17, 36, 14),
    ("公民身份号码", 7, 45, 18),
    ("532501196808222033", 29, 45, 50),
    ("SPECIMEN样本", 7, 50, 18),
)
PORTRAIT_TEXTS = {
    "name": "司马小明",
    "gender": "男",
    "ethnicity": "汉",
    "birth_year": "1968",
    "birth_month": "8",
    "birth_day": "22",
    "address": "云南省个旧市长江西路364号龙泉山庄7幢5单元2680室",
    "id_number": "532501196808222033",
}
BACK = (
    ("中华人民共和国", 28, 8, 45),
    ("居民身份证", 27, 17, 48),
    ("签发机关", 20.8, 39, 12),
    ("呼和浩特市公安局新城分局", 34, 37, 40),
    ("户政管理局", 34, 41, 17),
    ("有效期限2018.02.18-2038.02.18", 20.8, 45, 50),
)
BACK_TEXTS = {
    "issued_by": "呼和浩特市公安局新城分局户政管理局",
    "valid_from": "20180218",
    "valid_to": "20380218",
}
Row = tuple[str, float, float, float]


def boxes(rows: tuple[Row, ...], degrees: float = 0.0, scale: float = 10.0) -> list[Box]:
    """As rapidocr gives them: the quad starts at whatever corner is left top in the picture."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    found = []
    for text, left, top, width in rows:
        corners = [(left, top), (left + width, top), (left + width, top + 3), (left, top + 3)]
        quad = [
            (600 + scale * (x * cosine - y * sine), 500 + scale * (x * sine + y * cosine))
            for x, y in corners
        ]
        start = min(range(4), key=lambda i: sum(quad[i]))
        found.append(Box(text, 0.95, tuple(quad[start:] + quad[:start])))
    return sorted(found, key=lambda b: b.centre[1])


def texts(found: CardText) -> dict[str, str]:
    return {name: f.text for name, f in found.fields.items()}


@pytest.mark.parametrize("degrees", [0, 7, -12, 90, 97, 180, 172, 270, 265])
def test_parser_at_any_turn(degrees: float) -> None:
    front, back = read_card(boxes(PORTRAIT, degrees)), read_card(boxes(BACK, degrees))
    assert (front.side, texts(front)) == ("portrait", PORTRAIT_TEXTS)
    assert (back.side, texts(back)) == ("emblem", BACK_TEXTS)
    for found in (front, back):
        assert abs((found.turn_degrees - degrees + 180) % 360 - 180) < 1


def without(rows: tuple[Row, ...], *gone: str) -> tuple[Row, ...]:
    return tuple(r for r in rows if r[0] not in gone)


def test_parser_labels_misread_lost_or_fused() -> None:
    misread = tuple((t.replace("姓名", "姓各"), *r) for t, *r in PORTRAIT)
    assert texts(read_card(boxes(misread))) == PORTRAIT_TEXTS  # type: ignore[arg-type]
    for label in ("出生", "住址", "公民身份号码", "姓名"):
        assert texts(read_card(boxes(without(PORTRAIT, label)))) == PORTRAIT_TEXTS, label
    fused = (
        ("姓名司马小明", 7, 9, 24),
        ("性别男民族汉", 7, 16, 31),
        *without(PORTRAIT, "姓名", "司马小明", "性别男", "民族汉"),
    )
    assert texts(read_card(boxes(fused))) == PORTRAIT_TEXTS
    short = tuple((t.replace("有效期限", "有效期"), *r) for t, *r in BACK)
    assert texts(read_card(boxes(short))) == BACK_TEXTS  # type: ignore[arg-type]


def test_parser_takes_the_rest_of_a_label_for_no_other() -> None:
    rows = tuple((t.replace("公民身份号码", "民身份号码"), *r) for t, *r in PORTRAIT)
    rows = tuple((t.replace("民族汉", "汉"), *r) for t, *r in rows)
    found = texts(read_card(boxes(rows)))  # type: ignore[arg-type]
    assert found.get("ethnicity", "") == ""
    assert found["id_number"] == PORTRAIT_TEXTS["id_number"]


def test_parser_passes_over_other_print() -> None:
    noise = (("皙", 70, 9, 4), ("ol", 60, 30, 3), ("瞥斡两", -40, 9, 30), ("占噻", 90, 45, 8))
    assert texts(read_card(boxes((*PORTRAIT, *noise)))) == PORTRAIT_TEXTS


def test_parser_joins_a_cut_number_and_splits_for_good() -> None:
    cut = (
        *without(PORTRAIT, "532501196808222033"),
        ("532501196808", 29, 45, 33),
        ("222033", 63, 45, 16),
    )
    assert texts(read_card(boxes(cut))) == PORTRAIT_TEXTS
    for_good = (*BACK[:-1], ("有效期限", 20.8, 45, 12), ("2018.02.18-长期", 34, 45, 28))
    assert texts(read_card(boxes(for_good)))["valid_to"] == "长期"


def test_parser_finds_no_card() -> None:
    page = tuple((f"本页文字只为试验第{i}行", 5.0, 5.0 * i, 40.0) for i in range(8))
    assert read_card(boxes(page)).side is None
    assert read_card([]).side is None
    assert read_card(boxes((("姓名", 7, 9, 6),))).side is None  # one label stands on many a form


def test_direction_and_best_pass() -> None:
    upside_down = boxes(PORTRAIT, 180)
    assert is_upside_down(upside_down, text_direction(upside_down))
    assert not is_upside_down(boxes(PORTRAIT, 10), 10)
    assert text_direction(boxes(PORTRAIT, 80)) == pytest.approx(80, abs=0.5)
    poor = boxes((("姓名司", 7, 9, 12), ("性别男", 7, 16, 12)))
    assert texts(best_pass([poor, boxes(PORTRAIT)])) == PORTRAIT_TEXTS
    assert texts(best_pass([boxes(PORTRAIT), []])) == PORTRAIT_TEXTS


def test_a_receiver_operating_curve_goes_through_every_threshold() -> None:
    points = roc([0.9, 0.8, 0.2], [0.8, 0.1])
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (1.0, 1.0)
    assert (0.0, pytest.approx(1 / 3)) in points
    assert (0.5, pytest.approx(2 / 3)) in points


def test_curves_are_small_pictures() -> None:
    points = roc([0.9, 0.7], [0.3, 0.8])
    curve = Curve("one", [x for x, _ in points], [y for _, y in points])
    assert 1000 < len(png(draw([curve], Axes("x; upwards: y")))) < 60_000
