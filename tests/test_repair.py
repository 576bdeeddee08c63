"""repair.py: the posterior against its slow twin, what it restores, and the pipeline on blotted digits.

All numbers here are made up.
"""

from __future__ import annotations

import json
import tracemalloc
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from made_lines import GRAMMARS, line

import idocr
from idocr import regions, repair
from idocr.fields import NUMBER_ALPHABET, Draft, draft_portrait_side
from idocr.lines import LineChar
from idocr.reading import Side
from idocr.wire import megvii

SAMPLES = Path(__file__).parent / "samples"
CONSTANTS = {
    "wrong_print": repair.WRONG_PRINT,
    "other_years": repair.OTHER_YEARS,
    "unknown_region": repair.UNKNOWN_REGION,
    "likely_years": repair.LIKELY_YEARS,
    "other_birth_years": repair.OTHER_BIRTH_YEARS,
}
# What the network says of digits on hard pictures: one in twenty has 6e-4 of doubt, one in a hundred
# 5e-3 (8,100 digits of drawn specimens of the training split; one was misread, at 0.31).
DOUBTS = (-4.4, 0.65)  # mean and deviation of the logarithm to base 10


def made_number(rng: np.random.Generator) -> str:
    """A number of a region that was in force in the year of birth."""
    while True:
        code = regions.codes()[rng.integers(len(regions.codes()))]
        year = int(rng.integers(1940, 2024))
        known = regions.region(code, max(year, 1984))
        if known and known.in_force and not code.endswith("00"):
            break
    birth = f"{year}{rng.integers(1, 13):02}{rng.integers(1, 29):02}"
    first17 = f"{code}{birth}{rng.integers(1, 1000):03}"
    return first17 + reference.check_digit(first17)


def read_places(rng: np.random.Generator, number: str) -> np.ndarray:
    """What a reader says of a number: each place is misread as often as it says itself."""
    doubts = np.minimum(10 ** rng.normal(*DOUBTS, 18), 0.5)
    places = np.zeros((18, 11))
    for i, char in enumerate(number):
        symbols = 11 if i == 17 else 10
        at = NUMBER_ALPHABET.index(char)
        if rng.random() < doubts[i]:
            at = (at + int(rng.integers(1, symbols))) % symbols
        places[i, :symbols] = doubts[i] / (symbols - 1)
        places[i, at] = 1 - doubts[i]
    return places


def misread(rng: np.random.Generator, places: np.ndarray, number: str) -> None:
    """One place is taken for another character, with doubt; the right one is among the others."""
    at = int(rng.integers(18))
    symbols = 11 if at == 17 else 10
    right = NUMBER_ALPHABET.index(number[at])
    wrong = (right + int(rng.integers(1, symbols))) % symbols
    sure = rng.uniform(0.4, 0.95)
    second = rng.beta(3, 1.5) * (1 - sure)
    places[at, :symbols] = (1 - sure - second) / (symbols - 2)
    places[at, wrong], places[at, right] = sure, second


def printed_birth(number: str) -> np.ndarray:
    birth = np.full((8, 10), (1 - repair.PRINT_TRUST) / 9)
    for i, digit in enumerate(number[6:14]):
        birth[i, int(digit)] = repair.PRINT_TRUST
    return birth


def ask(places: np.ndarray, number: str, *, with_print: bool = True) -> repair.Posterior:
    rows = places + repair.LEAST
    rows /= rows.sum(axis=1, keepdims=True)
    male = repair.PRINT_TRUST if int(number[16]) % 2 else 1 - repair.PRINT_TRUST
    return repair.posterior(
        rows, printed_birth(number) if with_print else None, male if with_print else 0.5
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 5), st.booleans())
def test_posterior_equals_its_twin(seed: int, doubtful: int, with_print: bool) -> None:
    rng = np.random.default_rng(seed)
    number = made_number(rng)
    places = np.zeros((18, 11))
    for i, char in enumerate(number):
        places[i, NUMBER_ALPHABET.index(char)] = 1.0
    for i in rng.choice(18, doubtful, replace=False):
        # The slow twin takes every string: few characters, far from negligible.
        others = rng.choice(11 if i == 17 else 10, 3, replace=False)
        places[i] = 0.0
        places[i, others] = rng.uniform(0.1, 1, 3)
        places[i, NUMBER_ALPHABET.index(number[i])] = rng.uniform(0.1, 1)
        places[i] /= places[i].sum()
    birth = printed_birth(number) if with_print else None
    male = float(rng.choice([0.5, 0.999, 0.3]))
    found = repair.posterior(places, birth, male)
    weights = reference.number_posterior(places, birth, male, **CONSTANTS)
    total, none = sum(weights.values()), weights.pop("")
    ranked = sorted(weights, key=lambda n: -weights[n])
    assert weights[found.number] == pytest.approx(weights[ranked[0]])
    assert found.probability == pytest.approx(weights[ranked[0]] / total, rel=1e-4)
    assert found.share == pytest.approx(weights[ranked[0]] / (total - none), rel=1e-4)
    if len(ranked) > 1:
        second = weights[ranked[1]] / total  # repair.NEGLIGIBLE ones are not looked at
        assert found.second_probability == pytest.approx(second, rel=1e-3, abs=repair.NEGLIGIBLE)


def restore(count: int, seed: int, *, erase: bool) -> tuple[int, int, int]:
    """Numbers restored, put wrong, and put wrong and called the only one; one place spoiled in each."""
    rng = np.random.default_rng(seed)
    right = wrong = silent = 0
    for _ in range(count):
        number = made_number(rng)
        places = read_places(rng, number)
        if erase:
            places[int(rng.integers(18))] = 1 / 11
        else:
            misread(rng, places, number)
        found = ask(places, number)
        if found.probability < repair.CLEAR:
            continue
        right += found.number == number
        wrong += found.number != number
        silent += found.number != number and found.share >= repair.UNIQUE
    return right, wrong, silent


def test_one_erased_or_misread_character_is_restored() -> None:
    right, wrong, _ = restore(400, 1, erase=True)
    assert right >= 0.9 * 400
    assert wrong <= 1
    right, wrong, _ = restore(400, 2, erase=False)
    assert right >= 0.8 * 400
    assert wrong <= 1


@pytest.mark.slow
@pytest.mark.parametrize("erase", [True, False])
def test_restoring_keeps_its_bounds_on_100_000_people(erase: bool) -> None:
    right, wrong, silent = restore(100_000, 3, erase=erase)
    print(f"erase={erase}: restored {right}, wrong {wrong}, of these called unique {silent}")
    assert right >= (90_000 if erase else 80_000)
    assert wrong <= 10


def test_a_number_printed_wrong_and_read_for_sure_is_left_alone() -> None:
    """Only the sure reader can tell a forged number from a misread one: it is never mended."""
    rng = np.random.default_rng(4)
    for _ in range(200):
        number = made_number(rng)
        at = int(rng.integers(17))
        forged = (
            number[:at] + str((int(number[at]) + int(rng.integers(1, 10))) % 10) + number[at + 1 :]
        )
        places = np.full((18, 11), 1e-5)
        for i, char in enumerate(forged):
            places[i, NUMBER_ALPHABET.index(char)] = 1 - 1e-4
        assert ask(places, number).probability < 0.5


def test_two_erased_characters_outside_the_print_are_not_guessed() -> None:
    rng = np.random.default_rng(5)
    number = made_number(rng)
    places = read_places(rng, number)
    places[[3, 15]] = 1 / 11
    assert ask(places, number).probability < repair.CLEAR
    places = read_places(rng, number)
    places[[8, 11, 15]] = 1 / 11  # two of them are printed twice
    found = ask(places, number)
    assert found.probability >= repair.CLEAR
    assert found.number == number


# ---- places -------------------------------------------------------------------------------------


def row_of(*middles_mm: float) -> list[LineChar]:
    return [LineChar("1", 0.9, x - 1, x + 1) for x in middles_mm]


def test_a_gap_in_the_row_tells_where_a_character_is_missing() -> None:
    whole = row_of(*(30 + 2.4 * i for i in range(18)))
    assert repair.alignments(whole) == [tuple(whole)]
    assert repair.alignments(whole[:7] + whole[8:]) == [(*whole[:7], None, *whole[8:])]
    both = repair.alignments(whole[1:])
    assert both == [(*whole[1:], None), (None, *whole[1:])]
    assert repair.alignments(whole[:13]) == []  # five are missing
    label = row_of(27.6)
    assert tuple(whole) in repair.alignments(label + whole)
    split = [*whole[:5], LineChar("1", 0.2, whole[5].left_mm - 1, whole[5].left_mm), *whole[5:]]
    assert repair.alignments(split) == [tuple(whole)]


def test_probabilities_of_a_place_sum_to_one() -> None:
    char = LineChar("6", 0.3, 0, 1, (("6", 0.3), ("0", 0.1), ("日", 0.4)))
    probs = repair.place_probs(char)
    assert probs.sum() == pytest.approx(1)
    assert probs.argmax() == 6
    assert probs[0] > probs[3] > 0
    assert repair.place_probs(None) == pytest.approx(np.full(11, 1 / 11))


def test_print_that_was_not_read_says_nothing() -> None:
    assert repair.birth_probs({}) is None
    assert repair.birth_probs({"birth_year": Draft("19")}) is None
    probs = repair.birth_probs({"birth_month": Draft("7")})
    assert probs is not None
    assert probs[4:6].argmax(axis=1).tolist() == [0, 7]
    assert repair.male_probability(None) == 0.5


def test_texture_taken_for_a_number_costs_neither_memory_nor_time() -> None:
    """Eighteen places of which none is sure have more numbers than any memory."""
    places = {i: {c: 0.12 for c in NUMBER_ALPHABET[:8] if c != "9"} for i in range(18)}
    row = line("9" * 18, 28, 44.5, 2.2, places)
    text = draft_portrait_side([], [row], GRAMMARS)
    tracemalloc.start()
    repaired = repair.with_repaired_number(text)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert repaired.drafts["id_number"].text == text.drafts["id_number"].text
    assert repaired.drafts["id_number"].repair is None
    assert peak_bytes < 50e6


# ---- the pipeline -------------------------------------------------------------------------------


@cache
def recognizer() -> idocr.Recognizer:
    return idocr.Recognizer()


@cache
def sample() -> tuple[np.ndarray, str, tuple[np.ndarray, ...]]:
    """The flat portrait side, its number, and the quads of the number's characters."""
    bgr = cv2.imread(str(SAMPLES / "portrait.jpg"))
    truth = json.loads((SAMPLES / "portrait.json").read_text("utf-8"))
    chars = recognizer().read(bgr).fields["id_number"].chars
    return bgr, truth["fields"]["id_number"]["text"], tuple(np.array(c.quad) for c in chars)


def blotted(*places: int, grey: int = 40) -> np.ndarray:
    bgr, _, quads = sample()
    picture = bgr.copy()
    for place in places:
        corners = np.round(quads[place]).astype(np.int32)
        cv2.fillConvexPoly(picture, corners, (grey, grey, grey), cv2.LINE_AA)
    return picture


@pytest.mark.parametrize("grey", [40, 230])
@pytest.mark.parametrize("place", [0, 3, 5, 7, 10, 13, 14, 16, 17])
def test_a_blotted_digit_is_restored_with_its_trace(place: int, grey: int) -> None:
    _, number, _ = sample()
    reading = recognizer().read(blotted(place, grey=grey))
    found, trace = reading.fields["id_number"], reading.number_repair
    assert found.text == number
    if trace is None:
        assert found.raw == number  # the rest of it was enough for the reader
        return
    assert trace.applied
    assert trace.repaired == number
    assert len(trace.positions) == 1  # of two equal neighbours either may be the one that was read
    assert trace.raw == found.raw != number
    assert next(e.rule for e in trace.evidence) == "check digit"
    assert trace.evidence[-1].left == 1
    assert all(e.agrees for e in trace.evidence)
    assert len(found.chars) == 18
    assert "".join(c.text for c in found.chars) == number
    answer = megvii.answer(reading)
    assert answer["idcard_number"]["logic"] == (0 if trace.unique else 1)  # type: ignore[typeddict-item]
    assert number not in repr(reading)


def test_without_repair_the_number_stays_as_read() -> None:
    _, number, _ = sample()
    picture = blotted(3)
    reading = recognizer().read(picture, repair=False)
    assert reading.side is Side.PORTRAIT
    assert reading.number_repair is None
    assert reading.text("id_number") != number
    assert reading.fields["id_number"].logic == 1
    off = idocr.Recognizer(repair=False).read(picture)
    assert off.text("id_number") == reading.text("id_number")
    answer = idocr.recognize(picture, repair=False)
    assert answer["idcard_number"]["logic"] == 1  # type: ignore[typeddict-item]


def test_what_cannot_be_told_is_left_as_read_and_doubted() -> None:
    _, number, _ = sample()
    reading = recognizer().read(blotted(4, 5, 14, 15))
    found, trace = reading.fields["id_number"], reading.number_repair
    assert trace is None or not trace.applied
    assert found.text != number
    assert found.logic == 1


def test_a_wrong_number_read_clearly_is_not_repaired() -> None:
    truth = json.loads((SAMPLES / "wrong_number.json").read_text("utf-8"))
    reading = recognizer().read(SAMPLES / "wrong_number.jpg")
    assert reading.text("id_number") == truth["fields"]["id_number"]["text"]
    assert reading.fields["id_number"].logic == 1
    assert reading.number_repair is None or not reading.number_repair.applied
