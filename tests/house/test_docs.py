"""No undocumented setting, command, option or chat command, and none documented that is not there."""

import argparse
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from bot.cli import parser
from bot.menus import COMMANDS
from core.settings import Settings
from core.settings_faults import known_keys

DOCS = Path(__file__).resolve().parents[2] / "docs"
EVERYWHERE = {"--help", "--config", "--log-level"}
ANYBODY = {"start"}


def rows(page: str) -> list[list[str]]:
    """The cells of every row of a page's tables that begins with code."""
    lines = (DOCS / page).read_text("utf-8").splitlines()
    found = [re.split(r"(?<!\\)\|", line.strip("|")) for line in lines if line.startswith("| `")]
    return [[cell.strip().replace("\\|", "|") for cell in cells] for cells in found]


def code(cell: str) -> str:
    found = re.match(r"`([^`]*)`", cell)
    assert found, cell
    return found[1]


def in_words(default: Any) -> object:
    """A default as the page shows it, read back: what has none there is required or none."""
    if default is PydanticUndefined:
        return "required"
    if default is None:
        return "none"
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    return list(default) if isinstance(default, tuple) else default


def shown(cell: str) -> object:
    return tomllib.loads(f"value = {code(cell)}")["value"] if cell.startswith("`") else cell


def test_every_setting_is_documented_with_its_default() -> None:
    documented = {code(row[0]): shown(row[1]) for row in rows("configuration.md")}
    known = {key: in_words(default) for key, default in known_keys(Settings).items()}
    known["timezone"] = "the machine's"
    assert documented == known


def commands(found: argparse.ArgumentParser, name: str = "vakhta") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    below = [action for action in found._actions if isinstance(action, argparse._SubParsersAction)]
    for action in below:
        for word, each in action.choices.items():
            yield from commands(each, f"{name} {word}")
    if not below:
        yield name, found


def documented_commands() -> dict[str, str]:
    """What follows a command's words in capitals is its arguments."""
    return {re.sub(r" [A-Z].*$", "", code(row[0])): row[1] for row in rows("commands.md")}


def test_every_command_is_documented() -> None:
    assert set(documented_commands()) == {name for name, _ in commands(parser())}


def test_every_option_is_documented() -> None:
    known = {
        name: {word for action in found._actions for word in action.option_strings if word.startswith("--")}
        for name, found in commands(parser())
    }
    documented = {name: set(re.findall(r"--[a-z-]+", about)) for name, about in documented_commands().items()}
    assert documented == {name: words - EVERYWHERE for name, words in known.items()}


def test_every_chat_command_is_documented_with_its_role() -> None:
    documented = {code(row[0]).removeprefix("/"): row[1] for row in rows("chat.md")}
    assert documented == {entry.command: "anybody" if entry.command in ANYBODY else entry.role for entry in COMMANDS}
