"""csrc/id_number.h and idocr.id_number against their twins. All numbers here are made up."""

import doctest
from datetime import date

import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from idocr import _core, id_number
from idocr.id_number import (
    IdNumberKind,
    IdNumberProblem,
    InvalidChecksum,
    InvalidComponent,
    InvalidFormat,
    InvalidLength,
    ValidationError,
)


def with_check(first17: str) -> str:
    return first17 + reference.check_digit(first17)


RESIDENT = with_check("11999919900101001")
PERMIT = with_check("83000019880229002")
PERMANENT = with_check("93115619751231003")

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
    assert id_number.is_valid(number) == (reference.id_number_check(number.upper()) == 0)


@given(st.dates(date(1870, 1, 1), date(2110, 12, 31)))
def test_birth_date_is_any_day_of_the_calendar(day: date) -> None:
    number = with_check(f"119999{day:%Y%m%d}001")
    assert id_number.is_valid(number) == (1880 <= day.year <= 2099)


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
    assert doctest.testmod(id_number).failed == 0
