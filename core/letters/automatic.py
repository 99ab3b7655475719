"""Mail that no person wrote to us: answers by machines, delivery reports, lists, calendar replies.

Sources: RFC 3834 (Auto-Submitted), RFC 3464 and 8098 (reports), RFC 2369 and 2919 (List-*), MS-OXCMAIL
(X-Auto-Response-Suppress). Programs that set no field are known by the subject they give.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from core.text import N_

REPORT: Final = N_("A delivery report or a read receipt.")
ANSWER: Final = N_("An automatic answer.")
BULK: Final = N_("Bulk mail or a mailing list.")
CALENDAR: Final = N_("A calendar invitation or the answer to one.")

_SUBJECT: Final = re.compile(
    r"\s*(?:(?:re|fwd?)\s*:\s*)*(?:"
    r"(?P<answer>auto(?:matic)?[ -]?(?:reply|response|answer)|autoreply|auto\s*:|out[ -]of[ -](?:the[ -])?office|"
    r"авто-?ответ|автоматический ответ|авто-?відповідь|автоматична відповідь|автовідповідач|автоответчик|"
    r"вне офиса|поза офісом)|"
    r"(?P<report>undeliverable|undelivered mail|mail delivery|delivery (?:status|failure|has failed)|"
    r"returned mail|failure notice|не доставлено|недоставлен|не удается доставить|read\s*:|прочтено\s*:|прочитано\s*:|"
    r"доставлено\s*:|delivered\s*:|повідомлення не доставлено))",
    re.IGNORECASE,
)
_ROBOTS: Final = ("mailer-daemon@", "postmaster@", "mail-daemon@", "bounce@", "bounces@")
_BULK: Final = frozenset({"bulk", "junk", "list"})


def why_automatic(fields: Mapping[str, str], sender: str, subject: str, types: AbstractSet[str]) -> str | None:
    """Why this is not a person's letter, or None. Field names and values in lower case."""
    title = _SUBJECT.match(subject)
    if types & {"multipart/report", "message/delivery-status", "message/disposition-notification"}:
        return REPORT
    if fields.get("return-path") == "<>" or "x-failed-recipients" in fields or sender.startswith(_ROBOTS):
        return REPORT
    if title and title["report"]:
        return REPORT
    if (title and title["answer"]) or _answers_by_itself(fields):
        return ANSWER
    if any(name.startswith("list-") for name in fields) or fields.get("precedence", "").split(" ")[0] in _BULK:
        return BULK
    if "text/calendar" in types:
        return CALENDAR
    return None


def _answers_by_itself(fields: Mapping[str, str]) -> bool:
    submitted = fields.get("auto-submitted", "").split(";")[0].strip()
    if submitted not in {"", "no"}:
        return True
    if submitted != "no" and fields.get("x-auto-response-suppress", "none") not in {"", "none"}:
        return True
    if fields.get("precedence", "") in {"auto_reply", "auto-reply"}:
        return True
    return any(name in fields for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from"))
