"""image.py: limits before decoding, formats, EXIF, reduced decoding, and nothing but documented errors."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import idocr
from idocr import errors
from idocr.image import Limits, load, read_header
from idocr.judge import editor_name

SAMPLES = Path(__file__).parent / "samples"
ANY_SIZE = Limits(min_side_px=1, max_side_px=30_000, max_bytes=1 << 26)


def picture(height: int = 420, width: int = 560) -> np.ndarray:
    ys, xs = np.mgrid[:height, :width]
    return np.dstack([xs % 256, ys % 256, (xs + ys) % 256]).astype(np.uint8)


def encoded(suffix: str, bgr: np.ndarray | None = None) -> bytes:
    return bytes(cv2.imencode(suffix, picture() if bgr is None else bgr)[1])


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp", ".tiff"])
def test_header_tells_size_and_format(suffix: str) -> None:
    header = read_header(encoded(suffix))
    assert (header.width_px, header.height_px) == (560, 420)
    assert header.file_format in (suffix[1:], "jpeg")


@pytest.mark.parametrize(("quality", "kind"), [(80, "VP8 "), (101, "VP8L")])
def test_both_kinds_of_webp(quality: int, kind: str) -> None:
    data = bytes(cv2.imencode(".webp", picture(), [cv2.IMWRITE_WEBP_QUALITY, quality])[1])
    assert data[12:16] == kind.encode()
    assert read_header(data).width_px == 560


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tiff"])
def test_lossless_formats_come_back(suffix: str) -> None:
    np.testing.assert_array_equal(load(encoded(suffix), ANY_SIZE).bgr, picture())


def png_claiming(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + bytes(64)


@pytest.mark.parametrize(
    ("image", "error", "name"),
    [
        (b"", errors.UnsupportedFormatError, "IMAGE_ERROR_UNSUPPORTED_FORMAT: image"),
        (
            b"GIF89a" + bytes(60),
            errors.UnsupportedFormatError,
            "IMAGE_ERROR_UNSUPPORTED_FORMAT: image",
        ),
        (
            encoded(".jpg")[:200],
            errors.UnsupportedFormatError,
            "IMAGE_ERROR_UNSUPPORTED_FORMAT: image",
        ),
        (
            png_claiming(500, 500),
            errors.UnsupportedFormatError,
            "IMAGE_ERROR_UNSUPPORTED_FORMAT: image",
        ),
        (png_claiming(30_000, 30_000), errors.ImageSizeError, "INVALID_IMAGE_SIZE: image"),
        (encoded(".png", picture(399, 500)), errors.ImageSizeError, "INVALID_IMAGE_SIZE: image"),
        (encoded(".png", picture(400, 4097)), errors.ImageSizeError, "INVALID_IMAGE_SIZE: image"),
        (encoded(".jpg") + bytes(3 << 20), errors.FileTooLargeError, "Request Entity Too Large"),
        (picture().astype(np.float32), errors.ArgumentError, "BAD_ARGUMENTS: image"),
        (np.zeros((500, 500, 4), np.uint8), errors.ArgumentError, "BAD_ARGUMENTS: image"),
        (np.zeros((0, 500), np.uint8), errors.ArgumentError, "BAD_ARGUMENTS: image"),
        (np.zeros((300, 500, 3), np.uint8), errors.ImageSizeError, "INVALID_IMAGE_SIZE: image"),
        (12, errors.ArgumentError, "BAD_ARGUMENTS: image"),
        (None, errors.ArgumentError, "BAD_ARGUMENTS: image"),
    ],
)
def test_bad_input_is_a_documented_error(
    image: Any, error: type[errors.IdocrError], name: str
) -> None:
    with pytest.raises(error) as caught:
        idocr.recognize(image)
    assert caught.value.error_name == name
    assert isinstance(caught.value, errors.IdocrError)


def test_sizes_are_refused_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(errors.ImageSizeError):
        load(png_claiming(30_000, 30_000), Limits())


def test_limits_can_be_set() -> None:
    small = encoded(".png", picture(90, 120))
    assert load(small, Limits(min_side_px=50)).bgr.shape == (90, 120, 3)


def test_missing_file_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        idocr.recognize(tmp_path / "no such file.jpg")


HEADS = [
    b"",
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"BM",
    b"RIFF\0\0\0\0WEBPVP8X",
    b"II*\0\x08\0\0\0\x04\0\0\x01\x03\0\x01\0\0\0",  # a width follows
    b"MM\0*\0\0\0\x08\0\x04\x01\0\0\x03\0\0\0\x01",
]


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.binary(max_size=200),
    st.sampled_from(HEADS),
)
def test_any_bytes_give_documented_errors(tail: bytes, head: bytes) -> None:
    with pytest.raises((errors.UnsupportedFormatError, errors.ImageSizeError)):
        load(head + tail, Limits(min_side_px=1))


@settings(deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([".jpg", ".png", ".webp", ".bmp", ".tiff"]))
def test_damaged_files_decode_or_give_documented_errors(seed: int, suffix: str) -> None:
    rng = np.random.default_rng(seed)
    data = bytearray(encoded(suffix, picture(40, 50)))
    for at in rng.integers(0, len(data), 5):
        data[at] = rng.integers(256)
    data = data[: rng.integers(1, len(data) + 1)]
    try:
        found = load(bytes(data), Limits(1, 500, 1 << 20))
    except (errors.UnsupportedFormatError, errors.ImageSizeError):
        return
    assert found.bgr.dtype == np.uint8
    assert found.bgr.ndim == 3


def with_orientation(orientation: int, file_format: str = "JPEG") -> bytes:
    image = Image.fromarray(cv2.GaussianBlur(picture(), (0, 0), 3)[:, :, ::-1])
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    image.save(out, file_format, quality=95, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(orientation: int, file_format: str) -> None:
    data = with_orientation(orientation, file_format)
    from_bytes = load(data, ANY_SIZE)
    from_pil = load(Image.open(io.BytesIO(data)), ANY_SIZE)
    assert (from_bytes.width_px, from_bytes.height_px) == (from_pil.width_px, from_pil.height_px)
    assert from_bytes.bgr.shape == from_pil.bgr.shape
    assert np.abs(from_bytes.bgr.astype(int) - from_pil.bgr).mean() < 3


def tiff(order: str, value: int, count: int = 1, tag: int = 274) -> bytes:
    """An EXIF block of one entry, by hand: the byte order that PIL never writes, and nonsense."""
    head = b"II*\0" if order == "<" else b"MM\0*"
    return head + struct.pack(order + "IHHHIHHI", 8, count, tag, 3, 1, value, 0, 0)


@pytest.mark.parametrize(
    ("exif", "orientation"),
    [
        (tiff("<", 6), 6),
        (tiff(">", 6), 6),
        (tiff("<", 0), 1),
        (tiff("<", 9), 1),
        (tiff("<", 6, tag=275), 1),
        (tiff("<", 3, count=65535), 3),
        (tiff("<", 6)[:15], 1),
        (b"II*\0" + b"\xff" * 4, 1),
        (b"II*\0", 1),
        (b"", 1),
    ],
)
def test_exif_by_hand(exif: bytes, orientation: int) -> None:
    segment = b"Exif\0\0" + exif
    plain = encoded(".jpg")
    data = plain[:2] + struct.pack(">HH", 0xFFE1, 2 + len(segment)) + segment + plain[2:]
    assert read_header(data).orientation == orientation
    found = load(data, ANY_SIZE)
    assert (found.width_px, found.height_px) == ((560, 420) if orientation < 5 else (420, 560))


@settings(deadline=None)
@given(st.binary(max_size=80), st.sampled_from([b"II*\0", b"MM\0*"]))
def test_any_exif_is_survived(tail: bytes, head: bytes) -> None:
    chunk = struct.pack(">I4s", 4 + len(tail), b"eXIf") + head + tail + bytes(4)
    plain = encoded(".png", picture(40, 50))
    header = read_header(plain[:33] + chunk + plain[33:])
    assert 1 <= header.orientation <= 8


@pytest.mark.parametrize(
    ("file_format", "mode"),
    [
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "1"),
        ("PNG", "P"),
        ("PNG", "LA"),
        ("PNG", "RGBA"),
        ("PNG", "I;16"),
        ("BMP", "P"),
        ("WEBP", "RGBA"),
    ],
)
def test_files_of_every_usual_kind_are_what_pil_makes_of_them(file_format: str, mode: str) -> None:
    image = Image.fromarray(cv2.GaussianBlur(picture(), (0, 0), 3)[:, :, ::-1])
    expected = load(image.convert("L") if mode == "I;16" else image.convert(mode), ANY_SIZE)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    out = io.BytesIO()
    (image if mode == "I;16" else image.convert(mode)).save(out, file_format, quality=95)
    found = load(out.getvalue(), ANY_SIZE)
    assert np.abs(found.bgr.astype(int) - expected.bgr).mean() < 3


# ---- TIFF -------------------------------------------------------------------------------------------


def entry(order: str, tag: int, value: int, kind: int = 3, count: int = 1) -> bytes:
    number = "HH" if kind == 3 else "I"
    values = (value, 0) if kind == 3 else (value,)
    return struct.pack(order + "HHI" + number, tag, kind, count, *values)


def tiff_file(order: str, *entries: bytes, pixels: bytes = b"") -> bytes:
    """By hand: a directory right after the head, the pixels behind it."""
    head = b"II*\0" if order == "<" else b"MM\0*"
    directory = struct.pack(order + "H", len(entries)) + b"".join(entries) + bytes(4)
    return head + struct.pack(order + "I", 8) + directory + pixels


def grey_tiff(order: str, grey: np.ndarray, *more: bytes, kind: int = 3) -> bytes:
    """One strip, uncompressed."""
    height, width = grey.shape
    told = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (277, 1), (278, height)]
    entries = [entry(order, tag, value, kind) for tag, value in told]
    entries += [entry(order, 279, grey.size, 4), *more]
    start = 8 + 2 + 12 * (len(entries) + 1) + 4
    entries.append(entry(order, 273, start, 4))
    entries.sort(key=lambda data: struct.unpack(order + "H", data[:2]))
    return tiff_file(order, *entries, pixels=grey.tobytes())


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [3, 4])
def test_tiff_of_both_byte_orders_and_kinds_of_numbers(order: str, kind: int) -> None:
    grey = picture(60, 80)[:, :, 1]
    found = load(grey_tiff(order, grey, kind=kind), ANY_SIZE)
    np.testing.assert_array_equal(found.bgr, np.dstack([grey] * 3))


@pytest.mark.parametrize(
    "compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"]
)
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_tiff_of_every_usual_kind_is_what_pil_makes_of_it(mode: str, compression: str) -> None:
    image = Image.fromarray(cv2.GaussianBlur(picture(), (0, 0), 3)[:, :, ::-1]).convert(mode)
    out = io.BytesIO()
    if mode in ("1", "P") and compression == "jpeg":
        compression = "group4" if mode == "1" else "raw"
    image.save(out, "TIFF", compression=compression)
    found, expected = load(out.getvalue(), ANY_SIZE), load(image, ANY_SIZE)
    assert np.abs(found.bgr.astype(int) - expected.bgr).mean() < 1


def test_tiff_of_several_pages_and_of_tiles() -> None:
    """Of the pages the first counts."""
    out = io.BytesIO()
    first, second = (Image.fromarray(np.full((60, 80, 3), v, np.uint8)) for v in (200, 50))
    first.save(out, "TIFF", save_all=True, append_images=[second])
    assert load(out.getvalue(), ANY_SIZE).bgr.mean() == 200
    tiles = cv2.imencode(".tiff", picture(), [cv2.IMWRITE_TIFF_ROWSPERSTRIP, 7])[1].tobytes()
    np.testing.assert_array_equal(load(tiles, ANY_SIZE).bgr, picture())


WIDTH, HEIGHT = (entry("<", tag, 500) for tag in (256, 257))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (tiff_file("<"), errors.UnsupportedFormatError),
        (tiff_file("<", WIDTH), errors.UnsupportedFormatError),
        (tiff_file("<", WIDTH, entry("<", 257, 500, kind=2)), errors.UnsupportedFormatError),
        (tiff_file("<", WIDTH, entry("<", 257, 500, count=2)), errors.UnsupportedFormatError),
        (tiff_file("<", WIDTH, HEIGHT), errors.UnsupportedFormatError),  # without pixels
        (tiff_file("<", WIDTH, entry("<", 257, 1 << 31, kind=4)), errors.ImageSizeError),
        (tiff_file("<", entry("<", 256, 0), HEIGHT), errors.ImageSizeError),
        (b"II*\0" + b"\xff" * 40, errors.UnsupportedFormatError),
        (b"II+\0\x08\0\0\0" + bytes(40), errors.UnsupportedFormatError),  # BigTIFF
        (grey_tiff("<", picture()[:, :, 0])[: 300 * 560], errors.UnsupportedFormatError),  # cut off
        (tiff_file("<", WIDTH, HEIGHT, entry("<", 322, 60_000)), errors.UnsupportedFormatError),
    ],
)
def test_tiff_that_is_none(data: bytes, error: type[errors.IdocrError]) -> None:
    with pytest.raises(error):
        load(data.ljust(64, b"\0"), Limits())


def test_tiff_tells_who_wrote_it() -> None:
    out = io.BytesIO()
    Image.new("RGB", (560, 420)).save(out, "TIFF", software="Adobe Photoshop 24.0")
    assert editor_name(read_header(out.getvalue()).metadata) == "Adobe Photoshop 24.0"


def test_formats_can_be_left_out() -> None:
    for suffix in (".tiff", ".webp"):
        limits = Limits(file_formats=frozenset({"jpeg", "png", "bmp"}))
        with pytest.raises(errors.UnsupportedFormatError, match="JPEG, PNG or BMP"):
            load(encoded(suffix), limits)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0\0\0\x18ftypheic" + bytes(40), "HEIC"),
        (b"\0\0\0\x1cftypmif1" + bytes(40), "HEIC"),
        (b"\0\0\0\x18ftypavif" + bytes(40), "AVIF"),
        (b"GIF89a" + bytes(40), "GIF"),
        (b"%PDF-1.7" + bytes(40), "PDF"),
    ],
)
def test_what_cannot_be_read_is_called_by_its_name(data: bytes, name: str) -> None:
    with pytest.raises(errors.UnsupportedFormatError, match=f"{name}.*save it as JPEG"):
        read_header(data)


@pytest.mark.parametrize("size", [(2560, 2559), (2559, 2560)])
def test_nearly_square_pictures_keep_their_sides(size: tuple[int, int]) -> None:
    found = load(encoded(".jpg", np.zeros((size[1], size[0], 3), np.uint8)), ANY_SIZE)
    assert found.bgr.shape == (1280, 1280, 3)
    assert (found.width_px, found.height_px) == size


@pytest.mark.parametrize("orientation", [1, 6])
def test_large_jpegs_are_decoded_at_reduced_scale(orientation: int) -> None:
    image = Image.fromarray(picture(2000, 3000))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60, exif=exif)
    found = load(out.getvalue(), ANY_SIZE)
    size = (3000, 2000) if orientation == 1 else (2000, 3000)
    assert (found.width_px, found.height_px) == size
    assert max(found.bgr.shape) == 1500
    assert found.scale == pytest.approx(2.0)
    whole = found.at_full_scale()
    assert whole.bgr.shape[:2] == size[::-1]
    assert whole.scale == 1.0


@pytest.mark.parametrize(
    "given_array",
    [
        np.asfortranarray(picture()),
        picture()[:, ::-1],
        picture()[::2, ::2],
        picture()[:, :, ::-1],
        np.pad(picture(), ((3, 3), (3, 3), (0, 0)))[3:-3, 3:-3],
        picture()[:, ::-1, 0],
        np.asfortranarray(picture()[:, :, 1]),
        np.frombuffer(picture().tobytes(), np.uint8).reshape(picture().shape),  # read-only
    ],
)
def test_arrays_in_any_order_of_memory(given_array: np.ndarray) -> None:
    before = given_array.copy()
    found = load(given_array, ANY_SIZE).bgr
    expected = before if before.ndim == 3 else np.dstack([before] * 3)
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(given_array, before)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_pil_images_of_any_mode(mode: str) -> None:
    assert load(Image.new(mode, (560, 420)), ANY_SIZE).bgr.shape == (420, 560, 3)


def test_pil_images_of_damaged_files() -> None:
    data = encoded(".png")
    image = Image.open(io.BytesIO(data[: len(data) // 2]))  # PIL reads no pixels yet
    with pytest.raises(errors.UnsupportedFormatError):
        load(image, ANY_SIZE)


def test_every_kind_of_input_gives_the_same_answer() -> None:
    path = SAMPLES / "portrait.jpg"
    bgr = cv2.imread(str(path))
    inputs = [
        path,
        str(path),
        path.read_bytes(),
        bytearray(path.read_bytes()),
        bgr,
        np.asfortranarray(bgr),
        np.pad(bgr, ((3, 3), (3, 3), (0, 0)))[3:-3, 3:-3],
        Image.open(path),
    ]
    texts = {
        tuple(
            v["result"]
            for v in idocr.recognize(i).values()
            if isinstance(v, dict) and "result" in v
        )
        for i in inputs
    }
    assert len(texts) == 1


def test_grey_pictures_are_read() -> None:
    grey = cv2.imread(str(SAMPLES / "portrait.jpg"), cv2.IMREAD_GRAYSCALE)
    body = idocr.recognize(grey)
    assert body["side"] == 0
    assert body["legality"]["Photocopy"] > 0.8
    assert body["result"] == 1002
