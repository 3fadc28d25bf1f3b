"""One emulated service: an HTTP server on the loopback with faults, a journal of every call, and a control plane.

`POST /__faults` plans faults, `GET /__journal` gives every request as it came in, `GET /__state` what the service
believes; calls of the control plane are neither journalled nor spoilt.
"""

import json
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from emulators.faults import Fault, Faults, Planned

_HUGE: Final = 100_000_000
_PIECE: Final = b" " * 65_536
_REMEMBERED: Final = 100_000
"""Calls kept in the journal; a demo may run for weeks."""

_OURS: Final = frozenset({"127.0.0.1", "localhost"})
_RESET: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came in; `body` is text, byte for byte where it is ASCII."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, list[str]]:
        """The fields of a form."""
        return parse_qs(self.body, keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    page: str = ""
    """HTML, in place of the JSON of `content`."""

    document: str = ""
    """XML, in place of both."""

    script: str = ""
    """JavaScript, in place of all three."""

    @property
    def body(self) -> bytes:
        if written := self.page or self.document or self.script:
            return written.encode()
        return b"" if self.content is None else json.dumps(self.content).encode()

    @property
    def kind(self) -> str:
        if self.document:
            return "application/xml; charset=utf-8"
        if self.script:
            return "text/javascript; charset=utf-8"
        return "text/html; charset=utf-8" if self.page else "application/json"


class Service:
    """Base of an emulated service: override `answer` and `state`. A context manager that listens while it is open."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, listener: socket.socket | None = None) -> None:
        """Listens on `host` and `port`, or on a socket that listens already."""
        self.faults = Faults()
        self.journal: deque[Call] = deque(maxlen=_REMEMBERED)
        self.lock = threading.RLock()
        self._server = _Server((host, port), _Handler, bind_and_activate=listener is None)
        if listener is not None:
            self._server.socket.close()
            self._server.socket = listener
            self._server.server_address = listener.getsockname()
        self._server.service = self

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, call: Call) -> Answer:
        """Do what a call asks for, and say so."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """What the service believes, for whoever compares it with what the site believes."""
        raise NotImplementedError

    def control(self, call: Call) -> Answer:
        """The control plane; a service may add to it."""
        match call.method, call.path:
            case "POST", "/__faults":
                self.faults.plan(json.loads(call.body or "{}"))
                return Answer(HTTPStatus.OK, {})
            case "GET", "/__journal":
                calls = [{"method": one.method, "path": one.path, "body": one.body} for one in self.journal]
                return Answer(HTTPStatus.OK, calls)
            case "GET", "/__state":
                return Answer(HTTPStatus.OK, self.state())
        return Answer(HTTPStatus.NOT_FOUND, {"message": "no such control"})


def _is_from_here(call: Call) -> bool:
    """The letters and the switches are for this machine, not for a foreign page in its browser."""
    host = call.headers.get("Host", "")
    return host.partition(":")[0] in _OURS and call.headers.get("Origin", f"http://{host}") == f"http://{host}"


class _Server(ThreadingHTTPServer):
    service: Service
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # head and body in one packet: in two, the other side waits before it says that it has the first

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_DELETE = do_PUT = do_PATCH = do_GET  # noqa: N815 - the names are those of the standard library

    def log_message(self, *_: Any) -> None:
        """Silence: what came in is in the journal."""

    def _serve(self) -> None:
        call = self._call()
        service = self.server.service
        if call.path == "/" or call.path.startswith("/__"):
            self._send(service.control(call) if _is_from_here(call) else Answer(HTTPStatus.FORBIDDEN))
            return
        with service.lock:
            service.journal.append(call)
        self._act(call, service.faults.next())

    def _call(self) -> Call:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return Call(
            method=self.command,
            path=parts.path,
            query=parse_qs(parts.query),
            headers=dict(self.headers),
            body=body.decode("utf-8", "replace"),
        )

    def _act(self, call: Call, planned: Planned) -> None:
        match planned.fault:
            case Fault.STATUS:
                more = {"Retry-After": str(planned.retry_after)} if planned.retry_after else {}
                self._send(Answer(planned.status, {"message": "refused"}, more))
            case Fault.REDIRECT:
                self._send(Answer(HTTPStatus.FOUND, None, {"Location": "http://169.254.169.254/latest/"}))
            case Fault.RESET_BEFORE:
                self._reset()
            case Fault.LATE:
                time.sleep(planned.seconds)
                self._send(self.server.service.answer(call))
            case _:
                self._answer(self.server.service.answer(call), planned)

    def _answer(self, answer: Answer, planned: Planned) -> None:
        match planned.fault:
            case Fault.RESET_AFTER:
                self._reset()
            case Fault.DONE_THEN_500:
                self._send(Answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"message": "something broke"}))
            case Fault.GARBAGE:
                self._write(answer.status, b"<html>not what you asked for</html>", "text/html")
            case Fault.HALF_BODY:
                self._head(answer.status, len(answer.body) + 10, "application/json")
                self.wfile.write(answer.body[: len(answer.body) // 2])
                self._reset()
            case Fault.HUGE:
                self._head(answer.status, _HUGE, "application/json")
                self._flood()
            case Fault.SLOW:
                time.sleep(planned.seconds)
                self._send(answer)
            case _:
                self._send(answer)

    def _send(self, answer: Answer) -> None:
        self._write(answer.status, answer.body, answer.kind, answer.headers)

    def _write(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self._head(status, len(body), kind, headers)
        self.wfile.write(body)

    def _head(self, status: int, length: int, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def _flood(self) -> None:
        try:
            for _ in range(_HUGE // len(_PIECE)):
                self.wfile.write(_PIECE)
        except OSError:  # the caller has read enough, as it should
            self.close_connection = True

    def _reset(self) -> None:
        """The other side sees a reset, not an end."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.connection.close()
