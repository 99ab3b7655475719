"""What the assistant works with beside Telegram: a mailbox, a shared folder, and a clock that can be moved ahead."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from core.errors import UserError
from deploy.demo.clock import WorldClock
from deploy.demo.files import SharedFolder
from deploy.demo.letters import LETTERS, Letter, compose, deliver, make_maildir, shown, written
from deploy.demo.telegram.model import Json
from deploy.demo.telegram.store import Store

NAMES: Final = {
    "uk": ("Оксана", "Тарас", "Іван", "Вахта"),
    "ru": ("Оксана", "Тарас", "Иван", "Вахта"),
    "en": ("Oksana", "Taras", "Ivan", "Vakhta"),
}
"""By language: the engineer, the shift lead, a stranger, the bot."""
_MOST_HOURS: Final = 24 * 7
_READ_OVER: Final = 1.5
"""Seconds in which nobody renames what they have just saved: a person is not quicker, and a watcher looks meanwhile."""


class Surroundings:
    """All that in one folder; how far the clock is ahead outlives a restart. `furnish` comes first."""

    def __init__(self, folder: Path, clock: WorldClock, language: str) -> None:
        self.mailbox = folder / "mail"
        self.shared = folder / "shared"
        self.language = language
        self._clock = clock
        self._files = SharedFolder(self.shared)

    def furnish(self, store: Store) -> None:
        """Put everything where it is to be; the clock goes to where it was."""
        self._store = store
        self._files.make()
        make_maildir(self.mailbox)
        self._clock.ahead = timedelta(seconds=store.get("world", "shift") or 0)

    @property
    def holding(self) -> bool:
        """Whether what the visitor does reaches the assistant later."""
        return False

    def now(self) -> datetime:
        """The world's present moment: the machine's, plus the hours gone ahead."""
        return self._clock.now()

    @property
    def ahead(self) -> timedelta:
        """How far the clock was moved ahead."""
        return self._clock.ahead

    @property
    def away(self) -> bool:
        """Whether the shared folder is unplugged."""
        return self._files.away

    def files(self) -> list[dict[str, str | None]]:
        """The files that come and go: `name`, and `now` the name each has at present, None when it is not there."""
        return self._files.facts()

    # What happens in the evening

    def arrive(self, letter: Letter) -> None:
        """A letter comes."""
        deliver(self.mailbox, compose(letter, self.now()), self.now())

    def put_file(self, name: str, like: str) -> None:
        """Somebody saves a file of that name, whose content is like that of one of the three."""
        self._files.put(name, like, self.now())

    # What the visitor's buttons do

    def deliver_letter(self, name: str) -> Json:
        """One of the prepared letters arrives; as a mail program shows it."""
        if name not in LETTERS:
            raise UserError("There is no letter {name}.", name=name)
        return self._deliver(LETTERS[name](self.now(), self.language))

    def write_letter(self, sender: str, subject: str, text: str) -> Json:
        """A letter that the visitor wrote arrives; as a mail program shows it."""
        return self._deliver(written(sender, subject, text))

    def _deliver(self, letter: Letter) -> Json:
        make_maildir(self.mailbox)
        message = compose(letter, self.now())
        deliver(self.mailbox, message, self.now(), hold=self.holding)
        return shown(message) | {"at": self.now().timestamp()}

    async def touch_file(self, name: str, action: str) -> str:
        """Somebody saves, renames or deletes a file in the shared folder; or edits one and then renames it."""
        touched = self._files.act(name, action, self.now())
        if action != "edit":
            return touched
        await self._clock.sleep(_READ_OVER)
        return self._files.act(name, "rename", self.now())

    def plug(self, *, in_: bool) -> None:
        """The shared folder's cable is pulled, or put in again."""
        if in_:
            self._files.plug_in()
        else:
            self._files.unplug(self.now())

    def go_ahead(self, hours: int) -> None:
        """The clock jumps ahead by 1 to 168 hours."""
        if not 1 <= hours <= _MOST_HOURS:
            raise UserError("The clock goes ahead by 1 to {n} hours.", n=_MOST_HOURS)
        self._clock.ahead += timedelta(hours=hours)
        self._store.put("world", "shift", self._clock.ahead.total_seconds())
        self._store.commit()
