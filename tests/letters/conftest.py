"""A mailbox of each kind, and the assistant's letters."""

from pathlib import Path

import pytest

from core.db.engine import Database
from core.letters.lexicon import lexicon
from core.letters.words import DEFAULT_WORDS
from tests.conftest import ManualClock
from tests.letters.boxes import Server
from tests.letters.post import Post, post_of

lexicon(DEFAULT_WORDS).prepare()  # here, and not within the time of whichever test reads first


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    path = tmp_path / "mail"
    for folder in ("new", "cur", "tmp"):
        (path / folder).mkdir(parents=True)
    return path


@pytest.fixture
def post(sqlite_db: Database, clock: ManualClock) -> Post:
    return post_of(sqlite_db, clock)


@pytest.fixture
def server(clock: ManualClock) -> Server:
    return Server(clock)
