"""Letters of ours on their way out: one mailbox's queue, each letter sent once, whatever happens meanwhile."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from typing import Final, Protocol, runtime_checkable

from core.clock import Clock
from core.db.engine import Database
from core.errors import AuthFailed, Rejected, Unavailable, Uncertain
from core.letters.outgoing import OutgoingLetter
from core.letters.sending import OutgoingService
from core.text import N_

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 5.0
"""Seconds between two looks for letters that another process queued; this process's own wake the job."""
SEND_WITHIN: Final = 60.0
"""Seconds a server has for one letter; well below the time after which its sender counts as gone."""

SLOW: Final = N_("The mail server did not say in time whether it has taken the letter.")


@runtime_checkable
class Post(Protocol):
    """Whoever can send a letter."""

    async def send(self, message: bytes, sender: str, recipients: Sequence[str]) -> None:
        """Hand over a whole RFC 5322 message (CRLF) for these bare addresses.

        Raises `Unavailable` and `AuthFailed` when it has surely not left, `Rejected` when it will not be taken as it
        is, `Uncertain` when nobody knows.
        """
        ...


class PostJob:
    """Sends what waits for the mailbox called `name`, from `address`. `beat` says that a cycle went well."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        outgoing: OutgoingService,
        name: str,
        post: Post,
        address: str,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._outgoing = outgoing
        self._name = name
        self._post = post
        self._address = address
        self._beat = beat
        self._bell = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Something was queued: look at once."""
        self._bell.set()

    async def run(self) -> None:
        """Send until the stop. Raises `Unavailable`, `AuthFailed`: the letter waits on."""
        while not self._stopping:
            self._bell.clear()
            await self.once()
            self._beat()
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._bell.wait()
            except TimeoutError:
                continue

    async def once(self) -> int:
        """Send all that waits; how many letters were sent. Raises `Unavailable`, `AuthFailed`."""
        async with self._db.reading() as connection:
            if not await self._outgoing.waits(connection, self._name):
                return 0
        async with self._db.transaction() as tx:
            await self._outgoing.recover(tx, self._name)
        sent = 0
        while not self._stopping:
            async with self._db.transaction() as tx:
                letter = await self._outgoing.claim(tx, self._name)
            if letter is None:
                break
            sent += await self._send(letter)
        return sent

    async def drain(self, seconds: float) -> None:
        """Take up no further letter; whoever stops the job waits for the one on its way."""
        self._stopping = True
        self._bell.set()

    async def _send(self, letter: OutgoingLetter) -> bool:
        """Send one letter and write down what became of it; whether it was sent."""
        try:
            message = build(letter, self._address, self._clock.now())
            async with asyncio.timeout(SEND_WITHIN):
                await self._post.send(message, self._address, letter.recipients)
        except (Unavailable, AuthFailed) as error:
            async with self._db.transaction() as tx:
                await self._outgoing.postpone(tx, letter, error)
            raise
        except Rejected as error:
            log.warning("letter %d was refused: %s", letter.id, error)
            async with self._db.transaction() as tx:
                await self._outgoing.refuse(tx, letter, error)
            return False
        except (Uncertain, TimeoutError) as error:
            unsure = error if isinstance(error, Uncertain) else Uncertain(SLOW)
            log.warning("letter %d may or may not have arrived: %s", letter.id, unsure)
            async with self._db.transaction() as tx:
                await self._outgoing.unsure(tx, letter, unsure)
            return False
        async with self._db.transaction() as tx:
            await self._outgoing.sent(tx, letter)
        return True


class _ThreadHeader(UniqueUnstructuredHeader):
    """Message ids, folded between them only: Python encodes a long one as words, and its thread is lost."""

    def fold(self, *, policy: EmailPolicy) -> str:
        """The header's lines."""
        ids = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {ids}{policy.linesep}"  # type: ignore[attr-defined]  # the registry adds BaseHeader


def _policy() -> "EmailPolicy[EmailMessage]":
    registry = HeaderRegistry()
    for name in ("message-id", "in-reply-to", "references"):
        registry.map_to_type(name, _ThreadHeader)  # type: ignore[arg-type]  # see above
    return SMTP.clone(header_factory=registry, cte_type="7bit")  # not every server takes 8 bits


_POLICY: Final = _policy()


def build(letter: OutgoingLetter, address: str, now: datetime) -> bytes:
    """The letter as it is sent: RFC 5322, plain text in UTF-8. Raises `Rejected` for one that cannot be written.

    It says nowhere that it is automatic: a person has pressed "Send".
    """
    message = EmailMessage(policy=_POLICY)
    try:
        message["From"] = Address(addr_spec=address)
        message["To"] = [Address(addr_spec=recipient) for recipient in letter.recipients]
        message["Subject"] = letter.subject
        message["Date"] = now
        message["Message-ID"] = f"<{letter.message_id}>"
        if letter.thread:
            message["In-Reply-To"] = f"<{letter.thread[-1]}>"
            message["References"] = " ".join(f"<{each}>" for each in letter.thread)
        message.set_content(letter.text + "\n")
        return message.as_bytes()
    except (ValueError, IndexError, LookupError) as error:  # what the email package says of impossible addresses
        raise Rejected("This letter cannot be written as mail: {reason}", reason=str(error)[:200]) from error
