"""Microsoft 365 in miniature: sign-in and Graph's mail over HTTPS, with state, limits and accidents on demand.

It behaves as Microsoft's pages say (the connector's README names them), and refuses what they do not allow.
"""

import asyncio
import base64
import binascii
import json
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import parse_qsl, quote

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from core.clock import Clock

TENANT: Final = "11111111-2222-3333-4444-555555555555"
CLIENT: Final = "99999999-8888-7777-6666-555555555555"
SECRET: Final = "s3cret~Of.The-Application"
ADDRESS: Final = "duty@company.example"
AT_ONCE: Final = 4


def make_certificates(folder: Path) -> tuple[Path, Path]:
    """A private authority's certificate, and a file with a server's key and certificate for this machine."""
    now = datetime.now(UTC)

    def made(name: str, issuer: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey) -> bytes:
        ours = by is key
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ours, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        )
        if ours:
            uses = dict.fromkeys(
                ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
            )
            usage = x509.KeyUsage(
                digital_signature=True, key_cert_sign=True, crl_sign=True, decipher_only=False, **uses
            )
            builder = builder.add_extension(usage, critical=True)
        else:
            names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(by, hashes.SHA256()).public_bytes(Encoding.PEM)

    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_file, server_file = folder / "authority.pem", folder / "server.pem"
    ca_file.write_bytes(made("Test authority", "Test authority", authority, authority))
    key = server.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    server_file.write_bytes(key + made("localhost", "Test authority", server, authority))
    return ca_file, server_file


@dataclass
class Message:
    """A letter in a folder, as MIME."""

    id: str
    data: bytes
    received_at: datetime
    is_read: bool = False


@dataclass
class Folder:
    """A folder, with a journal of the ids that changed in it; what is in the journal and not in it was removed."""

    id: str
    name: str
    parent: str
    messages: dict[str, Message] = field(default_factory=dict)
    journal: list[str] = field(default_factory=list)


@dataclass
class Look:
    """What a skip or delta token stands for: ids still to be shown, and where in the journal the next look begins."""

    folder: Folder
    since: datetime
    ids: list[str]
    journal: int


@dataclass
class Accident:
    """What happens, so many times, to requests whose method and path match."""

    pattern: str
    act: Callable[[web.Request], Awaitable[web.StreamResponse]]
    times: int


class Microsoft:
    """The server. Letters are put in and taken out by the test; `accidents` come first in every request."""

    def __init__(self, certificates: tuple[Path, Path], clock: Clock) -> None:
        self.ca_file, self._server_file = certificates
        self._clock = clock
        self._ids = count(1)
        self.secret = SECRET
        self.token_seconds = 3600
        self.tokens: list[str] = []
        self.live_tokens: set[str] = set()
        self.roles = {"Mail.Read", "Mail.Send"}
        self.inbox = Folder("inbox-id", "Вхідні", "")
        self.folders = {"inbox-id": self.inbox}
        self.looks: dict[str, Look] = {}
        self.filter_works = True
        self.foreign_links = ""
        self.accidents: list[Accident] = []
        self.blocked_until = 0.0
        self.requests: list[str] = []
        self.impatient = 0
        self.running = 0
        self.most_at_once = 0
        self.sent: list[bytes] = []
        self._runner: web.AppRunner | None = None
        self.pace = 0.0
        self.origin = self.scope = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._serve)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._server_file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context).start()
        self.origin = f"https://localhost:{self._runner.addresses[0][1]}"
        self.scope = f"{self.origin}/.default"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"{self.origin}/v1.0"

    # What a test does to the mailbox

    def folder(self, name: str, parent: Folder | None = None) -> Folder:
        made = Folder(f"folder-{next(self._ids)}", name, parent.id if parent else "")
        self.folders[made.id] = made
        return made

    def add(self, data: bytes, received_at: datetime, folder: Folder | None = None) -> str:
        """The new letter's immutable id, with what ids really hold."""
        id_ = base64.urlsafe_b64encode(f"AAkALgAA immutable {next(self._ids)}".encode()).decode()
        place = folder or self.inbox
        place.messages[id_] = Message(id_, data, received_at)
        place.journal.append(id_)
        return id_

    def remove(self, id_: str, folder: Folder | None = None) -> None:
        place = folder or self.inbox
        del place.messages[id_]
        place.journal.append(id_)

    def mark_read(self, id_: str, folder: Folder | None = None) -> None:
        place = folder or self.inbox
        place.messages[id_].is_read = True
        place.journal.append(id_)

    def forget_looks(self) -> None:
        self.looks.clear()

    def accident(self, pattern: str, answer: web.Response | str | None, times: int = 1) -> None:
        """An answer in place of the right one: "hang" never comes, "half of N" bytes breaks off, None breaks now."""

        async def act(request: web.Request) -> web.StreamResponse:
            if answer == "hang":
                await asyncio.sleep(60)
            if isinstance(answer, str) and answer.startswith("half of "):
                whole = int(answer.removeprefix("half of "))
                half = web.StreamResponse(headers={"Content-Length": str(whole)})
                await half.prepare(request)
                await half.write(b"x" * min(whole // 2, 200_000))
            if not isinstance(answer, web.Response):
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

        self.accidents.append(Accident(pattern, act, times))

    # The server's side

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name = f"{request.method} {request.raw_path}"
        self.requests.append(name)
        for accident in self.accidents:
            if accident.times and re.search(accident.pattern, name):
                accident.times -= 1
                return await accident.act(request)
        if not request.path.startswith("/v1.0/"):
            return await self._sign_in(request)
        self.running += 1
        try:
            self.most_at_once = max(self.most_at_once, self.running)
            await asyncio.sleep(self.pace)
            return await self._graph(request)
        finally:
            self.running -= 1

    async def _sign_in(self, request: web.Request) -> web.Response:
        tenant, _, rest = request.path.strip("/").partition("/")
        if tenant != TENANT:
            return web.json_response(
                {"error": "invalid_tenant", "error_description": f"AADSTS90002: Tenant '{tenant}' not found."},
                status=400,
            )
        if rest == "v2.0/.well-known/openid-configuration":
            base = f"{self.origin}/{TENANT}/oauth2/v2.0"
            return web.json_response(
                {
                    "issuer": f"{self.origin}/{TENANT}/v2.0",
                    "authorization_endpoint": f"{base}/authorize",
                    "token_endpoint": f"{base}/token",
                }
            )
        form = await request.post()
        return self._token({key: str(value) for key, value in form.items()})

    def _token(self, form: dict[str, str]) -> web.Response:
        refusal = ""
        if form.get("client_id") != CLIENT:
            refusal = f"AADSTS700016: Application with identifier '{form.get('client_id')}' was not found."
        elif form.get("client_secret") != self.secret:
            refusal = "AADSTS7000215: Invalid client secret provided."
        elif self.secret == "expired":
            refusal = f"AADSTS7000222: The provided client secret keys for app '{CLIENT}' are expired."
        elif (form.get("grant_type"), form.get("scope")) != ("client_credentials", self.scope):
            refusal = f"AADSTS1002012: The provided value for scope {form.get('scope')} is not valid."
        if refusal:
            return web.json_response({"error": "invalid_client", "error_description": refusal}, status=401)
        token = f"eyJ-access-token-{len(self.tokens) + 1}"
        self.tokens.append(token)
        self.live_tokens.add(token)
        return web.json_response({"token_type": "Bearer", "expires_in": self.token_seconds, "access_token": token})

    async def _graph(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.live_tokens:
            return fault(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")
        if self.running > AT_ONCE:
            return fault(429, "ApplicationThrottled", "MailboxConcurrency", retry_after=1)
        if self._clock.monotonic() < self.blocked_until:
            self.impatient += 1
            return fault(429, "ApplicationThrottled", retry_after=int(self.blocked_until - self._clock.monotonic()))
        user, _, rest = request.path.removeprefix("/v1.0/users/").partition("/")
        if ("Mail.Send" if rest == "sendMail" else "Mail.Read") not in self.roles:
            return fault(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        if user.lower() != ADDRESS:
            return fault(404, "ErrorInvalidUser", f"The requested user '{user}' is invalid.")
        if rest == "sendMail":
            return await self._send(request)
        if found := re.fullmatch(r"messages/([^/]+)(/\$value)?", rest):
            return self._message(found[1], mime=bool(found[2]))
        if found := re.fullmatch(r"mailFolders/([^/]+)/messages/delta", rest):
            return self._delta(request, found[1])
        if found := re.fullmatch(r"mailFolders(?:/([^/]+)/childFolders)?", rest):
            return self._children(request, found[1] or "")
        return fault(400, "BadRequest", f"Resource not found for the segment '{rest}'.")

    async def _send(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.content_type != "text/plain":
            return fault(415, "UnsupportedMediaType")
        if len(body) > 4 * 1024 * 1024:
            return fault(413, "RequestEntityTooLarge")
        try:
            self.sent.append(base64.b64decode(body, validate=True))
        except binascii.Error:
            return fault(400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content.")
        return web.Response(status=202)

    def _message(self, id_: str, *, mime: bool) -> web.Response:
        for folder in self.folders.values():
            if message := folder.messages.get(id_):
                if mime:
                    return web.Response(body=message.data, content_type="text/plain")
                return web.json_response({"id": id_, "receivedDateTime": stamp(message.received_at)})
        return fault(404, "ErrorItemNotFound", "The specified object was not found in the store.")

    def _children(self, request: web.Request, parent: str) -> web.Response:
        if parent and self._by_id(parent) is None:
            return fault(404, "ErrorItemNotFound")
        of = self._by_id(parent).id if parent else ""  # type: ignore[union-attr]  # just looked up
        found = [folder for folder in self.folders.values() if folder.parent == of]
        start, size = int(request.query.get("$skip", 0)), 10
        answer: dict[str, Any] = {
            "value": [{"id": folder.id, "displayName": folder.name} for folder in found[start : start + size]]
        }
        if len(found) > start + size:
            answer["@odata.nextLink"] = f"{self.origin}{quote(request.path)}?$skip={start + size}"
        return web.json_response(answer)

    def _by_id(self, id_: str) -> Folder | None:
        return self.inbox if id_ == "inbox" else self.folders.get(id_)

    def _delta(self, request: web.Request, id_: str) -> web.Response:
        folder = self._by_id(id_)
        if folder is None:
            return fault(404, "ErrorItemNotFound", "The specified folder could not be found in the store.")
        query = dict(parse_qsl(request.query_string, keep_blank_values=True))
        token = query.get("$skiptoken") or query.get("$deltatoken")
        if token:
            look = self.looks.get(token)
            if look is None:
                return fault(410, "SyncStateNotFound", "The sync state generation is not found; generation=605.")
            if "$deltatoken" in query:
                look = Look(
                    folder, look.since, list(dict.fromkeys(folder.journal[look.journal :])), len(folder.journal)
                )
        else:
            since = datetime.min.replace(tzinfo=UTC)
            if chosen := query.get("$filter"):
                told = re.fullmatch(r"receivedDateTime ge (\S+Z)", chosen)
                if told is None or not self.filter_works:
                    return fault(400, "ErrorInvalidUrlQuery", "The '$filter' parameter value is not supported")
                since = datetime.fromisoformat(told[1])
            ids = [key for key, message in folder.messages.items() if message.received_at >= since]
            look = Look(folder, since, ids[:5000] if query.get("$filter") else ids, len(folder.journal))
        return self._page(request, look)

    def _page(self, request: web.Request, look: Look) -> web.Response:
        wishes = request.headers.get("Prefer", "")
        told = re.search(r"odata\.maxpagesize=(\d+)", wishes)
        size = min(int(told[1]) if told else 10, 1000)
        shown = [item for id_ in look.ids[:size] if (item := self._item(look, id_))]
        if 'IdType="ImmutableId"' not in wishes:
            shown = [{**item, "id": f"changing-{item['id']}"} for item in shown]
        rest = Look(look.folder, look.since, look.ids[size:], look.journal)
        token = f"tok'en+{next(self._ids)}=="
        self.looks[token] = rest
        origin = self.foreign_links or self.origin
        path = f"{origin}/v1.0/users/{quote(ADDRESS)}/mailFolders('{look.folder.id}')/messages/delta"
        path = path.replace(f"mailFolders('{look.folder.id}')", f"mailFolders/{look.folder.id}")
        kind, name = ("next", "skip") if rest.ids else ("delta", "delta")
        return web.json_response({f"@odata.{kind}Link": f"{path}?${name}token={quote(token, safe='')}", "value": shown})

    def _item(self, look: Look, id_: str) -> dict[str, Any] | None:
        message = look.folder.messages.get(id_)
        if message is None:
            return {"id": id_, "@removed": {"reason": "deleted"}}
        if message.received_at < look.since:
            return None
        times = {"receivedDateTime": stamp(message.received_at), "sentDateTime": stamp(message.received_at)}
        return {"id": id_, "@odata.etag": 'W/"x"', **times}


def fault(status: int, code: str, message: str = "", *, retry_after: int | None = None) -> web.Response:
    """An error as Graph writes it."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    body = {"error": {"code": code, "message": message, "innerError": {"request-id": "47e918a9"}}}
    return web.Response(status=status, text=json.dumps(body), content_type="application/json", headers=headers)


def stamp(moment: datetime) -> str:
    """A moment as Graph writes it: UTC, whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
