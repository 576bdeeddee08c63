"""Made-up people for every kind of card: nobody here exists, everything is composed.

    rng = np.random.default_rng(7)
    person = make_person(rng, "train", wrong_number_share=0.1)

Names, divisions and streets come from tables.py; the split decides which of them may be met.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import tables
import words
from tables import County, Split

AS_OF = date(2026, 6, 1)  # "today", so that the same seed gives the same people next year
FIRST_CARDS = date(2004, 3, 29)  # the first second-generation cards
LONGEST_NAME, LONGEST_ADDRESS, LONGEST_AUTHORITY = 15, 35, 15  # characters on a card
# Groups whose members mostly bear Han-style names bear their own custom's by this share.
OWN_NAMES = {"蒙古": 0.6, "彝": 0.5, "傣": 0.6, "拉祜": 0.4, "佤": 0.5, "景颇": 0.5, "俄罗斯": 0.4}
_WEIGHTS = np.array([2 ** (17 - i) % 11 for i in range(17)])


@dataclass(frozen=True)
class Person:
    """What a resident identity card says."""

    name: str
    gender: str
    ethnicity: str
    birth_date: date
    address: str
    id_number: str
    issued_by: str
    valid_from: date
    valid_to: date | None  # None is 长期
    number_is_right: bool = True  # check digit, birth date and gender all agree
    rare_characters: tuple[str, ...] = ()  # those of the name outside level 1 of the TGH
    region: str = ""  # code of first registration, as the right number has it


@dataclass(frozen=True)
class Permit:
    """港澳台居民居住证: a person without ethnic group, with a travel permit."""

    person: Person
    permit_number: str  # H or M and 8 digits; 8 digits for Taiwan
    issue_count: str  # 签发次数, "01" and up


@dataclass(frozen=True)
class Resident:
    """外国人永久居留身份证 of the 2017 or 2023 edition."""

    edition: int
    name: str  # Latin capitals: FAMILY, GIVEN
    gender: str
    birth_date: date
    nationality: str  # in Chinese
    nationality_code: str  # ISO 3166-1, three letters
    id_number: str  # 15 characters in 2017, 18 digits in 2023
    issued_by: str
    valid_from: date
    valid_to: date


def pick(rng: np.random.Generator, choices: Any) -> Any:
    """One of a sequence: rng.choice would first make an array of it."""
    return choices[int(rng.integers(len(choices)))]


# -------------------------------------------------------------------------------------- number


def check_digit(first17: str) -> str:
    """ISO 7064 MOD 11-2, as GB 11643 writes it."""
    digits = np.frombuffer(first17.encode(), dtype=np.uint8) - 48
    return "10X98765432"[int(digits @ _WEIGHTS) % 11]


def make_number(rng: np.random.Generator, region: str, birth: date, gender: str) -> str:
    """A right number: odd sequences are men's, 000 is never given."""
    sequence = 2 * int(rng.integers(0, 500)) + (gender == "男") or 2
    first17 = f"{region}{birth:%Y%m%d}{sequence:03d}"
    return first17 + check_digit(first17)


def spoil_number(rng: np.random.Generator, number: str) -> str:
    """A wrong one: a digit changed, two neighbours swapped, a wrong check digit, or one that is
    right in itself but tells another gender or birth date than the card does."""
    kind = int(rng.integers(4))
    if kind == 0:
        at = int(rng.integers(17))
        return (
            number[:at] + str((int(number[at]) + int(rng.integers(1, 10))) % 10) + number[at + 1 :]
        )
    if kind == 1:
        places = [i for i in range(16) if number[i] != number[i + 1]]
        at = pick(rng, places)
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if kind == 2:
        return number[:17] + pick(rng, [c for c in "0123456789X" if c != number[17]])
    if rng.random() < 0.5:  # the other gender
        first17 = number[:16] + str((int(number[16]) + 1) % 10)
    else:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        other = birth - timedelta(days=int(rng.integers(1, 800)))
        first17 = f"{number[:6]}{other:%Y%m%d}{number[14:17]}"
    return first17 + check_digit(first17)


# ---------------------------------------------------------------------------------------- name


@cache
def _rare_pools() -> tuple[tuple[str, ...], ...]:
    return tables.characters(2), tables.characters(3), tables.gbk_rare()


@cache
def _level1() -> frozenset[str]:
    return frozenset(tables.characters(1))


def rare_in(name: str) -> tuple[str, ...]:
    """Its characters outside level 1 of the 通用规范汉字表."""
    return tuple(c for c in name if c != "·" and c not in _level1())


def make_name(
    rng: np.random.Generator, gender: str, ethnicity: str, split: Split, rare_share: float = 0.0
) -> str:
    """By the custom of the ethnic group, else surname and one or two characters.

    With rare_share, at random, a Han-style one with one or two given characters of TGH level 2,
    level 3 or GBK beyond it, evenly.
    """
    rare = rng.random() < rare_share
    own = tables.minority_names(split).get((ethnicity, gender))
    if own and not rare and rng.random() < OWN_NAMES.get(ethnicity, 0.95):
        return str(pick(rng, own))
    usual = tables.given_characters(gender)
    given = [usual.pick(rng) for _ in range(1 if rng.random() < 0.18 else 2)]
    if rare:
        pool = pick(rng, _rare_pools())
        both = len(given) == 2 and rng.random() < 0.2
        for at in range(len(given)) if both else (int(rng.integers(len(given))),):
            given[at] = pick(rng, pool)
    return tables.surnames(split).pick(rng) + "".join(given)


# ------------------------------------------------------------------------------------- address

_PEOPLES = "|".join(sorted(words.ETHNIC_GROUPS, key=len, reverse=True))


@cache
def _short(division: str) -> str:
    """内蒙古自治区 as 内蒙古, 甘孜藏族自治州 as 甘孜州; others as they are."""
    for region in ("内蒙古", "广西", "西藏", "宁夏", "新疆"):
        if division.startswith(region) and division.endswith("自治区"):
            return region
    short = re.sub(rf"(?<=..)(({_PEOPLES})族?)+自治州$", "州", division)
    return "克州" if short.startswith("克孜勒苏") else short


@cache
def _starts(county: County) -> tuple[str, ...]:
    """The ways an address begins, the likelier ones more often; the last is the shortest."""
    province, prefecture, name = _short(county.province), _short(county.prefecture), county.name
    if not prefecture:
        return (province + name,) * 9 + (name,)
    full = county.province + county.prefecture + name
    if name.endswith("区"):
        return (full, *(province + prefecture + name,) * 5, *(prefecture + name,) * 4)
    return (full, *(province + name,) * 5, *(province + prefecture + name,) * 3, name)


def _house(rng: np.random.Generator) -> str:
    """12号, rarely 12号附3号, 12-3号 or 300弄7号."""
    number = int(rng.integers(1, 30 if rng.random() < 0.3 else 400))
    kind = rng.random()
    if kind < 0.90:
        return f"{number}号"
    second = int(rng.integers(1, 30))
    return (
        f"{number}号附{second}号"
        if kind < 0.94
        else f"{number}-{second}号"
        if kind < 0.97
        else f"{number}弄{second}号"
    )


def _flat(rng: np.random.Generator) -> str:
    """3幢2单元501室 and its like; "" for none."""
    if rng.random() < 0.3:
        return ""
    number = str(int(rng.integers(1, 60))) if rng.random() < 0.93 else str(pick(rng, "ABCDEF"))
    building = number + pick(rng, ("幢", "栋", "号楼", "座", "幢", "栋"))
    unit = f"{int(rng.integers(1, 7))}单元" if rng.random() < 0.6 else ""
    room = f"{int(rng.integers(1, 33))}{int(rng.integers(1, 13)):02d}"
    return building + unit + room + pick(rng, ("室", "室", "室", "号", "户", ""))


def _village_parts(rng: np.random.Generator, county: County, split: Split) -> list[tuple[int, str]]:
    """Township, village, group and house, each with how readily it is left out (0: never)."""
    places = tables.places(split)
    first, last = places.counties.get(county.code, (0, len(places.townships)))
    at = int(rng.integers(first, last))
    town, inside = places.townships[at], places.villages_of(at)
    if county.code not in places.counties:  # new since the list of villages
        town = ""
    # An empty range: no village of this township is of the split.
    village = places.villages[pick(rng, inside or range(len(places.villages)))]
    group = f"{int(rng.integers(1, 30))}{pick(rng, ('组', '组', '组', '社', '队', '村民小组'))}"
    return [
        (2, town if rng.random() < 0.85 else ""),
        (0, village),
        (3, group if rng.random() < 0.55 else ""),
        (1, _house(rng) if rng.random() < 0.75 else ""),
    ]


def _street_parts(rng: np.random.Generator, county: County, split: Split) -> list[tuple[int, str]]:
    """Subdistrict, road and house, estate, flat, as above."""
    places = tables.places(split)
    first, last = places.counties.get(county.code, (0, 0))
    town = places.townships[int(rng.integers(first, last))] if last else ""
    town = town if town.endswith(("街道", "镇")) else ""
    flat = _flat(rng)
    estate = pick(rng, tables.estates(split)) if rng.random() < 0.5 else ""
    return [
        (4, town if rng.random() < 0.25 else ""),
        (0, pick(rng, tables.roads(split))),
        (0, _house(rng)),
        (3, estate),
        (2, flat),
    ]


def make_address(rng: np.random.Generator, county: County, split: Split) -> str:
    """From a bare village (8 characters) to a full flat, at most 35.

    Too long: whole parts are left out, the least needed first, so that none is ever cut.
    """
    urban = rng.random() < (0.75 if county.name.endswith("区") else 0.3)
    parts = (_street_parts if urban else _village_parts)(rng, county, split)
    starts = _starts(county)
    start = pick(rng, starts)
    while len(start) + sum(len(text) for _, text in parts) > LONGEST_ADDRESS:
        least = max((rank, at) for at, (rank, text) in enumerate(parts) if text)
        if least[0] == 0:
            start = starts[-1]
            break
        parts[least[1]] = (0, "")
    address = start + "".join(text for _, text in parts)
    return address if len(address) >= 8 else starts[0] + address[len(start) :]


# ----------------------------------------------------------------------------------- authority


@cache
def authority(county: County) -> str:
    """The public security organ that issues the card, at most 15 characters.

    County or county-level city: its name and 公安局. District: CITY公安局DISTRICT分局, the district
    without 区 where at least two characters remain (城区分局 stays), and without its people (管城).
    重庆 and, by a coin that depends on the code alone, a fifth of the districts outside 北京, 天津 and
    上海 keep the 区.
    """
    if not county.name.endswith("区") or county.name in ("神农架林区", "六枝特区"):
        return _county_authority(county.name)
    city = county.prefecture or county.province
    stem = re.sub(rf"(?<=..)({_PEOPLES})族区$", "", county.name)
    kept = zlib.crc32(county.code.encode()) % 5 == 1 if county.prefecture else city == "重庆市"
    if stem.endswith("区") and len(stem) > 2 and not kept:
        stem = stem.removesuffix("新区") if len(stem) > 3 and stem.endswith("新区") else stem[:-1]
    if len(f"{city}公安局{stem}分局") > LONGEST_AUTHORITY:
        stem = stem.removesuffix("区")
    if not city.endswith("市"):  # 大兴安岭地区 and its like
        return _county_authority(county.name)
    return f"{city}公安局{stem}分局"


def _county_authority(name: str) -> str:
    if len(name) + 3 <= LONGEST_AUTHORITY:
        return f"{name}公安局"
    stem = re.sub(rf"(?<=..)(({_PEOPLES})族)+自治([县旗])$", r"自治\3", name)
    return f"{stem}公安局"


# ------------------------------------------------------------------------------------ validity


def add_years(day: date, years: int) -> date:
    """The same day; 28 February where there is no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def age_on(day: date, birth: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def make_validity(
    rng: np.random.Generator, birth: date, as_of: date = AS_OF
) -> tuple[date, date | None]:
    """Art. 5 of the identity card law: 5 years under 16, 10 to 25, 20 to 45, then for good (None)."""
    first = max(FIRST_CARDS, birth + timedelta(days=30))
    start = first + timedelta(days=int(rng.integers(0, (as_of - first).days + 1)))
    age = age_on(start, birth)
    if age >= 46:
        return start, None
    return start, add_years(start, 5 if age < 16 else 10 if age < 26 else 20)


def _add_months(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, last)
        except ValueError:
            continue
    raise AssertionError


# -------------------------------------------------------------------------------------- makers


@cache
def _origins(split: Split) -> dict[str, tuple[County, ...]]:
    """Code in force -> all the codes that its area ever had.

    The code is no printed name, so retired ones are taken whatever the split of their old name.
    """
    found: dict[str, list[County]] = {county.code: [] for county in tables.current_counties(split)}
    for county in tables.all_counties():
        if county.successor in found:
            found[county.successor].append(county)
    return {code: tuple(rows) for code, rows in found.items()}


@cache
def _codes_of(province: str, year: int) -> tuple[str, ...]:
    """The codes of a province in a year: where a county is younger than the number."""
    found = (c for c in tables.all_counties() if c.first_year <= year <= c.last_year)
    # 重庆 and 海南 were of other provinces: there the code of today must do.
    codes = tuple(c.code for c in found if c.code[:2] == province)
    return codes or tuple(
        c.code
        for c in tables.all_counties()
        if c.code[:2] == province and c.last_year == tables.FOREVER
    )


def make_region(rng: np.random.Generator, county: County, birth: date, split: Split) -> str:
    """The code at the place when its number was given: at birth, or in 1984 when numbers began."""
    year = max(birth.year, 1984)
    codes = [c.code for c in _origins(split)[county.code] if c.first_year <= year <= c.last_year]
    return str(pick(rng, codes or _codes_of(county.code[:2], year)))


def _birth(rng: np.random.Generator, as_of: date, oldest: int, youngest: int = 0) -> date:
    days = int(rng.integers(youngest * 366 + 30, oldest * 365))
    return as_of - timedelta(days=days)


def make_person(
    rng: np.random.Generator,
    split: Split = "train",
    *,
    wrong_number_share: float = 0.0,
    rare_name_share: float = 0.1,
    as_of: date = AS_OF,
) -> Person:
    """A person with a card issued by as_of; 30 % live elsewhere than where they were registered.

    rare_name_share is what is added: about one other name in seven has a character outside TGH
    level 1 as well, as in life (婷, 鑫, 韦).
    """
    gender = "男" if rng.random() < 0.5 else "女"
    ethnicity = tables.ethnic_groups().pick(rng)
    birth = _birth(rng, as_of, oldest=95)
    counties = tables.current_counties(split)
    county = pick(rng, counties)
    home = pick(rng, counties) if rng.random() < 0.3 else county
    region = make_region(rng, county, birth, split)
    number = make_number(rng, region, birth, gender)
    wrong = rng.random() < wrong_number_share
    name = make_name(rng, gender, ethnicity, split, rare_name_share)
    start, end = make_validity(rng, birth, as_of)
    return Person(
        name=name,
        gender=gender,
        ethnicity=ethnicity,
        birth_date=birth,
        address=make_address(rng, home, split),
        id_number=spoil_number(rng, number) if wrong else number,
        issued_by=authority(home),
        valid_from=start,
        valid_to=end,
        number_is_right=not wrong,
        rare_characters=rare_in(name),
        region=region,
    )


def make_temporary(
    rng: np.random.Generator, split: Split = "train", *, as_of: date = AS_OF, **shares: float
) -> Person:
    """For a 临时居民身份证: a person of 16 or more, valid for three months."""
    person = make_person(rng, split, as_of=as_of, **shares)
    while age_on(as_of, person.birth_date) < 17:
        person = make_person(rng, split, as_of=as_of, **shares)
    start = as_of - timedelta(days=int(rng.integers(0, 360)))
    return replace(person, valid_from=start, valid_to=_add_months(start, 3))


def make_permit(
    rng: np.random.Generator, split: Split = "train", *, as_of: date = AS_OF, **shares: float
) -> Permit:
    """港澳台居民居住证, issued since September 2018 for five years; no ethnic group."""
    person = make_person(rng, split, as_of=as_of, **shares)
    region = str(pick(rng, ("810000", "820000", "830000")))
    number = make_number(rng, region, person.birth_date, person.gender)
    name = make_name(rng, person.gender, "汉", split, shares.get("rare_name_share", 0.1))
    first = max(date(2018, 9, 1), person.birth_date)
    start = first + timedelta(days=int(rng.integers(0, (as_of - first).days + 1)))
    person = replace(
        person,
        name=name,
        ethnicity="",
        id_number=number if person.number_is_right else spoil_number(rng, number),
        valid_from=start,
        valid_to=add_years(start, 5),
        rare_characters=rare_in(name),
        region=region,
    )
    prefix = {"810000": "H", "820000": "M", "830000": ""}[region]
    digits = f"{int(rng.integers(1, 10**8)):08d}"
    return Permit(person, prefix + digits, f"{min(int(rng.geometric(0.6)), 20):02d}")


def make_resident(
    rng: np.random.Generator, edition: int = 2023, *, as_of: date = AS_OF
) -> Resident:
    """外国人永久居留身份证; adults for ten years, under 18 for five.

    2017: letters of the nationality, 4 of region, YYMMDD, 2 more (the last is a check digit whose
    rule we do not know: here it is any). 2023: 9, province, numeric nationality, birth date,
    sequence and the check digit of GB 11643.
    """
    first_issue = {2017: date(2017, 6, 16), 2023: date(2023, 12, 1)}[edition]
    nation, letters, digits, language = pick(rng, words.NATIONS)
    gender = "男" if rng.random() < 0.5 else "女"
    birth = _birth(rng, first_issue, oldest=80, youngest=1)
    family, men, women = words.LATIN_NAMES[language]
    name = f"{pick(rng, family.split())}, {pick(rng, (men if gender == '男' else women).split())}"
    last_issue = min(as_of, date(2023, 11, 30)) if edition == 2017 else as_of
    start = first_issue + timedelta(days=int(rng.integers(0, (last_issue - first_issue).days + 1)))
    province = pick(rng, tables.current_counties("train")).code
    if edition == 2017:
        number = f"{letters}{province[:4]}{birth:%y%m%d}{int(rng.integers(100)):02d}"
    else:
        number = make_number(rng, f"9{province[:2]}{digits}", birth, gender)
    return Resident(
        edition=edition,
        name=name,
        gender=gender,
        birth_date=birth,
        nationality=nation,
        nationality_code=letters,
        id_number=number,
        issued_by="中华人民共和国公安部" if edition == 2017 else "中华人民共和国国家移民管理局",
        valid_from=start,
        valid_to=add_years(start, 10 if age_on(start, birth) >= 18 else 5),
    )
