"""What the recogniser can read: all Han characters of the national list and of GBK, and cards' signs."""

from __future__ import annotations

from functools import cache

from tables import characters, gbk_rare

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz·.-—()（）/,:#、〇"


@cache
def alphabet() -> tuple[str, ...]:
    """About 21,250 characters, in the order of their code points; the model's class 1 is the first."""
    han = {c for level in (1, 2, 3) for c in characters(level)} | set(gbk_rare())
    return tuple(sorted(han | set(SIGNS)))


@cache
def class_of() -> dict[str, int]:
    """Class 0 is the blank."""
    return {char: number for number, char in enumerate(alphabet(), start=1)}
