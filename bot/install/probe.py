"""Whether an account can read and write what it must: tried, not guessed.

On POSIX root tries it in a child that has become that account; on Windows the service itself does, when it starts.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Use = Literal["read", "list", "write", "run"]
Outcome = Literal["well", "missing", "denied", "failed"]


@dataclass(frozen=True, slots=True)
class Need:
    """A path that the account must read (a file), list (a folder), write (a folder) or run; `what` is the setting."""

    what: str
    path: str
    use: Use


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a need; `barred` is the folder on the way to it that may not be entered."""

    what: str
    path: str
    use: Use
    outcome: Outcome
    barred: str = ""


def probe(needs: Iterable[Need]) -> list[Tried]:
    """Try them as the account that this process runs as."""
    return [_tried(need) for need in needs]


def _tried(need: Need) -> Tried:
    outcome = _outcome(need)
    barred = _barred(Path(need.path)) if outcome == "denied" else ""
    return Tried(need.what, need.path, need.use, outcome, barred)


def _barred(path: Path) -> str:
    """The first folder on the way that may not be entered; '' when the way is free."""
    real = Path(os.path.realpath(path))
    ways = [*reversed(path.parents), *reversed(real.parents)]
    return next((str(folder) for folder in ways if not os.access(folder, os.X_OK)), "")


def _outcome(need: Need) -> Outcome:
    try:
        _try(need)
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except PermissionError:
        return "denied"
    except OSError:
        return "failed"
    return "well"


def _try(need: Need) -> None:
    """Do what is needed, leaving nothing behind. Raises `OSError`."""
    path = Path(need.path)
    if need.use == "read":
        with path.open("rb") as file:
            file.read(1)
    elif need.use == "list":
        with os.scandir(path) as entries:
            next(entries, None)
    elif need.use == "write":
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(b"x")
        for database in path.glob("*.db"):
            database.open("r+b").close()
    else:
        path.stat()
        if not os.access(path, os.X_OK):
            raise PermissionError(need.path)


def probe_as(account: str, needs: Sequence[Need]) -> list[Tried]:
    """Try them as another account; only root may ask. Raises `KeyError` for an unknown account."""
    if sys.platform == "win32":  # no other account's rights can be taken on: its task tries them (`keeper`)
        raise PermissionError(account)
    import pwd

    found = pwd.getpwnam(account)
    groups = os.getgrouplist(account, found.pw_gid)
    answer, question = os.pipe()
    child = os.fork()
    if child == 0:  # becomes the account for good, answers and is gone
        try:
            os.setgroups(groups)
            os.setgid(found.pw_gid)
            os.setuid(found.pw_uid)
            with os.fdopen(question, "w") as pipe:
                json.dump([asdict(tried) for tried in probe(needs)], pipe)
            os._exit(0)
        finally:
            os._exit(1)
    os.close(question)
    with os.fdopen(answer) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return [Tried(**each) for each in json.loads(text)] if text else []
