"""median.py says what `statistics` says."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idocr.median import median


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_equals_statistics(values: list[float]) -> None:
    assert median(values) == statistics.median(values)
    assert median(iter(values)) == statistics.median(values)


def test_of_nothing_there_is_none() -> None:
    with pytest.raises(IndexError):
        median([])
