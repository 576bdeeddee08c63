"""idocr reads PRC resident ID cards on the device: a photograph in, Megvii's `ocridcard` answer out.

    >>> import idocr
    >>> answer = idocr.recognize("card.jpg")  # doctest: +SKIP

Importing this package loads no model; the first call of `recognize` does.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

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
]

if TYPE_CHECKING:
    from . import errors, id_number
    from .image import ImageInput, Limits
    from .pair import PairReport, check_pair
    from .reading import Reading
    from .recognizer import Recognizer, SideName
    from .redaction import redact
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


def recognize(
    image: ImageInput, *, return_portrait: bool = False, side: SideName = "auto"
) -> Answer:
    """Read the card in one picture and answer as Megvii's FaceID v3 `ocridcard` does.

    image: a path, the bytes of a JPEG, PNG, BMP or WebP file, a uint8 array (H, W, 3) BGR or (H, W)
    grey, or a PIL image; EXIF orientation is applied. return_portrait: add the portrait as base64
    JPEG when a face is there. side: "auto", "portrait" or "emblem".

    Returns one of the TypedDicts of `idocr.wire.megvii`. A picture without a card is an answer with
    `error`, not an exception. Raises the errors of `idocr.errors` for pictures that cannot be
    decoded or exceed the limits, for wrong arguments, and for damaged model files.
    """
    return shared_recognizer().recognize(image, return_portrait=return_portrait, side=side)


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
    if name in ("errors", "id_number"):
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
