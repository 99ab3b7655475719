"""Questions on the terminal, or to a script: the answers are lines of standard input."""

import getpass
import sys
from collections.abc import Callable
from typing import TypeVar

from bot.commands.common import say
from core.errors import VakhtaError
from core.text import Translator

Answer = TypeVar("Answer")


class InputEnded(VakhtaError):
    """Nothing more is answered: Ctrl+D, or the end of a script."""

    def __init__(self) -> None:
        super().__init__("The input ended before everything was answered.")


class Console:
    """Asks in one language. The end of the input breaks off; of a script's, it takes the defaults where there are."""

    def __init__(self, t: Translator) -> None:
        self.t = t
        self.speaks_to_a_person = sys.stdin is not None and sys.stdin.isatty()  # None: a closed standard input

    def ask(self, question: str, default: str | None = None, *, hidden: bool = False) -> str:
        """A line; an empty one is the default, and without a default it is asked again. Raises `InputEnded`."""
        shown = f"{question} [{default}]: " if default else f"{question}: "
        while True:
            answer = self._read(shown, hidden=hidden)
            if answer is None and (default is None or self.speaks_to_a_person):
                raise InputEnded
            if answer or default is not None:
                return answer or default or ""

    def valid(self, question: str, check: Callable[[str], Answer], default: str | None = None) -> Answer:
        """A line that the check takes; what it refuses is told, and the question asked again. Raises `InputEnded`."""
        while True:
            answer = self.ask(question, default)
            try:
                return check(answer)
            except VakhtaError as error:
                self.tell(error)

    def agrees(self, question: str, *, default: bool) -> bool:
        """Yes or no; the end of a script says no. Raises `InputEnded`."""
        hint = self.t("[Y/n]") if default else self.t("[y/N]")
        answer = self._read(f"{question} {hint} ", hidden=False)
        if answer is None:
            if self.speaks_to_a_person:
                raise InputEnded
            return False
        return answer.lower()[:1] in ("y", "т", "д") if answer else default

    def tell(self, error: VakhtaError, remedy: str = "") -> None:
        """What is wrong, and what to do (English, where the error does not know); each fault of a file on a line."""
        for fault in getattr(error, "faults", None) or [error]:
            known = remedy or getattr(fault, "remedy", "")
            self.tell_fault(self.t(fault.message, **fault.values), known and self.t(known, **fault.values))

    def tell_fault(self, found: str, remedy: str) -> None:
        """A line that is in the reader's language already, and below it what to do, '' for nothing."""
        say(f"✗ {found}")
        if remedy:
            say(f"    → {remedy}")

    def _read(self, shown: str, *, hidden: bool) -> str | None:
        """The next line without spaces around; None at the end of the input."""
        if hidden and self.speaks_to_a_person:
            try:
                return getpass.getpass(shown).strip()
            except EOFError:
                return None
        sys.stdout.write(shown)
        sys.stdout.flush()
        line = sys.stdin.readline() if sys.stdin is not None else ""
        if not self.speaks_to_a_person:
            say()
        return line.strip() if line else None
