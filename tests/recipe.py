"""Makes models/training importable, and skips the tests that need what is not installed or fetched."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

TRAINING = Path(__file__).parents[1] / "models" / "training"
sys.path.insert(0, str(TRAINING))

import resources  # noqa: E402


def missing(*kinds: str) -> str:
    """Why drawing cannot be tested here, "" when it can; kinds: of resources, all by default."""
    absent = [
        r.package
        for r in resources.RESOURCES
        if (not kinds or r.kind in kinds) and not resources.available(r.package)
    ]
    kind = f" --kind {kinds[0]}" if len(kinds) == 1 else ""
    command = f"python models/training/resources.py{kind}"
    return f"no {', '.join(absent)}: run {command}" if absent else ""


def require(*kinds: str) -> None:
    """Skip the whole module without these resources and the packages that drawing takes."""
    for package in ("PIL", "fontTools", "skimage"):
        pytest.importorskip(package)
    if reason := missing(*kinds):
        pytest.skip(reason, allow_module_level=True)
