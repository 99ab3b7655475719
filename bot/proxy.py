"""What went wrong with the proxy on the way to Telegram, in a sentence for whoever set it."""

from typing import Final
from urllib.parse import urlsplit

from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError

from core.errors import AuthFailed, Unavailable

PROXY_ERRORS: Final = (ProxyError, ProxyConnectionError, ProxyTimeoutError)
_WRONG_PASSWORD: Final = (407, 93)
"""HTTP's Proxy Authentication Required, and what SOCKS4 answers to a name it does not know."""


def fault_of(error: Exception, proxy: str) -> AuthFailed | Unavailable:
    """The sentence for one of `PROXY_ERRORS`; `proxy` is its address, of which only host and port are shown."""
    url = urlsplit(proxy)
    where = f"{url.hostname}:{url.port}"
    if not isinstance(error, ProxyError):
        return Unavailable("The proxy {where} cannot be reached.", where=where)
    code, said = error.error_code, str(error)
    if code in _WRONG_PASSWORD or (code is None and "authentication" in said.lower()):  # SOCKS5 has no code for it
        return AuthFailed("The proxy {where} does not accept the name and password.", where=where)
    if code is None:
        return Unavailable("What answers at {where} is no {kind} proxy.", where=where, kind=url.scheme)
    reason = f"HTTP {code}" if url.scheme == "http" else said  # HTTP's words are the proxy's own: not shown
    return Unavailable("The proxy {where} does not let me through to Telegram: {reason}.", where=where, reason=reason)
