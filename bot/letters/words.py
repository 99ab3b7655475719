"""A letter's words in a chat: which of them made the reading and which did not count, and the whole text. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from markupsafe import Markup

from bot.chat.cards import clean, lines, shorten, units
from core.letters.model import Evidence, Letter, Where
from core.requests.model import Workflow
from core.text import Translator

PAGE_UNITS: Final = 3000
"""Of a letter's text on one page, in UTF-16 units; the rest of Telegram's 4096 is for its head."""
SHOWN: Final = 1600
"""Characters of the new text that are shown with their marks."""
QUOTED_SHOWN: Final = 400
LISTED: Final = 10
_BEFORE: Final = 300
"""Characters shown before the first word that counted, when the text is long."""

_FIELDS: Final[dict[Where, str]] = {
    "subject": "subject",
    "text": "new_text",
    "forwarded_subject": "forwarded_subject",
    "forwarded": "forwarded_text",
    "quoted": "quoted_text",
}


def explained(workflow: Workflow, t: Translator, letter: Letter, why: Sequence[Evidence]) -> Markup:
    """The letter with the words that counted highlighted and the others struck through, and what each meant."""
    parts: list[Markup | str | None] = []
    if letter.subject.strip():
        subject = marked(letter.subject, _of(why, "subject"))
        parts.append(t.html("<i>Subject:</i> {subject}", subject=subject))
    for where in ("text", "forwarded"):
        text = getattr(letter, _FIELDS[where])
        if text.strip() and (where == "text" or any(each.where == where for each in why)):
            parts.append(Markup("<blockquote>{}</blockquote>").format(marked(text, _of(why, where), limit=SHOWN)))
    quoted = " ".join(clean(letter.quoted_text).split())
    if quoted:
        struck = Markup("<blockquote><s>{}</s></blockquote>").format(shorten(quoted, QUOTED_SHOWN))
        parts += [t.html("<i>Quoted below, and not read as news:</i>"), struck]
    return lines([*parts, *(_meaning(workflow, t, each) for each in _listed(why))])


def _listed(why: Sequence[Evidence]) -> list[Evidence]:
    """What is worth a line of its own: each meaning once, what counted first."""
    once = {(each.counted, each.kind, each.value, each.reason): each for each in reversed(why)}
    return sorted(once.values(), key=lambda each: (not each.counted, why.index(each)))[:LISTED]


def _of(why: Iterable[Evidence], where: str) -> list[Evidence]:
    return [each for each in why if each.where == where]


def marked(text: str, why: Sequence[Evidence], *, limit: int = 300) -> Markup:
    """A piece of the text around its evidence: what counted bold and underlined, the rest struck through."""
    pieces = list(_apart(why, len(text)))
    start = 0
    if pieces and pieces[-1].end > limit:
        start = max(0, pieces[0].start - _BEFORE)
    end = min(len(text), start + limit)
    parts: list[str] = ["…" if start else ""]
    at = start
    for piece in pieces:
        if piece.start < at or piece.end > end:
            continue
        mark = Markup("<b><u>{}</u></b>") if piece.counted else Markup("<s>{}</s>")
        parts += [clean(text[at : piece.start]), mark.format(clean(text[piece.start : piece.end]))]
        at = piece.end
    parts += [clean(text[at:end]), "…" if end < len(text) else ""]
    return Markup("").join(parts).strip()


def _apart(why: Sequence[Evidence], length: int) -> Iterator[Evidence]:
    """The pieces in order, none within another; of two at one place the one that counted."""
    at = 0
    for each in sorted(why, key=lambda each: (each.start, not each.counted, -each.end)):
        if at <= each.start < each.end <= length:
            yield each
            at = each.end


def _meaning(workflow: Workflow, t: Translator, each: Evidence) -> Markup:
    words = shorten(" ".join(each.words.split()), 60)
    if not each.counted:
        return t.html("✗ <s>{words}</s> — {reason}", words=words, reason=t(each.reason))
    if each.kind == "status":
        value = label(workflow, t, each.value)
    elif each.kind == "position":
        value = t("position {position}", position=each.value)
    else:
        value = t("request {name}", name=each.value)
    return t.html("✓ <b>{words}</b> — {value}", words=words, value=value)


def label(workflow: Workflow, t: Translator, code: str) -> str:
    """A status with its icon in the reader's language; a code the workflow does not know as it is."""
    if code not in workflow.codes:
        return code
    status = workflow.status(code)
    return f"{status.icon} {status.labels[t.language]}"


def text_pages(text: str) -> list[str]:
    """A whole text in pages that a message takes, broken at lines where there are any."""
    found: list[str] = []
    page = ""
    for line in clean(text).strip().split("\n"):
        for piece in _pieces(line):
            longer = f"{page}\n{piece}" if page else piece
            if units(longer) > PAGE_UNITS:
                found.append(page)
                longer = piece
            page = longer
    return [*found, page] if page or not found else found


def _pieces(line: str) -> Iterator[str]:
    """A line in pieces short enough for a page."""
    size = PAGE_UNITS // 2
    yield from (line[start : start + size] for start in range(0, max(1, len(line)), size))
