"""Both sides together: does the validity fit the age, and do address, authority and number fit?

    >>> report = check_pair(recognizer.read(front), recognizer.read(back))  # doctest: +SKIP
    >>> report.contradicted, report.expired, report.term.words              # doctest: +SKIP

Nothing here proves that two sides are of one card: the emblem side bears neither name nor number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum

from .errors import ArgumentError
from .ethnic_groups import ETHNIC_GROUPS
from .id_number import IdNumber, IdNumberKind, ValidationError, validate
from .reading import Reading, Side
from .rules import FOR_GOOD, TERMS, parse_date

# The law speaks of the age when the card is asked for; it is issued up to two months later, and may
# be asked for before the birthday that changes the term.
TOLERANCE = timedelta(days=90)
FOR_GOOD_MONTHS = 0  # how 长期 is written among the terms
PERMIT_MONTHS = 60  # 港澳台居民居住证
USED = ("birth_year", "birth_month", "birth_day", "address", "id_number")
USED_OF_BACK = ("issued_by", "valid_from", "valid_to")
# fmt: off
PROVINCES = {  # first two digits of the region code
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁", "22": "吉林",
    "23": "黑龙江", "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽", "35": "福建", "36": "江西",
    "37": "山东", "41": "河南", "42": "湖北", "43": "湖南", "44": "广东", "45": "广西", "46": "海南",
    "50": "重庆", "51": "四川", "52": "贵州", "53": "云南", "54": "西藏", "61": "陕西", "62": "甘肃",
    "63": "青海", "64": "宁夏", "65": "新疆",
}
# fmt: on
_PEOPLES = "|".join(sorted((f"{name}族?" for name in ETHNIC_GROUPS), key=len, reverse=True))
_KIND = re.compile(
    rf"(?<=..)(({_PEOPLES})*自治[县旗州]|({_PEOPLES})族区|地区|新区|[市县区旗盟州])$"
)
# 公安 is a county's name too. In 海淀公安分局 there is no district behind the organ.
_ORGAN = re.compile(r"(?P<city>.{2,}?)公安([局厅处部]|分局)(?P<district>.*?)(分局|派出所)?$")


class Evidence(Enum):
    """How strongly something speaks for or against the pair."""

    AGREES = "agrees"
    PLAUSIBLE = "plausible"  # it can be, though it is not the usual case
    DOUBTFUL = "doubtful"  # weak evidence against: people move, lists have gaps
    CONTRADICTS = "contradicts"  # a rule is broken
    UNKNOWN = "unknown"  # a field that it stands on was not read


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked; `words` say what was found, without any text of the card."""

    evidence: Evidence
    words: str


@dataclass(frozen=True, slots=True)
class PairReport:
    """What two sides say together.

    term: the validity's length against the age at issue. place: the issuing authority against the
    address. region: the number's region code against the year of birth and the address. expired: on
    as_of, None when the end was not read; days_left: from as_of to the last day, negative when
    expired, None for 长期 or when not read. started: False when as_of lies before the first day.
    doubted: fields that this stands on and whose `logic` is 1.
    """

    as_of: date
    term: Finding
    place: Finding
    region: Finding
    expired: bool | None
    started: bool | None
    days_left: int | None = field(repr=False)
    doubted: tuple[str, ...] = ()

    @property
    def contradicted(self) -> bool:
        """Whether any rule is broken between the sides."""
        return Evidence.CONTRADICTS in (f.evidence for f in (self.term, self.place, self.region))


def check_pair(front: Reading, back: Reading, as_of: date | None = None) -> PairReport:
    """Check the portrait side and the emblem side of one card against each other.

    front, back: `Recognizer.read` of the portrait side and of the emblem side. as_of: the day for
    which expiry is told, today if None.

    Raises ArgumentError when front is no portrait side or back no emblem side (two of one kind, the
    wrong way round, no card), when front is a temporary card (it bears everything on one side and
    needs no pair), and when as_of is no date.
    """
    _refuse_other_sides(front, back)
    day = _as_date(as_of)
    start, end = (parse_date(back.text(name)) for name in ("valid_from", "valid_to"))
    for_good = back.text("valid_to") == FOR_GOOD
    read = end is not None or for_good
    return PairReport(
        as_of=day,
        term=check_term(front, start, end, for_good),
        place=check_place(front.text("address"), back.text("issued_by")),
        region=check_region(_right_number(front), front.text("address")),
        expired=(end is not None and day > end) if read else None,
        started=day >= start if start else None,
        days_left=(end - day).days if end else None,
        doubted=tuple(
            name
            for side, names in ((front, USED), (back, USED_OF_BACK))
            for name in names
            if name in side.fields and side.fields[name].logic
        ),
    )


def _refuse_other_sides(front: Reading, back: Reading) -> None:
    for name, reading, wanted in (("front", front, Side.PORTRAIT), ("back", back, Side.EMBLEM)):
        if not isinstance(reading, Reading):
            raise ArgumentError(name, f"must be a Reading, got {type(reading).__name__}")
        if reading.side is None:
            raise ArgumentError(name, "holds no card")
        if reading.side is not wanted:
            raise ArgumentError(name, f"must be the {wanted.name.lower()} side")
    if "issued_by" in front.fields:
        raise ArgumentError("front", "is a temporary card, which bears everything on one side")


def _as_date(as_of: date | None) -> date:
    if as_of is None:
        return date.today()
    if isinstance(as_of, datetime):
        return as_of.date()
    if not isinstance(as_of, date):
        raise ArgumentError("as_of", f"must be a date, got {type(as_of).__name__}")
    return as_of


def _right_number(front: Reading) -> IdNumber | None:
    try:
        return validate(front.text("id_number"), as_of=date.max)
    except ValidationError:
        return None


# ---- validity and age: 居民身份证法, art. 5 ----------------------------------------------------------


def usual_term(age: int) -> int:
    """Months for which a card is issued at an age in years, FOR_GOOD_MONTHS from 46 on."""
    return 60 if age < 16 else 120 if age < 26 else 240 if age < 46 else FOR_GOOD_MONTHS


def _age(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def check_term(front: Reading, start: date | None, end: date | None, for_good: bool) -> Finding:
    """The length of the validity against the age on its first day, either side within 90 days."""
    number = _right_number(front)
    birth = _birth_date(front, number)
    if birth is None or start is None or not (end or for_good):
        words = "birth date or validity was not read, or the two birth dates disagree"
        return Finding(Evidence.UNKNOWN, words)
    term = FOR_GOOD_MONTHS if end is None else TERMS.term(start, end)
    if term is None:
        return Finding(Evidence.CONTRADICTS, "the validity has a length that no card has")
    if start < birth:
        return Finding(Evidence.CONTRADICTS, "the validity begins before the birth")
    if number and number.kind is IdNumberKind.RESIDENCE_PERMIT:
        usual, near, what = PERMIT_MONTHS, {PERMIT_MONTHS}, "a residence permit"
    else:
        usual, near, what = usual_term(_age(birth, start)), _near_terms(birth, start), "the age"
    if term == usual:
        return Finding(Evidence.AGREES, f"the validity fits {what} at issue")
    if term in near:
        return Finding(Evidence.PLAUSIBLE, "the validity fits the age within 90 days of issue")
    return Finding(Evidence.CONTRADICTS, f"the validity does not fit {what} at issue")


def _birth_date(front: Reading, number: IdNumber | None) -> date | None:
    """The printed one, or the number's; None where they disagree."""
    printed, of_number = front.birth_date, number.birth_date if number else None
    if printed and of_number and printed != of_number:
        return None
    return printed or of_number


def _near_terms(birth: date, start: date) -> set[int]:
    # The age changes on the birthday itself: 90 days after it, the day before it is 91 days ago.
    near = (start - TOLERANCE - timedelta(days=1), start + TOLERANCE)
    return {usual_term(_age(birth, day)) for day in near}


# ---- address, authority and number ------------------------------------------------------------------


def _stem(place: str) -> str:
    """双江拉祜族佤族布朗族傣族自治县 and 双江自治县 as 双江, 海淀区 as 海淀; 城区 stays."""
    return _KIND.sub("", place)


def check_place(address: str, authority: str) -> Finding:
    """Whether the address names the county, district or city whose organ issued the card."""
    parts = _ORGAN.match(authority)
    if not address or not parts:
        return Finding(Evidence.UNKNOWN, "address or authority was not read")
    city, district = _stem(parts["city"]), _stem(parts["district"])
    if district and district in address:
        if city in address or address.startswith(district):
            return Finding(Evidence.AGREES, "the address names the district of the authority")
        return Finding(Evidence.PLAUSIBLE, "the address names the authority's district alone")
    if city in address:
        if not district:
            return Finding(Evidence.AGREES, "the address names the place of the authority")
        return Finding(Evidence.PLAUSIBLE, "the address names the authority's city alone")
    return Finding(Evidence.DOUBTFUL, "the address does not name the place of the authority")


def check_region(number: IdNumber | None, address: str) -> Finding:
    """The region code in its years, and whether its province is that of the address.

    The code is that of the first registration: another province is no contradiction.
    """
    if number is None:
        return Finding(Evidence.UNKNOWN, "the number was not read, or is wrong")
    region = number.region
    if region is None:
        return Finding(Evidence.DOUBTFUL, "the number's region code was never known")
    if not region.in_force:
        return Finding(Evidence.PLAUSIBLE, "the number's region code was known in other years")
    own = PROVINCES.get(number.region_code[:2])
    named = next((name for name in PROVINCES.values() if address.startswith(name)), None)
    if number.kind is IdNumberKind.RESIDENT and own and named and own != named:
        return Finding(Evidence.PLAUSIBLE, "the number is of another province than the address")
    return Finding(Evidence.AGREES, "the number's region code was known in its years")
