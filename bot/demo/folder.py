"""The demo's data folder, known by a file in it: no real assistant opens it, and `--fresh` removes nothing else."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from core.errors import ConfigError

MARK: Final = ".vakhta-demo"


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose Telegram the demo is played into: the bot, and the one person it answers. Ids are Telegram's."""

    bot_id: int
    bot_name: str
    owner_id: int
    owner_name: str
    language: str


def prepare(folder: Path, *, fresh: bool) -> None:
    """Make the folder, anew if `fresh`. Raises `ConfigError` for one that holds something else than the demo's data."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise ConfigError("{path} holds something else than the demo's data. Name another folder: --dir", path=folder)
    if fresh and (folder / MARK).exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()


def visit_in(folder: Path) -> Visit | None:
    """Whose visit the folder holds; None for nobody's, or that of the chat page. Raises `ConfigError`."""
    path = folder / MARK
    try:
        text = path.read_text("utf-8")
        return Visit(**json.loads(text)) if text else None
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError("{path} cannot be read. Begin anew with --fresh.", path=path) from error


def keep(folder: Path, visit: Visit) -> None:
    """Write down whose visit it is: wholly or not at all."""
    draft = folder / f"{MARK}.new"
    draft.write_text(json.dumps(asdict(visit), ensure_ascii=False), "utf-8")
    draft.replace(folder / MARK)


def has_begun(folder: Path) -> bool:
    """Whether a world was made there."""
    return (folder / "world.db").exists()


def refuse(*folders: Path) -> None:
    """Raises `ConfigError` when one of them is a demo's: what is in it is made up."""
    for folder in folders:
        if (folder / MARK).exists():
            raise ConfigError(
                "{path} holds the data of a demo: all in it is made up. Work in another folder.",
                path=folder,
            )
