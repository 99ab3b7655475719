"""What the tests of a mailbox's job share: letters put into a folder, a mailbox on a server, jobs over them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from core.errors import AuthFailed, Unavailable
from core.letters.mailboxes import MailboxState
from jobs.connectors.maildir.client import Maildir
from jobs.letters.job import BATCH, Intake, MailboxJob
from jobs.letters.mailbox import Changes, Entry, Mailbox, RawLetter, Unreadable
from tests.conftest import NOON, ManualClock
from tests.letters.post import Post, raw


def put(maildir: Path, name: str, data: bytes) -> Path:
    path = maildir / "new" / name
    path.write_bytes(data)
    return path


def mailbox_job(post: Post, maildir: Path, *senders: str) -> MailboxJob:
    return job_of(post, Maildir(maildir), senders=senders)


def job_of(post: Post, mailbox: Mailbox, *, senders: tuple[str, ...] = (), batch: int = BATCH) -> MailboxJob:
    return MailboxJob(post.db, post.clock, post.letters, mailbox, Intake("contractor", senders, batch=batch))


class Server:
    """A mailbox on a server, as the connectors of such are: keys and cursors hold as long as `validity` does."""

    has_history = True

    def __init__(self, clock: ManualClock, identity: str = "imap://duty@mail.example/INBOX") -> None:
        self.clock = clock
        self.identity = identity
        self.validity = 1
        self.letters: list[tuple[bytes, datetime]] = []
        self.locked: set[int] = set()
        self.asked: list[str | None] = []
        self.closed = False
        self.comes_after: float | None = None
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    def put(self, data: bytes, received_at: datetime | None = None) -> None:
        self.letters.append((data, received_at or self.clock.now()))

    async def changes(self, cursor: str | None, since: datetime) -> Changes:
        self.asked.append(cursor)
        validity, _, after = (cursor or "0:0").partition(":")
        continued = int(validity) == self.validity
        if continued:
            found = list(range(int(after), len(self.letters)))
        else:
            found = [uid for uid, (_, received) in enumerate(self.letters) if received >= since]
        entries = tuple(Entry(f"{self.validity}:{uid}", self.letters[uid][1]) for uid in found)
        return Changes(entries, f"{self.validity}:{len(self.letters)}", continued)

    async def read(self, keys: Sequence[str]) -> list[RawLetter | Unreadable]:
        found: list[RawLetter | Unreadable] = []
        for key in keys:
            uid = int(key.partition(":")[2])
            if uid in self.locked:
                found.append(Unreadable(key, Unavailable("The letter {name} cannot be read.", name=key)))
            else:
                found.append(RawLetter(key, *self.letters[uid]))
        return found

    async def wait(self, seconds: float) -> None:
        if self.comes_after is not None and self.comes_after < seconds:
            self.clock.advance(seconds=self.comes_after)
            self.put(news(len(self.letters)))
        else:
            self.clock.advance(seconds=seconds)
        if self.meanwhile is not None:
            await self.meanwhile()

    async def close(self) -> None:
        self.closed = True


@dataclass
class Beats:
    """Signs of life, by the clock's seconds; the last one wanted ends the job."""

    clock: ManualClock
    wanted: int
    heard: list[float] = field(default_factory=list)

    def __call__(self) -> None:
        self.heard.append(self.clock.elapsed)
        if len(self.heard) == self.wanted:
            raise AuthFailed("The password is refused.")


def news(n: int, text: str = "Бригада выехала.", *, minutes: float = 0) -> bytes:
    return raw("Заявка 101", text, message_id=f"{n}@x", sent=NOON - timedelta(minutes=minutes))


async def state_of(post: Post) -> MailboxState:
    async with post.db.reading() as connection:
        state = await post.letters.mailbox(connection, "contractor")
    assert state is not None
    return state


async def moves(post: Post, name: str = "101") -> list[str | None]:
    return [entry.new for entry in await post.history(name) if entry.kind == "status"]
