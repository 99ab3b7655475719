"""The methods of the Bot API that this server does, parted by what they are about."""

from collections.abc import Mapping
from typing import Final

from deploy.demo.telegram.methods import (
    bot,
    chats,
    edits,
    files,
    members,
    messages,
    pins,
    queries,
    reactions,
    rich,
    topics,
    updates,
)
from deploy.demo.telegram.methods.base import Api, Method

__all__ = ["METHODS", "Api", "Method"]

_MODULES: Final = (updates, bot, messages, edits, files, rich, pins, reactions, topics, chats, members, queries)

METHODS: Final[Mapping[str, Method]] = {name: method for module in _MODULES for name, method in module.METHODS.items()}
