"""Text from the templates of `deploy/`: units and scripts, where nothing is escaped but by a filter that is named."""

from collections.abc import Callable
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined

Filter = Callable[[object], str]


def render(folder: str, template: str, filters: dict[str, Filter], /, **values: Any) -> str:
    """A template filled in; a value it lacks is a mistake of ours."""
    environment = Environment(autoescape=False, undefined=StrictUndefined)  # noqa: S701  units and scripts are no HTML
    environment.trim_blocks = environment.keep_trailing_newline = True
    environment.filters |= filters
    text = resources.files("deploy").joinpath(folder, template).read_text("utf-8")
    return environment.from_string(text).render(values)
