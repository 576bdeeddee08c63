"""idocr reads PRC resident ID cards on the device: a photograph in, a vendor's answer out.

    >>> import idocr
    >>> answer = idocr.recognize("card.jpg")  # doctest: +SKIP

Importing this package loads no model; the first call of `recognize` does.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Literal, overload

__version__ = "0.1.0"
__all__ = [
    "Limits",
    "PairReport",
    "Reading",
    "Recognizer",
    "check_pair",
    "errors",
    "id_number",
    "recognize",
    "redact",
    "wire",
]

if TYPE_CHECKING:
    from . import errors, id_number, wire
    from .image import ImageInput, Limits
    from .pair import PairReport, check_pair
    from .reading import Reading
    from .recognizer import Recognizer, SideName
    from .redaction import redact
    from .wire import FormatName, OtherFormat
    from .wire.megvii import Answer

_HOMES = {  # public name -> its module
    "Limits": "image",
    "PairReport": "pair",
    "Reading": "reading",
    "Recognizer": "recognizer",
    "check_pair": "pair",
    "redact": "redaction",
}
_lock = threading.Lock()
_shared: Recognizer | None = None


@overload
def recognize(
    image: ImageInput,
    *,
    return_portrait: bool = False,
    side: SideName = "auto",
    format: Literal["megvii"] = "megvii",
    repair: bool = True,
) -> Answer: ...


@overload
def recognize(
    image: ImageInput,
    *,
    side: SideName = "auto",
    format: OtherFormat,
    repair: bool = True,
    **switches: Any,
) -> dict[str, Any]: ...


def recognize(
    image: ImageInput,
    *,
    side: SideName = "auto",
    format: FormatName = "megvii",
    repair: bool = True,
    **switches: Any,
) -> Answer | dict[str, Any]:
    """Read the card in one picture and answer as Megvii's FaceID v3 `ocridcard` does, or another API.

    image: a path, the bytes of a JPEG, PNG, BMP, WebP or TIFF file, a uint8 array (H, W, 3) BGR or
    (H, W) grey, or a PIL image; EXIF orientation is applied. side: what to read the card as: "auto",
    "portrait" or "emblem". format: whose answer; the names are those of `idocr.wire.FORMATS`.
    repair: restore a number that breaks its rules, see `Recognizer`.
    switches: what that format's requests can ask for, by its own names: `Switches` in the format's
    module. Megvii's is return_portrait: add the portrait as base64 JPEG when a face is there.

    Returns one of the TypedDicts of the format's module, `idocr.wire.megvii` and so on. A picture
    without a card is an answer that says so, not an exception. Raises the errors of `idocr.errors`
    for pictures that cannot be decoded or exceed the format's limits, for wrong arguments, and for
    damaged model files.
    """
    recognizer = shared_recognizer()
    answer, _ = recognizer.recognize_and_read(
        image, side=side, format=format, repair=repair, **switches
    )
    return answer


def shared_recognizer() -> Recognizer:
    """The Recognizer of the module's own functions, made by the first of them that is called."""
    global _shared  # noqa: PLW0603 - the one lazily made recognizer of the module-level functions
    if _shared is None:
        with _lock:
            if _shared is None:
                from .recognizer import Recognizer

                _shared = Recognizer()
    return _shared


def __getattr__(name: str) -> Any:
    """Public names are imported when first used: `import idocr` alone costs no OpenCV, no model."""
    import importlib

    if name in _HOMES:
        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    if name in ("errors", "id_number", "wire"):
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
