"""A real Dovecot on loopback, in a folder of its own: any user name with one password, maildirs on disk."""

import grp
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import need

PASSWORD = "secret"
NATIVE = ("natalia", 'пароль "\\')
"""A user whose password is not ASCII."""
BINARY = shutil.which("dovecot") or "/usr/sbin/dovecot"


@dataclass(frozen=True, slots=True)
class Dovecot:
    """Where it listens, and where its letters lie."""

    folder: Path
    port: int
    tls_port: int
    ca_file: Path
    owner: pwd.struct_passwd

    def maildir(self, user: str, name: str = "") -> Path:
        """A user's folder on disk; `name` as Dovecot writes it there, with a dot before each level."""
        path = self.folder / "mail" / user / name
        for part in ("cur", "new", "tmp"):
            (path / part).mkdir(parents=True, exist_ok=True)
        return path

    def put(self, user: str, letters: dict[str, bytes], *, name: str = "", at: float = 0) -> None:
        """Letters by file name, delivered a second after each other from `at` on (seconds since 1970)."""
        path = self.maildir(user, name)
        for number, (file, data) in enumerate(letters.items()):
            letter = path / "tmp" / file
            letter.write_bytes(data)
            os.utime(letter, (at + number, at + number))
        self.own(user)
        for file in letters:
            (path / "tmp" / file).rename(path / "new" / file)

    def own(self, user: str) -> None:
        """The superuser's folders are given to the account Dovecot reads mail with."""
        if os.geteuid() == 0:
            top = self.folder / "mail" / user
            for path in (top, *top.rglob("*")):
                with suppress(FileNotFoundError):  # Dovecot moves letters and removes locks meanwhile
                    os.chown(path, self.owner.pw_uid, self.owner.pw_gid)


@contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """Start it, wait until it greets, stop it by its process id."""
    version = _version()
    if not version.startswith("2.3."):
        need("Dovecot", f"version 2.3 is wanted, not {version or 'none'}")
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    # Not in pytest's folder: it is closed to others, and its path too long for a Unix socket.
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    folder.chmod(0o755)
    (folder / "mail").mkdir()
    if os.geteuid() == 0:
        os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
    ca_file = write_certificate(folder)
    server = Dovecot(folder, _free_port(), _free_port(), ca_file, owner)
    (folder / "passwords").write_text(f"{NATIVE[0]}:{{PLAIN}}{NATIVE[1]}\n", "utf-8")
    config = folder / "dovecot.conf"
    config.write_text(_config(server))
    with (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen([BINARY, "-F", "-c", str(config)], stderr=stderr)
    try:
        _until_greeting(server, process)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(5)
        shutil.rmtree(folder, ignore_errors=True)


def write_certificate(folder: Path, *, good_for: timedelta = timedelta(days=1)) -> Path:
    """A certificate for localhost that vouches for itself: `cert.pem` (returned) and `key.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + good_for)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem"


def server_context(certificate: Path) -> ssl.SSLContext:
    """For a server of the tests' own."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    return context


def _version() -> str:
    try:
        return subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout
    except OSError:
        return ""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _until_greeting(server: Dovecot, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", server.port), 1) as connection:
                if connection.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.02)  # between two looks; the deadline above bounds them
    log = (server.folder / "log").read_text() if (server.folder / "log").exists() else ""
    raise RuntimeError(f"Dovecot did not start: {(server.folder / 'stderr').read_text()}\n{log}")


def _config(server: Dovecot) -> str:
    folder, owner = server.folder, server.owner.pw_name
    internal = "" if os.geteuid() == 0 else f"default_internal_user = {owner}\ndefault_login_user = {owner}\n"
    group = "" if os.geteuid() == 0 else f"default_internal_group = {grp.getgrgid(os.getegid()).gr_name}\n"
    return f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
{internal}{group}first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail/%u
mail_fsync = never
maildir_stat_dirs = no
disable_plaintext_auth = no
auth_failure_delay = 0
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
ssl_dh =
imap_idle_notify_interval = 2 mins
namespace inbox {{
  inbox = yes
  separator = .
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/passwords
}}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={server.owner.pw_uid} gid={server.owner.pw_gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {server.port}
  }}
  inet_listener imaps {{
    port = {server.tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""
