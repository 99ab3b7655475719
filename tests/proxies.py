"""Small strict proxies on loopback: SOCKS5 (RFC 1928, 1929), SOCKS4a and HTTP CONNECT with Basic (RFC 9110, 7617)."""

import asyncio
import base64
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Target = tuple[str, int]


@dataclass
class Proxy:
    """Lets through to anywhere; to nowhere when it `refuses`. `login` is name:password, empty for none."""

    scheme: str
    login: str = ""
    refuses: bool = False
    passed: list[Target] = field(default_factory=list)
    port: int = 0

    def url(self, login: str | None = None) -> str:
        """Its address, with another name and password where given."""
        said = self.login if login is None else login
        return f"{self.scheme}://{said}@127.0.0.1:{self.port}" if said else f"{self.scheme}://127.0.0.1:{self.port}"

    async def socks5(self, reader: StreamReader, writer: StreamWriter) -> Target | None:
        version, count = await reader.readexactly(2)
        wanted = 2 if self.login else 0
        if version != 5 or wanted not in await reader.readexactly(count):
            writer.write(b"\x05\xff")
            return None
        writer.write(bytes((5, wanted)))
        if self.login:
            assert await reader.readexactly(1) == b"\x01"
            name, password = [await reader.readexactly((await reader.readexactly(1))[0]) for _ in range(2)]
            right = name + b":" + password == self.login.encode()
            writer.write(b"\x01\x00" if right else b"\x01\x01")
            if not right:
                return None
        version, command, zero, kind = await reader.readexactly(4)
        assert (version, command, zero) == (5, 1, 0)
        if kind == 1:
            host = socket.inet_ntoa(await reader.readexactly(4))
        else:
            assert kind == 3
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode("ascii")
        target = host, int.from_bytes(await reader.readexactly(2), "big")
        writer.write(bytes((5, 2 if self.refuses else 0, 0, 1, 0, 0, 0, 0, 0, 0)))
        return target

    async def socks4(self, reader: StreamReader, writer: StreamWriter) -> Target | None:
        version, command = await reader.readexactly(2)
        assert (version, command) == (4, 1)
        port, address = int.from_bytes(await reader.readexactly(2), "big"), await reader.readexactly(4)
        await reader.readuntil(b"\0")
        named = address[:3] == b"\0\0\0"
        host = (await reader.readuntil(b"\0"))[:-1].decode("ascii") if named else socket.inet_ntoa(address)
        writer.write(bytes((0, 91 if self.refuses else 90, 0, 0, 0, 0, 0, 0)))
        return host, port

    async def http(self, reader: StreamReader, writer: StreamWriter) -> Target | None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").strip().split("\r\n")
        method, address, version = first.split(" ")
        assert (method, version) == ("CONNECT", "HTTP/1.1")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        assert headers["host"] == address
        basic = "Basic " + base64.b64encode(self.login.encode()).decode()
        if self.login and headers.get("proxy-authorization") != basic:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n")
            return None
        writer.write(b"HTTP/1.1 403 No\r\n\r\n" if self.refuses else b"HTTP/1.1 200 Connection established\r\n\r\n")
        host, _, port = address.rpartition(":")
        return host, int(port)

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One connection: the handshake, then bytes both ways until either end closes."""
        shake: Callable[[StreamReader, StreamWriter], Awaitable[Target | None]] = getattr(self, self.scheme)
        try:
            target = await shake(reader, writer)
            await writer.drain()
            if target is not None and not self.refuses:
                self.passed.append(target)
                there = await asyncio.open_connection(*target)
                await asyncio.gather(_pass(reader, there[1]), _pass(there[0], writer))
        except (OSError, asyncio.IncompleteReadError):
            pass  # either end went away
        finally:
            writer.close()


async def _pass(source: StreamReader, sink: StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    finally:
        sink.close()


@asynccontextmanager
async def serving(proxy: Proxy) -> AsyncIterator[Proxy]:
    """The proxy at work, at its port or a free one."""
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", proxy.port)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
