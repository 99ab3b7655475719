"""The file that holds the token of the visitor's bot. What is in it stands in no message."""

import re
from pathlib import Path
from typing import Final

from core.errors import ConfigError

_TOKEN: Final = re.compile(r"\d{5,}:[\w-]{30,}", re.ASCII)
"""As @BotFather writes them: the bot's id and a secret of 35 characters (core.telegram.org/bots/api, authorizing)."""


def read_token(path: Path) -> str:
    """The token in that file. Raises `ConfigError`, which says what to do."""
    if _TOKEN.search(str(path)):
        raise ConfigError("--token-file wants the name of a file. Put the token into it, alone on one line.")
    try:
        token = path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or type(error).__name__  # else it may show what is in the file
        raise ConfigError("{path} cannot be read: {reason}", path=path, reason=reason) from None
    if not token:
        raise ConfigError("{path} is empty. Put the token that @BotFather gave into it, alone on one line.", path=path)
    if not _TOKEN.fullmatch(token):
        raise ConfigError(
            "{path} holds no bot token. @BotFather gives one, like 123456789:AAE…; put it there, alone on one line.",
            path=path,
        )
    return token
