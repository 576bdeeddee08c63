"""The page at `/` and the reader of the OpenAPI description: files of this package, sent as they are.

A browser gets everything from this server and may load nothing from elsewhere; no text of the page is ever
taken for markup, and no other site may frame it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True)
class File:
    name: str
    media_type: str

    def read(self) -> bytes:
        return _content(self.name)


@cache
def _content(name: str) -> bytes:
    return (files(__package__) / "static" / name).read_bytes()


# Path -> file.
FILES = {
    "/": File("page.html", "text/html"),
    "/openapi": File("api.html", "text/html"),
    "/static/page.css": File("page.css", "text/css"),
    "/static/page.js": File("page.js", "text/javascript"),
    "/static/words.js": File("words.js", "text/javascript"),
    "/static/picture.js": File("picture.js", "text/javascript"),
    "/static/camera.js": File("camera.js", "text/javascript"),
    "/static/answers.js": File("answers.js", "text/javascript"),
    "/static/api.js": File("api.js", "text/javascript"),
    "/static/specimen.jpg": File("specimen.jpg", "image/jpeg"),
    "/static/icon.svg": File("icon.svg", "image/svg+xml"),
}
