"""Pictures in: path, bytes, array or PIL image -> BGR uint8, limits checked before any decoding."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from .errors import ArgumentError, FileTooLargeError, ImageSizeError, UnsupportedFormatError

if TYPE_CHECKING:
    from PIL.Image import Image as PilImage

U8: TypeAlias = NDArray[np.uint8]
ImageInput: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | U8 | PilImage"

# A JPEG is decoded at a half, a quarter or an eighth as long as its longer side keeps this length:
# enough for a card that fills two thirds of the picture to be read without decoding again.
WORKING_SIDE_PX = 1280
_NAMES = {"jpeg": "JPEG", "png": "PNG", "bmp": "BMP", "webp": "WebP", "tiff": "TIFF"}
FORMATS = frozenset(_NAMES)  # that can be read
# What is often taken for a picture of one of them: offset, how it begins there, its name.
_STRANGERS = (
    (4, b"ftyphei", "HEIC"),
    (4, b"ftyphev", "HEIC"),
    (4, b"ftypmif1", "HEIC"),
    (4, b"ftypavif", "AVIF"),
    (0, b"GIF8", "GIF"),
    (0, b"%PDF", "PDF"),
)
_LARGEST_TILE_PX = 4096  # of a TIFF's tiles: a decoder reserves room for what the file says of them


@dataclass(frozen=True)
class Limits:
    """What a picture may be; the defaults are those of Megvii's FaceID v3 document.

    Attributes: min_side_px, max_side_px: both sides of the picture, in px; max_bytes: the encoded
    file; file_formats: of `FORMATS`. Arrays and PIL images have no file, so only the sides count for them.
    """

    min_side_px: int = 400
    max_side_px: int = 4096
    max_bytes: int = 2 * 1024 * 1024
    file_formats: frozenset[str] = FORMATS

    def check(self, header: Header, count: int) -> None:
        """Whether a file of that header and so many bytes may be decoded."""
        self.check_bytes(count)
        if header.file_format not in self.file_formats:
            raise UnsupportedFormatError(f"not a {_listed(self.file_formats)} picture")
        self.check_size(header.width_px, header.height_px)

    def check_size(self, width_px: int, height_px: int) -> None:
        if (
            min(width_px, height_px) < self.min_side_px
            or max(width_px, height_px) > self.max_side_px
        ):
            raise ImageSizeError(
                f"the picture has {width_px}x{height_px} px, allowed are {self.min_side_px} to "
                f"{self.max_side_px} px a side; Recognizer(limits=Limits(...)) sets other limits",
                too_small=min(width_px, height_px) < self.min_side_px,
            )

    def check_bytes(self, count: int) -> None:
        if count > self.max_bytes:
            raise FileTooLargeError(
                f"the picture has {count} bytes, allowed are {self.max_bytes}; "
                "Recognizer(limits=Limits(...)) sets other limits"
            )


@dataclass(frozen=True)
class Header:
    """What a picture file says of itself before it is decoded."""

    file_format: str
    width_px: int  # as stored, EXIF turn not applied
    height_px: int
    metadata: bytes = field(default=b"", repr=False)  # EXIF, XMP and text chunks, as stored
    orientation: int = 1  # EXIF's, 1 to 8; from 5 on the upright picture has its sides swapped


@dataclass(frozen=True)
class Picture:
    """A decoded picture and, for a JPEG read at reduced scale, the way to the whole of it."""

    bgr: U8  # (H, W, 3), contiguous, EXIF turn applied
    width_px: int  # of the picture as given, EXIF turn applied
    height_px: int
    metadata: bytes = field(default=b"", repr=False)
    encoded: bytes = field(default=b"", repr=False)  # empty when bgr has all pixels

    @property
    def scale(self) -> float:
        """Pixels of the given picture to one of `bgr`."""
        return self.width_px / int(self.bgr.shape[1])

    def at_full_scale(self) -> Picture:
        if not self.encoded:
            return self
        bgr = _decode(self.encoded, 1, read_header(self.encoded))
        return Picture(bgr, self.width_px, self.height_px, self.metadata)


def _listed(file_formats: frozenset[str]) -> str:
    *first, last = (told for name, told in _NAMES.items() if name in file_formats)
    return f"{', '.join(first)} or {last}" if first else last


class _Directory:
    """The first directory of a TIFF (6.0, section 2), which is also what an EXIF block is."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4], "")
        self._places = dict(self._entries()) if self._order and len(data) >= 8 else {}

    def _entries(self) -> Iterator[tuple[int, int]]:
        """Tag, and where its entry stands; what a damaged file has no room for is left out."""
        (first,) = struct.unpack_from(self._order + "I", self._data, 4)
        fits = first + 2 <= len(self._data)
        (count,) = struct.unpack_from(self._order + "H", self._data, first) if fits else (0,)
        for at in range(first + 2, min(first + 2 + 12 * count, len(self._data) - 11), 12):
            (tag,) = struct.unpack_from(self._order + "H", self._data, at)
            yield tag, at

    def number(self, tag: int) -> int | None:
        """A single SHORT or LONG."""
        if tag not in self._places:
            return None
        kind, count = struct.unpack_from(self._order + "HI", self._data, self._places[tag] + 2)
        if kind not in (3, 4) or count != 1:
            return None
        letter = "H" if kind == 3 else "I"
        (value,) = struct.unpack_from(self._order + letter, self._data, self._places[tag] + 8)
        return int(value)

    def content(self, tag: int) -> bytes:
        """Of a tag whose values are bytes."""
        if tag not in self._places:
            return b""
        at = self._places[tag]
        kind, count = struct.unpack_from(self._order + "HI", self._data, at + 2)
        (start,) = struct.unpack_from(self._order + "I", self._data, at + 8)
        if kind not in (1, 2, 7):
            return b""
        return (
            self._data[start : start + count] if count > 4 else self._data[at + 8 : at + 8 + count]
        )

    @property
    def orientation(self) -> int:
        """1 to 8 (Exif 2.32, tag 274), 1 if nothing is told."""
        value = self.number(274) or 1
        return value if value <= 8 else 1


def _orientation(exif: bytes) -> int:
    return _Directory(exif.removeprefix(b"Exif\0\0")).orientation


def _tiff_header(data: bytes) -> Header:
    """The first picture's; others are not read."""
    directory = _Directory(data)
    width, height = directory.number(256), directory.number(257)
    if width is None or height is None:
        raise UnsupportedFormatError("the TIFF's directory is damaged")
    if any((directory.number(tag) or 0) > _LARGEST_TILE_PX for tag in (322, 323)):
        raise UnsupportedFormatError(f"the TIFF has tiles of more than {_LARGEST_TILE_PX} px")
    # What wrote it, XMP and Photoshop's own block.
    metadata = b"\0".join(directory.content(tag) for tag in (305, 700, 34377))
    return Header("tiff", width, height, metadata, directory.orientation)


def _jpeg_header(data: bytes) -> Header:
    """Walk the segments of a JPEG (ITU-T T.81, Annex B) up to the frame header."""
    metadata: list[bytes] = []
    exif = b""
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return Header("jpeg", width, height, b"".join(metadata), _orientation(exif))
        if marker in (0xE1, 0xED):  # EXIF and XMP; Photoshop's own block
            metadata.append(data[at + 4 : at + 2 + length])
            if not exif and metadata[-1].startswith(b"Exif\0\0"):
                exif = metadata[-1]
        at += 2 + length
    raise UnsupportedFormatError("the JPEG has no frame header")


def _png_header(data: bytes) -> Header:
    width, height = struct.unpack(">II", data[16:24])
    metadata = []
    orientation = 1
    at = 8
    while at + 8 < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind in (b"IDAT", b"IEND"):
            break
        if kind in (b"tEXt", b"iTXt", b"eXIf"):
            metadata.append(data[at + 8 : at + 8 + length])
        if kind == b"eXIf":
            orientation = _orientation(metadata[-1])
        at += 12 + length
    return Header("png", width, height, b"".join(metadata), orientation)


def _webp_metadata(data: bytes) -> tuple[bytes, int]:
    """EXIF and XMP of an extended WebP file, which stand behind its pictures, and the orientation."""
    metadata = []
    orientation = 1
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        if kind in (b"EXIF", b"XMP "):
            metadata.append(data[at + 8 : at + 8 + length])
        if kind == b"EXIF":
            orientation = _orientation(metadata[-1])
        at += 8 + length + length % 2  # chunks are padded to an even length
    return b"".join(metadata), orientation


def _webp_header(data: bytes) -> Header:
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return Header("webp", width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return Header("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return Header("webp", width, height, *_webp_metadata(data))
    raise UnsupportedFormatError("the WebP file has no picture")


def read_header(data: bytes) -> Header:
    """Format and size of an encoded picture, without decoding it.

    Raises UnsupportedFormatError for anything but a JPEG, PNG, BMP, WebP or TIFF file.
    """
    if len(data) >= 30:
        if data[:3] == b"\xff\xd8\xff":
            return _jpeg_header(data)
        if data[:8] == b"\x89PNG\r\n\x1a\n":
            return _png_header(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp_header(data)
        if data[:2] == b"BM":
            width, height = struct.unpack("<ii", data[18:26])
            return Header("bmp", width, abs(height))
        if data[:4] in (b"II*\0", b"MM\0*"):
            return _tiff_header(data)
    for at, begin, name in _STRANGERS:
        if data[at : at + len(begin)] == begin:
            raise UnsupportedFormatError(f"{name} cannot be read: save it as JPEG or PNG")
    raise UnsupportedFormatError(f"not a {_listed(FORMATS)} picture")


# Upright from stored: orientations from 5 on are transposed, then these flipped (cv2.flip's codes).
_FLIPS = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}

_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


def _upright(bgr: Any, orientation: int) -> Any:
    if orientation >= 5:
        bgr = cv2.transpose(bgr)
    if orientation in _FLIPS:
        bgr = cv2.flip(bgr, _FLIPS[orientation])
    return bgr


def _decode(data: bytes, reduce: int, header: Header) -> U8:
    # The turn is made here: which formats cv2 turns by itself differs between its versions (4.10
    # leaves WebP as it is, 5.0 turns it). Only TIFF it turns in all of them, whatever the flags say.
    orientation = 1 if header.file_format == "tiff" else header.orientation
    flags = _REDUCED[reduce] | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        bgr = None
    if bgr is None:
        raise UnsupportedFormatError(f"the {_NAMES[header.file_format]} picture's data are damaged")
    return np.ascontiguousarray(_upright(bgr, orientation), dtype=np.uint8)


def _from_bytes(data: bytes, limits: Limits) -> Picture:
    limits.check_bytes(len(data))
    header = read_header(data)
    limits.check(header, len(data))
    reduce = 1
    if header.file_format == "jpeg":
        long_side = max(header.width_px, header.height_px)
        reduce = max((k for k in _REDUCED if long_side / k >= WORKING_SIDE_PX), default=1)
    bgr = _decode(data, reduce, header)
    width, height = header.width_px, header.height_px
    if header.orientation >= 5:
        width, height = height, width
    return Picture(bgr, width, height, header.metadata, data if reduce > 1 else b"")


def _from_array(array: NDArray[Any], limits: Limits) -> Picture:
    if array.dtype != np.uint8:
        raise ArgumentError("image", f"an array must be of dtype uint8, not {array.dtype}")
    if array.ndim == 2:
        array = cv2.cvtColor(array, cv2.COLOR_GRAY2BGR) if array.size else array
    if array.ndim != 3 or array.shape[2] != 3:
        raise ArgumentError("image", "an array must have shape (H, W, 3) BGR or (H, W) grey")
    limits.check_size(array.shape[1], array.shape[0])
    return Picture(np.ascontiguousarray(array), array.shape[1], array.shape[0])


def _from_pil(image: PilImage, limits: Limits) -> Picture:
    from PIL import ImageOps

    limits.check_size(image.width, image.height)
    try:  # PIL reads the file only now
        rgb = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    except Exception as error:  # each of PIL's formats raises its own kinds
        raise UnsupportedFormatError("the picture's data are damaged") from error
    return _from_array(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), limits)


def load(image: ImageInput, limits: Limits) -> Picture:
    """Decode what the caller gave.

    image: a path, the bytes of a JPEG, PNG, BMP, WebP or TIFF file (of its pages the first), a uint8
    array (H, W, 3) BGR or (H, W) grey, or a PIL image. EXIF orientation is applied, and all
    coordinates of the answer are those of the upright picture.

    Raises OSError for a path that cannot be read; ArgumentError, FileTooLargeError, ImageSizeError
    and UnsupportedFormatError as `idocr.errors` describes them.
    """
    if isinstance(image, str | os.PathLike):
        path = Path(image)
        limits.check_bytes(path.stat().st_size)
        return _from_bytes(path.read_bytes(), limits)
    if isinstance(image, bytes | bytearray | memoryview):
        return _from_bytes(bytes(image), limits)
    if isinstance(image, np.ndarray):
        return _from_array(image, limits)
    if type(image).__module__.startswith("PIL."):
        return _from_pil(image, limits)
    kind = type(image).__name__
    raise ArgumentError(
        "image", f"expected a path, bytes, a numpy array or a PIL image, got {kind}"
    )
