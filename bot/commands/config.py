"""`vakhta config`: a commented example, a check, the effective values."""

import argparse
from importlib import resources
from typing import Any

from bot.commands.common import say, say_json, settings_of
from core.settings_values import hide_password
from core.text import Translator


def call(options: argparse.Namespace, t: Translator) -> int:
    """Example, check, show."""
    if options.action == "example":
        say(example().rstrip())
        return 0
    settings = settings_of(options)
    if options.action == "check":
        say(t("The configuration is fine."))
        return 0
    values = masked(settings.model_dump(mode="json"))
    if options.json:
        say_json(values)
    else:
        for key, value in flat(values):
            say(f"{key} = {value}")
    return 0


def example() -> str:
    """The commented example, as it is shipped."""
    return resources.files("bot.commands").joinpath("vakhta.example.toml").read_text("utf-8")


def masked(value: Any) -> Any:
    """The values with the password of every address hidden (`scheme://name:password@host`); secrets are already."""
    if isinstance(value, dict):
        return {key: masked(part) for key, part in value.items()}
    if isinstance(value, list):
        return [masked(part) for part in value]
    return hide_password(value) if isinstance(value, str) else value


def flat(tree: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Dotted keys and their values; secrets are masked by their type already."""
    rows: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, dict):
            rows += flat(value, f"{prefix}{key}.")
        else:
            rows.append((prefix + key, repr(value)))
    return rows
