"""`idocr PHOTO...`: the answer as JSON, and a picture of what was found."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from . import __version__, wire
from .errors import ArgumentError, FileTooLargeError, IdocrError, ImageSizeError
from .image import Limits

if TYPE_CHECKING:
    from .reading import Reading
    from .recognizer import Recognizer

FOUND, NOT_FOUND, FAILED = 0, 1, 2
DRAWN = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
LIMITS_HINT = "here: --min-side, --max-side, --max-bytes"

EPILOG = """\
examples:
  idocr card.jpg                        the answer of Megvii's ocridcard, as JSON
  idocr --draw found.jpg card.jpg       and a picture of what was found where
  idocr --draw found/ *.jpg             one JSON line for each of several photographs
  cat card.jpg | idocr -                from standard input
  idocr --format huawei --switch return_verification --switch detect_blur card.jpg
                                        another API's answer, with what its requests can ask for

One photograph gives one indented object; several give one object a line, each with its "photo".

exit status: 0 a card was read in every picture, 1 a picture holds no card, 2 a picture could not be
read or drawn (the reason goes to standard error; nothing that stands on a card ever does).
"""


def _parser() -> argparse.ArgumentParser:
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
        "--format",
        choices=tuple(wire.FORMATS),
        default="megvii",
        help="whose API to answer as (default: %(default)s)",
    )
    parser.add_argument(
        "--switch",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="what a request of that API can ask for, by its own name; repeatable",
    )
    parser.add_argument(
        "--return-portrait",
        action="store_true",
        help="the same as --switch return_portrait: add the portrait as base64 JPEG",
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
        "--min-side", type=int, metavar="PX", help="smallest side accepted (default: the format's)"
    )
    parser.add_argument(
        "--max-side", type=int, metavar="PX", help="largest side accepted (default: the format's)"
    )
    parser.add_argument(
        "--max-bytes", type=int, metavar="N", help="largest file accepted (default: the format's)"
    )
    parser.add_argument("--version", action="version", version=f"idocr {__version__}")
    return parser


class Progress:
    """Passes photos on, with a bar on a terminal when there are several.

    `clear` takes the bar away before anything else is printed: answers and errors may go to the
    same terminal.
    """

    def __init__(self, photos: Sequence[str], stream: TextIO) -> None:
        self._photos, self._stream = photos, stream
        self._shown = len(photos) > 1 and stream.isatty()

    def __iter__(self) -> Iterator[str]:
        total = len(self._photos)
        for count, photo in enumerate(self._photos):
            filled = 30 * count // total
            self._write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {count}/{total}")
            yield photo

    def clear(self) -> None:
        self._write("\r" + " " * 60 + "\r")

    def _write(self, text: str) -> None:
        if self._shown:
            self._stream.write(text)
            self._stream.flush()


def _source(photo: str) -> str | bytes:
    return sys.stdin.buffer.read() if photo == "-" else photo


def _different_names(photos: Sequence[str]) -> list[str]:
    """card, card.2, ... for a/card.jpg, b/card.jpg: no drawing replaces another."""
    names: list[str] = []
    for photo in photos:
        stem = "stdin" if photo == "-" else Path(photo).stem
        name, number = stem, 2
        while name in names:
            name, number = f"{stem}.{number}", number + 1
        names.append(name)
    return names


def drawings(target: Path, photos: Sequence[str]) -> list[Path]:
    """The file to draw each photo into, its folder made.

    Raises ValueError where no picture can be written there or a photograph would be replaced, and
    OSError where the folder cannot be made.
    """
    several = len(photos) > 1
    if several and target.exists() and not target.is_dir():
        raise ValueError(f"--draw {target} is a file: several photographs need a folder")
    files = [target]
    if several or target.is_dir():
        files = [target / f"{name}.found.jpg" for name in _different_names(photos)]
    given = {Path(photo).resolve() for photo in photos if photo != "-"}
    for file in files:
        if file.resolve() in given:
            raise ValueError(f"--draw would replace the photograph {file}: give another name")
        if file.suffix.lower() not in DRAWN:
            raise ValueError(f"--draw {file}: give a file name that ends in {', '.join(DRAWN)}")
    if several:
        target.mkdir(parents=True, exist_ok=True)
    return files


def _write_drawing(file: Path, image: str | bytes, reading: Reading, limits: Limits) -> None:
    import cv2

    from .draw import draw
    from .image import load

    picture = load(image, limits).at_full_scale()
    coded = cv2.imencode(file.suffix, draw(picture.bgr, reading))[1]
    file.write_bytes(coded.tobytes())


def _switches(options: argparse.Namespace) -> dict[str, Any]:
    """Raises ArgumentError for a switch that the format does not have."""
    settings = [*options.switch, *["return_portrait"] * options.return_portrait]
    return dict(wire.find(options.format).parse(setting) for setting in settings)


def _limits(options: argparse.Namespace) -> Limits:
    """The format's, but for those that were given."""
    given = {
        "min_side_px": options.min_side,
        "max_side_px": options.max_side,
        "max_bytes": options.max_bytes,
    }
    known = {name: value for name, value in given.items() if value is not None}
    return replace(wire.find(options.format).limits, **known)


def _read(
    photo: str, file: Path | None, options: argparse.Namespace, recognizer: Recognizer
) -> tuple[dict[str, Any], bool]:
    """The answer, and whether there is a card in the picture."""
    image = _source(photo)
    answer, reading = recognizer.recognize_and_read(
        image, side=options.side, format=options.format, **_switches(options)
    )
    if file:
        _write_drawing(file, image, reading, recognizer.limits)
    return answer, reading.found


def _refusal(error: Exception, options: argparse.Namespace) -> dict[str, Any]:
    """In the format's own words, unless it is none of idocr's errors: a file that is not there."""
    if isinstance(error, IdocrError):
        return wire.find(options.format).refuse(error)
    return {"error": type(error).__name__}


def run(options: argparse.Namespace, files: Sequence[Path | None]) -> int:
    """Print one answer for each photograph, draw into its file; returns the exit status."""
    from .recognizer import Recognizer

    recognizer = Recognizer(options.models, options.threads, limits=_limits(options))
    status = FOUND
    several = len(options.photos) > 1
    progress = Progress(options.photos, sys.stderr)
    for photo, file in zip(progress, files, strict=True):
        try:
            answer, found = _read(photo, file, options, recognizer)
            progress.clear()
        except (IdocrError, OSError, MemoryError) as error:
            progress.clear()
            limited = isinstance(error, ImageSizeError | FileTooLargeError)
            hint = f" ({LIMITS_HINT})" if limited else ""
            print(f"idocr: {photo}: {error}{hint}", file=sys.stderr)
            answer, status = _refusal(error, options), FAILED
        else:
            if not found:
                status = max(status, NOT_FOUND)
        if several:
            print(json.dumps({"photo": photo, **answer}, ensure_ascii=False), flush=True)
        elif status != FAILED:
            print(json.dumps(answer, ensure_ascii=False, indent=2))
    return status


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    models = ("recognizer.onnx", "locator.onnx")
    if options.models and not any((options.models / name).is_file() for name in models):
        parser.error(f"--models {options.models} holds neither {' nor '.join(models)}")
    try:
        _switches(options)
    except ArgumentError as error:
        parser.error(f"--switch {error} ({options.format})")
    try:
        files = drawings(options.draw, options.photos) if options.draw else None
    except (ValueError, OSError) as error:
        parser.error(str(error))
    # JSON is UTF-8 whatever the locale; a file name that is not becomes an escape that JSON knows.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        return run(options, files or [None] * len(options.photos))
    except IdocrError as error:
        print(f"idocr: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        return FAILED


if __name__ == "__main__":
    raise SystemExit(main())
