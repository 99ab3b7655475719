"""Parting a letter's text: what is new, what is forwarded, what is an earlier letter, what is a signature.

Works on lines, forward only. The marks are those of Outlook, Gmail, Apple Mail, Thunderbird, The Bat!, mail.ru,
Yandex and ukr.net in Ukrainian, Russian and English.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_QUOTED: Final = re.compile(r"\s{0,3}(?:>|[A-ZА-ЯІЇЄҐ]{1,4}>)")
_UNQUOTE: Final = re.compile(r"\s{0,3}>\s?")
_FORWARD_MARK: Final = re.compile(
    r"[\s>*_=-]*(?:begin forwarded message|forwarded message|forwarded by .{0,80}|"
    r"пересылаемое сообщение|пересылаемое письмо|пересланное сообщение|перенаправленное сообщение|"
    r"начало переадресованного сообщения|начало пересылаемого сообщения|переадресованное сообщение|"
    r"переслане повідомлення|переслане сповіщення|повідомлення, що пересилається|"
    r"початок (?:переспрямованого|переадресованого|пересланого) (?:повідомлення|листа)|"
    r"початок (?:повідомлення|листа), що (?:пересилається|переадресовується)|"
    r"начало (?:пересланного|перенаправленного) (?:сообщения|письма)|"
    r"переадресоване повідомлення|перенаправлене повідомлення)[\s:*_=-]*$",
    re.IGNORECASE,
)
_FORWARD_END: Final = re.compile(
    r"[\s>*_=-]*(?:конец пере\w+ сообщения|кінець пере\w+ (?:повідомлення|листа)|end of forwarded message)"
    r"[\s:*_=-]*$",
    re.IGNORECASE,
)
_ORIGINAL_MARK: Final = re.compile(
    r"[\s>*]*[-_=]{2,}\s*(?:original (?:message|appointment)|исходное сообщение|исходное письмо|"
    r"оригинальное сообщение|первоначальное сообщение|вихідне повідомлення|оригінальне повідомлення|"
    r"початкове повідомлення|вихідний лист|reply message|ответное сообщение|"
    r"цитированное сообщение|previous message)",
    re.IGNORECASE,
)
_FROM: Final = re.compile(r"[\s>*_]*(?:from|от кого|от|від кого|від|отправитель|відправник)[*_]*\s*:", re.IGNORECASE)
_HEADER: Final = re.compile(
    r"[\s>*_]*(?:from|to|cc|date|sent|subject|reply-to|importance|attachments|от кого|от|кому|копия|дата|"
    r"отправлено|дата отправки|тема|важность|від кого|від|копія|надіслано|відправлено|дата надсилання|"
    r"отправитель|відправник|отримувач|получатель|вкладення|вложения)[*_]*\s*:\s*(?P<value>.*)$",
    re.IGNORECASE,
)
_SUBJECT: Final = re.compile(r"[\s>*_]*(?:subject|тема)[*_]*\s*:\s*(.*)$", re.IGNORECASE)
_TO: Final = re.compile(r"[\s>*_]*(?:to|кому)[*_]*\s*:", re.IGNORECASE)
_ONE_LINE_BLOCK: Final = re.compile(
    r"[\s>*_]*(?:from|от|від)[*_]*\s*:.{1,200}(?:sent|date|отправлено|дата|надіслано|відправлено)[*_]*\s*:.{1,100}"
    r"(?:to|кому)[*_]*\s*:",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"[\w.+-]{1,80}@[\w-]{1,80}\.[\w.-]{1,80}")
_WHEN: Final = re.compile(r"\b\d{1,2}:\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b(?:19|20)\d{2}\b")
_WROTE: Final = re.compile(
    r"(?:wrote|writes|пишет|пише|писала?|писал\(а\)|написала?|написал\(а\)|написав|написала|писав|"
    r"написав\(ла\)|пишуть)\s*:?\s*$",
    re.IGNORECASE,
)
_ATTRIBUTION_START: Final = re.compile(
    r"[\s>]*(?:on\b|в\b|у\b|пн|вт|ср|чт|пт|сб|вс|нд|понед|втор|сред|четв|пятн|суб|воскр|середа|пʼят|п.ят|неділ|"
    r"\d{1,4}[\s./-]|mon|tue|wed|thu|fri|sat|sun|\")",
    re.IGNORECASE,
)
_SIGN_OFF: Final = re.compile(
    r"(?:^|(?<=[.!?…;)])\s+)(?:с (?:глубоким )?уважением|с ув\.|с наилучшими|искренне ваш|всего (?:доброго|хорошего)|"
    r"з повагою|з пов\.|щиро ваш|з найкращими|усього найкращого|best regards|kind regards|warm regards|"
    r"(?:thanks and )?regards|best wishes|sincerely|yours truly|yours faithfully|cheers|br,)"
    r"(?=[\s,.!;:-]|$)(?P<rest>.*)$",
    re.IGNORECASE,
)
_DEVICE: Final = re.compile(
    r"\s*(?:отправлено (?:с|из|от|через)\b|надіслано (?:з|із|зі|від|через)\b|відправлено (?:з|із|зі)\b|"
    r"sent (?:from|via|with) |получить outlook|отримати outlook|завантажити outlook|get outlook for)",
    re.IGNORECASE,
)
_DISCLAIMER: Final = re.compile(
    r".{0,60}(?:это|данное|настоящее|це|цей|дане|this)\s.{0,40}"
    r"(?:сообщени|письмо|повідомлення|лист|e-?mail|message|communication)"
    r".{0,160}(?:конфиденц|конфіденц|confidential|privileged|предназначен|призначен|intended)|"
    r"\s*(?:confidentiality notice|disclaimer|уведомление о конфиденциальности|застереження)\b|"
    r".{0,20}(?:consider the environment|подумайте об окружающей|подбайте про довкілля|без вирусов|без вірусів|"
    r"virus-free|проверено антивирус|перевірено антивірус|проверено на вирусы)",
    re.IGNORECASE,
)
_BANNER: Final = re.compile(
    r"[\s\[*!(]*(?:external(?: e-?mail| sender)?|внешнее письмо|зовнішній лист|внешний отправитель|"
    r"caution\s*:|warning\s*: external|внимание[!:]? (?:это )?(?:внешн|письмо (?:от|из)|сообщение от внешн)|"
    r"увага[!:]? (?:це )?(?:зовнішн|лист (?:від|з))|"
    r"you don't often get email|this (?:e-?mail|message) (?:originated|came) from)",
    re.IGNORECASE,
)
_COVER: Final = re.compile(
    r"\W*(?:fyi|f\.y\.i|fw|fwd|пересилаю|пересылаю|передаю|переправляю|переадресую|направляю|надсилаю|шлю|forwarding|"
    r"для (?:информации|сведения|відома|інформації)|до відома|к сведению|см\.? ниже|див\.? нижче|see below)"
    r"(?:\s[^\d.?!]{0,40})?\W*",
    re.IGNORECASE,
)
_POSTSCRIPT: Final = re.compile(r"\s*(?:p\.?\s?s\.?|п\.\s?с\.?|пс|зы|постскриптум)[\s:.,]", re.IGNORECASE)
_RULE: Final = re.compile(r"[\s>]*[-_=*~]{3,}\s*$")
_LONGEST_MARK: Final = 400
"""A line longer than this begins no quotation: it is somebody's paragraph."""
_NEWS_LINES: Final = 1000
"""How many lines of a letter are looked at for news: a person writes fewer; machines may write any number."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A text, parted. Each is stripped of blank lines around it."""

    new: str
    forwarded_subject: str
    forwarded: str
    quoted: str


def split_text(text: str, *, forward: bool = False) -> Parts:
    """Part a letter's text. `forward`: the subject says that this letter passes another one on."""
    return _split(text.split("\n"), forward=forward, depth=0)


def _split(lines: list[str], *, forward: bool, depth: int) -> Parts:
    own: list[str] = []
    quoted: list[str] = []
    at, size = 0, min(len(lines), _NEWS_LINES)
    while at < size:
        line = lines[at]
        if len(line) > _LONGEST_MARK and not _ONE_LINE_BLOCK.match(line[:600]):
            own.append(line)
        elif forward and _QUOTED.match(line) and _FORWARD_MARK.match(line):
            return _with_forwarded(own, quoted, [_UNQUOTE.sub("", rest, count=1) for rest in lines[at + 1 :]], depth)
        elif _QUOTED.match(line):
            quoted.append(line)
        elif _FORWARD_MARK.match(line):
            return _with_forwarded(own, quoted, lines[at + 1 :], depth)
        elif _begins_earlier_letter(lines, at):
            if forward:
                return _with_forwarded(own, quoted, lines[at:], depth)
            quoted += lines[at:]
            break
        elif _is_attribution(lines, at):
            _take_back(own, quoted)
            quoted.append(line)
            if not _quote_follows(lines, at + 1):
                quoted += lines[at + 1 :]
                break
        else:
            own.append(line)
        at += 1
    return Parts(_own_words(own), "", "", "\n".join(quoted).strip("\n"))


def _begins_earlier_letter(lines: list[str], at: int) -> bool:
    """An "Original message" line, or a block of From, Sent, To, Subject lines."""
    line = lines[at]
    if _ORIGINAL_MARK.match(line) or _ONE_LINE_BLOCK.match(line[:600]):
        return True
    if not _HEADER.match(line):
        return False
    near = [other for other in lines[at + 1 : at + 9] if other.strip()][:5]
    if _FROM.match(line):
        return any(_HEADER.match(other) and not _FROM.match(other) for other in near)
    return _TO.match(line) is not None and any(_SUBJECT.match(other) for other in near[:3])


def _is_attribution(lines: list[str], at: int) -> bool:
    """`On … X <x@y> wrote:` and its kin; a sentence of one's own that ends with a colon has no date or address."""
    line = lines[at].rstrip()
    if not line.endswith(":") and not _WROTE.search(line[-40:]):
        return False
    before = " ".join(lines[max(0, at - 2) : at])[-300:]
    whole = f"{before if _starts_before(lines, at) else ''} {line[-400:]}"
    if _WROTE.search(line[-40:]):
        return bool(_ADDRESS.search(whole) or _WHEN.search(whole)) and line.endswith(":")
    return bool(_ADDRESS.search(whole) and _WHEN.search(whole))


def _starts_before(lines: list[str], at: int) -> bool:
    return any(_ATTRIBUTION_START.match(line) and _WHEN.search(line) for line in lines[max(0, at - 2) : at])


def _take_back(own: list[str], quoted: list[str]) -> None:
    """Move the wrapped beginning of an attribution, already taken for own words, to the quotation."""
    for back in (1, 2):
        if len(own) < back or not own[-back].strip() or own[-back].rstrip().endswith((".", "!", "?")):
            return
        if _ATTRIBUTION_START.match(own[-back]) and _WHEN.search(own[-back]):
            quoted += own[-back:]
            del own[-back:]
            return


def _quote_follows(lines: list[str], at: int) -> bool:
    for line in lines[at : at + 4]:
        if line.strip():
            return bool(_QUOTED.match(line))
    return False


def _with_forwarded(own: list[str], quoted: list[str], rest: list[str], depth: int) -> Parts:
    """A forward: its header lines are taken off, and the letter inside is parted in its turn."""
    subject, body = _strip_headers(rest)
    body = [line for line in body if not _FORWARD_END.match(line)]
    filled = [line for line in body if line.strip()]
    if filled and all(_UNQUOTE.match(line) for line in filled[:3]):
        body = [_UNQUOTE.sub("", line, count=1) for line in body]
    inner = _split(body, forward=True, depth=depth + 1) if depth < 3 else Parts("", "", "", "\n".join(body))
    passed_on = bool(inner.forwarded) and is_cover(inner.new)
    earlier = (inner.new if passed_on else inner.forwarded, inner.quoted)
    quoted += [text for text in earlier if text]
    return Parts(
        _own_words(own),
        (inner.forwarded_subject or subject) if passed_on else subject,
        inner.forwarded if passed_on else inner.new,
        "\n".join(quoted).strip("\n"),
    )


def is_cover(text: str) -> bool:
    """Nothing, or a few words that say no more than that something is passed on."""
    return len(text) < 80 and (not text.strip() or _COVER.fullmatch(text) is not None)


def _strip_headers(lines: list[str]) -> tuple[str, list[str]]:
    """The subject named in a forwarded letter's header lines, and the lines after them."""
    subject, at, seen = "", 0, False
    while at < min(len(lines), 40):
        line = lines[at]
        if found := _SUBJECT.match(line):
            subject = found[1].strip()
        if _HEADER.match(line) or _ORIGINAL_MARK.match(line):
            seen = True
        elif not line.strip():
            if seen and not _more_headers(lines, at):
                break
        elif not seen and _is_attribution(lines, at):
            return subject, lines[at + 1 :]
        elif not (seen and _more_headers(lines, at)):
            break
        at += 1
    return subject, lines[at:]


def _more_headers(lines: list[str], at: int) -> bool:
    """A header line stands within the next two: a value was wrapped, or the lines are set apart."""
    return any(_HEADER.match(line) for line in lines[at + 1 : at + 3])


def _own_words(lines: list[str]) -> str:
    """Without banners, disclaimers, signature and separating rules."""
    kept: list[str] = []
    skipping = False
    rest = iter(lines)
    for line in rest:
        if not line.strip():
            skipping = False
        elif skipping or _DISCLAIMER.match(line[:_LONGEST_MARK]):
            skipping = True
            continue
        elif _BANNER.match(line[:_LONGEST_MARK]) or _RULE.match(line[:_LONGEST_MARK]):
            if line.strip() in {"--", "---"} and any(map(str.strip, kept)):
                break
            continue
        if _ends_here(line, kept):
            break
        if (sign_off := _SIGN_OFF.search(line[:2000])) and _is_sign_off(sign_off, line, kept):
            kept.append(line[: sign_off.start()])
            break
        kept.append(line)
    return "\n".join([*kept, *_postscript(rest)]).strip("\n ")


def _postscript(lines: Iterator[str]) -> Iterator[str]:
    """What a writer adds under the signature, to the end of its paragraph."""
    added = False
    for line in lines:
        added = bool(line.strip()) if added else _POSTSCRIPT.match(line) is not None
        if added:
            yield line


def _ends_here(line: str, kept: list[str]) -> bool:
    """The usual signature mark, or the words a telephone adds."""
    return (line.rstrip() == "--" and any(map(str.strip, kept))) or bool(_DEVICE.match(line) and len(line) < 120)


def _is_sign_off(found: re.Match[str], line: str, kept: list[str]) -> bool:
    """A sign-off follows something and is short; `С уважением относимся …` in a sentence is none."""
    before = line[: found.start()].strip() or any(map(str.strip, kept))
    rest = found["rest"].strip(" ,.!;:-")
    return bool(before) and (len(rest) < 80 or found["rest"].lstrip().startswith(","))
