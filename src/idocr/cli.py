"""`idocr PHOTO...`: the answer as JSON, a picture of what was found or a redacted one.

`idocr check FRONT BACK`: what both sides say together. `idocr serve`: the same answers over HTTP.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date
from enum import Enum
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from . import __version__, wire
from .errors import (
    ArgumentError,
    CardNotFoundError,
    FileTooLargeError,
    IdocrError,
    ImageSizeError,
)
from .image import Limits
from .reading import KEEPABLE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .recognizer import Recognizer

FOUND, NOT_FOUND, FAILED = 0, 1, 2
DRAWN = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
LIMITS_HINT = "here: --min-side, --max-side, --max-bytes"

EPILOG = """\
examples:
  idocr card.jpg                        the answer of Megvii's ocridcard, as JSON
  idocr --all scan.jpg                  every card in the picture: {"cards": [answer, ...]}
  idocr --draw found.jpg card.jpg       and a picture of what was found where
  idocr --draw found/ *.jpg             one JSON line for each of several photographs
  cat card.jpg | idocr -                from standard input
  idocr --redact safe.jpg card.jpg      all but the name covered; prints nothing that stands on it
  idocr --redact out/ --keep ethnicity --keep portrait *.jpg
  idocr check front.jpg back.jpg        both sides together: age, place, expiry (idocr check --help)
  idocr --format huawei --switch return_verification --switch detect_blur card.jpg
                                        another API's answer, with what its requests can ask for
  idocr serve                           those APIs over HTTP, on this machine (idocr serve --help)

One photograph gives one indented object; several give one object a line, each with its "photo".

exit status: 0 a card was read in every picture, 1 a picture holds no card, 2 a picture could not be
read, drawn or redacted (the reason goes to standard error; nothing that stands on a card ever does).
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
        help="JPEG, PNG, BMP, WebP or TIFF file, or - for standard input",
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
        "--all",
        action="store_true",
        help="read every card in the picture: several cards, or both sides of one",
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
        "--redact",
        type=Path,
        metavar="FILE",
        help="write the picture with all but --keep covered and print no answer; a folder for "
        "several photographs",
    )
    parser.add_argument(
        "--keep",
        action="append",
        metavar="FIELD",
        help=f"with --redact: a field to leave, again for each (default: name; none: nothing): "
        f"{', '.join(KEEPABLE)}",
    )
    _add_engine_options(parser)
    parser.add_argument("--version", action="version", version=f"idocr {__version__}")
    return parser


def _add_engine_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--models",
        type=Path,
        metavar="FOLDER",
        help="take recognizer.onnx (with its closer.onnx) or locator.onnx from here",
    )
    parser.add_argument(
        "--threads", type=int, default=1, help="threads of one network run (default: 1)"
    )
    parser.add_argument(
        "--no-repair",
        dest="repair",
        action="store_false",
        help="leave a number that breaks its rules as it was read",
    )
    parser.add_argument(
        "--max-error",
        type=float,
        metavar="P",
        help="leave a field empty that is wrong with more than this probability (default: answer all)",
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


def _check_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="idocr check",
        description="Read both sides of a card, in either order, and say what they say together: "
        "the validity against the age at issue, the authority against the address, the region of "
        "the number, expiry.",
        epilog="exit status: 0 nothing contradicts and the card is in force, 1 else, 2 a picture "
        "could not be read or the two are no pair. A photograph named check: idocr ./check",
    )
    parser.add_argument("photos", nargs=2, metavar="PHOTO", help="one of each side, or - for one")
    parser.add_argument(
        "--as-of",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="the day for which expiry is told (default: today)",
    )
    _add_engine_options(parser)
    parser.set_defaults(format="megvii")  # whose limits hold
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


def pictures(option: str, target: Path, photos: Sequence[str]) -> list[Path]:
    """The file to draw or redact each photo into, its folder made. option: --draw or --redact.

    Raises ValueError where no picture can be written there or a photograph would be replaced, and
    OSError where the folder cannot be made.
    """
    several = len(photos) > 1
    if several and target.exists() and not target.is_dir():
        raise ValueError(f"{option} {target} is a file: several photographs need a folder")
    files = [target]
    if several or target.is_dir():
        kind = {"--draw": "found", "--redact": "redacted"}[option]
        files = [target / f"{name}.{kind}.jpg" for name in _different_names(photos)]
    given = {Path(photo).resolve() for photo in photos if photo != "-"}
    for file in files:
        if file.resolve() in given:
            raise ValueError(f"{option} would replace the photograph {file}: give another name")
        if file.suffix.lower() not in DRAWN:
            raise ValueError(f"{option} {file}: give a file name that ends in {', '.join(DRAWN)}")
    if several:
        target.mkdir(parents=True, exist_ok=True)
    return files


def _write_picture(file: Path, bgr: NDArray[np.uint8]) -> None:
    import cv2

    file.write_bytes(cv2.imencode(file.suffix, bgr)[1].tobytes())


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
    asked: dict[str, Any] = {
        "side": options.side,
        "format": options.format,
        **_switches(options),
    }
    if options.all:
        answers, readings = recognizer.recognize_all(image, **asked)
        answer: dict[str, Any] = {"cards": answers}
    else:
        answer, reading = recognizer.recognize_and_read(image, **asked)
        readings = [reading]
    if file:
        from .draw import draw
        from .image import load

        bgr = load(image, recognizer.limits).at_full_scale().bgr
        for reading in readings:
            bgr = draw(bgr, reading)
        _write_picture(file, bgr)
    return answer, any(reading.found for reading in readings)


def _refusal(error: Exception, options: argparse.Namespace) -> dict[str, Any]:
    """In the format's own words, unless it is none of idocr's errors: a file that is not there."""
    if isinstance(error, IdocrError):
        return wire.find(options.format).refuse(error)
    return {"error": type(error).__name__}


def _redact(
    photo: str, file: Path, options: argparse.Namespace, recognizer: Recognizer
) -> tuple[dict[str, Any], bool]:
    """Write the covered picture; what is returned to be printed says nothing of the card's text."""
    from .redaction import redact

    kept = [name for name in options.keep or ["name"] if name != "none"]
    try:
        _write_picture(file, redact(_source(photo), kept, recognizer=recognizer))
    except CardNotFoundError as error:
        return {"error": error.error_name, "error_message": str(error)}, False
    return {"redacted": str(file), "kept": kept}, True


def run(options: argparse.Namespace, files: Sequence[Path | None]) -> int:
    """Print one answer for each photograph, draw or redact into its file; returns the exit status."""
    recognizer = _recognizer(options)
    status = FOUND
    several = len(options.photos) > 1
    progress = Progress(options.photos, sys.stderr)
    for photo, file in zip(progress, files, strict=True):
        try:
            if options.redact and file:
                answer, found = _redact(photo, file, options, recognizer)
            else:
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


def _recognizer(options: argparse.Namespace) -> Recognizer:
    from .recognizer import Recognizer

    return Recognizer(
        options.models,
        options.threads,
        limits=_limits(options),
        repair=options.repair,
        max_error=options.max_error,
    )


def run_check(options: argparse.Namespace) -> int:
    """Print what both sides say together; returns the exit status."""
    from .pair import check_pair
    from .reading import Side

    recognizer = _recognizer(options)
    readings = []
    for photo in options.photos:
        try:
            readings.append(recognizer.read(_source(photo)))
        except (IdocrError, OSError, MemoryError) as error:
            print(f"idocr: {photo}: {error}", file=sys.stderr)
            return FAILED
    front, back = readings
    if (front.side, back.side) == (Side.EMBLEM, Side.PORTRAIT):
        front, back = back, front
    report = check_pair(front, back, options.as_of)
    plain = asdict(report) | {"as_of": report.as_of.isoformat()}
    print(json.dumps(plain, ensure_ascii=False, indent=2, default=_plain))
    in_force = report.started is True and report.expired is False
    return FOUND if in_force and not report.contradicted else NOT_FOUND


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    raise TypeError(type(value).__name__)


def _options(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[Path] | None]:
    """The options, and the files to draw or redact into; ends the process where they are wrong."""
    is_check = arguments[:1] == ["check"]
    parser = _check_parser() if is_check else _parser()
    options = parser.parse_args(arguments[1:] if is_check else arguments)
    models = ("recognizer.onnx", "locator.onnx")
    if options.models and not any((options.models / name).is_file() for name in models):
        parser.error(f"--models {options.models} holds neither {' nor '.join(models)}")
    options.is_check = is_check
    if is_check:
        return options, None
    if options.draw and options.redact:
        parser.error("--draw and --redact: give one of them")
    if options.all and options.redact:
        parser.error("--all and --redact: give one of them")
    if options.keep and not options.redact:
        parser.error("--keep goes with --redact")
    if unknown := set(options.keep or ()) - {*KEEPABLE, "none"}:
        parser.error(f"--keep {' '.join(sorted(unknown))}: give one of {', '.join(KEEPABLE)}")
    target = options.draw or options.redact
    option = "--draw" if options.draw else "--redact"
    try:
        _switches(options)
    except ArgumentError as error:
        parser.error(f"--switch {error} ({options.format})")
    try:
        return options, pictures(option, target, options.photos) if target else None
    except (ValueError, OSError) as error:
        parser.error(str(error))


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["serve"]:  # a photograph named serve: idocr ./serve
        from .server import command

        return command.main(given[1:])
    options, files = _options(given)
    # JSON is UTF-8 whatever the locale; a file name that is not becomes an escape that JSON knows.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        if options.is_check:
            return run_check(options)
        return run(options, files or [None] * len(options.photos))
    except IdocrError as error:
        print(f"idocr: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        return FAILED


if __name__ == "__main__":
    raise SystemExit(main())
