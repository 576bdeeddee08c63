"""language.py: neighbours tell what the reader doubts, exactly, and never what it did not name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from idocr import _core
from idocr.fields import Draft, SideText
from idocr.language import LEAST_LOG, WEIGHT, Language, posteriors, with_language
from idocr.lines import Line, LineChar
from idocr.reading import Side

LINE: Any = Line.__new__(Line)  # a piece's line is carried along, never looked at


def char(*choices: tuple[str, float]) -> LineChar:
    """The first choice is what was read."""
    return LineChar(choices[0][0], choices[0][1], 0, 1, choices)


def sure(text: str) -> list[LineChar]:
    return [char((c, 0.9999)) for c in text]


def told(field: str, *lines: list[LineChar]) -> Draft:
    text = "".join(c.text for line in lines for c in line)
    draft = Draft(text, text, None, tuple((LINE, tuple(line)) for line in lines))
    return with_language(SideText(Side.PORTRAIT, {field: draft})).drafts[field]


@given(
    st.sampled_from(["address", "name"]),
    st.lists(
        st.dictionaries(
            st.sampled_from("自治洽县村3甲·朱王A𫑡"), st.floats(0.001, 0.2), min_size=1, max_size=3
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_posteriors_are_those_of_all_texts(kind: str, choices: list[dict[str, float]]) -> None:
    language = Language.of(kind)

    def log_prob(before: str, after: str) -> float:
        return float(
            language.log_probs(language.numbers([before]), language.numbers([after]))[0, 0]
        )

    chars = [char(*sorted(choice.items())) for choice in choices]
    expected = reference.language_posteriors(choices, log_prob, WEIGHT)
    for found, wanted, choice in zip(posteriors(language, chars), expected, choices, strict=True):
        assert found.keys() == wanted.keys()
        for text, p in found.items():  # what the reader left to other characters stays theirs
            assert p == pytest.approx(wanted[text] * sum(choice.values()), rel=1e-6)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"chars": np.array([0, 9], np.int32)}, "not in the table"),
        ({"probs": np.array([0.5, 0.0])}, "above 0"),
        ({"counts": np.array([1, 2], np.int32)}, "one number a choice"),
        ({"counts": np.array([2, 0], np.int32)}, "1 or more"),
        ({"edges": (0, 3)}, "edges"),
        ({"rest": np.zeros(2)}, "rest"),
        ({"told": np.zeros(2)}, "told"),
        ({"out": np.empty(3)}, "out"),
    ],
)
def test_the_door_refuses(change: dict[str, Any], words: str) -> None:
    arguments: dict[str, Any] = {
        "chars": np.array([0, 1], np.int32),
        "probs": np.array([0.5, 0.4]),
        "counts": np.array([1, 1], np.int32),
        "edges": (2, 2),
        "alone": np.zeros(3),
        "rest": np.zeros(3),
        "pairs": np.array([1], np.uint32),
        "told": np.zeros(1),
        "out": np.empty(2),
    }
    _core.tell_by_neighbours(**arguments, least=-9.0, weight=0.4)
    with pytest.raises(ValueError, match=words):
        _core.tell_by_neighbours(**(arguments | change), least=-9.0, weight=0.4)


@pytest.mark.parametrize("kind", ["address", "name"])
def test_tables_hold_probabilities(kind: str) -> None:
    """After every character all others together have about a probability of 1."""
    language = Language.of(kind)
    every = np.arange(len(language.index))
    for before in ("^", *list(language.index)[50:2000:150]):
        sums = np.exp(language.log_probs(language.numbers([before]), every)).sum()
        assert 0.75 < sums < 1.35, before
    assert language.log_probs(every[:50], every).min() >= LEAST_LOG


def test_neighbours_tell_a_doubtful_character() -> None:
    draft = told(
        "address", [*sure("四川省峨边彝族自"), char(("洽", 0.6), ("治", 0.35)), *sure("县")]
    )
    assert draft.text == "四川省峨边彝族自治县"
    assert draft.raw == "四川省峨边彝族自洽县"
    assert draft.chars[-2].alternatives[0] == ("治", draft.chars[-2].confidence)
    assert draft.notes == ("a character was told by its neighbours",)


def test_a_word_may_go_on_in_the_next_line() -> None:
    draft = told("address", sure("凤凰台"), [char(("忖", 0.6), ("村", 0.3)), *sure("8号")])
    assert draft.text == "凤凰台村8号"
    assert [len(chars) for _, chars in draft.pieces] == [3, 3]


def test_what_was_read_surely_stays() -> None:
    """A name need not be usual: one sure character outweighs all the language says."""
    for text in ("刘堠军", "自洽县", "李𬂩"):
        first, *rest = text
        chars = [char((first, 0.99)), *(char((c, 0.995), ("家", 0.002)) for c in rest)]
        assert told("name", chars).text == text


def test_digits_are_not_told_by_neighbours() -> None:
    chars = [*sure("友谊路"), char(("7", 0.5), ("1", 0.4)), *sure("号")]
    assert told("address", chars).chars[3].confidence == pytest.approx(0.5, rel=0.01)


def test_a_name_of_the_list_of_divisions_stays() -> None:
    """泰安 is the likelier pair, but 秦安县 is a county."""
    chars = [*sure("甘肃省"), char(("秦", 0.6), ("泰", 0.35)), *sure("安县仁义村27号")]
    assert told("address", chars).text.startswith("甘肃省秦安县")


def test_only_what_the_reader_named_is_taken() -> None:
    assert told("address", [*sure("自"), char(("洽", 0.3)), *sure("县")]).text == "自洽县"
