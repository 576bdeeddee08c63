"""judge.py: the name of the picture editor that signed a file's metadata."""

from __future__ import annotations

import time

import pytest

from idocr.judge import editor_name, names_editor

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
