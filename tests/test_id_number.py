"""csrc/id_number.h and idocr.id_number against their twins. All numbers here are made up."""

import doctest
import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from idocr import _core, id_number, regions
from idocr.id_number import (
    IdNumberKind,
    IdNumberProblem,
    InvalidChecksum,
    InvalidComponent,
    InvalidFormat,
    InvalidLength,
    Mismatch,
    ValidationError,
)


def with_check(first17: str) -> str:
    return first17 + reference.check_digit(first17)


RESIDENT = with_check("11999919900101001")
PERMIT = with_check("83000019880229002")
PERMANENT = with_check("93115619751231003")

NO_FUTURE = date(2099, 12, 31)
digits = st.text("0123456789", min_size=17, max_size=17)
near_numbers = st.tuples(
    st.sampled_from(["11", "65", "71", "81", "830000", "931156", "90", "00"]),
    st.sampled_from(["19000228", "19000229", "20000229", "20230229", "18791231", "18800101"]),
    digits,
    st.sampled_from("0123456789X"),
).map(lambda parts: (parts[0] + parts[2])[:6] + parts[1] + parts[2][:3] + parts[3])


@given(digits)
def test_check_digit_equals_its_twin(first17: str) -> None:
    assert id_number.check_digit(first17) == reference.check_digit(first17)


@given(near_numbers | digits.map(with_check) | st.text("0123456789Xx年", max_size=20))
def test_problems_equal_their_twin(number: str) -> None:
    assert _core.id_number_check(number) == reference.id_number_check(number)
    right = reference.id_number_check(number.upper()) == 0 and number[14:17] != "000"
    assert id_number.is_valid(number, as_of=NO_FUTURE) == right


@given(st.dates(date(1870, 1, 1), date(2110, 12, 31)))
def test_birth_date_is_any_day_of_the_calendar(day: date) -> None:
    number = with_check(f"119999{day:%Y%m%d}001")
    assert id_number.is_valid(number, as_of=NO_FUTURE) == (1880 <= day.year <= 2099)


@given(st.integers(1880, 2099), st.integers(0, 99), st.integers(0, 99))
def test_birth_date_is_no_other_day(year: int, month: int, day: int) -> None:
    found = id_number.problems(with_check(f"119999{year}{month:02}{day:02}001"))
    expected = reference.is_valid_date(year, month, day)
    assert (IdNumberProblem.BIRTH_DATE not in found) == expected


def test_parts() -> None:
    resident = id_number.validate(f" {RESIDENT[:6]}-{RESIDENT[6:14]} {RESIDENT[14:]} ")
    assert resident.number == RESIDENT
    assert resident.kind is IdNumberKind.RESIDENT
    assert resident.region_code == "119999"
    assert resident.birth_date == date(1990, 1, 1)
    assert resident.sequence == "001"
    assert resident.gender == "男"
    permit = id_number.validate(PERMIT)
    assert permit.kind is IdNumberKind.RESIDENCE_PERMIT
    assert permit.gender == "女"
    permanent = id_number.validate(PERMANENT)
    assert permanent.kind is IdNumberKind.PERMANENT_RESIDENCE
    assert permanent.region_code == "31"
    assert permanent.birth_date == date(1975, 12, 31)


def test_small_x_is_the_capital_x() -> None:
    number = with_check("11999919900101008")
    assert number[-1] == "X"
    assert id_number.validate(number.lower()).number == number


@pytest.mark.parametrize(
    ("number", "error"),
    [
        ("", InvalidLength),
        (RESIDENT[:-1], InvalidLength),
        (RESIDENT + "0", InvalidLength),
        ("X" + RESIDENT[1:], InvalidFormat),
        ("年" + RESIDENT[1:], InvalidFormat),
        ("١" + RESIDENT[1:], InvalidFormat),
        (with_check("71999919900101001"), InvalidComponent),
        (with_check("81000119900101001"), InvalidComponent),
        (with_check("90015619900101001"), InvalidComponent),
        (with_check("11999919900231001"), InvalidComponent),
        # Samples in vendors' documentation that break the rules.
        ("330881198904173914", InvalidChecksum),
        ("666667777788888999", InvalidComponent),
        ("371002200610020000", InvalidChecksum),
        ("11204416541220243X", InvalidComponent),
        ("300010199001010011", InvalidComponent),
    ],
)
def test_invalid_numbers(number: str, error: type[ValidationError]) -> None:
    with pytest.raises(error) as caught:
        id_number.validate(number)
    assert type(caught.value) is error
    assert not id_number.is_valid(number)
    if number:
        assert number not in str(caught.value)


def test_all_problems_of_a_documentation_sample() -> None:
    every = IdNumberProblem.REGION | IdNumberProblem.BIRTH_DATE | IdNumberProblem.CHECK_DIGIT
    assert id_number.problems("666667777788888999") == every
    assert id_number.problems("300010199001010011") == IdNumberProblem.REGION
    assert id_number.problems(RESIDENT) == IdNumberProblem(0)


@given(digits.map(with_check), st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_found(number: str, at: int, digit: str) -> None:
    changed = number[:at] + digit + number[at + 1 :]
    if changed != number:
        assert IdNumberProblem.CHECK_DIGIT in id_number.problems(changed)


def test_first_generation_only_when_asked_for() -> None:
    number = "119999" + "900101" + "002"
    with pytest.raises(InvalidLength):
        id_number.validate(number)
    found = id_number.validate(number, first_generation=True)
    assert found.number == number
    assert found.birth_date == date(1990, 1, 1)
    assert found.gender == "女"
    for wrong in ("119999900230001", "009999900101001", "830000900101001"):
        with pytest.raises(InvalidComponent):
            id_number.validate(wrong, first_generation=True)
    with pytest.raises(InvalidLength):
        id_number.validate("1199999001010X2", first_generation=True)


def test_permanent_residence_of_2017_only_when_asked_for() -> None:
    number = "ABC" + "3100" + "000229" + "15"
    with pytest.raises(InvalidLength):
        id_number.validate(number)
    found = id_number.validate(number, permanent_residence_2017=True)
    assert found.kind is IdNumberKind.PERMANENT_RESIDENCE
    assert found.region_code == "3100"
    assert found.birth_date is None
    assert found.gender is None
    for wrong in ("ABC310000023015", "ABC810000022915", "ABC910000022915"):
        with pytest.raises(InvalidComponent):
            id_number.validate(wrong, permanent_residence_2017=True)
    for wrong in ("AB1310000022915", "ABC31000002291X"):
        with pytest.raises(InvalidFormat):
            id_number.validate(wrong, permanent_residence_2017=True)


@pytest.mark.parametrize("first17", ["", "1" * 16, "1" * 18, "1" * 16 + "X", "１" * 17])
def test_check_digit_wants_seventeen_digits(first17: str) -> None:
    with pytest.raises((InvalidLength, InvalidFormat)):
        id_number.check_digit(first17)
    with pytest.raises(ValueError, match="first17"):
        _core.id_number_check_digit(first17)


@pytest.mark.parametrize("wrong", [None, 18, RESIDENT.encode()])
def test_the_door_takes_text_only(wrong: object) -> None:
    for call in (_core.id_number_check, _core.id_number_check_digit):
        with pytest.raises(TypeError):
            call(wrong)  # type: ignore[arg-type]


def test_repr_shows_nothing_personal() -> None:
    shown = repr(id_number.validate(RESIDENT))
    assert not set("0123456789男女") & set(shown)


def test_documentation() -> None:
    for module in (id_number, regions):
        assert doctest.testmod(module).failed == 0


# ---- reasons: each alone --------------------------------------------------------------------------

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("number", "options", "expected", "error"),
    [
        (RESIDENT, {}, "", None),
        (RESIDENT[:-1], {}, "LENGTH", InvalidLength),
        ("O" + RESIDENT[1:], {}, "ALPHABET", InvalidFormat),
        (with_check("71999919900101001"), {}, "REGION", InvalidComponent),
        (RESIDENT, {"known_region": True}, "UNKNOWN_REGION", InvalidComponent),
        (with_check("11010319900101001"), {"known_region": True}, "", None),
        (PERMIT, {"known_region": True}, "", None),
        (PERMANENT, {"known_region": True}, "", None),
        (with_check("11999919900230001"), {}, "BIRTH_DATE", InvalidComponent),
        (with_check("11999920260602001"), {}, "FUTURE_BIRTH_DATE", InvalidComponent),
        (with_check("11999920260601001"), {}, "", None),
        (with_check("11999919900101000"), {}, "SEQUENCE", InvalidComponent),
        (RESIDENT[:-1] + "3", {}, "CHECK_DIGIT", InvalidChecksum),
        (RESIDENT, {"gender": "男", "birth_date": date(1990, 1, 1)}, "", None),
        (RESIDENT, {"gender": "女"}, "GENDER", Mismatch),
        (RESIDENT, {"birth_date": date(1990, 1, 2)}, "OTHER_BIRTH_DATE", Mismatch),
    ],
)
def test_each_reason(number, options, expected, error) -> None:  # type: ignore[no-untyped-def]
    found = id_number.problems(number, as_of=TODAY, **options)
    assert found == (IdNumberProblem[expected] if expected else IdNumberProblem(0))
    assert len(id_number.reasons(found)) == bool(expected)
    assert id_number.is_valid(number, as_of=TODAY, **options) == (not expected)
    if error:
        with pytest.raises(error) as caught:
            id_number.validate(number, as_of=TODAY, **options)
        assert type(caught.value) is error
        assert caught.value.problems == found
        assert id_number.reasons(found)[0] in str(caught.value)


def test_every_reason_has_words_and_an_error() -> None:
    assert set(id_number._WORDS) == set(id_number._ERRORS) == set(IdNumberProblem)


def test_all_reasons_at_once() -> None:
    with pytest.raises(InvalidComponent) as caught:
        id_number.validate("999999" + "20990101" + "0000", gender="男", as_of=TODAY)
    expected = {"REGION", "FUTURE_BIRTH_DATE", "SEQUENCE", "CHECK_DIGIT", "GENDER"}
    assert {flag.name for flag in caught.value.problems} == expected
    assert str(caught.value).count(",") >= len(expected) - 1


def test_without_a_date_today_counts() -> None:
    tomorrow = date.today() + timedelta(days=1)
    assert id_number.is_valid(with_check(f"119999{date.today():%Y%m%d}001"))
    assert not id_number.is_valid(with_check(f"119999{tomorrow:%Y%m%d}001"))


def test_options_of_older_forms() -> None:
    assert id_number.is_valid("110101900101001", first_generation=True, known_region=True)
    assert not id_number.is_valid("119999900101001", first_generation=True, known_region=True)
    assert not id_number.is_valid("110101900101001", first_generation=True, gender="女")
    born = {"birth_date": date(2000, 2, 29)}
    assert id_number.is_valid("ABC310000022915", permanent_residence_2017=True, **born)
    born = {"birth_date": date(2000, 3, 1)}
    assert not id_number.is_valid("ABC310000022915", permanent_residence_2017=True, **born)


def test_a_gender_is_one_of_two() -> None:
    with pytest.raises(TypeError, match="gender"):
        id_number.validate(RESIDENT, gender="male")  # type: ignore[arg-type]


# ---- regions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "year", "expected"),
    [
        ("110101", 1984, (None, None, True)),
        ("110103", 1990, (None, 2010, True)),  # 崇文区, part of 东城区 since 2010
        ("110103", 2011, (None, 2010, False)),
        ("500101", 1996, (1997, None, False)),  # 重庆 was in 四川
        ("330113", 2022, (2021, None, True)),  # 临平区, newer than the yearly tables
        ("441900", 1995, (1988, None, True)),  # 东莞, a city without counties
        ("440301", 1995, (None, None, True)),  # 市辖区, which numbers bear
        ("139002", 2012, (2015, 2017, False)),  # two periods: the nearer one
        ("139002", 1996, (1990, 1995, False)),
        ("830000", 1950, (None, None, True)),
        ("931156", 1950, (None, None, True)),
        ("970156", 1950, None),
        ("119999", 1990, None),
        ("110000", 1990, None),  # no number bears a province
        ("710101", 1990, None),
        ("", 1990, None),
        ("11010", 1990, None),
        ("一二三四五六", 1990, None),
    ],
)
def test_regions(
    code: str, year: int, expected: tuple[int | None, int | None, bool] | None
) -> None:
    found = id_number.region(code, year)
    assert (found and (found.first_year, found.last_year, found.in_force)) == expected


def test_the_region_of_a_number_is_that_of_its_year() -> None:
    old = id_number.validate(with_check("11022119500101001"))  # 昌平县, in force from 1982 to 1999
    assert old.region is not None
    assert old.region.in_force  # who was born in 1950 got the number in 1984 or later
    assert not id_number.region_of(with_check("11022120100101001")).in_force  # type: ignore[union-attr]
    assert id_number.region_of(RESIDENT) is None
    assert id_number.region_of("110101900101001") is not None
    for wrong in ("", "1101019001010012", "110101一九九〇0101001X"):
        with pytest.raises(InvalidFormat):
            id_number.region_of(wrong)


def test_the_table_is_sound() -> None:
    assert regions.TABLE.stat().st_size < 60_000
    assert len(regions.provinces()) == 31
    count = 0
    for prefecture, line in regions._lines().items():
        codes = [entry[:2] for entry in line.split()]
        assert codes == sorted(set(codes)), prefecture
        for code in codes:
            spans = regions.periods(prefecture + code)
            assert spans
            assert all(first <= last for first, last in spans)
            assert all(a[1] + 1 < b[0] for a, b in pairwise(spans))
            count += 1
    assert count > 7000


# ---- python-stdnum as an oracle -------------------------------------------------------------------


def made_numbers(count: int, seed: int) -> Iterator[str]:
    """Right numbers, wrong check digits, swaps, other digits, wrong days, and random strings."""
    rng = random.Random(seed)
    codes = [
        prefix + entry[:2] for prefix, line in regions._lines().items() for entry in line.split()
    ]
    first_day = date(1900, 1, 1)
    for _ in range(count):
        birth = first_day + timedelta(days=rng.randrange(45_000))
        number = with_check(f"{rng.choice(codes)}{birth:%Y%m%d}{rng.randrange(1, 1000):03}")
        kind, at = rng.randrange(8), rng.randrange(17)
        if kind == 0:
            number = number[:17] + rng.choice("0123456789X")
        elif kind == 1:
            number = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        elif kind == 2:
            number = number[:at] + rng.choice("0123456789X") + number[at + 1 :]
        elif kind == 3:
            number = with_check(f"{number[:10]}{rng.randrange(10_000):04}{number[14:17]}")
        elif kind == 4:
            number = "".join(rng.choices("0123456789Xx -", k=rng.randrange(22)))
        elif kind == 5:
            number = with_check("".join(rng.choices("0123456789", k=17)))
        yield number


def check_against_stdnum(count: int, seed: int) -> None:
    """Length, characters, calendar and check digit are judged as stdnum judges them.

    Not compared: what we refuse beyond it (years outside 1880 to 2099, sequence 000, the future) and
    regions, of which stdnum has a list of its own: see test_regions_beside_stdnum.
    """
    ric = pytest.importorskip("stdnum.cn.ric")
    exceptions = pytest.importorskip("stdnum.exceptions")
    ours_alone = (
        IdNumberProblem.SEQUENCE | IdNumberProblem.REGION | IdNumberProblem.FUTURE_BIRTH_DATE
    )
    for number in made_numbers(count, seed):
        compact = id_number.compact(number)  # stdnum's own keeps hyphens and spaces
        found = id_number.problems(compact) & ~ours_alone
        try:
            if len(compact) != 18:
                raise exceptions.InvalidLength
            if not (compact[:17].isascii() and compact[:17].isdigit()):
                raise exceptions.InvalidFormat
            right_check = ric.calc_check_digit(compact) == compact[17]
            assert right_check == (IdNumberProblem.CHECK_DIGIT not in found)
            year = ric.get_birth_date(compact).year
            assert (IdNumberProblem.BIRTH_DATE in found) == (not 1880 <= year <= 2099)
        except exceptions.InvalidLength:
            assert found == IdNumberProblem.LENGTH
        except exceptions.InvalidFormat:
            assert found == IdNumberProblem.ALPHABET
        except exceptions.InvalidComponent:
            assert IdNumberProblem.BIRTH_DATE in found


def test_numbers_beside_stdnum() -> None:
    check_against_stdnum(20_000, seed=1)


@pytest.mark.slow
def test_a_million_numbers_beside_stdnum() -> None:
    check_against_stdnum(1_000_000, seed=2)


@pytest.mark.slow
def test_regions_beside_stdnum() -> None:
    """stdnum's list is Wikipedia's: of its codes in force since 1984, 99 in 100 are known here."""
    numdb = pytest.importorskip("stdnum.numdb")
    table = numdb.get("cn/loc")
    theirs = []
    for prefecture in sorted(regions._lines()):
        for last in range(100):
            code = f"{prefecture}{last:02}"
            parts = table.info(code)
            county = next((found["county"] for _, found in parts if "county" in found), "")
            gone = re.search(r"-(\d{4})\][^,]*$", county)  # the end of its last period
            if county and not code.endswith("9000") and (not gone or int(gone[1]) >= 1984):
                theirs.append(code)
    assert len(theirs) > 5000
    known = sum(regions.periods(code) != () for code in theirs)
    assert known / len(theirs) > 0.985
