"""One connection to an IMAP server (RFC 3501): logged in, the folder open, read only (EXAMINE).

Everything here blocks and belongs in a thread, but for `lend` and `abandon`. imap-tools carries it; IDLE (RFC 2177)
is our own, because imap-tools' loses news that arrive together with the server's first answer.
"""

import imaplib
import io
import logging
import re
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, TypeVar, cast

from imap_tools.errors import ImapToolsError, UnexpectedCommandStatusError
from imap_tools.mailbox import BaseMailBox

from core.errors import AuthFailed, Unavailable
from jobs.connectors.imap.account import ImapAccount
from jobs.connectors.imap.mapping import Fetched, Folder, fetched, find_folder, uid_set, will_pass
from jobs.letters.mailbox import FolderMissing, Untrusted

log = logging.getLogger(__name__)
T = TypeVar("T")

_FAULTS: Final = (imaplib.IMAP4.error, ImapToolsError, OSError, ValueError)
"""How a connection fails; ValueError where the server answers with what is no IMAP (Unicode, base64)."""
_SHOWN_FOLDERS: Final = 40
_COMMAND: Final = re.compile(r"^command: \w+ => ")
"""What imaplib puts before the reason."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What FETCH brought. `refused`: why the server would not give the rest; empty when the rest is gone."""

    found: tuple[Fetched, ...]
    refused: str


class Connection:
    """Opened by `ready`. It serves one caller at a time, and none after it has failed or was abandoned."""

    def __init__(self, account: ImapAccount) -> None:
        self.validity = 0
        self.next_uid = 0
        """UIDNEXT at the last `ready(fresh=True)`; 0 where the server does not say."""
        self.idles = False
        self._account = account
        self._box: BaseMailBox | None = None
        self._lock = threading.Lock()
        self._running = False
        self._abandoned = False

    # The only three that the event loop may call

    @property
    def usable(self) -> bool:
        """Whether it may serve another call."""
        return self._box is not None and not self._abandoned

    def lend(self) -> None:
        """A thread is about to run."""
        self._running = True

    def abandon(self) -> None:
        """Never use it again. A thread that waits for the server wakes up and closes it; without one it is closed."""
        with self._lock:
            self._abandoned = True
            if not self._running:
                self._close()
            elif self._box is not None:
                with suppress(OSError):
                    self._box.client.sock.shutdown(socket.SHUT_RDWR)

    # In a thread

    def run(self, work: Callable[["Connection"], T]) -> T:
        """Do that, having been lent. Raises `Unavailable` or `AuthFailed`, and is then closed."""
        try:
            with self.explained():
                return work(self)
        except BaseException:
            self._abandoned = True
            raise
        finally:
            with self._lock:
                self._running = False
                if self._abandoned:
                    self._close()

    def ready(self, *, fresh: bool) -> None:
        """Be open, anew if a kept connection has broken meanwhile. `fresh`: see what the folder holds now."""
        if self._box is not None:
            try:
                if fresh:
                    self._examine(self._box, self._box.folder.get() or "")
                else:
                    self._box.client.noop()
            except _FAULTS as error:
                log.debug("%s: the kept connection is gone (%s), opening another", self._account.identity, error)
                self._close()
            else:
                return
        self._open()

    def search(self, criteria: str) -> list[int]:
        """UIDs, ascending."""
        # Without a charset: Exchange refuses any. Some servers answer in several lines.
        _, data = _expected(self._client.uid("SEARCH", criteria))
        return sorted({int(word) for line in data if line for word in line.split()})

    def fetch(self, uids: Collection[int], parts: str) -> Answer:
        """Those parts of those letters, in any order."""
        try:
            status, data = self._client.uid("FETCH", uid_set(uids), parts)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:  # BAD: Exchange says it of a letter that it cannot render
            status, data = "BAD", [str(error).encode()]
        if status == "OK":
            return Answer(tuple(fetched(data)), "")
        reason = _text(data)
        got = self._client.response("FETCH")[1]
        return Answer(tuple(fetched(got)), "" if "[EXPUNGEISSUED]" in reason.upper() else reason)

    def idle(self, seconds: float) -> None:
        """Return when letters have come since `ready(fresh=True)`, or after that long.

        A server that refuses IDLE is not asked again: `idles` is False then, and the time has not passed.
        """
        client = self._client
        if client.untagged_responses.pop("EXISTS", None):
            return
        tag = client._command("IDLE")
        while client._get_response() is not None:  # None is the go-ahead; news may stand before it
            if client.tagged_commands[tag] is not None:
                del client.tagged_commands[tag]
                self.idles = False
                return
        self._listen(tag, time.monotonic() + seconds)
        client.untagged_responses.pop("EXISTS", None)
        if client.tagged_commands[tag] is None:
            client.send(b"DONE\r\n")
            while client.tagged_commands[tag] is None:
                client._get_response()
        _expected(client.tagged_commands.pop(tag))

    def give_up(self) -> None:
        """It has failed and will be closed once the thread is done."""
        self._abandoned = True

    def log_out(self) -> None:
        """Take leave, if that goes quickly."""
        with self.explained():
            self._client.sock.settimeout(0.5)
            self._client.logout()

    @contextmanager
    def explained(self) -> Iterator[None]:
        """A failure of the connection in here becomes `Unavailable`, naming the host and the reason."""
        host = self._account.host
        try:
            yield
        except TimeoutError as error:
            raise Unavailable(
                "The mail server {host} has not answered for {seconds} s.",
                host=host,
                seconds=f"{self._account.timeout:g}",
            ) from error
        except ssl.SSLCertVerificationError as error:
            raise Untrusted(
                "The certificate of the mail server {host} is not trusted: {reason}.",
                host=host,
                reason=error.verify_message.rstrip("."),
            ) from error
        except _FAULTS as error:
            raise Unavailable(
                "The mail server {host} cannot be used now: {reason}.", host=host, reason=_reason(error)
            ) from error

    @property
    def _client(self) -> imaplib.IMAP4:
        if self._box is None:
            raise OSError("the connection is closed")
        return self._box.client

    def _listen(self, tag: bytes, until: float) -> None:
        """Read what the server says in IDLE until it has said EXISTS, or ended it, or until that time."""
        client = self._client
        with selectors.DefaultSelector() as selector:
            selector.register(client.sock, selectors.EVENT_READ)
            while "EXISTS" not in client.untagged_responses and client.tagged_commands[tag] is None:
                if self._peek():
                    client._get_response()
                elif not selector.select(max(0.0, until - time.monotonic())):
                    return
                elif self._peek() == b"":
                    raise imaplib.IMAP4.abort("EOF")

    def _peek(self) -> bytes | None:
        """What has arrived and is not read yet, without waiting. None: only a part of a TLS record.

        Reading with a timeout would not do: after one, Python's socket file cannot be read any more.
        """
        sock = self._client.sock
        sock.settimeout(0)
        try:
            return cast("io.BufferedReader", self._client.file).peek(1)
        except ssl.SSLWantReadError:
            return None
        finally:
            sock.settimeout(self._account.timeout)

    def _open(self) -> None:
        box = _Box(self._account)
        with self._lock:
            self._box = box
            if self._abandoned:
                raise OSError("closed while connecting")
        if box.client.state != "AUTH":  # a server may know us already (PREAUTH)
            self._log_in(box)
        _, data = box.client.capability()  # more is offered to those who are logged in
        self.idles = b"IDLE" in b" ".join(line for line in data if line).upper().split()
        self._examine(box, self._folder(box))

    def _log_in(self, box: BaseMailBox) -> None:
        account = self._account
        try:
            if account.token is not None:
                _xoauth2(box.client, account.username, account.token())
            elif "LOGINDISABLED" in box.client.capabilities or not (account.username + account.password).isascii():
                box.login_utf8(account.username, account.password, None)
            else:
                box.login(account.username, account.password, None)
        except imaplib.IMAP4.abort:
            raise
        except (UnexpectedCommandStatusError, imaplib.IMAP4.error) as error:
            reason = _reason(error)
            if " command error: " in str(error) or will_pass(reason):  # BAD is no word on the credentials
                raise
            raise AuthFailed(
                "The mail server {host} refuses the login of {user}: {reason}.",
                host=account.host,
                user=account.username,
                reason=reason,
            ) from error

    def _folder(self, box: BaseMailBox) -> str:
        folders = [
            Folder(_unescaped(each.name), "" if each.delim == "NIL" else _unescaped(each.delim))
            for each in box.folder.list()
            if not {"\\noselect", "\\nonexistent"} & {flag.lower() for flag in each.flags}
        ]
        found = find_folder(folders, self._account.folder)
        if found is None:
            paths = sorted(folder.path for folder in folders)
            raise FolderMissing(
                "The mailbox {user} on {host} has no folder “{folder}”. There are: {folders}.",
                user=self._account.username,
                host=self._account.host,
                folder=self._account.folder,
                folders=", ".join(paths[:_SHOWN_FOLDERS]) + ("…" if len(paths) > _SHOWN_FOLDERS else ""),
            )
        return found.name

    def _examine(self, box: BaseMailBox, folder: str) -> None:
        box.folder.set(folder, readonly=True)
        self.validity = _number(box.client.response("UIDVALIDITY")[1])
        self.next_uid = _number(box.client.response("UIDNEXT")[1])
        box.client.untagged_responses.pop("EXISTS", None)  # from here on EXISTS means: something has come

    def _close(self) -> None:
        box, self._box = self._box, None
        if box is not None:
            _shut(box.client)


class _Box(BaseMailBox):
    """imap-tools' mailbox over the account's kind of TLS; nothing stays open when that fails."""

    def __init__(self, account: ImapAccount) -> None:
        self._account = account
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        account, host, port = self._account, self._account.host, self._account.effective_port
        if account.tls == "none":
            return imaplib.IMAP4(host, port, account.timeout)
        context = _tls(account)
        if account.tls == "tls":
            return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=account.timeout)
        client = imaplib.IMAP4(host, port, account.timeout)
        try:
            client.starttls(context)
        except BaseException:
            _shut(client)
            raise
        return client


def _tls(account: ImapAccount) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if account.ca_file is not None:
        try:
            context.load_verify_locations(account.ca_file)
        except OSError as error:
            raise Unavailable(
                "The certificates in {path} cannot be read: {reason}.", path=account.ca_file, reason=_reason(error)
            ) from error
    return context


def _xoauth2(client: imaplib.IMAP4, user: str, token: str) -> None:
    """https://developers.google.com/workspace/gmail/imap/xoauth2-protocol: a refusal is answered by an empty line."""
    words = iter([f"user={user}\1auth=Bearer {token}\1\1".encode()])
    client.authenticate("XOAUTH2", lambda _: next(words, b""))


def _shut(client: imaplib.IMAP4) -> None:
    with suppress(OSError, ValueError):
        client.shutdown()


def _expected(result: object) -> tuple[str, list[bytes]]:
    status, data = cast("tuple[str, list[bytes]]", result)
    if status != "OK":
        raise imaplib.IMAP4.error(_text(data))
    return status, data


def _number(data: list[bytes | None]) -> int:
    return int(data[-1] or 0) if data else 0


def _text(data: object) -> str:
    """The last line of a server's answer, as it is shown."""
    lines = data if isinstance(data, list | tuple) else [data]
    last = lines[-1] if lines else b""
    text = last.decode("utf-8", "replace") if isinstance(last, bytes) else str(last or "")
    return text.removeprefix("* BYE ").strip().rstrip(".")


def _reason(error: Exception) -> str:
    if isinstance(error, UnexpectedCommandStatusError):
        return _text(error.command_result[1])
    if "EOF" in str(error) or "unterminated line" in str(error):
        return "the connection was cut"
    if isinstance(error, OSError):
        return (error.strerror or str(error) or type(error).__name__).rstrip(".")
    return _COMMAND.sub("", _text(error.args)) or type(error).__name__


def _unescaped(name: str) -> str:
    """A quoted string's text; imap-tools undoes `\\"` only."""
    return name.replace("\\\\", "\\")
