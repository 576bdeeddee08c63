"""judge.py: completeness, and the name of the picture editor that signed a file's metadata."""

from __future__ import annotations

import time

import pytest

from idocr.judge import completeness, editor_name, names_editor
from idocr.reading import Quad

XMP = b"""<rdf:Description xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmp:CreatorTool="Adobe Photoshop CC 2014 (Macintosh)"/>"""


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        (b"", ""),
        (b"Exif\0\0NIKON CORPORATION\0", ""),
        (
            b"Exif\0\0MM\0*\0Adobe Photoshop CS6 (Windows)\x002026:01:01 10:00:00\0",
            "Adobe Photoshop CS6 (Windows)",
        ),
        (XMP, "Adobe Photoshop CC 2014 (Macintosh)"),
        (XMP.split(b"\n")[0], "photoshop"),  # a name and an address alone
        (b"Software\0GIMP 2.10.36", "GIMP 2.10.36"),
        ("Software\0美图秀秀 7.0\0".encode(), "美图秀秀 7.0"),
        (b"made with Snapseed " + 80 * b"x", "Snapseed"),
        (80 * b"x" + b" Krita", "Krita"),
    ],
)
def test_editors_are_named_as_they_signed(metadata: bytes, name: str) -> None:
    assert editor_name(metadata) == name
    assert names_editor(metadata) is bool(name)


def test_metadata_that_repeats_a_name_costs_no_time() -> None:
    start = time.perf_counter()
    assert editor_name(b"/photoshop" * 200_000) == "photoshop"
    assert time.perf_counter() - start < 1


def box(left: float, top: float, right: float, bottom: float) -> Quad:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


INSIDE = box(100, 100, 300, 120)
SEEN, LEFT_UNSEEN = (1.0, 1.0, 1.0, 1.0), (1.0, 1.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("card", "support", "field", "unread", "expected"),
    [
        (box(10, 10, 866, 550), SEEN, INSIDE, 0, 0),
        (box(-12, 10, 844, 550), SEEN, INSIDE, 0, 0),  # 1.4 %: the rounded corner
        (box(-12, 10, 844, 550), LEFT_UNSEEN, INSIDE, 0, 1),  # where no edge is, it goes on
        (box(-7, 10, 849, 550), LEFT_UNSEEN, INSIDE, 0, 0),
        (box(-40, 10, 816, 550), SEEN, INSIDE, 0, 1),
        (box(-40, 10, 816, 550), SEEN, box(-3, 100, 300, 120), 0, 2),
        (box(-40, 10, 816, 550), SEEN, box(2, 100, 300, 120), 0, 2),  # print goes on beyond
        (box(-40, 10, 816, 550), SEEN, box(6, 100, 300, 120), 0, 1),
        (box(-40, 10, 816, 550), SEEN, INSIDE, 1, 2),
        (box(10, 10, 866, 550), SEEN, INSIDE, 1, 0),  # unread is not outside
        (box(40, 80, 896, 620), SEEN, INSIDE, 0, 1),
    ],
)
def test_completeness(
    card: Quad, support: tuple[float, float, float, float], field: Quad, unread: int, expected: int
) -> None:
    assert completeness(card, support, (900, 600), [field], unread) == expected


@pytest.mark.parametrize(("left", "expected"), [(5, 2), (20, 1)])
def test_a_number_that_breaks_a_rule_near_the_edge_goes_on_beyond_it(
    left: int, expected: int
) -> None:
    card, number = box(-40, 10, 816, 550), box(left, 480, 700, 520)
    assert completeness(card, SEEN, (900, 600), [INSIDE], 0, number) == expected
    assert completeness(card, SEEN, (900, 600), [INSIDE], 0) == 1
