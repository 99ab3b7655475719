"""Finding the file that the history speaks of: a name that is no text is shown there as another."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from core.files.naming import shown


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands at a path: every true path that is shown as it, and when the only one changed (seconds of its
    file system's clock)."""

    paths: list[str] = field(default_factory=list)
    changed_at: float = 0.0


def look_at(path: str) -> Seen:
    """What stands at a path of the history. It may block: a share may be slow."""
    paths = true_paths(path)
    if len(paths) != 1:
        return Seen(paths)
    try:
        return Seen(paths, os.stat(paths[0]).st_mtime)  # noqa: PTH116  the path may be no text
    except OSError:
        return Seen(paths)


def true_paths(path: str) -> list[str]:
    """Every path that is there and shown as this one: bytes that are no text are shown as `%FF`, and so is `%FF`."""
    first, *parts = Path(path).parts
    found = [first]
    for part in parts:
        if "%" in part:
            found = [os.path.join(at, name) for at in found for name in _names(at) if shown(name) == part]  # noqa: PTH118  str, not Path
        else:
            found = [os.path.join(at, part) for at in found]  # noqa: PTH118  the same
    return [each for each in found if os.path.lexists(each)]


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208  names, not paths
    except OSError:
        return []
