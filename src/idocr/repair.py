"""Repair of an ID number that was read in part: which number is printed, given all that the card says.

Every place of the number has probabilities of its characters. They are multiplied by what else is
known: the check digit, the calendar, the birth date and the gender printed above, the region codes of
GB/T 2260 in their years. The sum over all numbers that can exist says how far the best is ahead.

One wrong character breaks the check digit, and where it is known to be wrong only one value mends it;
where it is not known, some 18 numbers are one character away, and nothing but the rest can tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from . import _core, regions
from .fields import NUMBER_ALPHABET, Draft, SideText
from .grammar import BIRTH_YEARS
from .id_number import FIRST_NUMBER_YEAR
from .lines import Line, LineChar
from .median import median
from .reading import NumberRepair, RepairEvidence

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

SEEN = 0.9
PLACES, SYMBOLS = 18, len(NUMBER_ALPHABET)
BIRTH = slice(6, 14)
# Left to every other character beside a sure one: networks are surer than they are right.
LEAST = 1e-5 / SYMBOLS
# A number printed wrong (a forgery, a specimen), against one right number. Without it every sure
# reading of such a card would be repaired.
WRONG_PRINT = 1e-4
# Against a code in force in the year of birth. Lists differ by a year or two, children are
# registered late, and no list is whole: weak evidence, never a rule.
OTHER_YEARS, UNKNOWN_REGION = 0.05, 1e-4
LIKELY_YEARS, OTHER_BIRTH_YEARS = range(1920, 2041), 0.01
PRINT_TRUST = 0.999  # the most that is believed of the birth date and gender read elsewhere
# From here on the best reading is put in place of the raw one, and called the only one. From 0.995 on 11 of
# 100,000 erased characters were put wrong, from 0.998 on 7; restored are 99.7 and 99.4 %.
CLEAR, UNIQUE = 0.998, 0.9995
MOST_ERASED = 4
# More doubtful places, erased ones among them, leave no number clearly ahead, and so many candidates
# that their table would fill the memory: texture taken for a number.
DOUBTFUL, MOST_DOUBTFUL = 0.8, 5
# So much less likely than the best region, year or day is not looked at: what is left out, even all
# of it, moves no probability by more than this times the thousands of codes there are.
NEGLIGIBLE = 1e-9
LIKELY_DIGITS = 4  # at a place of a region that no list has
# A step between neighbours of so many pitches, or less, is one character read as two.
LEAST_PITCH = 0.6
GAP_DOUBT = 0.3  # of a pitch off the nearest whole number of them
# Of a place's window that is ink (see `ink_shares`): less was rubbed out or outshone, more is a blot,
# unless the reader is sure of it: shadows and folds change the share of ink too.
LEAST_INK, MOST_INK = 0.25, 2.0
SURE = 0.99


# ---- the posterior ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Posterior:
    """The best number that can exist, `probability` against everything else, and the next best.

    probability also weighs that the number is printed wrong; `share` is that among right numbers.
    evidence: the weight of everything, to compare ways to see the same row.
    """

    number: str
    probability: float
    share: float
    second: str
    second_probability: float
    evidence: float


@dataclass(frozen=True)
class _Codes:
    digits: I64  # (n, 6)
    remainder: I64  # (n,) mod 11
    spans: I64  # (n, most, 2) first and last year in force; (1, 0) where there are fewer


def _remainder(digits: I64) -> I64:
    """Horner's form of ISO 7064 MOD 11-2 along the last axis."""
    remainder = np.zeros(digits.shape[:-1], np.int64)
    for place in range(digits.shape[-1]):
        remainder = (remainder * 2 + digits[..., place]) % 11
    return remainder


def _digits_of(texts: Sequence[str]) -> I64:
    return np.array([[int(c) for c in text] for text in texts], np.int64)


@cache
def _known_codes() -> _Codes:
    codes = [*regions.codes(), *regions.PERMIT_REGIONS]
    periods = [regions.periods(code) or ((regions.FIRST, regions.LAST),) for code in codes]
    spans = np.tile(np.array([1, 0], np.int64), (len(codes), max(map(len, periods)), 1))
    for at, found in enumerate(periods):
        spans[at, : len(found)] = found
    digits = _digits_of(codes)
    return _Codes(digits, _remainder(digits), spans)


@cache
def _known_set() -> frozenset[tuple[int, ...]]:
    return frozenset(map(tuple, _known_codes().digits.tolist()))


@cache
def _calendar() -> tuple[I64, I64, I64, int]:
    """Years (n, 4) and days of a leap year (366, 4) as digits; which years are leap; where 29 February is."""
    years = _digits_of([str(year) for year in BIRTH_YEARS])
    lengths = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    days = [f"{m:02}{d:02}" for m, length in enumerate(lengths, 1) for d in range(1, length + 1)]
    numbers = np.array(BIRTH_YEARS)
    leap = (numbers % 4 == 0) & (numbers % 100 != 0) | (numbers % 400 == 0)
    return years, _digits_of(days), leap.astype(np.int64), days.index("0229")


@cache
def _sequences() -> tuple[I64, I64, I64]:
    """Digits (1000, 3); for each remainder (11, 1000) of the first 14 digits the check symbol."""
    digits = _digits_of([f"{n:03}" for n in range(1000)])
    after = (np.arange(11)[:, None] * 8 + _remainder(digits)[None]) % 11
    return digits, (1 - 2 * after) % 11, np.arange(1000)


def _weigh(probs: F64, digits: I64) -> F64:
    """Product over places of probs (places, symbols) at digits (n, places)."""
    weight = np.ones(len(digits))
    for place in range(digits.shape[1]):
        weight *= probs[place, digits[:, place]]
    return weight


def _likely(weight: F64) -> I64:
    return np.flatnonzero(weight > NEGLIGIBLE * weight.max())


@cache
def _grid() -> I64:
    """All ways to take one of LIKELY_DIGITS at each of six places."""
    return np.array(list(product(range(LIKELY_DIGITS), repeat=6)), np.int64)


@cache
def _province_mask() -> NDArray[np.bool_]:
    return np.array([f"{n:02}" in regions.provinces() for n in range(100)])


def _possible_codes(probs: F64) -> I64:
    """Codes of the likeliest digits whose province exists, also the foreigners' 9."""
    order = np.argsort(-probs[:, :10], axis=1, kind="stable")[:, :LIKELY_DIGITS]
    codes = order[np.arange(6), _grid()]
    foreign = codes[:, 0] == 9
    first = np.where(foreign, codes[:, 1], codes[:, 0])
    second = np.where(foreign, codes[:, 2], codes[:, 1])
    return np.asarray(codes[_province_mask()[first * 10 + second]])


def _region_candidates(probs: F64) -> tuple[I64, F64, I64]:
    """Digits, weight and row in the known codes (-1: never known) of the likeliest regions."""
    known, possible = _known_codes(), _possible_codes(probs)
    weight = np.concatenate([_weigh(probs, known.digits), UNKNOWN_REGION * _weigh(probs, possible)])
    kept = _likely(weight)
    in_list, other = np.split(kept, [np.searchsorted(kept, len(known.digits))])
    unlisted = possible[other - len(known.digits)]
    new = np.array([tuple(code) not in _known_set() for code in unlisted.tolist()], bool)
    return (
        np.concatenate([known.digits[in_list], unlisted[new]]),
        np.concatenate([weight[in_list], weight[other][new]]),
        np.concatenate([in_list, np.full(int(new.sum()), -1)]),
    )


def _birth_candidates(probs: F64) -> tuple[I64, F64, I64]:
    """Digits (n, 8), weight and year of the likeliest days of the calendar."""
    years, days, leap, leap_day = _calendar()
    numbers = np.array(BIRTH_YEARS)
    likely = (numbers >= LIKELY_YEARS.start) & (numbers < LIKELY_YEARS.stop)
    year_weight = _weigh(probs[:4], years) * np.where(likely, 1.0, OTHER_BIRTH_YEARS)
    day_weight = _weigh(probs[4:], days)
    weight = year_weight[:, None] * day_weight[None]
    weight[leap == 0, leap_day] = 0.0
    kept = _likely(weight.ravel())
    at_year, at_day = np.divmod(kept, len(days))
    digits = np.concatenate([years[at_year], days[at_day]], axis=1)
    return digits, weight.ravel()[kept], numbers[at_year]


def _in_force(rows: I64, years: I64) -> F64:
    """(regions, births): 1 in force in the year of the number, OTHER_YEARS else; 1 where unknown."""
    spans = _known_codes().spans[rows]  # (regions, most, 2)
    given = np.maximum(years, FIRST_NUMBER_YEAR)
    distinct, back = np.unique(given, return_inverse=True)
    inside = (spans[:, :, :1] <= distinct) & (distinct <= spans[:, :, 1:])
    weight = np.where(inside.any(axis=1) | (rows < 0)[:, None], 1.0, OTHER_YEARS)
    return weight[:, back]


def posterior(places: F64, birth: F64 | None = None, male: float = 0.5) -> Posterior:
    """The number that is printed, as far as the card tells.

    places: (18, 11) probabilities of "0123456789X" at each place, rows sum to 1; an erased place is
    1/11 everywhere. birth: (8, 10) the same of the birth date read elsewhere on the card, YYYYMMDD,
    None if it was not. male: probability that the printed gender is 男.
    """
    seen = places.copy()
    seen[:17, 10] = 0.0
    printed = np.full((8, 10), 0.1) if birth is None else birth
    seen[BIRTH, :10] *= printed
    seen[16, :10] *= np.where(np.arange(10) % 2 == 1, male, 1 - male)
    region, region_weight, rows = _region_candidates(seen[:6])
    births, birth_weight, years = _birth_candidates(seen[BIRTH])
    sequence, check, numbers = _sequences()
    tail = _weigh(seen[14:17], sequence) * (numbers > 0) * seen[17][check]  # (11, 1000)

    weight = region_weight[:, None] * birth_weight[None] * _in_force(rows, years)
    before = (_remainder(region)[:, None] * 256 + _remainder(births)[None]) % 11
    best_tail = tail.argmax(axis=1)
    tops = weight * tail.max(axis=1)[before]
    total = float((weight * tail.sum(axis=1)[before]).sum())
    as_printed = WRONG_PRINT * float(
        places.max(axis=1).prod() * printed.max(axis=1).prod() * max(male, 1 - male)
    )

    def text(at: int, end: int) -> str:
        r, b = np.unravel_index(at, tops.shape)
        last = check[before[r, b], end]
        digits = [*region[r], *births[b], *sequence[end], last]
        return "".join(NUMBER_ALPHABET[d] for d in digits)

    flat = tops.ravel()
    first = int(flat.argmax())
    own = before.ravel()[first]
    end = int(best_tail[own])
    best = float(flat[first])
    # The next best differs in its last four characters alone, or before them.
    rest = tail[own].copy()
    rest[end] = 0.0
    beside = float(weight.ravel()[first] * rest.max())
    others = flat.copy()
    others[first] = 0.0
    other = int(others.argmax())
    second, second_weight = text(first, int(rest.argmax())), beside
    if others[other] > beside:
        second = text(other, int(best_tail[before.ravel()[other]]))
        second_weight = float(others[other])
    everything = total + as_printed
    return Posterior(
        number=text(first, end),
        probability=best / everything,
        share=best / total,
        second=second,
        second_probability=second_weight / everything,
        evidence=everything,
    )


# ---- what was seen ------------------------------------------------------------------------------


def place_probs(char: LineChar | None) -> F64:
    """Probabilities (11,) of a place: the reader's alternatives, the rest spread evenly.

    A reader that knows thousands of classes leaves each of them a little: up to 1 - SEEN that none of
    these eleven has says nothing against them.
    """
    probs = np.zeros(SYMBOLS)
    for text, probability in char.alternatives or ((char.text, char.confidence),) if char else ():
        at = NUMBER_ALPHABET.find(text)
        if at >= 0:
            probs[at] += probability
    total = float(probs.sum())
    seen = min(1.0, total / SEEN)
    if total > 0:
        probs *= seen / total
    probs += (1 - seen) / SYMBOLS + LEAST
    return np.asarray(probs / probs.sum(), np.float64)


def birth_probs(drafts: Mapping[str, Draft]) -> F64 | None:
    """Probabilities (8, 10) of the digits of the birth date that is printed in words; None if unread."""
    probs = np.full((8, 10), 0.1)
    for name, begin, end in (
        ("birth_year", 0, 4),
        ("birth_month", 4, 6),
        ("birth_day", 6, 8),
    ):
        draft = drafts.get(name)
        text = draft.text.zfill(2) if draft and draft.text else ""
        if not draft or len(text) != end - begin or not (text.isascii() and text.isdigit()):
            continue
        chars: list[LineChar | None] = [None] * (len(text) - len(draft.chars)) + [*draft.chars]
        for at, digit, char in zip(range(begin, end), text, chars[-len(text) :], strict=True):
            trust = min(PRINT_TRUST, char.confidence if char else PRINT_TRUST)
            probs[at] = (1 - trust) / 9
            probs[at, int(digit)] = max(trust, 0.1)
            probs[at] /= probs[at].sum()
    return None if (probs == 0.1).all() else probs


def male_probability(draft: Draft | None) -> float:
    """Of the printed gender, 0.5 where it was not read."""
    if draft is None or draft.text not in ("男", "女"):
        return 0.5
    trust = min(PRINT_TRUST, max(0.5, draft.chars[0].confidence if draft.chars else 0.5))
    return trust if draft.text == "男" else 1 - trust


def ink_shares(line: Line, chars: Sequence[LineChar]) -> list[float]:
    """How much of each character's window is as dark as print, against the usual character here."""
    dark = -line.pixels[2]
    begin, end = line.strip.columns(chars[0].left_mm, chars[-1].right_mm, least=8)
    paper, ink = np.quantile(dark[:, begin:end], (0.3, 0.97))
    inked = dark > (paper + ink) / 2
    shares = []
    for char in chars:
        first, last = line.strip.columns(char.left_mm, char.right_mm, least=2)
        shares.append(float(inked[:, first:last].mean()))
    usual = median(shares)
    return [share / usual if usual > 0 else 1.0 for share in shares]


Places = tuple[LineChar | None, ...]


def alignments(chars: Sequence[LineChar]) -> list[Places]:
    """The ways in which characters fill 18 equal places, None where one is missing; [] for none.

    The number is set at an even pitch: a gap in the row says where a character is missing. At the ends
    nothing says it, so every shift is a way.
    """
    if len(chars) < PLACES - MOST_ERASED:
        return []
    chars = _without_splits(chars)
    steps = np.array([b.middle_mm - a.middle_mm for a, b in pairwise(chars)])
    pitches = steps / median(steps)
    gaps = np.maximum(np.rint(pitches) - 1, 0).astype(int)
    short = PLACES - len(chars) - int(gaps.sum())
    ways = [gaps]
    if short:  # a doubtful gap may be one wider or narrower
        doubtful = np.flatnonzero((pitches - gaps - 1) * np.sign(short) > GAP_DOUBT)
        ways += [gaps + np.sign(short) * (np.arange(len(gaps)) == at) for at in doubtful]
    found = list(dict.fromkeys(places for way in ways for places in _shifts(chars, way)))
    # Where the row is too long, a gap counted too wide is likelier than a character too many.
    whole = [places for places in found if PLACES - places.count(None) == len(chars)]
    return whole or found


def _without_splits(chars: Sequence[LineChar]) -> list[LineChar]:
    """Of two characters nearer than any print has them the surer one."""
    pitch = median(b.middle_mm - a.middle_mm for a, b in pairwise(chars))
    kept = [chars[0]]
    for char in chars[1:]:
        if char.middle_mm - kept[-1].middle_mm < LEAST_PITCH * pitch:
            kept[-1] = max(kept[-1], char, key=lambda c: c.confidence)
        else:
            kept.append(char)
    return kept


def _shifts(chars: Sequence[LineChar], gaps: NDArray[np.int_]) -> list[Places]:
    """18 places out of characters with gaps[i] missing after the i-th, for every shift."""
    if (gaps < 0).any():
        return []
    row: list[LineChar | None] = [chars[0]]
    for gap, char in zip(gaps.tolist(), chars[1:], strict=True):
        row += [*[None] * gap, char]
    missing = PLACES - len(row)
    if missing < 0:
        shifts = [tuple(row[at : at + PLACES]) for at in range(1 - missing)]
    else:
        shifts = [(*[None] * n, *row, *[None] * (missing - n)) for n in range(missing + 1)]
    return [places for places in shifts if places.count(None) <= MOST_ERASED]


# ---- the draft ----------------------------------------------------------------------------------


def with_repaired_number(text: SideText) -> SideText:
    """The same text with its number repaired where one reading is clearly ahead.

    Leaves a number that keeps its rules as it is, whatever else is printed. The draft's `repair` tells
    what was found, also where it was not enough.
    """
    draft = text.drafts.get("id_number", Draft())
    if not draft.pieces or _keeps_rules(draft.text):
        return text
    line, chars = draft.pieces[0]
    found = _best_alignment(line, chars, text.drafts)
    if found is None:
        return text
    places, erased, best = found
    trace = _trace(draft, places, erased, best, text.drafts)
    repaired = replace(draft, valid=best.number, repair=trace)
    if trace.applied:
        placed = _placed(line, places, best)
        repaired = replace(repaired, text=best.number, pieces=((line, placed),))
    return replace(text, drafts={**text.drafts, "id_number": repaired})


def _keeps_rules(number: str) -> bool:
    return len(number) == PLACES and _core.id_number_check(number) == 0


def _best_alignment(
    line: Line, chars: Sequence[LineChar], drafts: Mapping[str, Draft]
) -> tuple[Places, tuple[int, ...], Posterior] | None:
    birth, male = birth_probs(drafts), male_probability(drafts.get("gender"))
    ways = []
    for places in alignments(chars):
        erased = _erased(line, places)
        if len(erased) > MOST_ERASED:
            continue
        probs = np.array(
            [place_probs(None if i in erased else char) for i, char in enumerate(places)]
        )
        if int((probs.max(axis=1) < DOUBTFUL).sum()) > MOST_DOUBTFUL:
            continue
        ways.append((places, erased, posterior(probs, birth, male)))
    if not ways:
        return None
    places, erased, best = max(ways, key=lambda way: way[2].probability * way[2].evidence)
    same = [way[2] for way in ways if way[2].number == best.number]  # of equal neighbours either
    everything = sum(way[2].evidence for way in ways)
    best = replace(
        best,
        probability=sum(p.probability * p.evidence for p in same) / everything,
        share=sum(p.share * p.evidence for p in same) / everything,
    )
    return places, erased, best


def _erased(line: Line, places: Places) -> tuple[int, ...]:
    """Places that show no character: nothing was read, or what is there is no print."""
    read = [char for char in places if char is not None]
    shares = iter(ink_shares(line, read))
    return tuple(
        i
        for i, char in enumerate(places)
        if char is None or (not LEAST_INK < next(shares) < MOST_INK and char.confidence < SURE)
    )


def _placed(line: Line, places: Places, best: Posterior) -> tuple[LineChar, ...]:
    """One character a place: as read where it stays, else at the place with the posterior's doubt."""
    known = [(i, char) for i, char in enumerate(places) if char is not None]
    slope, start = np.polyfit([i for i, _ in known], [c.middle_mm for _, c in known], 1)
    half = line.row.height * 0.29
    placed = []
    for i, (digit, char) in enumerate(zip(best.number, places, strict=True)):
        if char is not None and char.text == digit:
            placed.append(char)
            continue
        middle = char.middle_mm if char else float(start + slope * i)
        alternatives = char.alternatives if char else ()
        placed.append(LineChar(digit, best.probability, middle - half, middle + half, alternatives))
    return tuple(placed)


def _trace(
    draft: Draft,
    places: Places,
    erased: tuple[int, ...],
    best: Posterior,
    drafts: Mapping[str, Draft],
) -> NumberRepair:
    changed = tuple(
        i
        for i, (digit, char) in enumerate(zip(best.number, places, strict=True))
        if char is None or char.text != digit or i in erased
    )
    return NumberRepair(
        raw=draft.raw,
        repaired=best.number,
        positions=changed,
        erased=erased,
        probability=best.probability,
        second=best.second,
        second_probability=best.second_probability,
        unique=best.share >= UNIQUE,
        applied=best.probability >= CLEAR,
        evidence=evidence(best.number, changed, drafts),
    )


def evidence(
    number: str, positions: Sequence[int], drafts: Mapping[str, Draft]
) -> tuple[RepairEvidence, ...]:
    """What each rule leaves of the values that these places could have, one rule after the other."""
    values = list(product(*(NUMBER_ALPHABET if i == 17 else "0123456789" for i in positions)))
    left = [_with(number, positions, value) for value in values[:100_000]]
    printed = "".join(
        drafts.get(f"birth_{part}", Draft()).text.zfill(width)
        for part, width in (("year", 4), ("month", 2), ("day", 2))
    )
    gender = drafts.get("gender", Draft()).text
    rules = (
        ("check digit", lambda n: not _core.id_number_check(n) & 16),
        ("calendar and province", lambda n: _core.id_number_check(n) == 0),
        ("printed birth date", lambda n: "0000" in printed or n[BIRTH] == printed),
        ("printed gender", lambda n: not gender or (gender == "男") == (int(n[16]) % 2 == 1)),
        ("region code in its years", _in_its_years),
    )
    found = []
    for name, holds in rules:
        agrees = holds(number)
        left = [n for n in left if holds(n)]
        found.append(RepairEvidence(name, agrees, len(left)))
    return tuple(found)


def _in_its_years(number: str) -> bool:
    known = regions.region(number[:6], max(int(number[BIRTH][:4]), FIRST_NUMBER_YEAR))
    return known is not None and known.in_force


def _with(number: str, positions: Sequence[int], value: Sequence[str]) -> str:
    chars = list(number)
    for at, char in zip(positions, value, strict=True):
        chars[at] = char
    return "".join(chars)
