"""The log: to stderr, and into files that rotate. The one place where logging is set up."""

import logging
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from core.errors import ConfigError

FORMAT: Final = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
CHATTY: Final = ("aiogram", "alembic", "apscheduler", "watchfiles")
"""Libraries that tell more than anybody wants to read: only their warnings count."""
LOG: Final = "vakhta.log"
ERRORS: Final = "vakhta-errors.log"
"""Warnings and errors again, so that they are found without reading the rest."""
_MEGABYTE: Final = 1024 * 1024


class Discreet(logging.Formatter):
    """Keeps bot tokens out of the log, wherever in a message or a trace they stand."""

    _TOKEN: Final = re.compile(r"\b(\d{5,}):[\w-]{20,}")

    def format(self, record: logging.LogRecord) -> str:
        """The line, with the secret half of every token masked."""
        return self._TOKEN.sub(r"\1:***", super().format(record))


class Rotating(RotatingFileHandler):
    """Goes on in the same file while another program holds it (on Windows nobody may rename it then)."""

    def doRollover(self) -> None:  # noqa: N802  the standard library's name
        """Begin a new file, if that can be done now."""
        try:
            super().doRollover()
        except OSError:
            if self.stream is None:
                self.stream = self._open()


def begin(level: str) -> None:
    """Log to stderr, from that level on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet(FORMAT))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))


def keep_in(folder: Path, max_mb: float, keep: int) -> None:
    """Log into files of that folder, too: `keep` old ones of each. Raises `ConfigError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, level in ((LOG, logging.NOTSET), (ERRORS, logging.WARNING)):
            handler = Rotating(
                folder / name, maxBytes=max(1, round(max_mb * _MEGABYTE)), backupCount=keep, encoding="utf-8"
            )
            handler.setLevel(level)
            handler.setFormatter(Discreet(FORMAT))
            logging.getLogger().addHandler(handler)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError("No log can be written in {path}: {reason}.", path=folder, reason=reason) from error
