"""SMTP servers on loopback: aiosmtpd as a strict one, and one that does exactly what a test says."""

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME, PASSWORD = "duty@vakhta.example", "correct horse"


@dataclass
class Received:
    """What the server has taken; `answers` say what it does with RCPT and DATA instead of 250."""

    letters: list[Envelope] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    logins: int = 0

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if answer := self.answers.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802  see above
        if answer := self.answers.get("DATA"):
            return answer
        self.letters.append(envelope)
        return "250 taken"


class ImplicitTls(Controller):
    """aiosmtpd behind TLS from the first byte; the certificate is not for the name that aiosmtpd would look at."""

    def _trigger_server(self) -> None:
        with socket.create_connection((self.hostname, self.port), 5):
            pass


@dataclass
class Running:
    """Where a server listens, and what it got."""

    port: int
    received: Received


@contextmanager
def smtp_server(*, tls: ssl.SSLContext | None = None, implicit: bool = False, login: bool = False) -> Iterator[Running]:
    """A server on a free port. `tls` offers STARTTLS and demands it, unless `implicit`; `login` demands one."""

    def authenticate(_server: Any, _session: Session, _envelope: Envelope, _how: str, said: Any) -> AuthResult:
        received.logins += 1
        good = isinstance(said, LoginPassword) and (said.login, said.password) == (NAME.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    received = Received()
    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": 0, "decode_data": False}
    if login:  # aiosmtpd knows of STARTTLS only, and warns of a login that it takes for unprotected
        options |= {"authenticator": authenticate, "auth_required": not implicit, "auth_require_tls": not implicit}
    if tls is not None and implicit:
        kind: type[Controller] = ImplicitTls
        options["ssl_context"] = tls
    else:
        kind = Controller
        if tls is not None:
            options |= {"tls_context": tls, "require_starttls": True}
    with socket.socket() as probe:  # aiosmtpd wants to know its port beforehand
        probe.bind(("127.0.0.1", 0))
        options["port"] = probe.getsockname()[1]
    controller = kind(received, **options)
    controller.start()
    try:
        yield Running(options["port"], received)
    finally:
        controller.stop()


@contextmanager
def scripted(replies: Sequence[bytes | None], *, after_dot: bytes | None = None) -> Iterator[int]:
    """A server that greets, answers each command with the next reply (None: hangs up), and `after_dot` the letter."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 ready\r\n")
            for reply in replies:
                if not lines.readline() or reply is None:
                    return
                connection.sendall(reply)
                if reply.startswith(b"354"):
                    while lines.readline().strip() != b".":
                        pass
                    if after_dot is None:
                        return
                    connection.sendall(after_dot)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(5)


@dataclass(frozen=True)
class Authority:
    """A CA of the test's own, and a server's certificate by it."""

    ca_file: Path
    server: ssl.SSLContext


def authority(folder: Path, host: str = "127.0.0.1") -> Authority:
    """Make a CA and a certificate for that address."""
    now = datetime.now(UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def certificate(of: str, public: ec.EllipticCurvePublicKey, *, is_ca: bool) -> x509.Certificate:
        made = (
            x509.CertificateBuilder()
            .subject_name(name(of))
            .issuer_name(name("Test CA"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        )
        return made.sign(ca_key, hashes.SHA256())

    pem = serialization.Encoding.PEM
    ca_file, chain = folder / "ca.pem", folder / "server.pem"
    ca_file.write_bytes(certificate("Test CA", ca_key.public_key(), is_ca=True).public_bytes(pem))
    plain = serialization.NoEncryption()
    chain.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        + certificate(host, key.public_key(), is_ca=False).public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return Authority(ca_file, context)
