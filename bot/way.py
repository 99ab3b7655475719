"""What is wrong on the way to Telegram: a sentence for whoever set it up, and what to do about it."""

import os
import ssl
from socket import gaierror
from typing import Final
from urllib.parse import SplitResult, urlsplit

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError

from core.errors import Unavailable
from core.text import N_

PROXY_ERRORS: Final = (ProxyError, ProxyConnectionError, ProxyTimeoutError)
FAILURES: Final = (aiohttp.ClientError, OSError, TimeoutError, ValueError, *PROXY_ERRORS)
"""How asking fails before Telegram has answered; ValueError where a name or an address can be none."""
_WRONG_PASSWORD: Final = (407, 93)
"""HTTP's Proxy Authentication Required, and what SOCKS4 answers to a name it does not know."""
_CUT: Final = (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, ConnectionError)
_BLOCKED: Final = N_("Check the network of this machine. Where Telegram is blocked, set a proxy (telegram.proxy).")


class NoWay(Unavailable):
    """Telegram cannot be asked now; `remedy` says in English what to do, with the same values."""

    def __init__(self, message: str, remedy: str, **values: object) -> None:
        super().__init__(message, **values)
        self.remedy = remedy


def fault_of(error: BaseException, address: str, proxy: str = "") -> NoWay:
    """What one of `FAILURES` means, on the way to that address (through that proxy). Shows hosts and ports only."""
    if isinstance(error, PROXY_ERRORS):
        return _of_proxy(error, urlsplit(proxy))
    host = where(urlsplit(address))
    inner = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if isinstance(inner, ssl.CertificateError):
        return NoWay(
            N_("The certificate of {host} is not trusted: {reason}."),
            N_(
                "Check this machine's clock and certificates. "
                "If they are right, something in between opens the connection: set a proxy (telegram.proxy)."
            ),
            host=host,
            reason=getattr(inner, "verify_message", "") or type(inner).__name__,
        )
    if isinstance(inner, ssl.SSLError):
        return NoWay(
            N_("No encrypted connection to {host} comes about: {reason}."),
            N_("Something in between disturbs it, or the port is not meant for https. A proxy may help."),
            host=host,
            reason=inner.reason or type(inner).__name__,
        )
    if isinstance(inner, gaierror | UnicodeError):
        return NoWay(
            N_("The name {host} is not known."),
            N_("Check the network and the DNS server of this machine. Where Telegram is blocked, set a proxy."),
            host=host,
        )
    if isinstance(inner, TimeoutError):
        return NoWay(N_("{host} has not answered in time."), _BLOCKED, host=host)
    if isinstance(inner, _CUT) and not isinstance(inner, ConnectionRefusedError):
        return NoWay(N_("The connection to {host} was cut."), _BLOCKED, host=host)
    number = getattr(inner, "errno", None) or 0
    reason = os.strerror(number) if number > 0 else type(inner).__name__
    return NoWay(N_("{host} cannot be reached: {reason}."), _BLOCKED, host=host, reason=reason)


def where(url: SplitResult) -> str:
    """The host, and the port where it is not the usual one."""
    return f"{url.hostname}:{url.port}" if url.port else url.hostname or ""


def _of_proxy(error: Exception, url: SplitResult) -> NoWay:
    at = where(url)
    if not isinstance(error, ProxyError):
        return NoWay(
            N_("The proxy {where} cannot be reached."),
            N_("Start the proxy, or correct its address (telegram.proxy)."),
            where=at,
        )
    code, said = error.error_code, str(error)
    if code in _WRONG_PASSWORD or (code is None and "authentication" in said.lower()):  # SOCKS5 has no code for it
        return NoWay(
            N_("The proxy {where} does not accept the name and password."),
            N_("Write them into its address: socks5://name:password@host:port (telegram.proxy)."),
            where=at,
        )
    if code is None:
        return NoWay(
            N_("What answers at {where} is no {kind} proxy."),
            N_("Check its port and kind: http://, socks5:// or socks4:// (telegram.proxy)."),
            where=at,
            kind=url.scheme,
        )
    reason = f"HTTP {code}" if url.scheme == "http" else said  # HTTP's words are the proxy's own: not shown
    return NoWay(
        N_("The proxy {where} does not let me through to Telegram: {reason}."),
        N_("Ask whoever runs the proxy, or set another one (telegram.proxy)."),
        where=at,
        reason=reason,
    )
