"""What went wrong at Exchange, in the words of the house. Imports exchangelib, so it is imported only in a thread."""

import ssl
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from exchangelib import errors as ews
from oauthlib.oauth2 import OAuth2Error
from oauthlib.oauth2.rfc6749.errors import MissingTokenError, ServerError, TemporarilyUnavailableError
from requests import exceptions as http
from spnego.exceptions import SpnegoError
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from core.errors import AuthFailed, Rejected, Unavailable, Uncertain, VakhtaError
from jobs.connectors.ews.options import Busy, Options
from jobs.connectors.ews.transport import HttpAnswer, NoPasswords
from jobs.letters.mailbox import Unreadable, Untrusted

FAILURES: Final = (ews.EWSError, HttpAnswer, NoPasswords, OAuth2Error, SpnegoError, OSError)
"""All that a call may end in, beside mistakes of ours; errors of requests are OSErrors."""
MISSING: Final = (ews.ErrorFolderNotFound, ews.ErrorItemNotFound, ews.ErrorSyncFolderNotFound)
_REFUSED: Final = (
    ews.ErrorAccessDenied,
    ews.ErrorAccountDisabled,
    ews.ErrorImpersonateUserDenied,
    ews.ErrorImpersonationDenied,
    ews.ErrorImpersonationFailed,
    ews.ErrorNonExistentMailbox,
    ews.ErrorNonPrimarySmtpAddress,
    ews.ErrorPasswordChangeRequired,
    ews.ErrorPasswordExpired,
)
_NEVER: Final = (
    ews.ErrorContentConversionFailed,
    ews.ErrorCorruptData,
    ews.ErrorInvalidId,
    ews.ErrorInvalidIdMalformed,
    ews.ErrorItemCorrupt,
    ews.ErrorMessageSizeExceeded,
    ews.ErrorMimeContentConversionFailed,
    ews.ErrorUnsupportedMimeConversion,
)
_SERVER: Final = (
    ews.ErrorServerBusy,
    ews.ErrorTimeoutExpired,
    ews.ErrorMailboxStoreUnavailable,
    ews.ErrorInternalServerTransientError,
    ews.ErrorTooManyObjectsOpened,
    ews.ErrorExceededConnectionCount,
    *_REFUSED,
)
"""Errors of an item that are not the item's own."""
_UNDECIDED: Final = (ews.ErrorTimeoutExpired, ews.ErrorInternalServerError, ews.ErrorInternalServerTransientError)
"""What a server may also say when it had sent the letter already."""
DEFAULT_BACK_OFF: Final = 60.0
"""Seconds, where a busy server does not say how long."""


def named(error: BaseException, options: Options) -> VakhtaError:
    """The error of the house for what a call ended in."""
    server, address = options.server, options.address
    if isinstance(error, HttpAnswer):
        return _of_status(error, options)
    if isinstance(error, NoPasswords):
        return AuthFailed(
            "{server} takes neither NTLM nor Basic from {address}, only: {offered}.",
            server=server,
            address=address,
            offered=str(error) or "–",
        )
    if isinstance(error, (ews.UnauthorizedError, PermissionError)):
        return AuthFailed(
            "{server} refuses the name or password for mailbox {address}.", server=server, address=address
        )
    if isinstance(error, OAuth2Error):
        return _of_sign_in(error, options)
    if isinstance(error, ews.ErrorServerBusy):
        return Busy(server, error.back_off or DEFAULT_BACK_OFF)
    if isinstance(error, ews.AutoDiscoverError):
        return Unavailable(
            "Autodiscover does not find the server of mailbox {address}: name it by url or host.", address=address
        )
    if isinstance(error, _REFUSED):
        return AuthFailed(
            "{server} does not open mailbox {address} for us: {reason}.",
            server=server,
            address=address,
            reason=_words(error),
        )
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _chain(error)):
        return Untrusted("The certificate of {host} is not trusted: {reason}.", host=server, reason=reason(error))
    if any(isinstance(cause, OSError) for cause in _chain(error)):
        return Unavailable("{host} cannot be reached: {reason}.", host=server, reason=reason(error))
    return Unavailable("{host} does not answer as it should: {reason}.", host=server, reason=reason(error))


def named_sending(error: BaseException, options: Options) -> VakhtaError:
    """The same for a letter whose request may have left: `Uncertain` unless it was surely not taken."""
    if _may_be_taken(error):
        return Uncertain(
            "{server} did not say whether it sent the letter: {reason}.", server=options.server, reason=reason(error)
        )
    if isinstance(error, ews.ResponseMessageError) and not isinstance(error, _SERVER) and not _breaks(error):
        return Rejected("{server} does not send the letter: {reason}.", server=options.server, reason=_words(error))
    return named(error, options)


def unreadable(key: str, error: Exception) -> Unreadable:
    """A letter that cannot be had. Raises what is not the letter's own trouble but the server's or the mailbox's."""
    if isinstance(error, _SERVER) or not isinstance(error, ews.ResponseMessageError):
        raise error
    kind = Rejected if isinstance(error, _NEVER) else Unavailable
    plain = kind("The letter {name} cannot be read: {reason}.", name=short(key), reason=_words(error))
    plain.__cause__ = error
    return Unreadable(key, plain)


def short(key: str) -> str:
    """An item's key for people: its end is what differs."""
    return f"…{key[-12:]}"


def reason(error: BaseException) -> str:
    """Why, in a few technical words: those of the system where it was the network, else of the server."""
    chain = list(_chain(error))
    if any(isinstance(cause, (http.Timeout, TimeoutError)) for cause in chain):
        return "timed out"
    for cause in reversed(chain):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
        if isinstance(cause, OSError) and not isinstance(cause, http.RequestException) and cause.strerror:
            return cause.strerror
    if isinstance(error, (ews.SOAPError, ews.MalformedResponseError)):
        return "not an answer of Exchange"  # theirs may be a whole page
    if isinstance(error, http.RequestException):
        return type(error).__name__
    return _words(error)


def _of_status(error: HttpAnswer, options: Options) -> VakhtaError:
    if error.status == 403:
        return AuthFailed(
            '{server} does not allow EWS for mailbox {address}. In Microsoft 365 use kind = "graph"; on your own '
            "server an administrator has to allow EWS.",
            server=options.server,
            address=options.address,
        )
    if error.status in (429, 503) and error.retry_after:
        return Busy(options.server, error.retry_after)
    return Unavailable("{host} does not answer as it should: {reason}.", host=options.server, reason=str(error))


def _of_sign_in(error: OAuth2Error, options: Options) -> VakhtaError:
    service = urlsplit(options.authority).netloc
    if isinstance(error, (MissingTokenError, ServerError, TemporarilyUnavailableError)):
        return Unavailable("{host} does not answer as it should: {reason}.", host=service, reason=error.error)
    return AuthFailed(
        "{server} does not sign in application {application}: {reason}.",
        server=service,
        application=options.client_id,
        reason=_line(f"{error.error}: {error.description}" if error.description else error.error),
    )


def _may_be_taken(error: BaseException) -> bool:
    """Whether the server may have taken the request: it did not refuse it, and the request may have left."""
    if breaks := _breaks(error):
        return not all(_connecting(cause) for cause in breaks)
    if isinstance(error, HttpAnswer):
        return error.status >= 500 and error.status != 503
    if isinstance(error, (ews.UnauthorizedError, NoPasswords, OAuth2Error)):
        return False
    return isinstance(error, _UNDECIDED) or not isinstance(error, ews.ResponseMessageError)


def _breaks(error: BaseException) -> list[BaseException]:
    """What became of the connection; exchangelib tells a broken one as it tells a server that gave up."""
    return [cause for cause in _chain(error) if isinstance(cause, http.RequestException)]


def _connecting(error: BaseException) -> bool:
    """Whether it ended before there was a connection to send anything over."""
    return any(
        isinstance(cause, (http.ConnectTimeout, NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError))
        for cause in _chain(error)
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it, outermost first."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _words(error: BaseException) -> str:
    """The name of the error, which is EWS's own, and what the server says to it."""
    return _line(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def _line(text: str) -> str:
    return text.strip().splitlines()[0][:200].rstrip(". ")
