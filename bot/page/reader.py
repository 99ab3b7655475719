"""In which language and zone a visitor reads."""

from typing import Final

from aiohttp import web

from bot.page.context import PAGE
from core.people.model import Reader
from core.text import LANGUAGES

COOKIE: Final = "vakhta_lang"
_YEAR: Final = 365 * 24 * 3600


def reader_of(request: web.Request) -> Reader:
    """The visitor's choice (`?lang=`, then the cookie), else what the browser prefers, else the page's language."""
    page = request.app[PAGE]
    for choice in (request.query.get("lang"), request.cookies.get(COOKIE)):
        if choice in LANGUAGES:
            return Reader(choice, page.timezone)
    preferred = preferred_language(request.headers.get("Accept-Language", ""), page.language)
    return Reader(preferred, page.timezone)


def remember(request: web.Request, response: web.StreamResponse) -> None:
    """Keep a choice made by `?lang=`."""
    choice = request.query.get("lang")
    if choice in LANGUAGES:
        response.set_cookie(COOKIE, choice, max_age=_YEAR, httponly=True, samesite="Lax", secure=request.secure)


def preferred_language(header: str, default: str) -> str:
    """The known language an Accept-Language header (RFC 9110, 12.5.4) likes best; the first of equals."""
    best, best_weight = default, 0.0
    for part in header.split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.strip().partition("-")[0].casefold()
        weight = _weight(parameter)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().casefold() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
