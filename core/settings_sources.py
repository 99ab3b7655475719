"""Where settings are written: a TOML file, the environment (`VAKHTA_`, `__` between levels, `…_FILE` for secrets).

What is read here is a tree of plain values; `core.settings` says what they mean.
"""

import copy
import json
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from core.errors import ConfigError

DEFAULT_FILE: Final = "vakhta.toml"
PREFIX: Final = "VAKHTA_"
OURS: Final = frozenset(
    {
        *("VAKHTA_CONFIG", "VAKHTA_TEST_SERVICES"),
        *("VAKHTA_PROCESS", "VAKHTA_RUN", "VAKHTA_TRIGGER", "VAKHTA_EVENT", "VAKHTA_WATCH"),
        *("VAKHTA_PATH", "VAKHTA_OLD_PATH"),
    }
)
"""Variables with our prefix that are no settings; all but the first two are told to the commands of processes."""


def find_file(named: str | None, variables: Mapping[str, str]) -> Path | None:
    """Which file to read: the named one, `$VAKHTA_CONFIG`, `vakhta.toml` here; None when only the last is missing."""
    chosen = named or variables.get("VAKHTA_CONFIG")
    path = Path(chosen or DEFAULT_FILE)
    if path.is_file():
        return path
    if chosen:
        raise ConfigError("The configuration file {path} is not there.", path=path)
    return None


def read_file(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises `ConfigError`."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("{path} is not valid TOML: {reason}", path=path, reason=error) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("{path} cannot be read: {reason}", path=path, reason=error) from error


def environment(variables: Mapping[str, str], name_a_file: Collection[str] = ()) -> dict[str, Any]:
    """The settings that these variables hold: `VAKHTA_A__B=value` → `{"a": {"b": "value"}}`.

    `…_FILE` reads the value from a file, unless it is one of the settings that `name_a_file` themselves. Raises
    `ConfigError` for a file that cannot be read.
    """
    tree: dict[str, Any] = {}
    for name, value in sorted(variables.items()):
        if not name.upper().startswith(PREFIX) or name.upper() in OURS:
            continue
        path = name[len(PREFIX) :].lower().split("__")
        if path[-1].endswith("_file") and path[-1] not in name_a_file:
            path[-1], value = path[-1].removesuffix("_file"), _secret_file(name, value)
        _plant(tree, path, value)
    return tree


def secret_files(values: Mapping[str, Any], secrets: Iterable[str]) -> dict[str, str]:
    """The files that a TOML tree names for secrets (`token_file` beside where `token` would be), by setting.

    `secrets` are dotted names in which `NAME` stands for any.
    """
    found: dict[str, str] = {}
    for secret in secrets:
        *above, name = secret.split(".")
        for place, branch in _branches(values, above):
            if isinstance(path := branch.get(f"{name}_file"), str):
                found[".".join((*place, name))] = path
    return found


def with_secrets(values: Mapping[str, Any], files: Mapping[str, str], upper: Mapping[str, Any], folder: Path) -> Any:
    """The tree with what those files hold, unless `upper` has it already. Raises `ConfigError`.

    Relative paths count from `folder`. A secret that stands in the tree, too, is a fault.
    """
    tree = copy.deepcopy(dict(values))
    for setting, path in files.items():
        *place, name = setting.split(".")
        ((_, branch),) = _branches(tree, place)
        del branch[f"{name}_file"]
        if branch.get(name):
            raise ConfigError("{key} is there twice: itself and as {key}_file.", key=setting)
        if not any(name in found for _, found in _branches(upper, place)):
            branch[name] = _secret_file(f"{setting}_file", str(folder / Path(path).expanduser()))
    return tree


def _branches(tree: Any, steps: Sequence[str], place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not isinstance(tree, Mapping):
        return
    if not steps:
        yield place, tree
        return
    for name in tree if steps[0] == "NAME" else [name for name in steps[:1] if name in tree]:
        yield from _branches(tree[name], steps[1:], (*place, name))


def _secret_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("{name}: the file {path} cannot be read.", name=name, path=path) from error


def _plant(tree: dict[str, Any], path: list[str], value: str) -> None:
    for step in path[:-1]:
        branch = tree.setdefault(step, {})
        if not isinstance(branch, dict):
            return
        tree = branch
    tree[path[-1]] = _table(value) if value.startswith("{") else value


def _table(value: str) -> Any:
    """A table written as JSON; what is none stays as it is: a password, or a fault that is told with its key."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def over(upper: Mapping[str, Any], lower: Mapping[str, Any]) -> dict[str, Any]:
    """Two trees as one: where both have a value, that of `upper` counts."""
    both = {
        name: over(value, lower[name])
        for name, value in upper.items()
        if isinstance(value, Mapping) and isinstance(lower.get(name), Mapping)
    }
    return {**lower, **upper, **both}
