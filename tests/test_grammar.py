"""The rows' automata: which texts they take, and how small they are."""

from datetime import date, timedelta

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from idocr import _core
from idocr.ethnic_groups import ETHNIC_GROUPS
from idocr.grammar import BoundGrammar, Grammar

Table = tuple[dict[tuple[int, int], int], set[int]]


def table_of(grammar: Grammar | BoundGrammar) -> Table:
    arcs = {(int(s), int(label)): int(to) for s, to, label in grammar.edges}
    assert len(arcs) == len(grammar.edges)  # deterministic
    return arcs, set(grammar.accepting.tolist())


def takes(table: Table, text: str) -> bool:
    arcs, accepting = table
    state: int | None = 0
    for character in text:
        state = arcs.get((state, ord(character))) if state is not None else None
    return state in accepting


def count(grammar: Grammar | BoundGrammar) -> int:
    """How many texts it takes; it is acyclic, or this would not end."""
    totals = np.zeros(1 + int(grammar.edges[:, :2].max(initial=0)), dtype=object)
    ways, total = totals.copy(), 0
    ways[0] = 1
    while ways.any():
        total += sum(ways[state] for state in grammar.accepting.tolist())
        following = totals.copy()
        for source, to, _ in grammar.edges.tolist():
            following[to] += ways[source]
        ways = following
    return int(total)


ID_NUMBER = table_of(Grammar.id_number())
BIRTH = table_of(Grammar.birth_row())
VALIDITY = table_of(Grammar.validity_row())
GENDER = table_of(Grammar.gender_row(ETHNIC_GROUPS))

texts = st.sets(st.text("abc", max_size=5), max_size=20)


@given(texts, texts)
def test_of_strings_takes_these_only(strings: set[str], others: set[str]) -> None:
    grammar = Grammar.of_strings(strings)
    table = table_of(grammar)
    assert count(grammar) == len(strings)
    for text in strings | others:
        assert takes(table, text) == (text in strings)


def test_automata_share_their_endings() -> None:
    assert len(Grammar.of_strings(["北京市公安局", "南京市公安局"]).edges) == 7
    assert len(Grammar.birth_row().edges) < 200
    assert len(Grammar.validity_row().edges) < 300
    assert len(Grammar.id_number().edges) < 4000


def test_56_ethnic_groups_and_three_more() -> None:
    assert len(ETHNIC_GROUPS) == len(set(ETHNIC_GROUPS)) == 59
    assert count(Grammar.gender_row(ETHNIC_GROUPS)) == 4 * 2 * 4 * 59 + 2  # 性别男, 性别女: permits


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("性别男民族汉", True),
        ("男汉", True),
        ("别女族维吾尔", True),
        ("性女民仫佬", True),
        ("女穿青人", True),
        ("男", False),
        ("汉", False),
        ("男汉族", False),
        ("", False),
    ],
)
def test_gender_row(text: str, taken: bool) -> None:
    assert takes(GENDER, text) == taken


@given(st.dates(date(1880, 1, 1), date(2099, 12, 31)), st.sampled_from(["", "出", "生", "出生"]))
def test_birth_row_takes_every_day(day: date, label: str) -> None:
    assert takes(BIRTH, f"{label}{day.year}年{day.month}月{day.day}日")
    assert takes(BIRTH, f"{label}{day:%Y年%m月%d日}")
    assert takes(BIRTH, f"{label}{day:%Y}年{day.month}月{day:%d}")


@given(st.integers(1860, 2120), st.integers(0, 40), st.integers(0, 40))
def test_birth_row_takes_no_other_day(year: int, month: int, day: int) -> None:
    expected = reference.is_valid_date(year, month, day)
    assert takes(BIRTH, f"{year}年{month}月{day}日") == expected


def test_birth_row_counts_the_calendar() -> None:
    first = date(1880, 1, 1)
    days = [first + timedelta(i) for i in range((date(2100, 1, 1) - first).days)]
    writings = sum((1 + (day.month < 10)) * (1 + (day.day < 10)) for day in days)
    assert count(Grammar.birth_row()) == 4 * 2 * writings  # the label's, and the last 日


@pytest.mark.parametrize(
    "text", ["1990年1月", "1990年1月001日", "1990年13月1日", "90年1月1日", "出生"]
)
def test_birth_row_refuses(text: str) -> None:
    assert not takes(BIRTH, text)


valid_days = st.dates(date(1984, 1, 1), date(2099, 12, 31)).map(lambda d: f"{d:%Y.%m.%d}")


@given(valid_days, valid_days, st.sampled_from(["", "有效期限", "期限", "有限"]))
def test_validity_row_takes_two_days_or_long(first: str, last: str, label: str) -> None:
    assert takes(VALIDITY, f"{label}{first}-{last}")
    assert takes(VALIDITY, f"{label}{first}-长期")
    assert not takes(VALIDITY, f"{label}{first}-")
    assert takes(VALIDITY, f"{label}{first}{last}")  # the dash may go unseen
    assert takes(VALIDITY, f"{label}{first.replace('.', '')}-{last}")  # and so may dots
    assert not takes(VALIDITY, f"{label}{first}--{last}")


@pytest.mark.parametrize(
    "text",
    [
        "2010.02.29-2030.02.28",
        "2010.2.1-2030.02.01",
        "2010.01.01-长",
        "1983.01.01-长期",
        "长期-长期",
        "2010.01.01-2030.01.01-长期",
    ],
)
def test_validity_row_refuses(text: str) -> None:
    assert not takes(VALIDITY, text)


number_texts = st.tuples(
    st.sampled_from(["11", "65", "71", "81", "830000", "931156", "90", "00"]),
    st.dates(date(1870, 1, 1), date(2105, 1, 1)).map(lambda d: f"{d:%Y%m%d}"),
    st.text("0123456789", min_size=7, max_size=7),
).map(lambda parts: (parts[0] + parts[2])[:6] + parts[1] + parts[2][-3:])


@settings(max_examples=300)
@given(number_texts, st.sampled_from(["", "0", "X", "5"]))
def test_id_number_takes_what_the_check_takes(first17: str, end: str) -> None:
    for text in (first17 + reference.check_digit(first17), first17 + end):
        assert takes(ID_NUMBER, text) == (reference.id_number_check(text) == 0)


def test_id_number_counts_all_numbers() -> None:
    days = (date(2100, 1, 1) - date(1880, 1, 1)).days
    regions = 31 * 10_000 + 3 + 31 * 1000
    assert count(Grammar.id_number()) == regions * days * 1000


def test_bind_leaves_out_what_the_charset_lacks() -> None:
    grammar = Grammar.of_strings(["汉", "仫佬", "仡佬", "回"])
    bound = grammar.bind({"汉": 4, "佬": 9, "仡": 2, "无": 3})
    arcs, accepting = table_of(bound)
    assert count(bound) == 2
    assert arcs[(0, 4)] in accepting
    assert arcs[(arcs[(0, 2)], 9)] in accepting
    assert bound.edges.dtype == bound.accepting.dtype == np.int32
    nothing = grammar.bind({"无": 3})
    assert nothing.edges.shape == (0, 3)
    assert not len(nothing.accepting)


@settings(max_examples=200, deadline=None)
@given(texts.filter(bool), st.integers(0, 2**32 - 1), st.data())
def test_without_takes_all_but_one(strings: set[str], seed: int, data: st.DataObject) -> None:
    bound = Grammar.of_strings(strings).bind({"a": 1, "b": 2, "c": 3})
    removed = data.draw(st.sampled_from(sorted(strings)) | st.text("abc", max_size=6))
    rest = bound.without(["abc".index(c) + 1 for c in removed])
    arcs, accepting = table_of(rest)
    table = {(s, ord("abc"[label - 1])): to for (s, label), to in arcs.items()}, accepting
    for text in strings | {removed}:
        assert takes(table, text) == (text in strings and text != removed)
    assert count(rest) == len(strings - {removed})
    probs = np.random.default_rng(seed).dirichlet([0.3] * 4, 8).astype(np.float32)
    found = _core.ctc_decode_grammar(probs, rest.edges, rest.accepting)
    expected = reference.ctc_decode_grammar(probs, rest.edges, rest.accepting.tolist())
    assert (found is None) == (expected is None)
    if found and expected:
        assert found[1] == pytest.approx(expected[1], abs=1e-9)


@pytest.mark.parametrize("names", [["汉", "民"], ["汉", "族"]])
def test_a_name_may_not_begin_like_the_label_before_it(names: list[str]) -> None:
    with pytest.raises(ValueError, match="optional"):
        Grammar.gender_row(names)
