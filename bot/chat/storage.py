"""Form state in the database, so that a half-filled form survives a restart."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.db.engine import Database, after_commit
from core.people import store

REMEMBERED: Final = 10_000
"""Forms kept in memory beside the database: every update asks for its person's form, nearly all have none."""


class FormStorage(BaseStorage):
    """aiogram's FSM storage on the program's own database. Written through; read once for each person and chat."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._forms: OrderedDict[str, tuple[str | None, dict[str, Any]]] = OrderedDict()

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        """Keep the step a form is at; None ends it."""
        _, data = await self._load(key)
        await self._save(key, state.state if isinstance(state, State) else state, data)

    async def get_state(self, key: StorageKey) -> str | None:
        """The step a form is at."""
        return (await self._load(key))[0]

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """Keep what a form has gathered (JSON values)."""
        state, _ = await self._load(key)
        await self._save(key, state, dict(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        """What a form has gathered."""
        return dict((await self._load(key))[1])

    async def forget(self, tx: AsyncConnection, person_id: int) -> None:
        """End every form of a person, in the caller's transaction."""
        await store.drop_forms(tx, person_id)
        after_commit(tx, self._forms.clear)  # what is not remembered is read again

    async def close(self) -> None:
        """The database is closed by who opened it."""

    async def _load(self, key: StorageKey) -> tuple[str | None, dict[str, Any]]:
        name = form_key(key)
        if name not in self._forms:
            async with self._db.reading() as connection:
                self._remember(name, await store.load_form(connection, name) or (None, {}))
        self._forms.move_to_end(name)
        return self._forms[name]

    async def _save(self, key: StorageKey, state: str | None, data: dict[str, Any]) -> None:
        name = form_key(key)
        async with self._db.transaction() as tx:
            await store.save_form(tx, name, state, data, self._clock.now())
        self._remember(name, (state, data))

    def _remember(self, name: str, form: tuple[str | None, dict[str, Any]]) -> None:
        self._forms[name] = form
        if len(self._forms) > REMEMBERED:
            self._forms.popitem(last=False)


def form_key(key: StorageKey) -> str:
    """The row's key: bot, chat, person, thread, business connection and destiny."""
    return ":".join(
        str(part)
        for part in (
            key.bot_id,
            key.chat_id,
            key.user_id,
            key.thread_id or 0,
            key.business_connection_id or "",
            key.destiny,
        )
    )
