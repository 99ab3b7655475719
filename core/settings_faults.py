"""What is wrong with a configuration, in sentences: each with its key, an unknown key with the nearest known one."""

import difflib
from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from core.errors import ConfigError
from core.text import N_

_SENTENCES: Final = {
    "missing": N_("{key}: is required."),
    "int_parsing": N_("{key}: {value} is not a whole number."),
    "int_type": N_("{key}: {value} is not a whole number."),
    "int_from_float": N_("{key}: {value} is not a whole number."),
    "float_parsing": N_("{key}: {value} is not a number."),
    "float_type": N_("{key}: {value} is not a number."),
    "bool_parsing": N_("{key}: {value} is neither true nor false."),
    "bool_type": N_("{key}: {value} is neither true nor false."),
    "string_type": N_("{key}: {value} is not text in quotes."),
    "path_type": N_("{key}: {value} is not a path in quotes."),
    "literal_error": N_("{key}: {value} is not one of {expected}."),
    "greater_than": N_("{key}: {value} is too small; it must be more than {gt}."),
    "greater_than_equal": N_("{key}: {value} is too small; the least is {ge}."),
    "less_than_equal": N_("{key}: {value} is too large; the most is {le}."),
    "model_type": N_("{key}: a table is expected here."),
    "dict_type": N_("{key}: a table is expected here."),
    "tuple_type": N_("{key}: a list is expected here."),
    "reserved": N_("{key}: the name {name} is taken; give it another one."),
    "audit_log": N_("{key}: an audit of kind samba needs log."),
    "webhook_url": N_("{key}: mode webhook needs webhook.url, the https address that Telegram posts to."),
    "proxy_scheme": N_("{key}: the address of a proxy begins with http://, socks5:// or socks4://."),
    "proxy_host": N_("{key}: the proxy's host is missing; an address looks like socks5://127.0.0.1:1080."),
    "proxy_port": N_("{key}: the proxy's port is missing or wrong; an address looks like socks5://127.0.0.1:1080."),
    "proxy_login": N_(
        "{key}: the proxy's password is missing; an address looks like socks5://name:password@127.0.0.1:1080."
    ),
    "needs": N_("{key}: a mailbox of kind {kind} needs {names}."),
}
_SECRETS: Final = ("token", "password", "secret", "client_secret", "proxy")


class InvalidConfig(ConfigError):
    """Every fault of a configuration; `faults` are `ConfigError`s, one a wrong value."""

    def __init__(self, faults: list[ConfigError]) -> None:
        super().__init__("The configuration has faults: {n}.", n=len(faults))
        self.faults = faults


def faults_of(error: ValidationError, settings: type[BaseModel]) -> Iterator[ConfigError]:
    """A sentence for each fault that was found when these settings were checked."""
    for fault in error.errors():
        path = tuple(str(step) for step in fault["loc"])
        key = ".".join(path)
        if fault["type"] == "extra_forbidden":
            yield _unknown(path, settings)
        elif sentence := _SENTENCES.get(fault["type"]):
            value = "***" if path[-1] in _SECRETS else repr(fault.get("input"))
            yield ConfigError(sentence, key=key, value=value, **fault.get("ctx", {}))
        else:
            reason = str(fault.get("ctx", {}).get("error", fault["msg"]))
            yield ConfigError("{key}: {reason}.", key=key, reason=reason)


def nearest(name: str, known: Iterable[str], likeness: float = 0.5) -> str | None:
    """The known name that was probably meant; `likeness` is from 0 to 1."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=likeness)), None)


def known_keys(settings: type[BaseModel]) -> dict[str, Any]:
    """Every setting's dotted name and default; `NAME` stands for a name the user gives."""
    return dict(_keys(settings, ""))


def _unknown(path: tuple[str, ...], settings: type[BaseModel]) -> ConfigError:
    known = known_keys(settings)
    here = [".".join((*path[:-1], name)) for name in _names_at(path[:-1], settings)]
    near = nearest(".".join(path), here or known) or nearest(path[-1], [key.rsplit(".", 1)[-1] for key in known], 0.6)
    if near:
        return ConfigError("{key}: no such setting. Did you mean {near}?", key=".".join(path), near=near)
    return ConfigError("{key}: no such setting.", key=".".join(path))


def _names_at(path: tuple[str, ...], settings: type[BaseModel]) -> list[str]:
    model: type[BaseModel] | None = settings
    steps = iter(path)
    for step in steps:
        field = model.model_fields.get(step) if model else None
        if field is None:
            return []
        kind = _present(field.annotation)
        if getattr(kind, "__origin__", None) is dict:
            next(steps, None)
            kind = kind.__args__[1]
        model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
    return list(model.model_fields) if model else []


def _present(annotation: Any) -> Any:
    """What a value is when it is there: `Section | None` is a section that need not be."""
    return annotation.__args__[0] if isinstance(annotation, UnionType) else annotation


def _keys(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        kind = _present(field.annotation)
        key = prefix + name
        if getattr(kind, "__origin__", None) is dict:
            kind, key = kind.__args__[1], f"{key}.NAME"
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _keys(kind, f"{key}.")
        else:
            yield key.removesuffix(".NAME"), field.get_default(call_default_factory=True)
