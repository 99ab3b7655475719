"""How exchangelib is made to speak: bounded, quiet, by the certificates we trust. Imported only in a thread.

exchangelib's own policies either retry for up to an hour or take any refusal for a malformed answer; here each answer
that is none is raised once, with its status, and the job decides when to ask again.
"""

import logging
import ssl
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from exchangelib import BASIC, NTLM, OAUTH2, Configuration, Credentials, FailFast, Identity, OAuth2Credentials
from exchangelib.autodiscover import discovery
from exchangelib.errors import TransportError, UnauthorizedError
from exchangelib.protocol import Protocol
from exchangelib.services import ConvertId
from exchangelib.transport import NOAUTH, get_auth_method_from_response
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth

from core.errors import Unavailable
from jobs.connectors.ews.options import Options

AUTH: Final = {"basic": BASIC, "ntlm": NTLM, "oauth": OAUTH2}
"""What `auth` is called by exchangelib; what is not here is asked of the server."""
CONNECT: Final = 15.0
"""Seconds for a connection to be made, at most."""
for _name in ("exchangelib", "oauthlib", "requests_oauthlib", "spnego"):
    # At DEBUG they write passwords, secrets and tokens, at ERROR whole letters; what matters is in our errors.
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class HttpAnswer(Exception):
    """An HTTP status that is no answer of EWS. `retry_after` in seconds, None where the server does not say."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        self.status = status
        self.retry_after = retry_after
        super().__init__(f"HTTP {status}")


class NoPasswords(Exception):
    """The server offers no way to sign in with a password; the argument is what it offers."""


class Policy(FailFast):
    """Nothing is tried again here, and each refusal keeps its status."""

    def raise_response_errors(self, response: Any) -> None:
        """Raise for what is no SOAP answer."""
        status = response.status_code
        if status == 401:
            raise UnauthorizedError("HTTP 401")
        if status not in (200, 500):
            raise HttpAnswer(status, _seconds(response.headers.get("Retry-After")))
        if status == 500 and b"Envelope" not in response.content and b"server version" not in response.content:
            raise HttpAnswer(status, None)
        super().raise_response_errors(response)


class Adapter(HTTPAdapter):
    """HTTPS by the system's authorities and, where given, the ones in `ca_file`."""

    def __init__(self, ca_file: Path | None, **kwargs: Any) -> None:
        self._ca_file = ca_file
        super().__init__(**kwargs)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """With our trust."""
        super().init_poolmanager(*args, **kwargs, ssl_context=trust(self._ca_file))

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """The same through a proxy."""
        return super().proxy_manager_for(*args, **kwargs, ssl_context=trust(self._ca_file))


class Application(OAuth2Credentials):
    """An application's secret, at the sign-in service of `authority`, for the server at `host`."""

    def __init__(self, options: Options) -> None:
        self._token_url = f"{options.authority.rstrip('/')}/{options.tenant_id}/oauth2/v2.0/token"
        self._host = urlsplit(options.endpoint).hostname
        super().__init__(
            client_id=options.client_id,
            client_secret=options.client_secret,
            tenant_id=options.tenant_id,
            identity=Identity(primary_smtp_address=options.address),
        )

    @property
    def token_url(self) -> str:
        """Where tokens come from."""
        return self._token_url

    @property
    def scope(self) -> list[str]:
        """All that an administrator granted for that server."""
        return [f"https://{self._host}/.default"]

    def session_params(self) -> dict[str, Any]:
        """No refreshing: there is no refresh token with client credentials; an expired one is replaced by a new one."""
        return {"token": self.access_token}

    def on_token_auto_refreshed(self, access_token: dict[str, Any]) -> None:
        """Keep a token; for one that has expired already exchangelib would ask for the next without end."""
        if int(access_token.get("expires_in", 1)) < 1:
            raise TransportError("The token expires at once.")
        super().on_token_auto_refreshed(access_token)


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """The authorities a server's certificate may come from. Raises `Unavailable` if the file cannot be read."""
    try:
        return _context(ca_file, ca_file.stat().st_mtime_ns if ca_file else 0)
    except OSError as error:  # also what is no certificate: an SSLError
        raise Unavailable(
            "The certificates in {path} cannot be read: {reason}.",
            path=ca_file,
            reason=error.strerror or type(error).__name__,
        ) from error


@lru_cache(maxsize=8)
def _context(ca_file: Path | None, changed: int) -> ssl.SSLContext:  # noqa: ARG001  another time, another content
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


def configuration(options: Options) -> Any:
    """Where the server is and how to sign in, as exchangelib wants it. The endpoint may have to be found first."""
    credentials: Any = (
        Application(options)
        if options.auth == "oauth"
        else Credentials(options.username or options.address, options.password)
    )
    credentials.owner = uuid.uuid4().hex  # exchangelib shares a connection between equal credentials
    return Configuration(
        credentials=credentials,
        service_endpoint=options.endpoint or discover(options),
        auth_type=AUTH.get(options.auth),
        retry_policy=Policy(),
    )


def protocol_of(options: Options) -> type[Any]:
    """The class of a connection with these certificates and this patience."""

    class Connection(Protocol):
        TIMEOUT = (min(CONNECT, options.timeout), options.timeout)
        USERAGENT = "Vakhta"

        @classmethod
        def get_adapter(cls) -> Adapter:
            return Adapter(options.ca_file, pool_block=True, pool_connections=1, pool_maxsize=1, max_retries=0)

        def create_session(self) -> Any:
            session = super().create_session()
            if isinstance(session.auth, HTTPBasicAuth):  # requests would write it in Latin-1, or fail to
                session.auth = HTTPBasicAuth(
                    *(str(part).encode() for part in (session.auth.username, session.auth.password))
                )
            return session

        def get_auth_type(self) -> str:
            self.api_version_hint = ConvertId.supported_api_versions()[0]
            with self.raw_session(self.service_endpoint) as session:
                response = session.post(
                    self.service_endpoint, data=self.dummy_xml(), allow_redirects=False, timeout=self.TIMEOUT
                )
            return _password_scheme(self.retry_policy, response)

    return Connection


def discover(options: Options) -> str:
    """The endpoint that the mailbox's domain names by autodiscover. Basic passwords go to HTTPS addresses only."""
    discovery.autodiscover_cache = _Memory()  # exchangelib's own is a pickle in the shared folder of temporary files
    found, _ = discovery.Autodiscovery(
        email=options.address, credentials=Credentials(options.username or options.address, options.password)
    ).discover()
    return str(found.ews_url)


class _Memory(dict[Any, Any]):
    def __enter__(self) -> None:
        """A cache for one search needs no lock."""

    def __exit__(self, *_: object) -> None:
        """Nothing was locked."""


def _password_scheme(policy: Policy, response: Any) -> str:
    """NTLM rather than Basic where both are offered. Raises `NoPasswords` if neither is."""
    if response.status_code != 401:
        policy.raise_response_errors(response)
        return str(NOAUTH)
    offered = response.headers.get("WWW-Authenticate", "")
    try:
        scheme = get_auth_method_from_response(response)
    except UnauthorizedError as error:
        raise NoPasswords(offered) from error
    if scheme == OAUTH2:
        raise NoPasswords(offered)
    return str(scheme)


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdigit() else None
