"""Samba's audit log understood: pieces of `vfs_full_audit`'s output → audit entries. Pure.

A record is `PREFIX|OPERATION|RESULT|ARGUMENTS` (vfs_full_audit(8); `do_log` in source3/modules/vfs_full_audit.c). It
escapes nothing: a name on the disk may hold `|` and line breaks. In a file that Samba writes itself every record has
a header at the beginning of a line, and every further line of its text is indented, so that no name can look like a
record. In syslog's files the daemon must escape line breaks, as rsyslog does unless told otherwise.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from core.errors import ConfigError
from core.files.model import AuditSettings
from core.files.naming import shown
from core.files.who import ELSEWHERE, Action, AuditEntry, Parsed, gap

WRITES: Final = frozenset({"pwrite", "pwrite_send", "write", "ftruncate", "fallocate", "recvfile"})
"""Operations that change what is in a file. Opening it for writing is none: nothing need be written."""
MADE: Final = frozenset({"create", "overwrite", "overwrite_if", "supersede"})
"""Dispositions of `create_file` that begin or empty a file."""
DELETES: Final = frozenset({"unlink", "unlinkat", "rmdir"})
RENAMES: Final = frozenset({"rename", "renameat"})

_HEADER: Final = re.compile(
    rb"\[(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?), +\d+(?:,[^\]\n]*)?\] \S*vfs_full_audit\.c:\d+\(do_log\)"
)
_RECORDS: Final = re.compile(rb"^\[", re.MULTILINE)
_SYSLOG: Final = re.compile(
    r"(?:<\d{1,3}>)?(?:(?P<old>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)|(?P<iso>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*))"
    r" \S+ smbd_audit(?:\[\d+\])?: ?(?P<text>.*)",
    re.DOTALL,
)
_CODED: Final = re.compile(r"#\d{3}")
_NAME: Final = re.compile(r"[^\x00-\x20\x7f,|][^\x00-\x1f\x7f,|]{0,255}")
_MICROSECOND: Final = timedelta(microseconds=1)
_SECOND: Final = timedelta(seconds=1) - _MICROSECOND


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A record's time (more than one moment where the clock was put back) and text."""

    moments: tuple[datetime, ...]
    length: timedelta
    text: str
    broken: bool = False


class SambaLog:
    """Understands the audit log of one share. `here`: where the watched folder is on this machine.

    Raises `ConfigError` when the prefix does not name the user.
    """

    def __init__(self, settings: AuditSettings, here: str) -> None:
        self._record = _pattern(settings.prefix)
        self._share = settings.share.casefold()
        self._syslog = settings.form == "syslog"
        self._root = (settings.root or here).replace("\\", "/").rstrip("/")
        self._absolute = self._root.startswith("/")
        self._zone: tzinfo | None = ZoneInfo(settings.timezone) if settings.timezone else None

    def parse(self, data: bytes, now: datetime, *, quiet: bool) -> Parsed:
        """The entries of the whole records of a piece. `quiet`: nothing was added to it lately, its end is an end."""
        entries: list[AuditEntry] = []
        senseless = 0
        used, records = self._lines(data, now) if self._syslog else self._blocks(data, quiet=quiet)
        for record in records:
            found = None if record is None else self._entries(record)
            if found is not None:
                entries += found
                continue
            senseless += 1
            if record is not None and self._root in record.text:
                entries += [gap(at, at + record.length) for at in record.moments]
        return Parsed(entries, used, senseless)

    def _blocks(self, data: bytes, *, quiet: bool) -> tuple[int, list[_Spoken | None]]:
        """Records of a file that Samba writes: a header, then its text, indented."""
        starts = [match.start() for match in _RECORDS.finditer(data)]
        ended = data.rfind(b"\n") + 1
        if not starts:
            return ended, []
        last_is_whole = quiet and data.endswith(b"\n")
        bounds = [*starts, len(data)] if last_is_whole else starts
        records = [self._block(data[at:end]) for at, end in pairwise(bounds)]
        return bounds[-1], [record for record in records if record != _ALIEN]

    def _block(self, block: bytes) -> _Spoken | None:
        header, _, body = block.partition(b"\n")
        told = _HEADER.fullmatch(header)
        if told is None:
            return _ALIEN
        stamp = told.group(1).decode("ascii")
        form = "%Y/%m/%d %H:%M:%S.%f" if "." in stamp else "%Y/%m/%d %H:%M:%S"
        moments = self._moments(stamp, form)
        lines = body.removesuffix(b"\n").split(b"\n")
        if not moments or not lines[0].startswith(b"  "):
            return None
        text = lines[0][2:].decode("utf-8", "surrogateescape")
        return _Spoken(moments, timedelta() if "." in stamp else _SECOND, text, broken=len(lines) > 1)

    def _lines(self, data: bytes, now: datetime) -> tuple[int, list[_Spoken | None]]:
        """Records of a file that a syslog daemon writes: one a line."""
        ended = data.rfind(b"\n") + 1
        lines = data[:ended].split(b"\n")[:-1]
        return ended, [self._line(line, now) for line in lines if b"smbd_audit" in line]

    def _line(self, line: bytes, now: datetime) -> _Spoken | None:
        told = _SYSLOG.fullmatch(line.decode("utf-8", "surrogateescape"))
        if told is None:
            return None
        text = told["text"]
        broken = _CODED.search(text) is not None  # a character that the daemon escaped, or a name that looks so
        if told["iso"] is not None:
            moments = self._iso(told["iso"])
            length = timedelta() if "." in told["iso"] else _SECOND
            return _Spoken(moments, length, text, broken) if moments else None
        moments = self._yearless(told["old"], now)
        return _Spoken(moments, _SECOND, text, broken) if moments else None

    def _iso(self, stamp: str) -> tuple[datetime, ...]:
        try:
            moment = datetime.fromisoformat(stamp)
        except ValueError:
            return ()
        return self._in_utc(moment) if moment.tzinfo is None else (moment.astimezone(UTC),)

    def _yearless(self, stamp: str, now: datetime) -> tuple[datetime, ...]:
        """RFC 3164 names no year: the latest that is not in the future."""
        for year in (now.year + 1, now.year, now.year - 1):
            moments = self._moments(f"{year} {stamp}", "%Y %b %d %H:%M:%S")
            if moments and moments[0] <= now + timedelta(days=1):
                return moments
        return ()

    def _moments(self, stamp: str, form: str) -> tuple[datetime, ...]:
        try:
            return self._in_utc(datetime.strptime(stamp, form))  # noqa: DTZ007  its zone is added there
        except ValueError:
            return ()

    def _in_utc(self, local: datetime) -> tuple[datetime, ...]:
        """A local time in UTC: two moments in the hour that a clock goes through twice."""
        both = [local.replace(tzinfo=self._zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        return tuple(dict.fromkeys(both))

    def _entries(self, record: _Spoken) -> list[AuditEntry] | None:
        """What a record says of the watched folder; None when it is no record of ours."""
        told = self._record.fullmatch(record.text)
        if told is None or "\0" in record.text:  # no name holds it; a log that was truncated under its writer may
            return None
        fields = told.groupdict()
        if fields["result"] != "ok":
            return []
        ours = not self._share or fields.get("S", self._share).casefold() == self._share
        deeds = list(self._deeds(fields["operation"], fields["rest"], ours=ours))
        if not deeds:
            return []
        undecodable = record.text != shown(record.text)  # two names of the disk may be written alike
        doubtful = record.broken or undecodable or len(record.moments) > 1 or not _NAME.fullmatch(fields["u"])
        readings = {reading for reading, *_ in deeds}
        who = "" if doubtful or len(readings) > 1 else shown(fields["u"])
        return [
            AuditEntry(at, at + record.length, who, shown(fields.get("I") or ""), action, path, other)
            for at in record.moments
            for _, action, path, other in deeds
        ]

    def _deeds(self, operation: str, rest: str, *, ours: bool) -> Iterator[tuple[int, Action, str, str]]:
        """What was done to which paths below the root, for each way to read it."""
        if operation in WRITES or operation in DELETES:
            action: Action = "wrote" if operation in WRITES else "deleted"
            if (path := self._below(rest, ours=ours)) is not None:
                yield 0, action, path, ELSEWHERE
        elif operation == "create_file":
            parts = rest.split("|", 3)
            if len(parts) == 4 and parts[1] == "file" and parts[2] in MADE:
                path = self._below(parts[3], ours=ours)
                if path is not None:
                    yield 0, "wrote", path, ELSEWHERE
        elif operation in RENAMES:
            for reading, (old, new) in enumerate(self._ends(rest)):
                before, after = self._below(old, ours=ours), self._below(new, ours=ours)
                if after is not None:
                    yield reading, "came", after, before or ELSEWHERE
                if before is not None:
                    yield reading, "went", before, after or ELSEWHERE

    def _ends(self, rest: str) -> Iterator[tuple[str, str]]:
        """Where `old|new` may be parted: a name may hold `|`, too."""
        sign = "|/" if rest.startswith("/") else "|"
        at = rest.find(sign)
        while at != -1:
            yield rest[:at], rest[at + 1 :]
            at = rest.find(sign, at + 1)

    def _below(self, path: str, *, ours: bool) -> str | None:
        """A log's path below the watched folder, written as in the history; None: it lies elsewhere.

        A whole path says by itself where it is: another share may reach into the folder, too.
        """
        base = self._root
        if not path.startswith("/"):
            if not ours:
                return None
            base = "" if self._absolute else base  # older Samba writes paths relative to the share
        elif not self._absolute:
            return None
        path = path.removeprefix("./")
        if base and not path.startswith(base + "/"):
            return None
        rest = path[len(base) + 1 :] if base else path
        return shown(rest) or None


_ALIEN: Final = _Spoken((), timedelta(), "")
"""A record of another part of Samba."""


def _pattern(prefix: str) -> re.Pattern[str]:
    """A record's pattern, from `full_audit:prefix`: `%u|%I|%m|%S`. The words of smb.conf(5) hold no `|` themselves."""
    if "%u" not in prefix:
        raise ConfigError("The prefix of an audit log must hold %u, the user: {prefix}", prefix=prefix)
    seen: set[str] = set()
    parts: list[str] = []
    for literal, word in re.findall(r"([^%]+)|%(.)", prefix):
        if literal:
            parts.append(re.escape(literal))
        elif word in "uIS" and word not in seen:
            seen.add(word)
            parts.append(f"(?P<{word}>[^|]*)")
        else:
            parts.append("[^|]*")
    fields = r"\|(?P<operation>[a-z_0-9]+)\|(?P<result>ok|fail \([^|]*?\))\|(?P<rest>.*)"
    return re.compile("".join(parts) + fields, re.DOTALL)
