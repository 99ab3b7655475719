"""SMTP submission (RFC 5321, RFC 6409) with the standard library, in a thread of its own for each letter."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal

from core.errors import AuthFailed, Rejected, Unavailable, Uncertain
from jobs.threads import in_thread

TIMEOUT: Final = 20.0
"""Seconds for each step of the conversation."""
WORDS_LIMIT: Final = 200
"""Characters of a server's answer that are shown."""
_REFUSED: Final = frozenset({530, 534, 535, 538})
"""RFC 4954, section 6: the login is wanted, too weak, wrong, or wants encryption."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where and how letters are handed over. Without a `username` nobody logs in; `ca_file` replaces the known CAs."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = ""
    ca_file: Path | None = None
    timeout: float = TIMEOUT


class SmtpPost:
    """Sends letters through one server; a connection for each."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def send(self, message: bytes, sender: str, recipients: Sequence[str]) -> None:
        """Hand over a message for all of these recipients, or for none.

        Raises `Unavailable`, `AuthFailed`, `Rejected` (with the server's words); `Uncertain` when the connection
        broke after the whole letter had left and before the server's answer.
        """
        await in_thread("smtp", partial(self._send, message, sender, tuple(recipients)))

    async def check(self) -> None:
        """Connect, encrypt and log in as `send` does, and send nothing. Raises `Unavailable`, `AuthFailed`."""
        await in_thread("smtp", self._check)

    def _check(self) -> None:
        with self._reaching():
            smtp = self._connect()
        try:
            with self._reaching():
                self._log_in(smtp)
                _expect(smtp.noop(), self._server.host)
        finally:
            _leave(smtp)

    def _send(self, message: bytes, sender: str, recipients: tuple[str, ...]) -> None:
        with self._reaching():
            smtp = self._connect()
        try:
            with self._reaching():
                self._log_in(smtp)
                self._envelope(smtp, sender, recipients)
                smtp.send(_lines(message))
            self._verdict(smtp)
        finally:
            _leave(smtp)

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """What goes wrong while the letter has surely not been taken; its end has not left yet."""
        host = self._server.host
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            raise Unavailable(
                "{host} shows a certificate that is not trusted: {reason}.", host=host, reason=error.verify_message
            ) from error
        except smtplib.SMTPResponseException as error:
            raise _judged(error.smtp_code, error.smtp_error, host) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Unavailable(
                "{host} does not offer what is configured: {reason}", host=host, reason=_words(error)
            ) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise Unavailable("{host} cannot be reached: {reason}.", host=host, reason=_words(error)) from error

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        name = _own_name()
        if server.tls == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, local_hostname=name, timeout=server.timeout, context=self._context()
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=server.timeout)
        return smtp

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._server.ca_file)

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        server = self._server
        smtp.ehlo_or_helo_if_needed()
        if server.tls == "starttls":
            smtp.starttls(context=self._context())  # raises when it is not offered: no password in the clear
            smtp.ehlo_or_helo_if_needed()
        if not server.username:
            return
        try:
            smtp.login(server.username, server.password)
        except smtplib.SMTPResponseException as error:
            if 500 <= error.smtp_code < 600:
                raise _refused(server.host, error.smtp_error) from error
            raise
        except UnicodeError as error:
            raise AuthFailed("The login for {host} may hold ASCII characters only.", host=server.host) from error
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException as error:
            raise AuthFailed("{host} offers no login that is known here.", host=server.host) from error

    def _envelope(self, smtp: smtplib.SMTP, sender: str, recipients: tuple[str, ...]) -> None:
        """Say from whom and to whom; a server that will not have one of them gets nothing."""
        host = self._server.host
        _expect(smtp.mail(sender), host)
        for recipient in recipients:
            _expect(smtp.rcpt(recipient), host)
        _expect(smtp.docmd("DATA"), host, wanted=354)

    def _verdict(self, smtp: smtplib.SMTP) -> None:
        """What the server says once it has the whole letter."""
        host = self._server.host
        try:
            code, words = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise Uncertain("The connection to {host} broke after the letter had left.", host=host) from error
        if not 200 <= code < 600:
            raise Uncertain("{host} answered something that cannot be understood.", host=host)
        _expect((code, words), host)


def _leave(smtp: smtplib.SMTP) -> None:
    with suppress(smtplib.SMTPException, OSError):
        smtp.quit()
    smtp.close()


def _expect(reply: tuple[int, bytes], host: str, wanted: int | None = None) -> None:
    code, words = reply
    if code != wanted and (wanted is not None or not 200 <= code < 300):
        raise _judged(code, words, host)


def _judged(code: int, words: bytes | str, host: str) -> Unavailable | Rejected | AuthFailed:
    """What an answer other than yes means: RFC 5321, section 4.2.1."""
    if code in _REFUSED:
        return _refused(host, words)
    if 500 <= code < 600:
        return Rejected("{host} does not take it: {reason}", host=host, reason=f"{code} {_words(words)}")
    return Unavailable("{host} does not take letters now: {reason}", host=host, reason=f"{code} {_words(words)}")


def _refused(host: str, words: bytes | str) -> AuthFailed:
    return AuthFailed("{host} does not accept the login: {reason}", host=host, reason=_words(words))


def _words(said: bytes | str | Exception) -> str:
    """A server's answer, or an error's, on one line and bounded."""
    if isinstance(said, OSError) and said.strerror:
        said = said.strerror
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text[:WORDS_LIMIT].rstrip(".") or type(said).__name__


def _lines(message: bytes) -> bytes:
    """The message as DATA carries it: CRLF, a leading dot doubled (RFC 5321, section 4.5.2), the final dot."""
    text = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    text = re.sub(rb"(?m)^\.", b"..", text)
    return text + (b"" if text.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _own_name() -> str:
    """Our name for EHLO, without asking a name server: that may take long, and a literal is as good."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
