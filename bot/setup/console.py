"""Questions on the terminal, or to a script: the answers are lines of standard input."""

import getpass
import sys
from collections.abc import Callable

from bot.commands.common import say
from core.errors import ConfigError, VakhtaError
from core.text import Translator


class Console:
    """Asks in one language. Where the input has ended, a question without a default raises `ConfigError`."""

    def __init__(self, t: Translator) -> None:
        self.t = t
        self.speaks_to_a_person = sys.stdin.isatty()

    def ask(self, question: str, default: str | None = None, *, hidden: bool = False) -> str:
        """A line; an empty one is the default, and without a default it is asked again."""
        shown = f"{question} [{default}]: " if default else f"{question}: "
        while True:
            answer = self._read(shown, hidden=hidden)
            if answer is None and default is None:
                raise ConfigError("The input ended before everything was answered.")
            if answer or default is not None:
                return answer or default or ""

    def valid(self, question: str, check: Callable[[str], str], default: str | None = None) -> str:
        """A line that the check takes; what it raises is told, and the question asked again."""
        while True:
            try:
                return check(self.ask(question, default))
            except VakhtaError as error:
                self.tell(error)

    def agrees(self, question: str, *, default: bool) -> bool:
        """Yes or no; where the input has ended, no."""
        hint = self.t("[Y/n]") if default else self.t("[y/N]")
        answer = self._read(f"{question} {hint} ", hidden=False)
        if answer is None:
            return False
        return answer.lower()[:1] in ("y", "т", "д") if answer else default

    def tell(self, error: VakhtaError) -> None:
        """What is wrong, in a line."""
        say(f"✗ {self.t(error.message, **error.values)}")

    def _read(self, shown: str, *, hidden: bool) -> str | None:
        """The next line without spaces around; None at the end of the input."""
        if hidden and self.speaks_to_a_person:
            try:
                return getpass.getpass(shown).strip()
            except EOFError:
                return None
        sys.stdout.write(shown)
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not self.speaks_to_a_person:
            say()
        return line.strip() if line else None
