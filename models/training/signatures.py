"""EXIF and XMP of picture editors and of cameras, put into JPEG files.

Genuine pictures get a camera's, so that EXIF alone tells nothing. Makers and models are made up; the
editors are those that idocr knows by name.
"""

from __future__ import annotations

import struct

import numpy as np

# (name, EXIF's Software, XMP's CreatorTool or nothing). No editor of the test is seen in training.
EDITORS = {
    "train": (
        ("photoshop", "Adobe Photoshop 24.1 (Windows)", "Adobe Photoshop 24.1 (Windows)"),
        ("gimp", "GIMP 2.10.34", "GIMP 2.10"),
        ("lightroom", "Adobe Lightroom 7.2 (Android)", "Adobe Lightroom 7.2"),
        ("snapseed", "Snapseed 2.21", ""),
        ("meitu", "Meitu 9.8.20", ""),
        ("美图", "美图秀秀", ""),
        ("corel", "Corel PaintShop Pro 2022", ""),
        ("paint.net", "paint.net 5.0.3", ""),
    ),
    "test": (
        ("affinity photo", "Affinity Photo 2.3.0", "Affinity Photo 2.3.0"),
        ("pixelmator", "Pixelmator Pro 3.5", "Pixelmator Pro 3.5"),
        ("krita", "Krita 5.2.2", ""),
        ("acdsee", "ACDSee Ultimate 2024", "ACDSee Ultimate 2024"),
        ("photoscape", "PhotoScape X 4.2", ""),
        ("picsart", "PicsArt 24.5", ""),
        ("faceapp", "FaceApp 11.6", ""),
    ),
}
MAKERS = (
    ("Nordlicht", ("N20", "N21 Pro", "Fjell 5")),
    ("Beispiel Imaging", ("BX-100", "BX-7")),
    ("QINGSHI", ("QS-A90", "QS-M12", "QS-X3")),
    ("Sample Mobile", ("SM One", "SM Two Lite")),
)
_MAKE, _MODEL, _SOFTWARE, _DATE_TIME, _ORIENTATION = 0x010F, 0x0110, 0x0131, 0x0132, 0x0112


def _exif(tags: dict[int, str], order: str) -> bytes:
    """An APP1 segment's content: one IFD with ASCII tags and an orientation of 1 (Exif 2.32)."""
    entries = {tag: text.encode("utf-8") + b"\0" for tag, text in tags.items()}
    count = len(entries) + 1
    heap_at = 8 + 2 + 12 * count + 4
    directory, heap = struct.pack(order + "H", count), b""
    for tag in sorted([*entries, _ORIENTATION]):
        if tag == _ORIENTATION:
            directory += struct.pack(order + "HHIHH", tag, 3, 1, 1, 0)
            continue
        value = entries[tag]
        if len(value) <= 4:
            place = value.ljust(4, b"\0")
        else:
            place = struct.pack(order + "I", heap_at + len(heap))
            heap += value + b"\0" * (len(value) % 2)
        directory += struct.pack(order + "HHI", tag, 2, len(value)) + place
    mark = b"II*\0" if order == "<" else b"MM\0*"
    head = mark + struct.pack(order + "I", 8)
    return b"Exif\0\0" + head + directory + b"\0\0\0\0" + heap


def _xmp(creator: str) -> bytes:
    packet = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        f'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="{creator}"/>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    return b"http://ns.adobe.com/xap/1.0/\0" + packet.encode("utf-8")


def _inserted(jpeg: bytes, contents: list[bytes]) -> bytes:
    """The JPEG with an APP1 segment for each of `contents` behind its start marker."""
    if jpeg[:2] != b"\xff\xd8":
        raise ValueError("not a JPEG")
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(c) + 2) + c for c in contents)
    return jpeg[:2] + segments + jpeg[2:]


def _taken(rng: np.random.Generator) -> str:
    year, month, day = rng.integers(2017, 2027), rng.integers(1, 13), rng.integers(1, 29)
    hour, minute, second = rng.integers(0, 24), rng.integers(0, 60), rng.integers(0, 60)
    return f"{year}:{month:02}:{day:02} {hour:02}:{minute:02}:{second:02}"


def _camera_tags(rng: np.random.Generator) -> dict[int, str]:
    make, models = MAKERS[rng.integers(len(MAKERS))]
    model = models[rng.integers(len(models))]
    return {_MAKE: make, _MODEL: model, _DATE_TIME: _taken(rng)}


def with_editor_metadata(jpeg: bytes, rng: np.random.Generator, split: str) -> tuple[bytes, str]:
    """The JPEG signed by a picture editor in EXIF, XMP or both; and the editor's name in idocr."""
    name, software, creator = EDITORS[split][rng.integers(len(EDITORS[split]))]
    contents = []
    if not creator or rng.random() < 0.7:
        tags = _camera_tags(rng) if rng.random() < 0.5 else {_DATE_TIME: _taken(rng)}
        tags[_SOFTWARE] = software
        contents.append(_exif(tags, "<" if rng.random() < 0.5 else ">"))
    if creator and (not contents or rng.random() < 0.7):
        contents.append(_xmp(creator))
    return _inserted(jpeg, contents), name


def camera_metadata(jpeg: bytes, rng: np.random.Generator) -> bytes:
    """The JPEG with a camera's harmless EXIF: maker, model, time, often the firmware; no place."""
    tags = _camera_tags(rng)
    if rng.random() < 0.6:
        version = ".".join(map(str, rng.integers(0, 20, 3)))
        tags[_SOFTWARE] = f"{tags[_MODEL]} {version}"
    return _inserted(jpeg, [_exif(tags, "<" if rng.random() < 0.5 else ">")])
