"""Access tokens for mailboxes of Microsoft 365, by the application's own secret (OAuth 2.0 client credentials).

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow. Used by the connectors that
sign in with a token: Graph for its own interface, IMAP by XOAUTH2, EWS.
"""

import os
import re
import ssl
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from core.errors import AuthFailed, ConfigError, Unavailable, VakhtaError
from core.text import N_
from jobs.letters.mailbox import Untrusted

if TYPE_CHECKING:
    from msal import ConfidentialClientApplication

TIMEOUT: Final = 15.0
"""Seconds for a connection, and again for each answer, of the sign-in."""

_AADSTS: Final = re.compile(r"AADSTS(\d+)")
_PASSING: Final = frozenset({"temporarily_unavailable", "server_error", "throttled_request"})
_REFUSALS: Final = {
    "7000222": N_(
        "The client secret of the application {client} has expired: make a new one in Microsoft Entra, put it into "
        "client_secret."
    ),
    "7000215": N_(
        "The client secret of the application {client} is wrong: client_secret is the secret's value, not its ID."
    ),
    "700016": N_("The tenant {tenant} has no application {client}: check client_id and tenant_id."),
    "90002": N_("{host} knows no tenant {tenant}: check tenant_id."),
    "900023": N_("{host} knows no tenant {tenant}: check tenant_id."),
    "7000112": N_("The application {client} is disabled: enable it in Microsoft Entra."),
}
"""What to do about a refusal, by its code (https://learn.microsoft.com/entra/identity-platform/reference-error-codes)."""
_REFUSED: Final = N_("{host} does not sign in the application {client} ({code}): check tenant_id, client_id, secret.")


class ClientCredentials:
    """An application's access tokens for one scope. Every thread may ask; a token is kept until it is about to end.

    `authority`: `https://login.microsoftonline.com`, or that of another cloud; it is trusted because it is configured
    (Microsoft is not asked whether it knows it). `scope` ends in `/.default`. `verify`: as in requests, True for the
    machine's certificates, or a file of a private authority's.
    """

    def __init__(
        self,
        authority: str,
        tenant_id: str,
        client_id: str,
        client_secret: str,
        scope: str,
        verify: bool | str | Path = True,  # noqa: FBT001  the name and the meaning are those of requests
    ) -> None:
        if not authority.lower().startswith("https://"):
            raise ConfigError("The address {url} must begin with https://.", url=authority)
        self._authority = f"{authority.rstrip('/')}/{tenant_id}"
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._verify = verify if isinstance(verify, bool) else str(verify)
        self._values = {"host": urlsplit(authority).hostname, "tenant": tenant_id, "client": client_id}
        self._lock = Lock()
        self._app: ConfidentialClientApplication | None = None
        self._token = ""

    def token(self, *, refused: str = "") -> str:
        """A token that is valid now; blocks. `refused`: one that a server did not take; it is never returned again.

        Raises `AuthFailed`, `Unavailable`.
        """
        with self._lock:
            app = self._application()
            if refused and refused == self._token:
                app.remove_tokens_for_client()
            self._token = self._ask(app)
            return self._token

    def _application(self) -> "ConfidentialClientApplication":
        """The library's client; its making asks the authority for its addresses."""
        if self._app is None:
            import msal  # 0.1 s and 22 MB: only where a mailbox signs in with a token
            import requests
            from msal.exceptions import MsalServiceError

            if isinstance(self._verify, str):
                trust(self._verify)  # to say what is wrong with the file: requests would not
            session = requests.Session()
            session.headers["Connection"] = "close"  # the next sign-in is an hour away
            # Said with every request: a session's own `verify` yields to $REQUESTS_CA_BUNDLE, and msal names neither
            request = partial(session.request, timeout=TIMEOUT, verify=self._verify)
            session.request = request  # type: ignore[method-assign]  # msal takes a session and no other hook

            try:
                self._app = msal.ConfidentialClientApplication(
                    self._client_id,
                    self._client_secret,
                    authority=self._authority,
                    http_client=session,
                    instance_discovery=False,
                )
            except (OSError, KeyError, ValueError, MsalServiceError) as error:
                raise self._unanswered(error) from error
        return self._app

    def _ask(self, app: "ConfidentialClientApplication") -> str:
        from msal.exceptions import MsalServiceError

        try:
            answer: dict[str, Any] = app.acquire_token_for_client([self._scope])
        except (OSError, ValueError, MsalServiceError) as error:
            raise self._unanswered(error) from error
        if token := answer.get("access_token"):
            return str(token)
        raise self._refusal(str(answer.get("error", "")), str(answer.get("error_description", "")))

    def _unanswered(self, error: Exception) -> VakhtaError:
        """What an exception of the library means; the discovery of a wrong tenant is one, too."""
        if isinstance(error, ValueError) and isinstance(error.__context__, ValueError):
            found = _AADSTS.search(str(error.__context__))
            if found:
                return self._refusal("", found[0])
        if isinstance(error, OSError):
            return unreachable(error, **self._values)
        reason = str(error) if type(error).__name__ == "MsalServiceError" else type(error).__name__
        return Unavailable("{host} does not answer as it should: {reason}.", **self._values, reason=reason)

    def _refusal(self, error: str, description: str) -> VakhtaError:
        found = _AADSTS.search(description)
        if error in _PASSING:
            return Unavailable("{host} does not answer as it should: {reason}.", **self._values, reason=error)
        code = found[0] if found else error or "?"
        return AuthFailed(_REFUSALS.get(found[1] if found else "", _REFUSED), **self._values, code=code)


def trust(ca_file: str | Path | None) -> ssl.SSLContext:
    """Whom to trust for TLS: the machine's certificates, or only those of a file. `Unavailable` if it is unreadable."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise Unavailable(
            "The certificates in {path} cannot be read: {reason}.", path=ca_file, reason=in_words(error)
        ) from error


def unreachable(error: BaseException, **values: object) -> Unavailable:
    """Why a `host` among the values cannot be talked to."""
    if isinstance(_innermost(error), ssl.SSLCertVerificationError):
        return Untrusted("The certificate of {host} is not trusted: {reason}.", **values, reason=in_words(error))
    return Unavailable("{host} cannot be reached: {reason}.", **values, reason=in_words(error))


def in_words(error: BaseException) -> str:
    """Why a connection failed, shortly: the innermost cause's own words, without the addresses around them."""
    last = _innermost(error)
    if isinstance(last, TimeoutError) and not last.errno:
        return "timed out"
    if isinstance(last, ssl.SSLError):  # its number is none of the system's
        said = getattr(last, "verify_message", "") or last.reason
    else:
        number = getattr(last, "errno", None) or 0
        said = os.strerror(number) if number > 0 else getattr(last, "strerror", "")
    return str(said or type(last).__name__)


def _innermost(error: BaseException) -> BaseException:
    """What libraries wrapped, whichever way they did it."""
    seen: list[BaseException] = []
    inner: object = error
    while isinstance(inner, BaseException) and inner not in seen:
        seen.append(inner)
        inner = (
            getattr(inner, "reason", None)
            or inner.__cause__
            or next((each for each in inner.args if isinstance(each, BaseException)), None)
            or inner.__context__
        )
    return seen[-1]
