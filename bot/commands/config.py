"""`vakhta config`: a commented example, a check, the effective values."""

import argparse
from importlib import resources
from typing import Any

from bot.commands.common import say, say_json, settings_of
from core.text import Translator


def call(options: argparse.Namespace, t: Translator) -> int:
    """Example, check, show."""
    if options.action == "example":
        say(example().rstrip())
        return 0
    settings = settings_of(options)
    if options.action == "check":
        say(t("The configuration is fine."))
    elif options.json:
        say_json(settings.model_dump(mode="json"))
    else:
        for key, value in flat(settings.model_dump(mode="json")):
            say(f"{key} = {value}")
    return 0


def example() -> str:
    """The commented example, as it is shipped."""
    return resources.files("bot.commands").joinpath("vakhta.example.toml").read_text("utf-8")


def flat(tree: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Dotted keys and their values; secrets are masked by their type already."""
    rows: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, dict):
            rows += flat(value, f"{prefix}{key}.")
        else:
            rows.append((prefix + key, repr(value)))
    return rows
