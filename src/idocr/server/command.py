"""`idocr serve`: options, settings, the listening socket, a graceful stop."""

from __future__ import annotations

import argparse
import logging
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import IdocrError
from . import settings as told
from .settings import Settings, SettingsError

FAILED = 2
BACKLOG = 128
MOST_HEADER_BYTES = 64 * 1024  # tokens of Huawei's kind take 20 kB
MOST_READING_S = 20  # of what is at work or being sent when the server is told to stop
EPILOG = """\
examples:
  idocr serve                                   every format and the page on 127.0.0.1:8000
  idocr serve --formats megvii,huawei --port 9000
  idocr serve --config idocr.toml --host 0.0.0.0   for other machines: needs keys

A settings file:
  host = "0.0.0.0"
  [megvii.keys]
  "an-api-key" = "its-secret"
  [huawei.keys]
  "an-access-key" = "its-secret-key"

Pictures and what stands on them are neither written nor logged. Stop with Ctrl-C or SIGTERM: what was
accepted is still answered.
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="idocr serve",
        description="Answer as other vendors' APIs do, on this machine.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings, TOML")
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="0 for any that is free (default: 8000)")
    parser.add_argument("--workers", type=int, metavar="N", help="pictures read at a time (cores)")
    parser.add_argument("--queue", type=int, metavar="N", help="requests that wait (default: 16)")
    parser.add_argument(
        "--formats",
        type=lambda text: tuple(text.split(",")),
        metavar="A,B",
        help=f"of {', '.join(told.SERVED)} (default: all, or those with keys)",
    )
    parser.add_argument("--models", type=Path, metavar="FOLDER", help="as for idocr")
    parser.add_argument("--quiet", action="store_true", help="no line for each request")
    return parser


def main(arguments: Sequence[str]) -> int:
    options = vars(_parser().parse_args(arguments))
    config, models, quiet = (options.pop(name) for name in ("config", "models", "quiet"))
    try:
        return serve(told.load(config, **options), models, quiet)
    except (SettingsError, IdocrError) as error:
        print(f"idocr serve: {error}", file=sys.stderr)
        return FAILED


def serve(settings: Settings, models: Path | None, quiet: bool) -> int:
    """Listen until SIGTERM or Ctrl-C; returns the exit status."""
    try:
        import uvicorn

        from .app import make_app
    except ImportError as error:
        print(f"idocr serve: {error.name} is missing: pip install 'idocr[serve]'", file=sys.stderr)
        return FAILED
    from ..recognizer import Recognizer

    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
    logging.getLogger("idocr.server").setLevel(logging.WARNING if quiet else logging.INFO)
    recognizer = Recognizer(models)
    try:
        listening = _listen(settings)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        print(f"idocr serve: cannot listen on {where}: {error.strerror}", file=sys.stderr)
        return FAILED
    app = make_app(settings, recognizer, lambda: _announce(listening, settings))
    options: dict[str, Any] = {
        "log_config": None,  # its own would write query strings, which carry tokens
        "access_log": False,
        "log_level": "warning",
        "server_header": False,
        "proxy_headers": False,
        "h11_max_incomplete_event_size": MOST_HEADER_BYTES,
        "http": "h11",
        "ws": "none",
        # Somebody who never reads an answer must not keep the server from ending.
        "timeout_graceful_shutdown": round(settings.upload_s + settings.wait_s) + MOST_READING_S,
    }
    # uvicorn hands the signal on once it has stopped: what it stopped for is no failure.
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda number, frame: None)  # noqa: ARG005
    uvicorn.Server(uvicorn.Config(app, **options)).run(sockets=[listening])
    return 0


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    address = (settings.host, settings.port)
    return socket.create_server(address, family=family, backlog=BACKLOG)


def _announce(listening: socket.socket, settings: Settings) -> None:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    names = ", ".join(settings.formats)
    print(f"idocr serve: http://{shown}:{port} ({names})", file=sys.stderr, flush=True)
