"""pair.py: both sides together, each finding by a table, and what is refused."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import recipe
import reference

import idocr
from idocr import pair
from idocr.errors import ArgumentError
from idocr.pair import Evidence
from idocr.reading import Field, Reading, Side

SAMPLES = Path(__file__).parent / "samples"

AS_OF = date(2026, 6, 1)
FRONT = {
    "name": "张三", "gender": "女", "ethnicity": "汉", "birth_year": "1990", "birth_month": "3",
    "birth_day": "7", "address": "北京市海淀区学院路8号", "id_number": "11010819900307122X",
}  # fmt: skip
BACK = {"issued_by": "北京市公安局海淀分局", "valid_from": "20160509", "valid_to": "20360509"}


def reading(side: Side, texts: dict[str, str], logic: int = 0) -> Reading:
    return Reading(side, (800, 600), fields={n: Field(n, t, logic=logic) for n, t in texts.items()})


def check(front: dict[str, str], back: dict[str, str]) -> pair.PairReport:
    both = reading(Side.PORTRAIT, FRONT | front), reading(Side.EMBLEM, BACK | back)
    return idocr.check_pair(*both, as_of=AS_OF)


def born(day: date) -> dict[str, str]:
    """A front whose printed birth date and number are of this day."""
    first17 = f"110108{day:%Y%m%d}122"
    number = first17 + reference.check_digit(first17)
    parts = {"birth_year": day.year, "birth_month": day.month, "birth_day": day.day}
    return {name: str(value) for name, value in parts.items()} | {"id_number": number}


def test_a_card_that_fits() -> None:
    report = check({}, {})
    assert (report.term.evidence, report.place.evidence, report.region.evidence) == (
        Evidence.AGREES,
    ) * 3
    assert (report.expired, report.started, report.contradicted) == (False, True, False)
    assert report.days_left == (date(2036, 5, 9) - AS_OF).days
    assert report.doubted == ()


START = date(2016, 5, 9)


@pytest.mark.parametrize(
    ("age_days", "years", "expected"),
    [
        # Days from the birthday to the first day of validity, which birthday, the term given.
        ((16, -91), 5, Evidence.AGREES),
        ((16, -91), 10, Evidence.CONTRADICTS),
        ((16, -90), 10, Evidence.PLAUSIBLE),
        ((16, -1), 5, Evidence.AGREES),
        ((16, 0), 10, Evidence.AGREES),
        ((16, 0), 5, Evidence.PLAUSIBLE),
        ((16, 90), 5, Evidence.PLAUSIBLE),
        ((16, 91), 5, Evidence.CONTRADICTS),
        ((26, -91), 20, Evidence.CONTRADICTS),
        ((26, -90), 20, Evidence.PLAUSIBLE),
        ((26, 0), 20, Evidence.AGREES),
        ((26, 91), 10, Evidence.CONTRADICTS),
        ((46, -91), 0, Evidence.CONTRADICTS),
        ((46, -90), 0, Evidence.PLAUSIBLE),
        ((46, 0), 0, Evidence.AGREES),
        ((46, 90), 20, Evidence.PLAUSIBLE),
        ((46, 91), 20, Evidence.CONTRADICTS),
        ((80, 0), 5, Evidence.CONTRADICTS),
        ((0, 30), 5, Evidence.AGREES),
        ((0, -1), 5, Evidence.CONTRADICTS),  # before the birth
        ((30, 0), 30, Evidence.CONTRADICTS),  # a length that no card has
    ],
)
def test_validity_against_age(age_days: tuple[int, int], years: int, expected: Evidence) -> None:
    age, days = age_days
    birthday = START - timedelta(days=days)
    front = born(birthday.replace(year=birthday.year - age))
    end = f"{START.replace(year=START.year + years):%Y%m%d}" if years else "长期"
    report = check(front, {"valid_from": f"{START:%Y%m%d}", "valid_to": end})
    assert report.term.evidence is expected
    assert report.contradicted == (expected is Evidence.CONTRADICTS)


def test_births_on_a_leap_day_and_terms_to_the_day_before() -> None:
    front = born(date(2000, 2, 29))
    assert check(front, {"valid_from": "20160229", "valid_to": "20260228"}).term.evidence is (
        Evidence.AGREES
    )


@pytest.mark.parametrize(
    ("front", "back"),
    [
        ({"birth_year": "", "id_number": ""}, {}),
        ({"birth_year": "1991"}, {}),  # printed date and number disagree
        ({}, {"valid_from": ""}),
        ({}, {"valid_to": ""}),
        ({}, {"valid_to": "20361309"}),
    ],
)
def test_what_cannot_be_told(front: dict[str, str], back: dict[str, str]) -> None:
    assert check(front, back).term.evidence is Evidence.UNKNOWN


def test_either_birth_date_will_do() -> None:
    assert check({"birth_year": ""}, {}).term.evidence is Evidence.AGREES
    assert check({"id_number": "1"}, {}).term.evidence is Evidence.AGREES


def test_residence_permits_are_valid_for_five_years() -> None:
    first17 = "83000019900307122"
    permit = {"id_number": first17 + reference.check_digit(first17), "ethnicity": ""}
    assert check(permit, {"valid_to": "20210509"}).term.evidence is Evidence.AGREES
    assert check(permit, {"valid_to": "20360509"}).term.evidence is Evidence.CONTRADICTS
    assert check(permit, {}).region.evidence is Evidence.AGREES


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "expired", "started", "days_left"),
    [
        ("20160601", "20260601", False, True, 0),
        ("20160531", "20260531", True, True, -1),
        ("20160602", "20260602", False, True, 1),
        ("20260602", "20360602", False, False, 3654),
        ("20160601", "长期", False, True, None),
        ("20160601", "", None, True, None),
        ("", "20260601", False, None, 0),
    ],
)
def test_expiry(
    valid_from: str, valid_to: str, expired: bool, started: bool, days_left: int | None
) -> None:
    report = check({}, {"valid_from": valid_from, "valid_to": valid_to})
    assert (report.expired, report.started, report.days_left) == (expired, started, days_left)


@pytest.mark.parametrize(
    ("address", "authority", "expected"),
    [
        ("北京市海淀区学院路8号", "北京市公安局海淀分局", Evidence.AGREES),
        ("海淀区学院路8号", "北京市公安局海淀分局", Evidence.AGREES),
        ("北京市海淀区学院路8号", "海淀公安分局", Evidence.AGREES),
        ("云南省个旧市长江西路364号", "个旧市公安局", Evidence.AGREES),
        ("云南省双江拉祜族佤族布朗族傣族自治县勐勐镇", "双江自治县公安局", Evidence.AGREES),
        ("河南省郑州市管城回族区某路1号", "郑州市公安局管城分局", Evidence.AGREES),
        ("湖北省公安县斗湖堤镇某村", "公安县公安局", Evidence.AGREES),
        ("辽宁省抚顺市望花区某路1号", "抚顺市公安局望花区分局", Evidence.AGREES),
        ("江苏省苏州市吴中区某路1号", "苏州市公安局工业园区分局", Evidence.PLAUSIBLE),
        ("辽宁省本溪市南芬区海棠前街", "三亚市公安局海棠区分局", Evidence.PLAUSIBLE),
        ("云南省个旧市长江西路364号", "北京市公安局海淀分局", Evidence.DOUBTFUL),
        ("云南省个旧市长江西路364号", "", Evidence.UNKNOWN),
        ("", "个旧市公安局", Evidence.UNKNOWN),
        ("云南省个旧市长江西路364号", "国家移民管理局", Evidence.UNKNOWN),
    ],
)
def test_place(address: str, authority: str, expected: Evidence) -> None:
    report = check({"address": address}, {"issued_by": authority})
    assert report.place.evidence is expected


@pytest.mark.parametrize(
    ("first17", "expected"),
    [
        ("11010819900307122", Evidence.AGREES),
        ("53250119900307122", Evidence.PLAUSIBLE),  # another province
        ("11011419900307122", Evidence.PLAUSIBLE),  # known in other years
        ("11999919900307122", Evidence.DOUBTFUL),
    ],
)
def test_region(first17: str, expected: Evidence) -> None:
    number = first17 + reference.check_digit(first17)
    assert check({"id_number": number}, {}).region.evidence is expected
    assert check({"id_number": number[:-1] + "?"}, {}).region.evidence is Evidence.UNKNOWN


def test_fields_with_logic_are_named() -> None:
    both = reading(Side.PORTRAIT, FRONT), reading(Side.EMBLEM, BACK, logic=1)
    assert idocr.check_pair(*both).doubted == ("issued_by", "valid_from", "valid_to")


def test_what_is_refused() -> None:
    front, back = reading(Side.PORTRAIT, FRONT), reading(Side.EMBLEM, BACK)
    none = Reading(None, (800, 600))
    temporary = reading(Side.PORTRAIT, FRONT | BACK)
    for first, second, word in (
        (front, front, "back"),
        (back, back, "front"),
        (back, front, "front"),
        (none, back, "front"),
        (front, none, "back"),
        (temporary, back, "front"),
        ("front.jpg", back, "front"),
    ):
        with pytest.raises(ArgumentError, match=word) as caught:
            idocr.check_pair(first, second)  # type: ignore[arg-type]
        assert "张三" not in str(caught.value)
    with pytest.raises(ArgumentError, match="as_of"):
        idocr.check_pair(front, back, "2026-06-01")  # type: ignore[arg-type]
    now = datetime(2026, 6, 1, 12)
    assert idocr.check_pair(front, back, now).as_of == AS_OF
    assert idocr.check_pair(front, back).as_of == date.today()


def test_a_report_shows_nothing_personal() -> None:
    """Neither texts nor what leads to them: days left are those to a printed date."""
    report = check({}, {})
    shown = repr(report).replace(repr(AS_OF), "")
    assert not any(text in shown for text in (*FRONT.values(), *BACK.values()) if len(text) > 1)
    assert not set("0123456789男女") & set(shown)


def test_on_pictures() -> None:
    recognizer = idocr.Recognizer()
    readings = [recognizer.read(SAMPLES / f"{name}.jpg") for name in ("portrait", "emblem")]
    report = idocr.check_pair(*readings, as_of=AS_OF)
    ends = json.loads((SAMPLES / "emblem.json").read_text("utf-8"))["fields"]["valid_to"]["text"]
    assert report.expired == (ends != "长期" and ends < f"{AS_OF:%Y%m%d}")
    assert report.doubted == ()


@pytest.mark.skipif(recipe.missing("data") != "", reason=recipe.missing("data"))
def test_on_made_up_people() -> None:
    """Of right pairs none is contradicted and 99.5 % agree in place; of wrong pairs 99 % do not."""
    import people
    from test_rules import texts_of

    rng = np.random.default_rng(20261121)
    pairs = [texts_of(people.make_person(rng, "test")) for _ in range(1000)]
    right = [check(front, back) for front, back in pairs]
    assert not any(report.contradicted for report in right)
    assert {report.term.evidence for report in right} == {Evidence.AGREES}
    agreeing = sum(report.place.evidence is Evidence.AGREES for report in right)
    assert agreeing >= 995
    wrong = [check(front, back) for (front, _), (_, back) in pairwise(pairs)]
    agreeing = sum(report.place.evidence is Evidence.AGREES for report in wrong)
    assert agreeing <= 10
