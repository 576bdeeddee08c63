"""`idocr PHOTO...`: the answer as JSON, and a picture of what was found."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .errors import IdocrError
from .image import Limits

if TYPE_CHECKING:
    from .reading import Reading
    from .recognizer import Recognizer
    from .wire.megvii import Answer

FOUND, NOT_FOUND, FAILED = 0, 1, 2

EPILOG = """\
examples:
  idocr card.jpg                        the answer of Megvii's ocridcard, as JSON
  idocr --draw found.jpg card.jpg       and a picture of what was found where
  idocr --draw found/ *.jpg             one JSON line for each of several photographs
  cat card.jpg | idocr -                from standard input

exit status: 0 a card was read in every picture, 1 a picture holds no card, 2 a picture could not be
read (the reason goes to standard error; nothing that stands on a card ever does).
"""


def _parser() -> argparse.ArgumentParser:
    seed = Limits()
    parser = argparse.ArgumentParser(
        prog="idocr",
        description="Read PRC resident ID cards on this machine; nothing leaves it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "photos",
        nargs="+",
        metavar="PHOTO",
        help="JPEG, PNG, BMP or WebP file, or - for standard input",
    )
    parser.add_argument(
        "--side",
        choices=("auto", "portrait", "emblem"),
        default="auto",
        help="read the card as this side (default: find out)",
    )
    parser.add_argument(
        "--return-portrait",
        action="store_true",
        help="add the portrait as base64 JPEG when a face is there",
    )
    parser.add_argument(
        "--draw",
        type=Path,
        metavar="FILE",
        help="write the picture with what was found; a folder for several photographs",
    )
    parser.add_argument(
        "--models",
        type=Path,
        metavar="FOLDER",
        help="take recognizer.onnx or locator.onnx from here",
    )
    parser.add_argument(
        "--threads", type=int, default=1, help="threads of one network run (default: 1)"
    )
    parser.add_argument(
        "--min-side",
        type=int,
        default=seed.min_side_px,
        metavar="PX",
        help="smallest side accepted (default: %(default)s)",
    )
    parser.add_argument(
        "--max-side",
        type=int,
        default=seed.max_side_px,
        metavar="PX",
        help="largest side accepted (default: %(default)s)",
    )
    parser.add_argument(
        "--max-bytes",
        type=int,
        default=seed.max_bytes,
        metavar="N",
        help="largest file accepted (default: %(default)s)",
    )
    parser.add_argument("--version", action="version", version=f"idocr {__version__}")
    return parser


def progress(items: Sequence[str], stream: Any = sys.stderr) -> Iterator[str]:
    """Pass items on, with a bar on a terminal when there are several."""
    shown = len(items) > 1 and stream.isatty()
    for count, item in enumerate(items):
        if shown:
            filled = 30 * count // len(items)
            stream.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {count}/{len(items)}")
            stream.flush()
        yield item
    if shown:
        stream.write("\r" + " " * 60 + "\r")


def _source(photo: str) -> str | bytes:
    return sys.stdin.buffer.read() if photo == "-" else photo


def _write_drawing(
    target: Path, photo: str, image: str | bytes, reading: Reading, limits: Limits, several: bool
) -> None:
    import cv2

    from .draw import draw
    from .image import load

    picture = load(image, limits).at_full_scale()
    if several or target.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        target = target / f"{Path(photo).stem if photo != '-' else 'stdin'}.found.jpg"
    if not cv2.imwrite(str(target), draw(picture.bgr, reading)):
        raise OSError(f"{target} cannot be written: give a file name that ends in .jpg or .png")


def _read(photo: str, options: argparse.Namespace, recognizer: Recognizer) -> Answer:
    from .wire import megvii

    start = time.perf_counter()
    image = _source(photo)
    reading = recognizer.read(image, side=options.side, portrait_jpeg=options.return_portrait)
    passed_ms = round((time.perf_counter() - start) * 1000)
    if options.draw:
        _write_drawing(
            options.draw, photo, image, reading, recognizer.limits, len(options.photos) > 1
        )
    return megvii.answer(reading, return_portrait=options.return_portrait, time_used_ms=passed_ms)


def run(options: argparse.Namespace, photos: Iterable[str]) -> int:
    """Print one answer for each photograph; returns the exit status."""
    from .recognizer import Recognizer

    limits = Limits(options.min_side, options.max_side, options.max_bytes)
    recognizer = Recognizer(options.models, options.threads, limits=limits)
    status = FOUND
    several = len(options.photos) > 1
    for photo in photos:
        try:
            answer: Any = _read(photo, options, recognizer)
        except (IdocrError, OSError, MemoryError) as error:
            print(f"idocr: {photo}: {error}", file=sys.stderr)
            answer, status = {"error": getattr(error, "error_name", type(error).__name__)}, FAILED
        else:
            if "error" in answer:
                status = max(status, NOT_FOUND)
        if several:
            print(json.dumps({"photo": photo, **answer}, ensure_ascii=False), flush=True)
        elif status != FAILED:
            print(json.dumps(answer, ensure_ascii=False, indent=2))
    return status


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return run(options, progress(options.photos))
    except IdocrError as error:
        print(f"idocr: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        return FAILED


if __name__ == "__main__":
    raise SystemExit(main())
