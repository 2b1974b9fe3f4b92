"""A small HTTP/1.1 server on asyncio that hands over each request before its body is read."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.message import Message as Headers
from email.parser import BytesParser
from urllib.parse import parse_qsl, unquote, urlsplit

HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 128 * 1024 * 1024


@dataclass
class Upload:
    """A file in a multipart form."""

    name: str
    data: bytes


@dataclass
class Params:
    """The parameters of a request, whichever form they came in."""

    values: dict[str, object] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a text; an absent one is empty."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """Return a whole number."""
        value = self.values.get(name)
        return default if value in (None, "") else int(str(value))

    def structure(self, name: str) -> object:
        """Return a structure, which forms carry as JSON text."""
        value = self.values.get(name)
        return json.loads(value) if isinstance(value, str) and value else value


class DisconnectedError(Exception):
    """The client is gone, or must not get an answer."""


@dataclass
class Request:
    """A request whose body is still on its way."""

    path: str
    headers: Headers
    reader: asyncio.StreamReader

    async def params(self) -> Params:
        """Read the body and the query."""
        parts = urlsplit(self.path)
        params = Params(dict(parse_qsl(parts.query)))
        body = await self._body()
        kind = self.headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            _read_multipart(kind, body, params)
        elif kind.startswith("application/json"):
            params.values.update(json.loads(body) if body else {})
        elif body:
            params.values.update(parse_qsl(body.decode()))
        return params

    async def _body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            return await self._chunks()
        length = int(self.headers.get("content-length", "0"))
        if length > BODY_LIMIT:
            raise DisconnectedError
        return await self.reader.readexactly(length)

    async def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
            body += await self.reader.readexactly(size)
            await self.reader.readexactly(2)
            if size == 0:
                return bytes(body)
            if len(body) > BODY_LIMIT:
                raise DisconnectedError


@dataclass
class Reply:
    """An answer: JSON, or the bytes of a file."""

    status: int
    body: bytes
    kind: str = "application/json"


# Called with the request, the number of the program's life that the connection belongs to, and a function that writes
# the answer and returns once it is on its way.
Handler = Callable[[Request, int, Callable[[Reply], Awaitable[None]]], Awaitable[None]]


class HttpServer:
    """Listens on 127.0.0.1."""

    def __init__(self, handler: Handler, life: Callable[[], int]) -> None:
        self._handler = handler
        self._life = life
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_LIMIT)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Listen no longer."""
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        life = self._life()
        # At the end of the campaign the loop cancels what is still open.
        gone = (
            asyncio.CancelledError,
            DisconnectedError,
            ConnectionError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
            ValueError,
        )
        with contextlib.suppress(*gone):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                line, _, rest = head.partition(b"\r\n")
                path = line.decode().split(" ")[1]
                headers = BytesParser().parsebytes(rest, headersonly=True)
                await self._handler(Request(path, headers, reader), life, lambda reply: _write(writer, reply))
        writer.transport.abort()


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> None:
    head = f"HTTP/1.1 {reply.status} -\r\nContent-Type: {reply.kind}\r\nContent-Length: {len(reply.body)}\r\n\r\n"
    writer.write(head.encode() + reply.body)
    await writer.drain()


def _read_multipart(kind: str, body: bytes, params: Params) -> None:
    boundary = b"--" + kind.partition("boundary=")[2].strip('"').encode()
    for part in body.split(boundary)[1:-1]:
        head, _, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = BytesParser().parsebytes(head + b"\r\n\r\n", headersonly=True)
        name = headers.get_param("name", header="content-disposition")
        file_name = headers.get_filename()
        data = data.removesuffix(b"\r\n")
        if file_name is None:
            params.values[str(name)] = data.decode()
        else:
            params.files[str(name)] = Upload(unquote(file_name), data)
