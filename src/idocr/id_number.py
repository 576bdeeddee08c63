"""Validation of 公民身份号码 and its relatives, without any picture.

>>> validate("119999199001010012").birth_date
datetime.date(1990, 1, 1)
>>> is_valid("119999199001010013")
False
>>> check_digit("11999919900101001")
'2'

The rules: GB 11643-1999 for residents, 港澳台居民居住证申领发放办法 for regions 810000, 820000 and
830000, GA 2102-2023 for numbers that begin with 9. No exception and no repr shows a number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, IntFlag

from idocr import _core


class ValidationError(ValueError):
    """The text is no such number."""


class InvalidLength(ValidationError):
    """It has the wrong number of characters."""


class InvalidFormat(ValidationError):
    """It has a character that cannot stand at its place."""


class InvalidComponent(ValidationError):
    """Its region or its birth date does not exist."""


class InvalidChecksum(ValidationError):
    """Its check character does not fit the rest."""


class IdNumberProblem(IntFlag):
    """What is wrong with 18 characters, all at once: `problems`."""

    LENGTH = 1
    ALPHABET = 2
    REGION = 4
    BIRTH_DATE = 8
    CHECK_DIGIT = 16


class IdNumberKind(Enum):
    RESIDENT = "resident"
    RESIDENCE_PERMIT = "residence_permit"  # 港澳台居民居住证
    PERMANENT_RESIDENCE = "permanent_residence"  # 外国人永久居留身份证


@dataclass(frozen=True)
class IdNumber:
    """A valid number and what it says.

    `region_code`: six digits; for permanent residence the place of acceptance, a province (2
    digits) in the edition of 2023, four digits in that of 2017. In the edition of 2017 the century
    of the birth and the gender are not part of the number: `birth_date` and `gender` are None.
    """

    number: str = field(repr=False)
    kind: IdNumberKind
    region_code: str = field(repr=False)
    birth_date: date | None = field(repr=False)
    sequence: str = field(repr=False)
    gender: str | None = field(repr=False)


def compact(number: str) -> str:
    """Without spaces and hyphens, in capitals.

    >>> compact("119999 19900101 008x")
    '11999919900101008X'
    """
    return "".join(number.split()).replace("-", "").upper()


def check_digit(first17: str) -> str:
    """The eighteenth character for the first seventeen digits (ISO 7064 MOD 11-2)."""
    if len(first17) != 17:
        raise InvalidLength("the check digit is computed from seventeen digits")
    if not _is_digits(first17):
        raise InvalidFormat("the first seventeen characters must be digits")
    return _core.id_number_check_digit(first17)


def problems(number: str) -> IdNumberProblem:
    """Everything that is wrong with an 18-character number; false when nothing is.

    >>> problems("009999199013010010")
    <IdNumberProblem.REGION|BIRTH_DATE|CHECK_DIGIT: 28>
    """
    return IdNumberProblem(_core.id_number_check(number))


def validate(
    number: str, *, first_generation: bool = False, permanent_residence_2017: bool = False
) -> IdNumber:
    """The parts of a number, or a ValidationError.

    `first_generation` also takes the 15 digits of cards before 1999, `permanent_residence_2017` the
    three letters and twelve digits of permanent residence cards before December 2023.
    """
    number = compact(number)
    if len(number) == 15 and first_generation and _is_digits(number):
        return _validate_first_generation(number)
    if len(number) == 15 and permanent_residence_2017:
        return _validate_permanent_residence_2017(number)
    found = problems(number)
    if found & IdNumberProblem.LENGTH:
        raise InvalidLength("the number must have 18 characters")
    if found & IdNumberProblem.ALPHABET:
        raise InvalidFormat("the number must be 17 digits and a digit or X")
    _refuse_components(found)
    if found & IdNumberProblem.CHECK_DIGIT:
        raise InvalidChecksum("the check character does not fit the other seventeen")
    return _parts_of(number, number)


def is_valid(
    number: str, *, first_generation: bool = False, permanent_residence_2017: bool = False
) -> bool:
    """Whether `validate` takes it."""
    try:
        validate(
            number,
            first_generation=first_generation,
            permanent_residence_2017=permanent_residence_2017,
        )
    except ValidationError:
        return False
    return True


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _refuse_components(found: IdNumberProblem) -> None:
    if found & IdNumberProblem.REGION:
        raise InvalidComponent("the region does not exist")
    if found & IdNumberProblem.BIRTH_DATE:
        raise InvalidComponent("the birth date does not exist")


def _parts_of(number: str, full: str) -> IdNumber:
    """`full` is the 18-character form of `number`."""
    kind, region_code = IdNumberKind.RESIDENT, full[:6]
    if full[0] == "9":
        kind, region_code = IdNumberKind.PERMANENT_RESIDENCE, full[1:3]
    elif full[0] == "8":
        kind = IdNumberKind.RESIDENCE_PERMIT
    return IdNumber(
        number=number,
        kind=kind,
        region_code=region_code,
        birth_date=date(int(full[6:10]), int(full[10:12]), int(full[12:14])),
        sequence=full[14:17],
        gender="男" if int(full[16]) % 2 else "女",
    )


def _validate_first_generation(number: str) -> IdNumber:
    first17 = f"{number[:6]}19{number[6:]}"
    full = first17 + _core.id_number_check_digit(first17)
    _refuse_components(problems(full))
    if full[0] in "89":  # permits and permanent residence never had 15 digits of this form
        raise InvalidComponent("the region does not exist")
    return _parts_of(number, full)


def _validate_permanent_residence_2017(number: str) -> IdNumber:
    nationality, digits = number[:3], number[3:]
    if not (nationality.isascii() and nationality.isalpha() and _is_digits(digits)):
        raise InvalidFormat("the number must be three letters and twelve digits")
    # The year has two digits: a leap day is one in either century.
    births = (f"{century}{digits[4:10]}" for century in ("19", "20"))
    found = [problems(f"{digits[:2]}9999{birth}0000") for birth in births]
    _refuse_components(min(found, key=lambda flags: flags & IdNumberProblem.BIRTH_DATE))
    return IdNumber(
        number=number,
        kind=IdNumberKind.PERMANENT_RESIDENCE,
        region_code=digits[:4],
        birth_date=None,
        sequence=digits[10:],
        gender=None,
    )
