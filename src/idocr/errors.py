"""What can go wrong by the caller's doing or by a broken installation.

A picture without a card is no error of reading: the answer says so. No message here ever carries
text read from a card, a file's content or a person's data.
"""

from __future__ import annotations


class IdocrError(Exception):
    """Base of all errors of this package; `error_name` is the name in Megvii's error tables."""

    error_name = "INTERNAL_ERROR"


class UnsupportedFormatError(IdocrError, ValueError):
    """The bytes are no JPEG, PNG, BMP, WebP or TIFF picture that the limits allow, or a damaged one."""

    error_name = "IMAGE_ERROR_UNSUPPORTED_FORMAT: image"


class ImageSizeError(IdocrError, ValueError):
    """The picture has fewer or more pixels than the limits allow; `too_small` tells which."""

    error_name = "INVALID_IMAGE_SIZE: image"

    def __init__(self, message: str = "", too_small: bool = False) -> None:
        super().__init__(message)
        self.too_small = too_small


class FileTooLargeError(IdocrError, ValueError):
    """The encoded picture has more bytes than the limit allows (Megvii: HTTP 413)."""

    error_name = "Request Entity Too Large"


class ArgumentError(IdocrError, TypeError, ValueError):
    """An argument has the wrong type or value; `error_name` names it."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(f"{argument}: {message}")
        self.error_name = f"BAD_ARGUMENTS: {argument}"


class ModelError(IdocrError, RuntimeError):
    """A model file is missing, damaged or not the one that MODELS.toml lists."""

    error_name = "INTERNAL_ERROR"


class CardNotFoundError(IdocrError, ValueError):
    """There is no card in a picture that must not be given back as it is: see `idocr.redact`."""

    error_name = "ID_CARD_NOT_FOUND"
