"""What a visitor gets when something is wrong: one sentence in their language, as a page or as JSON.

What nobody expected goes to the log with its trace, under the same short id that the visitor sees.
"""

import logging
import secrets
from typing import Final

from aiohttp import web

from bot.page.reader import reader_of
from bot.page.security import Handler
from bot.page.views import render
from core.errors import NotAllowed, Unavailable, VakhtaError
from core.text import N_, translator

log = logging.getLogger(__name__)

_PROGRAMS: Final = ("/api/", "/events", "/ws/", "/metrics", "/readyz")
_SENTENCES: Final = {
    401: N_("This page asks for its token."),
    404: N_("There is nothing at this address."),
    405: N_("This page is read-only: it answers GET and HEAD."),
    503: N_("The page is busy or stopping. Please try again in a minute."),
}
_UNKNOWN: Final = N_("This does not look like a request a browser makes.")


@web.middleware
async def answer_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost: turns every error into an answer."""
    t = translator(reader_of(request).language)
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        sentence = t(_SENTENCES.get(error.status, _UNKNOWN))
        kept = {name: error.headers[name] for name in ("Allow", "WWW-Authenticate") if name in error.headers}
        return _answer(request, error.status, sentence, kept)
    except VakhtaError as error:
        status = 503 if isinstance(error, Unavailable) else 403 if isinstance(error, NotAllowed) else 400
        return _answer(request, status, t(error.message, **error.values), {})
    except Exception:  # the page's boundary: said with an id, the trace is in the log
        incident = secrets.token_hex(3)
        log.exception("the page failed at %s %s [%s]", request.method, request.path, incident)
        sentence = t("Something went wrong here, not with you. The log has it as {id}.", id=incident)
        return _answer(request, 500, sentence, {})


def _answer(request: web.Request, status: int, sentence: str, headers: dict[str, str]) -> web.StreamResponse:
    if request.path.startswith(_PROGRAMS):
        return web.json_response({"error": sentence}, status=status, headers=headers)
    template = "signin.html" if status == 401 else "error.html"
    response = render(request, template, status=status, sentence=sentence)
    response.headers.update(headers)
    return response
