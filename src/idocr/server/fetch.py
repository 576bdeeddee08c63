"""Pictures from URLs, where the settings allow it: listed hosts, public addresses, bounded size and time.

The name is resolved once and the connection goes to the very address that was checked, so that a name
which changes its address between check and use gains nothing. Redirects are not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlsplit

CHUNK = 64 * 1024
STANDARD_PORTS = {"http": 80, "https": 443}


_lookups = ThreadPoolExecutor(4, thread_name_prefix="idocr-lookup")


class UrlRefusedError(ValueError):
    """The settings do not allow this URL."""


class UrlFailedError(ValueError):
    """The picture could not be had, or is too large."""


def fetch(url: str, hosts: Collection[str], most_bytes: int, seconds: float) -> bytes:
    """The bytes behind a URL. Raises UrlRefusedError or UrlFailedError, without the URL in them."""
    host, port, is_tls, target = _parts(url, hosts)
    deadline = time.monotonic() + seconds
    try:
        # A lookup cannot be stopped; its thread is left to end by itself.
        address = _lookups.submit(public_address, host, port).result(seconds)
        connection = _Pinned(host, port, address, is_tls, deadline - time.monotonic())
        # The socket's own limit is of one step, so that an answer in drops would never end.
        timer = threading.Timer(deadline - time.monotonic(), connection.give_up)
        timer.start()
        try:
            connection.request("GET", target, headers={"Accept": "image/*"})
            return _read(connection, most_bytes, deadline)
        finally:
            timer.cancel()
            connection.close()
    except (OSError, http.client.HTTPException):
        raise UrlFailedError("the picture could not be fetched") from None


def _parts(url: str, hosts: Collection[str]) -> tuple[str, int, bool, str]:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise UrlRefusedError("malformed URL") from None
    standard = STANDARD_PORTS.get(parts.scheme)
    if standard is None or parts.username is not None or port not in (None, standard):
        raise UrlRefusedError("only http and https, on their own ports, without a user")
    if host not in {known.lower() for known in hosts}:
        raise UrlRefusedError("the host is not listed")
    if not url.isascii() or any(char.isspace() or not char.isprintable() for char in url):
        raise UrlRefusedError("malformed URL")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return host, standard, parts.scheme == "https", target


def public_address(host: str, port: int) -> str:
    """An address of the host, all of whose addresses are public. Raises UrlRefusedError, OSError."""
    found = [str(i[4][0]) for i in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        known = ipaddress.ip_address(address.split("%")[0])
        mapped = getattr(known, "ipv4_mapped", None) or known
        if not mapped.is_global or mapped.is_multicast:
            raise UrlRefusedError("the host has an address that is not public")
    return found[0]


class _Pinned(http.client.HTTPConnection):
    """Speaks to one address under the host's name."""

    def __init__(self, host: str, port: int, address: str, is_tls: bool, seconds: float) -> None:
        super().__init__(host, port, timeout=max(seconds, 0.001))
        self._address, self._is_tls = address, is_tls

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._is_tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)

    def give_up(self) -> None:
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _read(connection: http.client.HTTPConnection, most_bytes: int, deadline: float) -> bytes:
    response = connection.getresponse()
    if response.status != 200:
        raise UrlFailedError("the host does not answer with a picture")
    data = bytearray()
    while chunk := response.read1(CHUNK):
        data += chunk
        if len(data) > most_bytes:
            raise UrlFailedError("the picture is too large")
    if time.monotonic() > deadline or response.length:
        raise UrlFailedError("the picture did not come whole")
    return bytes(data)
