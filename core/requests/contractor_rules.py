"""Decisions about contractors: their names, whose an address is, when they work. Pure."""

import re
from collections.abc import Sequence
from datetime import time
from typing import Final

from core.errors import UserError
from core.requests.model import DAYS, Contractor, WorkingHours

MAX_NAME: Final = 60
MAX_PATTERN: Final = 254  # RFC 5321, 4.5.3.1.3: a path of 256 octets, less its angle brackets

_PUBLIC: Final = frozenset(
    (
        *("gmail.com", "googlemail.com", "icloud.com", "me.com", "mac.com", "aol.com", "msn.com", "live.com"),
        *("proton.me", "pm.me", "tutanota.com", "zoho.com", "fastmail.com", "mail.com", "tuta.io"),
        *("ukr.net", "i.ua", "ua.fm", "meta.ua", "bigmir.net", "email.ua", "online.ua", "3g.ua"),
        *("mail.ru", "inbox.ru", "list.ru", "bk.ru", "internet.ru", "rambler.ru", "ya.ru", "narod.ru"),
        *("wp.pl", "o2.pl", "onet.pl", "interia.pl", "seznam.cz", "web.de", "t-online.de", "freenet.de"),
    )
)
_FAMILIES: Final = frozenset(("yandex", "yahoo", "ymail", "outlook", "hotmail", "gmx", "protonmail"))
"""Providers that have a domain in many countries: yahoo.com, yahoo.co.uk."""
_SHARED: Final = frozenset(
    (
        *("com", "net", "org", "edu", "gov", "co", "in", "ac", "biz", "info", "kiev", "kyiv", "lviv", "lvov", "odessa"),
        *("odesa", "dp", "dnipro", "kharkov", "kharkiv", "kh", "zp", "ck", "vn", "if", "te", "od", "ks", "mk", "pl"),
    )
)
"""What stands before a country's code where companies register below it: com.ua, co.uk."""

_LOCAL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_HOURS = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d\d))?")
_WORKING_WEEK: Final = DAYS[:5]
_DAY_WORDS: Final = {
    **dict(zip(DAYS, DAYS, strict=True)),
    **dict(zip(("пн", "вт", "ср", "чт", "пт", "сб", "нд"), DAYS, strict=True)),
    "вс": "sun",
}


def check_name(name: str) -> str:
    """A contractor's name on one line. Raises `UserError` when it is empty, too long or an address."""
    name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not name:
        raise UserError("What is the contractor called? For example: Lift Service")
    if "@" in name:
        raise UserError("{name} is an address. The name comes first: Lift Service @liftservice.example", name=name)
    if len(name) > MAX_NAME:
        raise UserError("The name has {n} characters; {limit} fit.", n=len(name), limit=MAX_NAME)
    return name


def split_line(line: str) -> tuple[str, tuple[str, ...]]:
    """`Lift Service @liftservice.example` → the name and what of it are addresses or domains."""
    words = line.split()
    return " ".join(word for word in words if "@" not in word), tuple(word for word in words if "@" in word)


def check_pattern(text: str) -> str:
    """`Name@Contractor.example`, `@contractor.example`, `*@contractor.example` or `contractor.example` as a pattern.

    Raises `UserError` when it is neither an address nor a domain, or a domain that others share.
    """
    wanted = text.strip().strip("<>,;").removeprefix("mailto:").lower()
    local, _, domain_text = wanted.rpartition("@")
    domain = _domain(domain_text)
    if domain is None or (local not in ("", "*") and not _LOCAL.fullmatch(local)) or len(wanted) > MAX_PATTERN:
        raise UserError(
            "{text} is neither an address nor a domain. Write name@contractor.example or @contractor.example.",
            text=text.strip()[:100] or "?",
        )
    if local not in ("", "*"):
        return f"{local}@{domain}"
    if is_public(domain):
        raise UserError(
            "Anybody can have an address at {domain}. Add the contractor's exact address instead.", domain=domain
        )
    return f"@{domain}"


def is_public(domain: str) -> bool:
    """Whether strangers share that domain: a public mail provider, or what companies register below (com.ua)."""
    labels = domain.lower().split(".")
    if len(labels) < 2 or (len(labels) == 2 and labels[0] in _SHARED and len(labels[1]) == 2):
        return True
    above = [labels[start:] for start in range(len(labels) - 1)]
    return any(".".join(each) in _PUBLIC or (each[0] in _FAMILIES and _is_ending(each[1:])) for each in above)


def _is_ending(labels: Sequence[str]) -> bool:
    """Whether that can stand behind a provider's name: com, ua, co.uk."""
    return len(labels) <= 2 and all(len(label) <= 3 for label in labels)


def pattern_for(address: str) -> str:
    """The pattern that says whose letters these are: the domain, or at a public provider the exact address.

    '' for what is no address.
    """
    address = _address(address)
    local, _, domain = address.rpartition("@")
    return address if not local or is_public(domain) else f"@{domain}"


def patterns_of(address: str) -> tuple[str, ...]:
    """Every pattern an address may be known by, the nearest first: itself, its domain, the domains above."""
    address = _address(address)
    labels = address.rpartition("@")[2].split(".")
    domains = (".".join(labels[start:]) for start in range(len(labels) - 1))
    return (address, *(f"@{domain}" for domain in domains)) if address else ()


def _address(text: str) -> str:
    """An address in lower case, its domain as it travels (RFC 3490); '' for what is none."""
    local, _, domain_text = text.strip().lower().rpartition("@")
    domain = _domain(domain_text)
    return f"{local}@{domain}" if local and domain else ""


def _domain(text: str) -> str | None:
    """A domain of at least two labels as it travels, in lower case; None for what is none."""
    if len(text) > MAX_PATTERN:
        return None
    try:
        domain = text.strip().rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    labels = domain.split(".")
    return domain if len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels) else None


def parse_hours(line: str) -> tuple[str, tuple[str, ...]]:
    """`mon-fri 9-18`, `пн-сб 08:00-20:00`, `9-18` (Monday to Friday), `-` (not said) → hours and days.

    Raises `UserError`.
    """
    line = line.strip().lower()
    if line in ("-", "–", "—"):
        return "", ()
    found = _HOURS.search(line)
    if not found:
        raise _unclear_hours(line)
    days = _parse_days(f"{line[: found.start()]} {line[found.end() :]}")
    start, start_minute, end, end_minute = found.groups(default="00")
    return check_hours(f"{start:0>2}:{start_minute}-{end:0>2}:{end_minute}", days or _WORKING_WEEK)


def check_hours(hours: str, days: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Hours like `09:00-18:00` with the codes of their days in the week's order; '' and () when not said.

    Raises `UserError`.
    """
    if not hours and not days:
        return "", ()
    found = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", hours)
    if not found or not days or not set(days) <= set(DAYS):
        raise _unclear_hours(f"{' '.join(days)} {hours}".strip())
    start, start_minute, end, end_minute = map(int, found.groups())
    if start > 23 or end > 24 or max(start_minute, end_minute) > 59 or (end == 24 and end_minute):
        raise _unclear_hours(hours)
    return hours, tuple(day for day in DAYS if day in days)


def hours_of(contractor: Contractor, timezone: str) -> WorkingHours | None:
    """When a contractor works, in that zone; None when it was not said."""
    if not contractor.working_hours:
        return None
    start, end = contractor.working_hours.split("-")
    days = tuple(DAYS.index(day) for day in contractor.working_days)
    return WorkingHours(_time(start), _time(end), days, timezone)


def _time(text: str) -> time:
    hour, minute = map(int, text.split(":"))
    return time(hour % 24, minute)


def _parse_days(text: str) -> tuple[str, ...]:
    """`mon-fri, sun` → the codes of the days; a span may run over the week's end."""
    days: list[str] = []
    for span in re.sub(r"\s*[-–—]\s*", "-", text.replace(",", " ")).split():
        first, _, last = span.partition("-")
        if first not in _DAY_WORDS or (last or first) not in _DAY_WORDS:
            raise _unclear_hours(text)
        begin, end = DAYS.index(_DAY_WORDS[first]), DAYS.index(_DAY_WORDS[last or first])
        days += [DAYS[(begin + step) % 7] for step in range((end - begin) % 7 + 1)]
    return tuple(days)


def _unclear_hours(text: str) -> UserError:
    return UserError("I do not understand the hours {text}. Write them like mon-fri 09:00-18:00.", text=text[:60])
