"""The texts that a row of the card can hold, as automata for `_core.ctc_decode_grammar`.

A `Grammar` speaks of characters, a `BoundGrammar` of the class ids of one charset. Both are
acyclic, deterministic automata whose state 0 is the start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from idocr import _core

Int32Array = npt.NDArray[np.int32]
Arcs = dict[str, int]

# Nobody born before 1880 lived to hold such a card (the same bound as in id_number.h); the first
# identity cards are of 1984.
BIRTH_YEARS = range(1880, 2100)
VALIDITY_YEARS = range(1984, 2100)


@dataclass(frozen=True, eq=False)
class BoundGrammar:
    """Edges (from_state, to_state, class_id) and accepting states, as the decoder takes them."""

    edges: Int32Array
    accepting: Int32Array

    def without(self, ids: Sequence[int]) -> BoundGrammar:
        """The same texts but one: decoding again under it gives the runner-up, hence the margin.

        Copies of the states along `ids` remember that nothing has differed so far; where a text
        departs from `ids` it goes on in the old states. The start, to which nothing returns, needs
        no copy.
        """
        edges = self.edges.copy()
        accepting = set(self.accepting.tolist())
        first_copy = 1 + int(edges[:, :2].max(initial=0))
        copied = [edges]
        state, outgoing = 0, edges[edges[:, 0] == 0]
        ends = accepting - {0} if not ids else accepting
        for step, wanted in enumerate(ids):
            hit = outgoing[:, 2] == wanted
            if not hit.any():
                return self
            state = int(outgoing[hit, 1][0])
            outgoing[hit, 1] = first_copy + step
            copied.append(outgoing)
            outgoing = self.edges[self.edges[:, 0] == state]
            outgoing[:, 0] = first_copy + step
            if state in accepting and step + 1 < len(ids):
                ends = ends | {first_copy + step}
        copied.append(outgoing)
        copied[0] = edges[edges[:, 0] != 0]  # the start's edges are among the copies
        return BoundGrammar(np.concatenate(copied), np.array(sorted(ends), dtype=np.int32))


@dataclass(frozen=True, eq=False)
class Grammar:
    """Edges (from_state, to_state, code point) and accepting states."""

    edges: Int32Array
    accepting: Int32Array

    @classmethod
    def of_strings(cls, strings: Iterable[str]) -> Grammar:
        """Exactly these strings."""
        states = _States()
        return states.grammar(states.any_of(sorted(set(strings)), states.end))

    @classmethod
    def id_number(cls) -> Grammar:
        """Every 18-character number that `idocr.id_number` accepts."""
        return _id_number()

    @classmethod
    def birth_row(cls) -> Grammar:
        """出生1990年1月31日 or 01月; the label's characters and the last 日 may be missing."""
        return _birth_row()

    @classmethod
    def validity_row(cls) -> Grammar:
        """有效期限2010.01.31-2030.01.31 or -长期; all of the label, dots, dash may be missing."""
        return _validity_row()

    @classmethod
    def gender_row(cls, ethnic_names: Iterable[str]) -> Grammar:
        """性别男民族汉, with one of `ethnic_names`; each character of a label may be missing.

        Residence permits print no ethnic group: 性别男 with all of its label is a row too.
        """
        states = _States()
        group = states.optional("民族", states.any_of(sorted(set(ethnic_names)), states.end))
        gender = states.state({"男": group, "女": group})
        whole = states.either(group, states.end)
        after_label = states.state({"男": whole, "女": whole})
        after_first = states.state({"男": group, "女": group, "别": after_label})
        return states.grammar(
            states.state({"男": group, "女": group, "性": after_first, "别": gender})
        )

    def bind(self, class_of: Mapping[str, int]) -> BoundGrammar:
        """The same texts in the class ids of a charset; texts with a character it lacks go."""
        codes = self.edges[:, 2].tolist()
        if class_of.keys() >= set(map(chr, codes)):
            edges = self.edges.copy()
            edges[:, 2] = [class_of[chr(code)] for code in codes]
            return BoundGrammar(edges, self.accepting)
        kept = [
            [source, to, class_of[chr(symbol)]]
            for source, to, symbol in self.edges.tolist()
            if chr(symbol) in class_of
        ]
        return _trimmed(kept, self.accepting.tolist())


def _closure(seeds: Iterable[int], pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """States that `seeds` lead to, numbered in the order found."""
    following: dict[int, list[int]] = {}
    for source, to in pairs:
        following.setdefault(source, []).append(to)
    found = {state: number for number, state in enumerate(dict.fromkeys(seeds))}
    queue = list(found)
    for state in queue:
        for to in following.get(state, ()):
            if to not in found:
                found[to] = len(found)
                queue.append(to)
    return found


def _trimmed(
    edges: Iterable[Sequence[int]], accepting: Iterable[int], start: int = 0
) -> BoundGrammar:
    """Without the states from or to which no text leads, the others numbered from the start."""
    edges = list(edges)
    useful = _closure(accepting, ((to, source) for source, to, _ in edges))
    edges = [edge for edge in edges if edge[0] in useful and edge[1] in useful]
    number = _closure([start], ((source, to) for source, to, _ in edges))
    kept = [[number[s], number[to], label] for s, to, label in edges if s in number]
    ends = sorted(number[state] for state in set(accepting) if state in number)
    return BoundGrammar(
        np.array(kept, dtype=np.int32).reshape(-1, 3), np.array(ends, dtype=np.int32)
    )


class _States:
    """Builds an automaton from its end to its start.

    States with the same arcs are one state, so the result is the smallest automaton (a DAWG), and
    a row is written down as what comes last first.
    """

    def __init__(self) -> None:
        self._arcs: list[Arcs] = []
        self._accepting: list[bool] = []
        self._known: dict[tuple[frozenset[tuple[str, int]], bool], int] = {}
        self.end = self.state({}, accepting=True)

    def state(self, arcs: Arcs, *, accepting: bool = False) -> int:
        key = frozenset(arcs.items()), accepting
        if key not in self._known:
            self._known[key] = len(self._arcs)
            self._arcs.append(arcs)
            self._accepting.append(accepting)
        return self._known[key]

    def then(self, text: str, state: int) -> int:
        """`text`, then what follows `state`."""
        for character in reversed(text):
            state = self.state({character: state})
        return state

    def optional(self, text: str, state: int) -> int:
        """As `then`, but each character of `text` may be missing."""
        for character in reversed(text):
            arcs = self._arcs[state]
            if character in arcs:
                raise ValueError("an optional character may not begin what follows it")
            state = self.state(arcs | {character: state}, accepting=self._accepting[state])
        return state

    def either(self, *states: int) -> int:
        """What follows any of `states`; they may share no first character."""
        arcs: Arcs = {}
        for state in states:
            if arcs.keys() & self._arcs[state].keys():
                raise ValueError("alternatives may not begin with the same character")
            arcs |= self._arcs[state]
        return self.state(arcs, accepting=any(self._accepting[state] for state in states))

    def any_of(self, ordered: Sequence[str], state: int, depth: int = 0) -> int:
        """One of `ordered` (sorted, distinct), then `state`; no string may begin another, unless
        nothing follows `state`."""
        arcs: Arcs = {}
        ends = bool(ordered) and len(ordered[0]) == depth
        if ends and len(ordered) > 1 and state != self.end:
            raise ValueError("one string begins another, and more is to follow")
        rest = ordered[1:] if ends else ordered
        if ends and not rest:
            return state
        while rest:
            same = [s for s in rest if s[depth] == rest[0][depth]]
            arcs[rest[0][depth]] = self.any_of(same, state, depth + 1)
            rest = rest[len(same) :]
        return self.state(arcs, accepting=ends)

    def number(self, values: Mapping[int, int], width: int, *, bare: bool = False) -> int:
        """A number of `width` digits, then what `values` maps it to.

        `bare`: leading zeros may be missing; then what follows may not begin with a digit.
        """
        tree: dict[str, int] = {}
        for value, state in values.items():
            tree[f"{value:0{width}}"] = state
            if bare:
                tree[str(value)] = state
        for length in range(width, 0, -1):
            prefixes: dict[str, Arcs] = {}
            for text in [text for text in tree if len(text) == length]:
                prefixes.setdefault(text[:-1], {})[text[-1]] = tree.pop(text)
            for prefix, arcs in prefixes.items():
                if prefix in tree:
                    tree[prefix] = self.either(self.state(arcs), tree[prefix])
                else:
                    tree[prefix] = self.state(arcs)
        return tree[""]

    def grammar(self, start: int) -> Grammar:
        edges = [
            (source, to, ord(character))
            for source, arcs in enumerate(self._arcs)
            for character, to in arcs.items()
        ]
        ends = [state for state, accepting in enumerate(self._accepting) if accepting]
        trimmed = _trimmed(edges, ends, start)
        return Grammar(trimmed.edges, trimmed.accepting)


def _add_date(
    states: _States, years: range, days: Callable[[int], int], separators: str, *, bare: bool
) -> int:
    """A year, a month and a day of the calendar; `days(n)` is the state before the day, 1 to n.

    Where numbers are not bare, separators may go unseen: two digits each are told apart without them.
    """
    separate = states.then if bare else states.optional

    def months(february: int) -> int:
        long, short = days(31), days(30)
        lengths = {2: days(february), **dict.fromkeys((4, 6, 9, 11), short)}
        after = {month: separate(separators[1], lengths.get(month, long)) for month in range(1, 13)}
        return states.number(after, 2, bare=bare)

    common, leap = (separate(separators[0], months(n)) for n in (28, 29))
    return states.number({year: leap if _is_leap(year) else common for year in years}, 4)


def _is_leap(year: int) -> bool:  # `calendar` imports more than this
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@cache
def _birth_row() -> Grammar:
    states = _States()
    last = states.state({"日": states.end}, accepting=True)

    def days(count: int) -> int:
        return states.number(dict.fromkeys(range(1, count + 1), last), 2, bare=True)

    birth = _add_date(states, BIRTH_YEARS, days, "年月", bare=True)
    return states.grammar(states.optional("出生", birth))


@cache
def _validity_row() -> Grammar:
    states = _States()

    def days_before(follower: int) -> Callable[[int], int]:
        return lambda count: states.number(dict.fromkeys(range(1, count + 1), follower), 2)

    until = _add_date(states, VALIDITY_YEARS, days_before(states.end), "..", bare=False)
    end = states.either(until, states.then("长期", states.end))
    after = states.either(states.then("-", end), end)  # a thin dash may go unseen beside 长
    validity = _add_date(states, VALIDITY_YEARS, days_before(after), "..", bare=False)
    return states.grammar(states.optional("有效期限", validity))


@cache
def _id_number() -> Grammar:
    edges, accepting = _core.id_number_grammar()
    characters = np.array([ord(c) for c in "0123456789X"], dtype=np.int32)
    table = np.array(edges, dtype=np.int32)
    table[:, 2] = characters[table[:, 2]]
    return Grammar(table, np.array(accepting, dtype=np.int32))
