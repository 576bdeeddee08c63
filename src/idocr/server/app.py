"""The ASGI application: routes, seats, bodies in memory, replies, the access log."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from .. import __version__
from ..recognizer import Recognizer
from .bodies import Received
from .desk import Desk, where
from .faces import FACES, Face
from .faces.base import Reply
from .metrics import CONTENT_TYPE, Metrics
from .openapi import describe
from .page import FILES, HEADERS, File
from .pool import Pool
from .settings import PAGE, Settings

log = logging.getLogger("idocr.server")
# What is read and thrown away of a body that is refused: clients send all of it before they listen.
MOST_DRAINED = 64 * 1024 * 1024


class BodyTooLargeError(Exception):
    """The body exceeds the settings' max_body_bytes."""


class Server:
    """All that the routes share."""

    def __init__(self, settings: Settings, recognizer: Recognizer) -> None:
        self.settings = settings
        self.pool = Pool(settings.workers, settings.queue)
        self.desk = Desk(settings, recognizer)
        self.metrics = Metrics(self.pool.waiting, self.pool.busy)
        self.faces = [face(settings) for face in FACES if face.format_name in settings.formats]

    def face_for_unknown(self, path: str) -> Face | None:
        """In whose words a path is refused that is no route."""
        for face in self.faces:
            if any(path == prefix or path.startswith(prefix + "/") for prefix in face.prefixes):
                return face
        return None


class FaceRoute:
    """An ASGI endpoint for one face, for every method: also a wrong one is answered in its words."""

    def __init__(self, server: Server, face: Face, template: str) -> None:
        self._server, self._face, self._template = server, face, template

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = time.monotonic()
        request = Request(scope, receive)
        try:
            reply = await self._answer(request)
        except ClientDisconnect:
            return
        except TimeoutError:
            reply = Reply(408, "", "refused", {"Connection": "close"})
        except Exception as error:  # the framework would log its message
            log.error("%s: %s", self._face.format_name, where(error))
            refusal = self._face.refusal_for(error)
            reply = self._face.refuse(refusal, "failed", _without_body(request))
        passed = time.monotonic() - start
        self._server.metrics.count(self._face.format_name, reply.outcome, passed)
        line = "%s %s %d %s %.0f ms"
        log.info(line, _method(request), self._template, reply.status, reply.outcome, passed * 1000)
        await _response(reply, self._face.json_type)(scope, receive, send)

    async def _answer(self, request: Request) -> Reply:
        face, server = self._face, self._server
        received = _without_body(request)
        if request.method not in face.methods:
            await _drain(request, server.settings.upload_s)
            return face.refuse(face.unknown, "unknown", received)
        with server.pool.seat() as is_seated:
            if not is_seated:
                await _drain(request, server.settings.upload_s)
                return face.refuse(face.busy, "busy", received)
            try:
                async with asyncio.timeout(server.settings.upload_s):
                    body = await _read_body(request, server.settings.max_body_bytes)
            except BodyTooLargeError:
                await _drain(request, server.settings.upload_s)
                return face.refuse(face.too_large, "refused", received)
            whole = _without_body(request, body)
            arrived = time.monotonic()
            return await server.pool.run(lambda: server.desk.answer(face, whole, arrived))


def _method(request: Request) -> str:
    """For the log: a method is the caller's own text."""
    return request.method if request.method in ("GET", "POST", "PUT", "HEAD", "DELETE") else "-"


def _without_body(request: Request, body: bytes = b"") -> Received:
    scope = request.scope
    query = scope["query_string"].decode("latin-1")
    headers = dict(request.headers)
    return Received(request.method, scope["path"], query, headers, body, request.path_params)


async def _read_body(request: Request, most_bytes: int) -> bytes:
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > most_bytes:
        raise BodyTooLargeError
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise BodyTooLargeError
    return bytes(body)


async def _drain(request: Request, seconds: float) -> None:
    """Let the caller finish sending, so that the answer is heard; nothing is kept."""
    if request.headers.get("expect", "").lower() == "100-continue":
        return  # it waits to be asked
    passed = 0
    try:
        async with asyncio.timeout(seconds):
            while passed < MOST_DRAINED:
                message = await request.receive()
                passed += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
    except TimeoutError:
        return


def _response(reply: Reply, json_type: str = Face.json_type) -> Response:
    headers = dict(reply.headers)
    if isinstance(reply.body, str):
        return PlainTextResponse(reply.body, reply.status, headers)
    text = json.dumps(reply.body, ensure_ascii=False, separators=(",", ":"))
    data = text.encode("utf-8", "replace")  # an echo may hold half a surrogate pair
    return Response(data, reply.status, headers, media_type=json_type)


def _sender(file: File) -> Callable[[Request], Awaitable[Response]]:
    async def send(request: Request) -> Response:  # noqa: ARG001
        return Response(file.read(), media_type=file.media_type, headers=dict(HEADERS))

    return send


def make_app(
    settings: Settings,
    recognizer: Recognizer,
    when_started: Callable[[], None] = lambda: None,
) -> Starlette:
    """The application. when_started: called once it takes requests."""
    server = Server(settings, recognizer)
    described = describe(server.faces, __version__)

    async def healthz(request: Request) -> Response:  # noqa: ARG001
        return _response(Reply(200, {"status": "ok", "version": __version__}, "ok"))

    async def metrics(request: Request) -> Response:  # noqa: ARG001
        return Response(server.metrics.text(), media_type=CONTENT_TYPE)

    async def about(request: Request) -> Response:  # noqa: ARG001
        """What the page has to know of the server."""
        told = {
            "version": __version__,
            "formats": settings.formats,
            "needs_key": not settings.is_open(PAGE),
            "max_body_bytes": settings.max_body_bytes,
        }
        return _response(Reply(200, told, "ok"))

    async def openapi(request: Request) -> Response:  # noqa: ARG001
        return _response(Reply(200, described, "ok"), "application/json")

    async def unknown(request: Request, error: Exception) -> Response:  # noqa: ARG001
        face = server.face_for_unknown(request.scope["path"])
        await _drain(request, settings.upload_s)
        if face is None:
            reply = Reply(
                404, {"error": "API_NOT_FOUND", "error_message": "API_NOT_FOUND"}, "unknown"
            )
        else:
            reply = face.refuse(face.unknown, "unknown", _without_body(request))
        server.metrics.count(face.format_name if face else "none", "unknown", 0.0)
        log.info("%s - %d unknown", _method(request), reply.status)
        return _response(reply)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001
        when_started()
        yield
        server.pool.close()

    routes = [Route("/healthz", healthz), Route("/metrics", metrics)]
    routes.append(Route("/openapi.json", openapi))
    if PAGE in settings.formats:
        # `/` is also Tencent's, which posts: what is no GET goes on to its route.
        routes += [Route(path, _sender(file), methods=["GET"]) for path, file in FILES.items()]
        routes.append(Route("/about.json", about))
    for face in server.faces:
        routes += [Route(path, FaceRoute(server, face, path)) for path in face.paths]
    app = Starlette(
        routes=routes,
        exception_handlers={404: unknown, 405: unknown},
        lifespan=lifespan,
    )
    # A path with a slash too many is unknown, not moved: clients of these APIs follow no redirect.
    app.router.redirect_slashes = False
    return app
