"""A stand-in of Exchange Web Services: the operations a mailbox reader uses, kept strictly, with a state.

After https://learn.microsoft.com/exchange/client-developer/web-service-reference/: what is not in a request as it must
be, is answered with a fault. It offers Basic, real NTLM (pyspnego's accepting side) and OAuth with a token endpoint.
"""

import asyncio
import base64
import itertools
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from xml.sax.saxutils import escape

import spnego
from aiohttp import web
from lxml import etree

from tests.connectors.soap import (
    NS,
    E,
    Fault,
    Item,
    M,
    S,
    T,
    as_xml,
    error,
    messages,
    parts,
    success,
    sync_error,
    unknown,
)

VERSIONS: Final = {"Exchange2010_SP2", "Exchange2013", "Exchange2013_SP1", "Exchange2015", "Exchange2016"}
SYNCABLE: Final = {"item:DateTimeReceived", "item:DateTimeSent", "item:DateTimeCreated", "item:Size"}
"""Of many; a body or recipients SyncFolderItems does not give."""
PATH: Final = "/EWS/Exchange.asmx"


@dataclass(slots=True)
class Folder:
    """A folder, and everything that happened in it."""

    key: str
    name: str
    parent: str
    items: dict[str, Item] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)


class ExchangeServer:
    """One server with one mailbox. `trouble[operation]` is what becomes of its next requests."""

    def __init__(self) -> None:
        self.address = "ops@b.example"
        self.password = "пароль-7"
        self.schemes: tuple[str, ...] = ("Basic",)
        self.page = 512
        self.epoch = "1"
        self.asked: list[str] = []
        self.delivered: list[bytes] = []
        self.trouble: dict[str, list[Callable[[web.Request], Any]]] = {}
        self.version = "Exchange2016"
        self.client_secret = "секрет-9"
        self.tokens: set[str] = set()
        self.folders: dict[str, Folder] = {}
        self._numbers = itertools.count(1)
        self._handshakes: dict[Any, Any] = {}
        self._connections: set[Any] = set()
        self.msgfolderroot = self.folder("Верх сховища", "")
        self.inbox = self.folder("Вхідні", self.msgfolderroot.key)
        self.sent = self.folder("Надіслані", self.msgfolderroot.key)

    # --- what the test does to it

    def folder(self, name: str, parent: str) -> Folder:
        made = Folder(f"F{next(self._numbers)}", name, parent)
        self.folders[made.key] = made
        return made

    def put(
        self, folder: Folder, received: datetime, mime: bytes | None = b"Subject: x\r\n\r\ny\r\n", **more: Any
    ) -> Item:
        item = Item(f"AAMk{next(self._numbers):04}=", mime, received, **more)
        item.size = item.size or len(mime or b"")
        folder.items[item.key] = item
        folder.log.append(("Create", item.key))
        return item

    def touch(self, folder: Folder, item: Item, kind: str = "Update") -> None:
        folder.log.append((kind, item.key))

    def remove(self, folder: Folder, item: Item) -> None:
        del folder.items[item.key]
        folder.log.append(("Delete", item.key))

    def fail(self, operation: str, *troubles: Callable[[web.Request], Any]) -> None:
        self.trouble.setdefault(operation, []).extend(troubles)

    # --- HTTP

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        """Begin to serve; the address of the service is then in `url`."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post(PATH, self._post)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        self.url = self.base + PATH

    async def stop(self) -> None:
        await self._runner.cleanup()
        for connection in self._connections:
            connection.abort()  # TLS would wait for a farewell
        await asyncio.sleep(0.01)

    async def _post(self, request: web.Request) -> web.StreamResponse:
        self._connections.add(request.transport)
        refusal = self._sign_in(request)
        if refusal is not None:
            await request.read()
            return refusal
        try:
            header, body = parts(await request.read())
            operation = etree.QName(body).localname
            self.asked.append(operation)
            troubles = self.trouble.get(operation)
            if troubles:
                answer: Any = troubles.pop(0)(request)
                if asyncio.iscoroutine(answer):
                    answer = await answer
                if isinstance(answer, web.StreamResponse):
                    return answer
            self._check_header(header, request)
            handler = getattr(self, f"_on_{operation.lower()}", unknown)
            return self._answer(f"<m:{operation}Response>{handler(body)}</m:{operation}Response>")
        except Fault as fault:
            return self._fault(fault)

    def _answer(self, content: str, status: int = 200) -> web.Response:
        version = (
            f'<t:ServerVersionInfo xmlns:t="{T}" MajorVersion="15" MinorVersion="1" MajorBuildNumber="2507" '
            f'MinorBuildNumber="35" Version="{self.version}"/>'
        )
        text = (
            f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{S}" xmlns:m="{M}" xmlns:t="{T}">'
            f"<s:Header>{version}</s:Header><s:Body>{content}</s:Body></s:Envelope>"
        )
        return web.Response(text=text, status=status, content_type="text/xml")

    def _fault(self, fault: Fault) -> web.Response:
        return self._answer(
            f"<s:Fault><faultcode>a:{fault.code}</faultcode><faultstring>{escape(fault.text)}</faultstring>"
            f'<detail><e:ResponseCode xmlns:e="{E}">{fault.code}</e:ResponseCode>'
            f'<e:Message xmlns:e="{E}">{escape(fault.text)}</e:Message>{fault.xml}</detail></s:Fault>',
            500,
        )

    def _check_header(self, header: Any, request: web.Request) -> None:
        version = header.find("t:RequestServerVersion", NS) if header is not None else None
        if version is None or version.get("Version") not in VERSIONS:
            raise Fault("ErrorInvalidServerVersion", "The specified server version is invalid.")
        if request.headers.get("Authorization", "").startswith("Bearer "):
            path = "t:ExchangeImpersonation/t:ConnectingSID/t:PrimarySmtpAddress"
            who = header.findtext(path, namespaces=NS)
            if who != self.address:
                raise Fault("ErrorImpersonateUserDenied", "The account does not have permission to impersonate.")

    # --- signing in

    def _sign_in(self, request: web.Request) -> web.Response | None:
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic" and "Basic" in self.schemes:
            expected = base64.b64encode(f"{self.address}:{self.password}".encode()).decode()
            return None if value == expected else self._unauthorized()
        if scheme == "Bearer" and "Bearer" in self.schemes:
            return None if value in self.tokens else self._unauthorized()
        if "NTLM" in self.schemes and request.transport in self._handshakes and not scheme:
            return None if self._handshakes[request.transport].complete else self._unauthorized()
        if scheme == "NTLM" and "NTLM" in self.schemes:
            return self._handshake(request.transport, base64.b64decode(value))
        return self._unauthorized()

    def _handshake(self, connection: Any, token: bytes) -> web.Response | None:
        context = self._handshakes.get(connection)
        if context is None or context.complete:
            context = self._handshakes[connection] = spnego.server(protocol="ntlm")
        try:
            reply = context.step(token)
        except spnego.exceptions.SpnegoError:
            del self._handshakes[connection]
            return self._unauthorized()
        if context.complete:
            return None
        return web.Response(status=401, headers={"WWW-Authenticate": "NTLM " + base64.b64encode(reply or b"").decode()})

    def _unauthorized(self) -> web.Response:
        response = web.Response(status=401)
        for scheme in self.schemes:
            response.headers.add("WWW-Authenticate", 'Basic realm="mail"' if scheme == "Basic" else scheme)
        return response

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self._connections.add(request.transport)
        form = await request.post()
        self.asked.append("token")
        troubles = self.trouble.get("token")
        if troubles:
            answer: web.StreamResponse = troubles.pop(0)(request)
            return answer
        if form.get("grant_type") != "client_credentials" or form.get("scope") != "https://127.0.0.1/.default":
            return web.json_response({"error": "invalid_request", "error_description": "AADSTS900144"}, status=400)
        secret = request.headers.get("Authorization", "")
        sent = base64.b64decode(secret[6:]).decode().partition(":")[2] if secret else str(form.get("client_secret", ""))
        if sent != self.client_secret:
            text = "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1"
            return web.json_response({"error": "invalid_client", "error_description": text}, status=401)
        token = f"token-{next(self._numbers)}"
        self.tokens.add(token)
        return web.json_response({"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    # --- operations

    def _on_convertid(self, body: Any) -> str:
        return messages(error("ConvertId", "ErrorInvalidIdMalformed", "Id is malformed."))

    def _on_findfolder(self, body: Any) -> str:
        if body.get("Traversal") != "Shallow":
            raise Fault("ErrorInvalidOperation", "only shallow here: a deep one is costly")
        parent = self._folder(body.find("m:ParentFolderIds", NS)[0])
        view = body.find("m:IndexedPageFolderView", NS)
        offset, most = int(view.get("Offset")), int(view.get("MaxEntriesReturned"))
        found = [folder for folder in self.folders.values() if folder.parent == parent.key]
        page = found[offset : offset + most]
        last = offset + most >= len(found)
        inner = "".join(
            f'<t:Folder><t:FolderId Id="{folder.key}" ChangeKey="CK"/><t:FolderClass>IPF.Note</t:FolderClass>'
            f"<t:DisplayName>{escape(folder.name)}</t:DisplayName></t:Folder>"
            for folder in page
        )
        root = (
            f'<m:RootFolder IndexedPagingOffset="{offset + len(page)}" TotalItemsInView="{len(found)}" '
            f'IncludesLastItemInRange="{str(last).lower()}"><t:Folders>{inner}</t:Folders></m:RootFolder>'
        )
        return messages(success("FindFolder", root))

    def _on_syncfolderitems(self, body: Any) -> str:
        asked = {element.get("FieldURI") for element in body.iterfind("m:ItemShape//t:FieldURI", NS)}
        most = int(body.findtext("m:MaxChangesReturned", namespaces=NS))
        if not asked <= SYNCABLE or not 1 <= most <= 512:
            raise Fault("ErrorInvalidRequest", f"not to be had: {asked}, {most}")
        try:
            folder = self._folder(body.find("m:SyncFolderId", NS)[0])
        except Fault as fault:
            return messages(sync_error(fault.code))
        state = body.findtext("m:SyncState", namespaces=NS) or f"{self.epoch}/{folder.key}/0"
        epoch, key, position = state.split("/")
        if (epoch, key) != (self.epoch, folder.key):
            return messages(sync_error("ErrorInvalidSyncStateData"))
        start, most = int(position), min(most, self.page)
        entries = folder.log[start : start + most]
        last = start + most >= len(folder.log)
        changes = "".join(self._change(folder, kind, item, asked) for kind, item in reversed(entries))
        return messages(
            success(
                "SyncFolderItems",
                f"<m:SyncState>{epoch}/{key}/{start + len(entries)}</m:SyncState>"
                f"<m:IncludesLastItemInRange>{str(last).lower()}</m:IncludesLastItemInRange>"
                f"<m:Changes>{changes}</m:Changes>",
            ),
        )

    def _change(self, folder: Folder, kind: str, key: str, asked: set[str]) -> str:
        item_id = f'<t:ItemId Id="{key}" ChangeKey="CK"/>'
        if kind == "Delete":
            return f"<t:Delete>{item_id}</t:Delete>"
        item = folder.items.get(key)
        if item is None:  # created and removed between two syncs: nothing is told
            return ""
        if kind == "ReadFlagChange":
            return f"<t:ReadFlagChange>{item_id}<t:IsRead>true</t:IsRead></t:ReadFlagChange>"
        return f"<t:{kind}>{as_xml(item, asked)}</t:{kind}>"

    def _on_getitem(self, body: Any) -> str:
        asked = {element.get("FieldURI") for element in body.iterfind("m:ItemShape//t:FieldURI", NS)}
        keys = [element.get("Id") for element in body.iterfind("m:ItemIds/t:ItemId", NS)]
        return messages(*(self._one(key, asked) for key in keys))

    def _one(self, key: str, asked: set[str]) -> str:
        item = next((folder.items[key] for folder in self.folders.values() if key in folder.items), None)
        if item is None:
            return error(
                "GetItem", "ErrorItemNotFound", "The specified object was not found in the store.", "<m:Items/>"
            )
        if "item:MimeContent" in asked and (item.fault or item.tag == "Contact"):
            code = item.fault or "ErrorUnsupportedMimeConversion"
            return error("GetItem", code, f"{code} happened.", "<m:Items/>")
        return success("GetItem", f"<m:Items>{as_xml(item, asked)}</m:Items>")

    def _on_createitem(self, body: Any) -> str:
        (message,) = body.find("m:Items", NS)
        saved = self._folder(body.find("m:SavedItemFolderId", NS)[0])
        if body.get("MessageDisposition") != "SendAndSaveCopy" or [child.tag for child in message] != [
            f"{{{T}}}MimeContent"
        ]:
            raise Fault("ErrorInvalidRequest", "only an undecoded message here, sent and kept")
        mime = base64.b64decode(message[0].text, validate=True)
        if b"From: boss@" in mime:
            return messages(error("CreateItem", "ErrorSendAsDenied", "May not.", "<m:Items/>"))
        self.delivered.append(mime)
        self.put(saved, datetime.now(UTC), mime)
        return messages(success("CreateItem", "<m:Items/>"))

    def _folder(self, reference: Any) -> Folder:
        mailbox = reference.findtext("t:Mailbox/t:EmailAddress", namespaces=NS)
        if mailbox not in (None, self.address):
            raise Fault("ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it.")
        if etree.QName(reference).localname == "DistinguishedFolderId":
            names = {"inbox": self.inbox, "msgfolderroot": self.msgfolderroot, "sentitems": self.sent}
            return names[reference.get("Id")]
        if reference.get("Id") not in self.folders:
            raise Fault("ErrorItemNotFound", "The specified object was not found in the store.")
        return self.folders[reference.get("Id")]


# --- what may happen to a request


def status(code: int, **headers: str) -> Callable[[web.Request], web.Response]:
    """That HTTP status, with a page nobody shall read in a log."""
    return lambda _: web.Response(
        status=code, text="<html>secret page</html>", headers={name.replace("_", "-"): v for name, v in headers.items()}
    )


def busy(milliseconds: int) -> Callable[[web.Request], web.Response]:
    """Throttled, as Exchange says it."""

    def answer(_: web.Request) -> web.Response:
        xml = f'<t:MessageXml xmlns:t="{T}"><t:Value Name="BackOffMilliseconds">{milliseconds}</t:Value></t:MessageXml>'
        return ExchangeServer()._fault(Fault("ErrorServerBusy", "The server cannot service this request.", xml))

    return answer


def fault(code: str) -> Callable[[web.Request], web.Response]:
    return lambda _: ExchangeServer()._fault(Fault(code, f"{code} happened."))


async def hang(_: web.Request) -> None:
    """No answer, for longer than anybody waits."""
    await asyncio.sleep(60)


def cut(request: web.Request) -> web.Response:
    """The connection breaks when the request has been read."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
