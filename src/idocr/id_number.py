"""Validation of 公民身份号码 and its relatives, without any picture.

>>> validate("119999199001010012").birth_date
datetime.date(1990, 1, 1)
>>> is_valid("119999199001010013")
False
>>> check_digit("11999919900101001")
'2'
>>> try:
...     validate("119999199001010013", gender="女")
... except ValidationError as error:
...     reasons(error.problems)
('fails its check digit', 'disagrees with the gender')

The rules: GB 11643-1999 for residents, 港澳台居民居住证申领发放办法 for regions 810000, 820000 and
830000, GA 2102-2023 for numbers that begin with 9. No exception and no repr shows a number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, IntFlag
from typing import Literal, TypedDict, Unpack

from idocr import _core
from idocr.errors import ArgumentError
from idocr.regions import Region, region

__all__ = [
    "FIRST_NUMBER_YEAR",
    "IdNumber",
    "IdNumberKind",
    "IdNumberProblem",
    "InvalidChecksum",
    "InvalidComponent",
    "InvalidFormat",
    "InvalidLength",
    "Mismatch",
    "Region",
    "ValidationError",
    "check_digit",
    "compact",
    "is_valid",
    "problems",
    "reasons",
    "region",
    "region_of",
    "validate",
]

FIRST_NUMBER_YEAR = 1984  # 居民身份证试行条例: who was born before got a number from then on
Gender = Literal["男", "女"]


class IdNumberProblem(IntFlag):
    """What is wrong with 18 characters, all at once: `problems`.

    The first five are those of `csrc/id_number.h`.
    """

    LENGTH = 1
    ALPHABET = 2
    REGION = 4  # no such province, permit region or place of acceptance
    BIRTH_DATE = 8  # no day of the calendar, 1880 to 2099
    CHECK_DIGIT = 16
    FUTURE_BIRTH_DATE = 32
    SEQUENCE = 64  # 000 is never given
    UNKNOWN_REGION = 128  # weak evidence, only on demand: GB/T 2260 never had this county
    GENDER = 256  # the seventeenth digit, odd for men, tells another than expected
    OTHER_BIRTH_DATE = 512  # another than expected


_WORDS = {
    IdNumberProblem.LENGTH: "is not 18 characters long",
    IdNumberProblem.ALPHABET: "has a character other than a digit or a last X",
    IdNumberProblem.REGION: "has no known region",
    IdNumberProblem.BIRTH_DATE: "has no real birth date",
    IdNumberProblem.FUTURE_BIRTH_DATE: "has a birth date in the future",
    IdNumberProblem.CHECK_DIGIT: "fails its check digit",
    IdNumberProblem.SEQUENCE: "has the sequence 000, which is never given",
    IdNumberProblem.UNKNOWN_REGION: "has a region code that GB/T 2260 never had",
    IdNumberProblem.GENDER: "disagrees with the gender",
    IdNumberProblem.OTHER_BIRTH_DATE: "disagrees with the birth date",
}


class ValidationError(ValueError):
    """The text is no such number. `problems`: everything that is wrong with it."""

    def __init__(self, message: str, problems: IdNumberProblem | None = None) -> None:
        super().__init__(message)
        self.problems = problems or IdNumberProblem(0)


class InvalidLength(ValidationError):
    """It has the wrong number of characters."""


class InvalidFormat(ValidationError):
    """It has a character that cannot stand at its place."""


class InvalidComponent(ValidationError):
    """Its region, birth date or sequence does not exist."""


class InvalidChecksum(ValidationError):
    """Its check character does not fit the rest."""


class Mismatch(ValidationError):
    """It is right in itself, but of another gender or birth date than expected."""


_ERRORS = {
    IdNumberProblem.LENGTH: InvalidLength,
    IdNumberProblem.ALPHABET: InvalidFormat,
    IdNumberProblem.REGION: InvalidComponent,
    IdNumberProblem.BIRTH_DATE: InvalidComponent,
    IdNumberProblem.FUTURE_BIRTH_DATE: InvalidComponent,
    IdNumberProblem.CHECK_DIGIT: InvalidChecksum,
    IdNumberProblem.SEQUENCE: InvalidComponent,
    IdNumberProblem.UNKNOWN_REGION: InvalidComponent,
    IdNumberProblem.GENDER: Mismatch,
    IdNumberProblem.OTHER_BIRTH_DATE: Mismatch,
}


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
    gender: Gender | None = field(repr=False)

    @property
    def region(self) -> Region | None:
        """What is known of its region: see `region_of`. None for permanent residence of 2017."""
        return region_of(self.number) if self.birth_date else None


def compact(number: str) -> str:
    """Without spaces and hyphens, in capitals.

    >>> compact("119999 19900101 008x")
    '11999919900101008X'
    """
    return "".join(number.split()).replace("-", "").upper()


def check_digit(first17: str) -> str:
    """The eighteenth character for the first seventeen digits (ISO 7064 MOD 11-2)."""
    if len(first17) != 17:
        words = "the check digit is computed from seventeen digits"
        raise InvalidLength(words, IdNumberProblem.LENGTH)
    if not _is_digits(first17):
        words = "the first seventeen characters must be digits"
        raise InvalidFormat(words, IdNumberProblem.ALPHABET)
    return _core.id_number_check_digit(first17)


def region_of(number: str) -> Region | None:
    """The region of an 18-character number (or 15 digits) in the year when it was given.

    That year is the year of birth, 1984 for who is older; None: the code was never known. For a
    child registered late the code may be younger than the birth: evidence, not proof. Raises
    InvalidFormat where there is no year to read.
    """
    number = compact(number)
    year = f"19{number[6:8]}" if len(number) == 15 else number[6:10]
    if len(number) not in (15, 18) or not _is_digits(year):
        words = "the number has no readable year of birth"
        raise InvalidFormat(words, IdNumberProblem.ALPHABET)
    return region(number[:6], max(int(year), FIRST_NUMBER_YEAR))


def problems(
    number: str,
    *,
    gender: Gender | None = None,
    birth_date: date | None = None,
    as_of: date | None = None,
    known_region: bool = False,
) -> IdNumberProblem:
    """Everything that is wrong with an 18-character number; false when nothing is.

    The arguments are those of `validate`. Where length or alphabet are wrong, nothing else is told.

    >>> problems("009999199013010010")
    <IdNumberProblem.REGION|BIRTH_DATE|CHECK_DIGIT: 28>
    """
    if gender not in (None, "男", "女"):
        raise ArgumentError("gender", "must be 男, 女 or None")
    found = IdNumberProblem(_core.id_number_check(number))
    if found & (IdNumberProblem.LENGTH | IdNumberProblem.ALPHABET):
        return found
    birth = number[6:14]
    if not found & IdNumberProblem.BIRTH_DATE and birth > _digits_of(as_of or date.today()):
        found |= IdNumberProblem.FUTURE_BIRTH_DATE
    if number[14:17] == "000":
        found |= IdNumberProblem.SEQUENCE
    if known_region and not found & IdNumberProblem.REGION and region_of(number) is None:
        found |= IdNumberProblem.UNKNOWN_REGION
    if gender and gender != _gender(number):
        found |= IdNumberProblem.GENDER
    if birth_date and birth != _digits_of(birth_date):
        found |= IdNumberProblem.OTHER_BIRTH_DATE
    return found


def reasons(found: IdNumberProblem) -> tuple[str, ...]:
    """Problems in words, without the number: "fails its check digit".

    >>> reasons(problems("11999919900101001"))
    ('is not 18 characters long',)
    """
    return tuple(words for flag, words in _WORDS.items() if found & flag)


def validate(
    number: str,
    *,
    gender: Gender | None = None,
    birth_date: date | None = None,
    as_of: date | None = None,
    known_region: bool = False,
    first_generation: bool = False,
    permanent_residence_2017: bool = False,
) -> IdNumber:
    """The parts of a number, or a ValidationError whose `problems` and text name every reason.

    gender, birth_date: what the number must agree with, if known. as_of: the day after which a birth
    lies in the future, today if None. known_region: also refuse a county that GB/T 2260 never had;
    without it only the province must exist, for the lists have gaps. first_generation also takes the
    15 digits of cards before 1999, permanent_residence_2017 the three letters and twelve digits of
    permanent residence cards before December 2023, whose gender and century nobody can tell.

    Raises InvalidLength, InvalidFormat, InvalidComponent (province, date), InvalidChecksum,
    InvalidComponent (sequence, county) or Mismatch, by the first reason in this order; ArgumentError
    for another gender than 男 and 女.
    """
    number = compact(number)
    full = _full_form(number) if first_generation else number
    if len(full) == 15 and permanent_residence_2017:
        return _validate_permanent_residence_2017(number, birth_date)
    found = problems(
        full, gender=gender, birth_date=birth_date, as_of=as_of, known_region=known_region
    )
    if full is not number and full[0] in "89":
        found |= IdNumberProblem.REGION  # permits and permanent residence never had 15 digits
    if found:
        raise _error(found)
    return _parts_of(number, full)


class Options(TypedDict, total=False):
    """The keyword arguments of `validate`."""

    gender: Gender | None
    birth_date: date | None
    as_of: date | None
    known_region: bool
    first_generation: bool
    permanent_residence_2017: bool


def is_valid(number: str, **options: Unpack[Options]) -> bool:
    """Whether `validate` takes it, with the same keyword arguments."""
    try:
        validate(number, **options)
    except ValidationError:
        return False
    return True


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _digits_of(day: date) -> str:
    return f"{day.year:04}{day:%m%d}"


def _gender(full: str) -> Gender:
    return "男" if int(full[16]) % 2 else "女"


def _error(found: IdNumberProblem) -> ValidationError:
    kind = next(error for flag, error in _ERRORS.items() if found & flag)
    return kind(f"the number {', '.join(reasons(found))}", found)


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
        gender=_gender(full),
    )


def _full_form(number: str) -> str:
    """15 digits as the 18 that they became, the same string where it is not 15 digits."""
    if len(number) != 15 or not _is_digits(number):
        return number
    first17 = f"{number[:6]}19{number[6:]}"
    return first17 + _core.id_number_check_digit(first17)


def _validate_permanent_residence_2017(number: str, birth_date: date | None) -> IdNumber:
    nationality, digits = number[:3], number[3:]
    if not (nationality.isascii() and nationality.isalpha() and _is_digits(digits)):
        raise InvalidFormat(
            "the number must be three letters and twelve digits", IdNumberProblem.ALPHABET
        )
    # The year has two digits: a leap day is one in either century.
    births = (f"{century}{digits[4:10]}" for century in ("19", "20"))
    found = [_core.id_number_check(f"{digits[:2]}9999{birth}0010") for birth in births]
    wrong = IdNumberProblem(found[0] & found[1] & ~IdNumberProblem.CHECK_DIGIT)
    if digits[0] in "89":
        wrong |= IdNumberProblem.REGION
    if birth_date and digits[4:10] != _digits_of(birth_date)[2:]:
        wrong |= IdNumberProblem.OTHER_BIRTH_DATE
    if wrong:
        raise _error(wrong)
    return IdNumber(
        number=number,
        kind=IdNumberKind.PERMANENT_RESIDENCE,
        region_code=digits[:4],
        birth_date=None,
        sequence=digits[10:],
        gender=None,
    )
