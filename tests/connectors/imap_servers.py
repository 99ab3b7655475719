"""Servers of the tests' own: an IMAP server that says what it is told to, and a proxy that cuts the line."""

import asyncio
import base64
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

SILENCE: Final = "silence"
"""An answer that never comes."""
CUT: Final = "cut"
"""The connection ends in place of an answer."""
_ANSWERS: Final = {
    "GREETING": "* OK ready\r\n",
    "CAPABILITY": "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK done\r\n",
    "LOGIN": "{tag} OK in\r\n",
    "LIST": '* LIST () "/" INBOX\r\n{tag} OK done\r\n',
    "EXAMINE": "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] yes\r\n* OK [UIDNEXT 3] yes\r\n{tag} OK [READ-ONLY] done\r\n",
    "UID SEARCH": "* SEARCH\r\n{tag} OK done\r\n",
    "UID FETCH": "{tag} OK done\r\n",
    "NOOP": "{tag} OK done\r\n",
    "DONE": "{tag} OK done\r\n",
    "LOGOUT": "* BYE bye\r\n{tag} OK done\r\n",
}


class ScriptedImap:
    """Answers each command from `answers` (`{tag}` stands for the command's tag) and remembers what it was asked."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self.answers = {**_ANSWERS, **answers}
        self.port = 0
        self.commands: list[str] = []
        self.sasl: list[bytes] = []
        """What clients sent in AUTHENTICATE, decoded."""
        self.connections = 0
        self.closed = asyncio.Event()
        """Set when a connection has ended."""
        self._idle = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                if await self._say(writer, "", "GREETING"):
                    while line := (await reader.readline()).decode("latin-1").strip():
                        if not await self._answer(line, reader, writer):
                            break
                await reader.read()
        finally:
            self.closed.set()

    async def _answer(self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        tag, _, command = (self._idle, "", line) if line == "DONE" else line.partition(" ")
        self.commands.append(command)
        self._idle = tag
        found = re.match(r"UID \w+|\w+", command)
        name = found[0].upper() if found else ""
        if name == "AUTHENTICATE":
            writer.write(b"+ \r\n")
            self.sasl.append(base64.b64decode(await reader.readline()))
            if "+ " in self.answers[name]:
                challenge, _, last = self.answers[name].partition("\r\n")
                writer.write(f"{challenge}\r\n".encode())
                self.sasl.append(base64.b64decode(await reader.readline()))
                writer.write(last.replace("{tag}", tag).encode())
                return True
        return await self._say(writer, tag, name)

    async def _say(self, writer: asyncio.StreamWriter, tag: str, name: str) -> bool:
        answer = self.answers.get(name, "{tag} BAD unknown\r\n")
        if answer == SILENCE:
            return True
        if answer == CUT:
            writer.close()
            return False
        writer.write(answer.replace("{tag}", tag).encode("latin-1"))
        await writer.drain()
        return True


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _serving(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Its port. At the end no connection is left."""
    running: set[asyncio.Future[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.add(asyncio.ensure_future(_handled(serve, reader, writer)))

    server = await asyncio.start_server(one, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _handled(serve: Serve, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await serve(reader, writer)
    finally:
        await _closed(writer)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@asynccontextmanager
async def scripted(
    answers: Mapping[str, str] | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[ScriptedImap]:
    script = ScriptedImap(answers or {})
    async with _serving(script.serve, tls) as script.port:
        yield script


class CuttingProxy:
    """Passes bytes on to a server; after `budget` bytes of its answers the line is cut, once."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.budget: int | None = None
        self.cuts = 0
        self._target = target

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, out = await asyncio.open_connection("127.0.0.1", self._target)

        async def pass_questions() -> None:
            while data := await reader.read(65536):
                out.write(data)
            out.close()

        async def pass_answers() -> None:
            while data := await upstream.read(4096):
                if self.budget is not None:
                    data, self.budget = data[: self.budget], self.budget - len(data)
                writer.write(data)
                if self.budget is not None and self.budget <= 0:
                    self.budget = None
                    self.cuts += 1
                    break
            writer.close()
            out.close()

        try:
            with suppress(ConnectionError):
                await asyncio.gather(pass_questions(), pass_answers())
        finally:
            await _closed(out)


@asynccontextmanager
async def cutting_proxy(target: int) -> AsyncIterator[CuttingProxy]:
    proxy = CuttingProxy(target)
    async with _serving(proxy.serve) as proxy.port:
        yield proxy
