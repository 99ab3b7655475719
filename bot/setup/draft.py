"""The configuration while it is made: text that keeps what a person wrote, and secrets in files of their own.

Every save is whole: a new file takes the place of the old one, of which a copy stays.
"""

import contextlib
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from core.errors import ConfigError
from core.settings import Settings, make
from core.settings_sources import over

SECRETS: Final = "secrets"
"""The folder of the secrets' files, beside the configuration; only its owner may look into it."""


class Draft:
    """What will be written to `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.existed = path.exists()
        self._text = path.read_text("utf-8-sig") if self.existed else ""
        self.saved = False
        """Whether anything was written by this setup."""

    def values(self) -> dict[str, Any]:
        """What stands in it. Raises `ConfigError` for a file that is not TOML."""
        try:
            return tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError("{path} is not valid TOML: {reason}", path=self.path, reason=error) from error

    def settings(self, more: Mapping[str, Any] | None = None) -> Settings:
        """What it means, with more values tried on top. Raises `ConfigError`."""
        return make(over(more or {}, _without_twins(self.values(), more or {})), self.path.parent)

    def save(self, table: str, values: Mapping[str, Any], secrets: Mapping[str, str], now: datetime) -> None:
        """Write values into a table (`""`: the top), and secrets into files that it names. Raises `ConfigError`."""
        files = {f"{name}_file": f"{SECRETS}/{table}.{name}" for name in secrets}
        text = put(self._text, table, {**values, **files}, without={*secrets, *(f"{name}_file" for name in values)})
        for name, secret in secrets.items():
            folder = self.path.parent / SECRETS
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace(folder / f"{table}.{name}", secret + "\n", 0o600)
        self._keep_copy(now)
        replace(self.path, text, self.path.stat().st_mode & 0o777 if self.path.exists() else 0o644)
        self._text, self.saved = text, True

    def _keep_copy(self, now: datetime) -> None:
        """Of the file as it was before this setup."""
        if self.existed and not self.saved:
            copy = self.path.with_name(f"{self.path.name}.{now:%Y%m%d-%H%M%S}")
            replace(copy, self._text, self.path.stat().st_mode & 0o777)


def replace(path: Path, text: str, mode: int) -> None:
    """Write a file as a whole: either the old one is there or the new one."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(number)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _without_twins(tree: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The tree without the files of those secrets that `more` has itself."""
    kept = {
        name: value
        for name, value in tree.items()
        if not (name.endswith("_file") and name.removesuffix("_file") in more)
    }
    below = [name for name, value in kept.items() if isinstance(value, dict) and isinstance(more.get(name), dict)]
    return kept | {name: _without_twins(kept[name], more[name]) for name in below}


def put(text: str, table: str, values: Mapping[str, Any], without: Collection[str] = ()) -> str:
    """TOML with these values in that table and without those keys, everything else as it was. Raises `ConfigError`.

    Known are plain files: a table below its own header, a value on one line.
    """
    lines = text.splitlines()
    start, end = _place_of(lines, table)
    for at in reversed([at for at in range(start, end) if _names(lines[at], without)]):
        del lines[at]
        end -= 1
    for key, value in values.items():
        line = f"{key} = {_written(value)}"
        known = [at for at in range(start, end) if _names(lines[at], (key,))]
        if known:
            lines[known[0]] = line
        else:
            lines.insert(_last_key(lines, start, end) + 1, line)
            end += 1
    changed = "\n".join(lines) + "\n"
    try:
        as_wanted = tomllib.loads(changed) == _wanted(tomllib.loads(text), table, values, without)
    except tomllib.TOMLDecodeError:
        as_wanted = False
    if not as_wanted:
        raise ConfigError(
            "This file is written in a way I cannot change. Put into [{table}] yourself: {keys}",
            table=table,
            keys=", ".join(values),
        )
    return changed


def _wanted(tree: dict[str, Any], table: str, values: Mapping[str, Any], without: Collection[str]) -> dict[str, Any]:
    branch = tree
    for step in table.split(".") if table else []:
        branch = branch.setdefault(step, {})
    for key in without:
        branch.pop(key, None)
    branch.update(values)
    return tree


def _names(line: str, keys: Collection[str]) -> bool:
    """Whether a line gives one of these keys its value."""
    found = re.match(r"\s*([\w-]+)\s*=", line)
    return found is not None and found[1] in keys


def _last_key(lines: list[str], start: int, end: int) -> int:
    """The last line of a table that holds a value, else the line before it."""
    return max((at for at in range(start, end) if re.match(r"\s*[\w\"'-]", lines[at])), default=start - 1)


def _place_of(lines: list[str], table: str) -> tuple[int, int]:
    """Where the lines of a table begin and end; a missing one is begun at the end."""
    headers = [at for at, line in enumerate(lines) if line.lstrip().startswith("[")]
    if not table:
        return 0, headers[0] if headers else len(lines)
    for at in headers:
        if lines[at].partition("#")[0].strip() == f"[{table}]":
            return at + 1, next((later for later in headers if later > at), len(lines))
    lines += ["", f"[{table}]"] if lines else [f"[{table}]"]
    return len(lines), len(lines)


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
