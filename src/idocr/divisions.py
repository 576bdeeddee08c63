"""Names of divisions as a prior for what was read: 临县 is a county, 临具 is none.

An address begins with a county and what lies above it; a county's organ issues the card. The names are
a closed list (divisions.txt), nearly: `mend` takes a name of the list where the reader gave each of its
characters some probability; where it named none, names that differ in one or two characters are held against
each other by what the table of classes says of those. What stays unsure is said in `problems`. What is near
no name of the list stays as it was read.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .ethnic_groups import ETHNIC_GROUPS
from .fields import Draft, SideText
from .lines import LineChar

TABLE = Path(__file__).with_name("divisions.txt")
_PEOPLES = "|".join(sorted(ETHNIC_GROUPS, key=len, reverse=True))
_AUTONOMOUS = re.compile(rf"(?<=..)(({_PEOPLES})族?)+自治([州县旗])$")
_WITHOUT_PEOPLE = re.compile(rf"(?<=..)(({_PEOPLES})族)+(?=自治[县旗]$)")
_OF_A_PEOPLE = re.compile(rf"(?<=..)({_PEOPLES})族区$")
_PROVINCES_OF_PEOPLES = ("内蒙古", "广西", "西藏", "宁夏", "新疆")
# How much likelier a name of the list is than one certain other, before anything is read: of a hundred
# names three may be missing, spread over a million that there could be, the rest over 15,000.
PRIOR = 2000.0
LEAST_SHARE = 0.8  # of a name among all that can stand there: below, the text stays as read
SURE_SHARE = 0.99  # from here on it is the only one
LEAST_COUNTY = 3  # characters of a county that is told by all of them but one
NEAR, MOST_DIFFERENT = 4, 2  # characters that a name must share to be called near, and may not
MOST_SURE = 0.97  # confidence from which a character stays, whatever the list says
USUAL_START = 9  # characters of an address that name divisions
DOUBTFUL = 0.8  # confidence under which what names no division is not believed
MOST_MARKS = 4  # before or behind an authority, less one
LEAST_PRINT = 0.7  # confidence: marks of a label, a fold or a pattern have less
LONGEST_AUTHORITY = 15  # characters that a card has room for


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A name of the list, where the reader's characters can be read as it, and how sure that is."""

    text: str
    share: float


@cache
def _lines() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Province, prefecture ("" for none) and counties of each line."""
    rows = [
        line.split() for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")
    ]
    return tuple((row[0], row[1].strip("-"), tuple(row[2:])) for row in rows)


def _short(division: str) -> str:
    """内蒙古自治区 as 内蒙古, 甘孜藏族自治州 as 甘孜州; others as they are."""
    for name in _PROVINCES_OF_PEOPLES:
        if division.startswith(name):
            return name
    return _AUTONOMOUS.sub(r"\3", division) if "自治" in division else division


@cache
def address_starts() -> tuple[str, ...]:
    """Every way in which an address can begin, sorted: province, prefecture and county or less."""
    found: set[str] = set()
    for province, prefecture, counties in _lines():
        provinces, prefectures = (
            tuple(dict.fromkeys((division, _short(division), "")))
            for division in (province, prefecture)
        )
        for above in map("".join, product(provinces, prefectures)):
            found.update([above + county for county in counties])
    return tuple(sorted(found))


def _stems(district: str) -> set[str]:
    """A district as its organ names it: 海淀区 as 海淀, 城区 as it is."""
    stem = _OF_A_PEOPLE.sub("", district) if district.endswith("族区") else district
    short = {stem.removesuffix(end) for end in ("新区", "区") if len(stem) > len(end) + 1}
    return {district, stem, *short}


@cache
def authorities() -> tuple[str, ...]:
    """Every county's and district's public security organ, as cards name them, sorted."""
    found: set[str] = set()
    for province, prefecture, counties in _lines():
        city = prefecture or province
        found.add(f"{city}公安局")
        for county in counties:
            found.add(f"{county}公安局")
            if "自治" in county:
                found.add(f"{_WITHOUT_PEOPLE.sub('', county)}公安局")
            found.add(f"{_short(county)}公安局")
            if county.endswith("区") and city.endswith("市"):
                for stem in _stems(county):
                    found.add(f"{city}公安局{stem}分局")
                    found.add(f"{city}公安局{stem}公安分局")
    return tuple(sorted(name for name in found if len(name) <= LONGEST_AUTHORITY))


def _readings(
    chars: Sequence[LineChar], names: Sequence[str], *, whole: bool
) -> Iterator[tuple[str, float]]:
    """Names that the reader's alternatives allow, with the probability lost against what was read.

    whole: the name is all of the text; else the text begins with it.
    """
    open_ = [("", 0, len(names), 1.0)]
    while open_:
        prefix, low, high, odds = open_.pop()
        at = len(prefix)
        if names[low] == prefix and (not whole or at == len(chars)):
            yield prefix, odds
        if at == len(chars):
            continue
        char = chars[at]
        known = _known(char)
        for text, probability in known.items():
            longer = prefix + text
            first = bisect_left(names, longer, low, high)
            last = bisect_left(names, longer + "\U0010ffff", first, high)
            if first < last and probability > 0:
                lost = min(1.0, probability / known[char.text])
                open_.append((longer, first, last, odds * lost))


def _known(char: LineChar) -> dict[str, float]:
    """The reader's alternatives and their probabilities, that of what it read above 0."""
    known = dict(char.alternatives) or {char.text: char.confidence}
    known[char.text] = max(known.get(char.text, char.confidence), 1e-9)
    return known


def match(chars: Sequence[LineChar], names: Sequence[str], *, whole: bool) -> NameMatch | None:
    """The name of the list that was read most probably; None where none of them was."""
    found = list(_readings(chars, names, whole=whole))
    if not found:
        return None
    # Of names that begin one another the longest counts: 吉林省吉林市 is no end of a county's name.
    longest = [
        (name, odds)
        for name, odds in found
        if not any(other != name and other.startswith(name) and odds <= o for other, o in found)
    ]
    name, odds = max(longest, key=lambda pair: (pair[1], len(pair[0])))
    same = sum(o for n, o in longest if not (n.startswith(name) or name.startswith(n)))
    if odds == 1.0:
        return NameMatch(name, 1.0 / (1.0 + same))
    return NameMatch(name, odds / (odds + same + 1.0 / PRIOR))


def mend(draft: Draft, names: Sequence[str], *, whole: bool) -> Draft:
    """The same draft with a division's name of the list where the reader was not sure of another.

    Characters are taken from the reader's alternatives, and their confidence is the share of the name
    among all that can stand there. For a draft whose reading has no name of the list see `_without_name`.
    """
    chars = draft.chars
    found = match(chars, names, whole=whole) if chars else None
    if found is None:
        return _without_name(draft, names, whole=whole) if chars else draft
    read = "".join(c.text for c in chars[: len(found.text)])
    if found.text == read:
        return draft if whole else _with_near_county(draft, found.text, names)
    found = _against_all(draft, found, names, whole=whole)
    if found.share < LEAST_SHARE:
        return draft.with_problem("may name another division of the list")
    return _mended(draft, found)


def _mended(draft: Draft, found: NameMatch) -> Draft:
    mended = _renamed(draft, found.text, found.share)
    words = "a division's name stands for a reading that is none"
    if found.share < SURE_SHARE:
        return mended.with_problem(words)
    return _noted(mended, words)


def _against_all(draft: Draft, found: NameMatch, names: Sequence[str], *, whole: bool) -> NameMatch:
    """The same name with its share among all that differ from what was read in the same place.

    The reader names a few alternatives: of 澧县 read as 溶县 it names 泗, and 90 counties more have one
    character. How likely each of theirs is it can still be asked.
    """
    near = [name for name in _near(draft.text, names, whole=whole) if len(name) == len(found.text)]
    return _likeliest(draft, near) if found.text in near else found


def _differences(name: str, text: str) -> list[int]:
    return [i for i, (a, b) in enumerate(zip(name, text, strict=False)) if a != b]


def _likeliest(draft: Draft, near: Sequence[str]) -> NameMatch:
    """Of names that are near what was read the one whose characters are likeliest there."""
    places = [(line, char) for line, chars in draft.pieces for char in chars]
    wanted = {name: _differences(name, draft.text) for name in near}
    odds: dict[tuple[int, str], float] = {}
    for at in {at for places_of in wanted.values() for at in places_of}:
        texts = sorted({name[at] for name, places_of in wanted.items() if at in places_of})
        line, char = places[at]
        *probs, read = line.probs_of(char, [*texts, char.text])
        odds |= {(at, text): p / max(read, 1e-9) for text, p in zip(texts, probs, strict=True)}
    found = [(prod(odds[at, n[at]] for at in places_of), n) for n, places_of in wanted.items()]
    best, name = max(found)
    # Names that begin one another are one: 吉林省吉林市 and its districts.
    same = sum(o for o, n in found if not (n.startswith(name) or name.startswith(n)))
    return NameMatch(name, best / (best + same + 1.0 / PRIOR))


def _with_near_county(draft: Draft, above: str, names: Sequence[str]) -> Draft:
    """A known prefecture may be followed by a county whose characters were misread."""
    after = draft.chars[len(above) : len(above) + LEAST_COUNTY]
    if not after or min(c.confidence for c in after) > MOST_SURE:
        return draft
    near = [
        name
        for name in _near(draft.text, names, whole=False)
        if len(name) >= len(above) + LEAST_COUNTY and name.startswith(above)
    ]
    found = _likeliest(draft, near) if near else None
    return _mended(draft, found) if found and found.share >= LEAST_SHARE else draft


def _without_name(draft: Draft, names: Sequence[str], *, whole: bool) -> Draft:
    """Lists have gaps: wrong is only what is one character from a name of the list, or was read unsurely.

    Where one name alone is so near, it is taken, for hardly any place differs from another by what
    looks alike; the field is called wrong all the same.
    """
    near = _near(draft.text, names, whole=whole)
    found = _likeliest(draft, near) if near else None
    if found and found.share >= LEAST_SHARE:
        return _mended(draft, found)
    nearest = [name for name in near if len(_differences(name, draft.text)) == 1]
    if not nearest:
        begin = draft.chars if whole else draft.chars[:USUAL_START]
        if min(c.confidence for c in begin) < DOUBTFUL:
            return draft.with_problem("names no division of the list, and is doubtful")
        return _noted(draft, "names no division of the list")
    name = max(nearest, key=len)
    told = draft.with_problem("is one character away from a division's name")
    is_only = all(name.startswith(other) for other in nearest)
    (at,) = _differences(name, draft.text)
    if not is_only or draft.chars[at].confidence > MOST_SURE:
        return told
    return _renamed(
        told, name, LEAST_SHARE
    )  # no measurement, but the least that a name is taken with


@cache
def _codes(names: tuple[str, ...]) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """(N, L) code points of names, 0 behind the end of shorter ones; and their lengths."""
    lengths = np.array([len(name) for name in names], np.intp)
    table = np.zeros((len(names), int(lengths.max())), np.uint32)
    table[np.arange(table.shape[1]) < lengths[:, None]] = [ord(c) for name in names for c in name]
    return table, lengths


def _near(text: str, names: Sequence[str], *, whole: bool) -> list[str]:
    """Names of which all characters but one or two are read, from the text's beginning."""
    table, lengths = _codes(tuple(names))
    read = np.zeros(table.shape[1], np.uint32)
    begin = text[: len(read)]
    read[: len(begin)] = [ord(c) for c in begin]
    fits = lengths == len(text) if whole else lengths <= len(text)
    differ = ((table != read) & (table > 0)).sum(axis=1)
    near = fits & (differ > 0) & (differ <= MOST_DIFFERENT) & (lengths - differ >= NEAR)
    return [names[i] for i in np.flatnonzero(near).tolist()]


def _renamed(draft: Draft, name: str, share: float) -> Draft:
    """The draft with a name in place of its first characters."""
    pieces, at = [], 0
    for line, line_chars in draft.pieces:
        taken = name[at : at + len(line_chars)]
        pieces.append((line, (*_with(line_chars, taken, share), *line_chars[len(taken) :])))
        at += len(line_chars)
    return replace(draft, text=name + draft.text[len(name) :], pieces=tuple(pieces))


def _noted(draft: Draft, words: str) -> Draft:
    return replace(draft, notes=(*draft.notes, words))


def _with(chars: Iterable[LineChar], texts: str, share: float) -> Iterator[LineChar]:
    for char, text in zip(chars, texts, strict=False):
        yield char if char.text == text else char._replace(text=text, confidence=share)


def _without_marks(draft: Draft, names: Sequence[str]) -> Draft:
    """An authority of the list without what was read before and behind it, and hardly as print.

    Where all of it may be one of the list it stays: 陵县 and 沅陵县 are counties both.
    """
    if match(draft.chars, names, whole=True):
        return draft
    for begin, end in product(range(MOST_MARKS), range(MOST_MARKS)):
        left, right = draft.chars[:begin], draft.chars[len(draft.chars) - end :]
        name = draft.text[begin : len(draft.text) - end]
        marks = [c.confidence for c in (*left, *right)]
        if marks and max(marks) < LEAST_PRINT and _is_in(name, names):
            return _cut(draft, begin, end).with_problem("had marks beside it that are no print")
    return draft


def _without_rest(draft: Draft, names: Sequence[str]) -> Draft:
    """An address of the list without what was left of its label, and hardly as print."""
    chars = draft.chars
    if len(chars) < 2 or chars[0].confidence >= LEAST_PRINT:
        return draft
    if match(chars, names, whole=False) or not match(chars[1:], names, whole=False):
        return draft
    return _cut(draft, 1, 0).with_problem("had marks beside it that are no print")


def _cut(draft: Draft, begin: int, end: int) -> Draft:
    """The draft without its first `begin` and its last `end` characters."""
    last = len(draft.chars) - end
    pieces, at = [], 0
    for line, chars in draft.pieces:
        kept = chars[max(0, begin - at) : max(0, last - at)]
        at += len(chars)
        if kept:
            pieces.append((line, kept))
    return replace(draft, text=draft.text[begin:last], pieces=tuple(pieces))


def _is_in(name: str, names: Sequence[str]) -> bool:
    at = bisect_left(names, name)
    return at < len(names) and names[at] == name


def known_division(field: str, chars: Sequence[LineChar]) -> str:
    """The name of the list with which a field's characters begin as they were read; "" for none."""
    if field == "address":
        found = match(chars, address_starts(), whole=False)
    elif field == "issued_by":
        found = match(chars, authorities(), whole=True)
    else:
        found = None
    text = "".join(c.text for c in chars)
    return found.text if found and text.startswith(found.text) else ""


def with_known_divisions(text: SideText) -> SideText:
    """The side's text with the divisions of its address and authority mended."""
    drafts = dict(text.drafts)
    if "address" in drafts:
        place = _without_rest(drafts["address"], address_starts())
        drafts["address"] = mend(place, address_starts(), whole=False)
    if "issued_by" in drafts:
        organ = _without_marks(drafts["issued_by"], authorities())
        drafts["issued_by"] = mend(organ, authorities(), whole=True)
    return replace(text, drafts=drafts)
