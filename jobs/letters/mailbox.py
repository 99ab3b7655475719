"""What the letters job asks of a mailbox, whatever kind it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class RawLetter(Protocol):
    """A letter as the mailbox keeps it."""

    @property
    def data(self) -> bytes:
        """The whole message, undecoded."""
        ...

    @property
    def received_at(self) -> datetime:
        """When the mailbox got it; aware, UTC."""
        ...


class Mailbox(Protocol):
    """Letters under keys that stay the same while the letter is there."""

    async def keys(self) -> Sequence[str]:
        """The keys of all letters, oldest first. Raises `Unavailable` or `AuthFailed`."""
        ...

    async def read(self, key: str) -> RawLetter:
        """One letter. Raises `Rejected` for one that cannot be read at all, `Unavailable` or `AuthFailed`."""
        ...
