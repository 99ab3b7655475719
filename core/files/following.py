"""Following the history of files: a person or a topic is told what a question finds, at once or daily.

A subscription's position moves in the transaction that writes its notice: nothing is lost, nothing is told twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Destination, Telling
from core.alerts.service import AlertsService
from core.clock import Clock, iso
from core.errors import UserError
from core.files import finding, following_store, hours, store
from core.files.asking import parse_query, without_period
from core.files.follows import FOLLOW, MOST, NOTHING, Follow, Seen, matcher, next_digest, read_wish
from core.files.model import EventType, FileEvent, Query
from core.files.rules import continues, count, next_telling
from core.people import store as people
from core.people.service import PeopleService

PIECE: Final = 500
"""Events considered at a time: some milliseconds for each ten subscriptions."""

KEPT: Final = 10_000
"""After so many events that did not concern it, a subscription's position is written down."""


@dataclass(frozen=True, slots=True)
class News:
    """What a look found for one subscription: events, oldest first, and how far the history was considered."""

    follow: Follow
    events: tuple[FileEvent, ...]
    position: int
    more: bool = False
    allowed: bool = True
    due: bool = False

    @property
    def worth_writing(self) -> bool:
        """Whether the subscription's row changes: a position that found nothing is kept now and then."""
        return bool(self.events) or self.due or not self.allowed or self.position - self.follow.position >= KEPT


class _Names(NamedTuple):
    projects: list[str]
    watches: list[str]
    people: list[str]


class FollowingService:
    """Subscriptions to the history. Its methods join the transaction or connection they are given."""

    def __init__(self, clock: Clock, people: PeopleService, alerts: AlertsService) -> None:
        self._clock = clock
        self._people = people
        self._alerts = alerts

    async def follow(self, tx: AsyncConnection, to: Destination, person_id: int, wish: str) -> Follow:
        """Follow from now on what these words find, whatever period they name. Raises `UserError` for nothing, or
        too many.

        The same words again change only when it is told.
        """
        reader = await self._people.reader_of(tx, to.chat_id)
        words, at = read_wish(without_period(wish, now=self._clock.now(), timezone=reader.timezone))
        people = (await self.read(tx, words)).people
        if people and not set(people) & set(await hours.labels(tx)):
            raise UserError(
                "Who made a change is known only after it: {name} can be searched for, not followed.", name=people[0]
            )
        known = await following_store.find_words(tx, to, words)
        if known is not None:
            return known if at is None else await self.tell_at(tx, known.id, at)
        if await following_store.count_of(tx, to) >= MOST:
            raise UserError("That would be more than {n} subscriptions. Stop one first: /follow", n=MOST)
        position = await store.last_event_id(tx)
        made = Follow(0, to, person_id, words, position, self._clock.now(), at, await self._due(tx, to, at))
        return await following_store.add(tx, made)

    async def find(self, connection: AsyncConnection, follow_id: int) -> Follow | None:
        """A subscription by its id."""
        return await following_store.find(connection, follow_id)

    async def list_of(self, connection: AsyncConnection, to: Destination) -> list[Follow]:
        """What a chat follows, the oldest first."""
        return await following_store.list_of(connection, to)

    async def tell_at(self, tx: AsyncConnection, follow_id: int, at: time | None) -> Follow:
        """Tell daily at that time in the chat's zone, or at once (None). Raises `UserError` when it has ended.

        What was gathered for a digest is told at once then.
        """
        follow = await self._known(tx, follow_id)
        changed = replace(follow, digest_at=at, due_at=await self._due(tx, follow.to, at))
        if follow.digest_at is None:
            changed = _begun_anew(changed)  # it has been told already
        elif at is None and follow.total:
            changed = replace(changed, told_at=self._clock.now())
            await self._alerts.tell(tx, _telling(changed, self._clock.now()))
        await following_store.put(tx, changed, seen=follow.position)
        return changed

    async def stop(self, tx: AsyncConnection, follow_id: int) -> Follow:
        """Follow no longer. Raises `UserError` when it has ended already."""
        follow = await self._known(tx, follow_id)
        await following_store.drop(tx, follow_id)
        return follow

    async def pass_on(self, tx: AsyncConnection, follow: Follow, person_id: int) -> bool:
        """Tell this person in private from now on, also what was gathered and has not reached whom it was for.

        False where they follow the same words already: then nothing changes.
        """
        now, to = self._clock.now(), Destination(person_id)
        untold = follow.digest_at is None and await self._alerts.waits(tx, _subject(follow))
        passed = follow if follow.digest_at is not None else _begun_anew(follow)
        if untold:
            passed = replace(follow, message=follow.message + 1, told_at=now)
        passed = replace(passed, to=to, person_id=person_id, due_at=await self._due(tx, to, follow.digest_at))
        if not await following_store.place(tx, passed):
            return False
        if untold:
            await self._alerts.tell(tx, _telling(passed, now))
        return True

    async def chat_moved(self, tx: AsyncConnection, old: int, new: int) -> None:
        """A group became a supergroup: what it follows goes with it."""
        await following_store.move_chat(tx, old, new)

    async def query(self, connection: AsyncConnection, follow: Follow) -> Query:
        """What a subscription looks for: its words without a period."""
        return await self.read(connection, follow.words)

    async def read(self, connection: AsyncConnection, words: str) -> Query:
        """What words mean when they are followed: without a period."""
        return _meant(words, await self._names(connection), self._clock.now())

    async def _names(self, connection: AsyncConnection) -> _Names:
        return _Names(
            await finding.known_names(connection, "project"),
            await finding.known_names(connection, "watch"),
            await hours.people(connection),
        )

    async def pending(self, connection: AsyncConnection, reached: Mapping[int, int]) -> list[News]:
        """What is new for each subscription; `reached` is how far each was considered in vain, by its id."""
        follows = await following_store.every(connection)
        last = await store.last_event_id(connection)
        now = self._clock.now()
        seen = {follow.id: max(follow.position, reached.get(follow.id, 0)) for follow in follows}
        behind = [at for at in seen.values() if at < last]
        events = (
            [Seen.of(event) for event in await store.events_after(connection, min(behind), PIECE)] if behind else []
        )
        more = len(events) == PIECE
        position = events[-1].event.id if more else max([last, *(each.event.id for each in events[-1:])])
        names = await self._names(connection) if events else _Names([], [], [])
        found: list[News] = []
        for follow in follows:
            due = follow.due_at is not None and follow.due_at <= now
            if seen[follow.id] >= position and not due:
                continue
            allowed = await self.allowed(connection, follow)
            matches = matcher(_meant(follow.words, names, now)) if events and allowed else None
            news = (each for each in events if each.event.id > seen[follow.id] and not each.event.imported)
            hits = [each.event for each in news if matches and matches(each)]
            reaches = max(position, seen[follow.id])
            found.append(News(follow, tuple(hits), reaches, more, allowed, due))
        return found

    async def record(self, tx: AsyncConnection, news: News) -> bool:
        """Move a subscription on and write its notice; False when another process has done it."""
        follow, now = news.follow, self._clock.now()
        seen = follow.position
        follow = replace(follow, position=max(news.position, seen))
        if not news.allowed:
            due = await self._due(tx, follow.to, follow.digest_at)
            return await following_store.put(tx, replace(_begun_anew(follow), due_at=due), seen=seen)
        if news.events:
            follow = _gathered(follow, news.events, now)
        telling: Telling | None = None
        if follow.digest_at is None:
            at = None if not news.events else now if follow.told_at is None else next_telling(follow.told_at, now)
            if at is not None:
                follow = replace(follow, told_at=at)
                telling = _telling(follow, at)
        elif follow.due_at is not None and follow.due_at <= now and not news.more:
            telling = _telling(follow, now) if follow.total else None
            follow = replace(_begun_anew(follow), due_at=await self._due(tx, follow.to, follow.digest_at))
        if not await following_store.put(tx, follow, seen=seen):
            return False
        if telling is not None:
            await self._alerts.tell(tx, telling)
        return True

    async def last_events(
        self, connection: AsyncConnection, words: str, first: int, last: int, limit: int
    ) -> list[FileEvent]:
        """The newest events that the words find between those ids, newest first."""
        found = await finding.find_events(connection, await self.read(connection, words), limit=limit, before=last + 1)
        return [event for event in found if event.id >= first]

    async def allowed(self, connection: AsyncConnection, follow: Follow) -> bool:
        """Whether it may be told: a person has access; for a group an admin has decided it."""
        if follow.to.chat_id < 0:
            return True
        person = await people.find_person(connection, follow.to.chat_id)
        return person is not None and person.role is not None

    async def _due(self, tx: AsyncConnection, to: Destination, at: time | None) -> datetime | None:
        if at is None:
            return None
        reader = await self._people.reader_of(tx, to.chat_id)
        return next_digest(at, reader.timezone, self._clock.now())

    async def _known(self, tx: AsyncConnection, follow_id: int) -> Follow:
        follow = await following_store.find(tx, follow_id)
        if follow is None:
            raise UserError("This subscription has ended already.")
        return follow


def _meant(words: str, names: _Names, now: datetime) -> Query:
    query = parse_query(words, **names._asdict(), now=now, timezone="UTC")
    return replace(query, since=None, until=None)


def _gathered(follow: Follow, events: tuple[FileEvent, ...], now: datetime) -> Follow:
    """With these events in its present message, or in a new one after a quiet time."""
    if follow.digest_at is None and follow.last_at is not None and not continues(follow.last_at, now):
        follow = _begun_anew(follow)
    more = count(event.event_type for event in events)
    counts: dict[EventType, int] = {kind: follow.counts.get(kind, 0) + n for kind, n in more.items()}
    first = follow.first_event_id or events[0].id
    return replace(follow, first_event_id=first, last_event_id=events[-1].id, last_at=now, counts=counts)


def _begun_anew(follow: Follow) -> Follow:
    return replace(
        follow,
        message=follow.message + 1,
        first_event_id=0,
        last_event_id=0,
        last_at=None,
        told_at=None,
        counts=dict(NOTHING),
    )


def _subject(follow: Follow) -> str:
    return f"{FOLLOW}:{follow.id}:{follow.message}"


def _telling(follow: Follow, at: datetime) -> Telling:
    subject = _subject(follow)
    data: dict[str, Any] = {
        "follow": follow.id,
        "message": follow.message,
        "words": follow.words,
        "first": follow.first_event_id,
        "last": follow.last_event_id,
        "counts": dict(follow.counts),
        "digest": follow.digest_at is not None,
    }
    return Telling(
        kind=FOLLOW,
        subject=subject,
        dedup=f"{subject}:{iso(at)}",
        topic="files",
        mode="new" if follow.digest_at is not None else "card",
        data=data,
        to=(follow.to,),
        not_before=at,
        expires_after=timedelta(hours=24),
    )
