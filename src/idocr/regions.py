"""Region codes of GB/T 2260 with the years in which they were in force, from 1980 on.

The table is regions.txt beside this module: text, so that a change of it can be reviewed, and one
line a prefecture, so that only the line asked for is parsed. `models/training/list_regions.py` makes
it and says where the codes come from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("regions.txt")
PERMIT_REGIONS = ("810000", "820000", "830000")  # 港澳台居民居住证申领发放办法, art. 3
FIRST, LAST = 0, 9999  # of a period that is open at this end


@dataclass(frozen=True, slots=True)
class Region:
    """A region code and the period in which it was in force that is nearest to the year asked for.

    first_year: None for one that the first edition (1980) has; last_year: None for one in force
    today. in_force: whether the period holds the year asked for.
    """

    code: str = field(repr=False)
    first_year: int | None = field(repr=False)
    last_year: int | None = field(repr=False)
    in_force: bool


@cache
def _lines() -> dict[str, str]:
    """Prefecture (4 digits) -> the rest of its line."""
    lines = TABLE.read_text("ascii").splitlines()
    return {line[:4]: line[5:] for line in lines if not line.startswith("#")}


def _year(digits: str, otherwise: int) -> int:
    """Two digits stand for 1980 to 2079, none for an open end."""
    return (1900 if digits >= "80" else 2000) + int(digits) if digits else otherwise


def periods(code: str) -> tuple[tuple[int, int], ...]:
    """First and last year of each period of a code, FIRST and LAST where open; () if never known.

    >>> periods("110103")
    ((0, 2010),)
    """
    for entry in _lines().get(code[:4], "").split():
        if entry[:2] == code[4:]:
            spans = [span.split("-") for span in entry[3:].split("+")] if entry[3:] else [["", ""]]
            return tuple((_year(a, FIRST), _year(b, LAST)) for a, b in spans)
    return ()


@cache
def codes() -> tuple[str, ...]:
    """Every code that GB/T 2260 ever had, ascending."""
    return tuple(p + entry[:2] for p, rest in _lines().items() for entry in rest.split())


@cache
def provinces() -> frozenset[str]:
    """The provinces' two digits."""
    return frozenset(prefecture[:2] for prefecture in _lines())


def region(code: str, year: int) -> Region | None:
    """What GB/T 2260 says of a six-digit code in a year; None for a code that it never had.

    Weak evidence: lists differ by a year or two, and the code is that of the first registration,
    which may be years after the birth. Residence permits' 810000, 820000 and 830000 and the
    foreigners' 9, province, nationality are in force in every year: their regions do not change.

    >>> region("110103", 1990).in_force, region("110103", 2020).in_force, region("119999", 1990)
    (True, False, None)
    >>> region("110103", 2020).last_year
    2010
    """
    if code in PERMIT_REGIONS or (len(code) == 6 and code[0] == "9" and code[1:3] in provinces()):
        return Region(code, None, None, True)
    known = periods(code)
    if not known:
        return None
    first, last = min(known, key=lambda span: max(span[0] - year, year - span[1]))
    return Region(
        code,
        None if first == FIRST else first,
        None if last == LAST else last,
        first <= year <= last,
    )
