"""Errors as data: what each format's table of errors consists of, and the choice of a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Refusal(NamedTuple):
    """One row of a format's table of errors."""

    code: str | int
    message: str
    http_status: int


def choose(error: Exception, table: Sequence[tuple[type[Exception], Refusal]]) -> Refusal:
    """The row of the first class that the error is one of; a table ends with `Exception`."""
    return next(refusal for kind, refusal in table if isinstance(error, kind))
