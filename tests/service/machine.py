"""What stands in for the service manager of a machine: that of a test has none which runs."""

import os
from pathlib import Path

SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in
  *show*) cat "$CALLS.state" 2>/dev/null;;
  *restart*) [ ! -e "$CALLS.broken" ] || { echo "it does not start" >&2; exit 1; };;
esac
"""
LOGINCTL = """#!/bin/sh
case "$*" in
  *Linger*) cat "$CALLS.linger" 2>/dev/null || echo no;;
  enable-linger) echo yes > "$CALLS.linger";;
esac
"""


class Manager:
    """A `systemctl` and a `loginctl` that write down what they are told."""

    def __init__(self, folder: Path) -> None:
        self._calls = folder / "calls"
        self._programs = folder / "bin"
        self._programs.mkdir()
        for name, text in (("systemctl", SYSTEMCTL), ("loginctl", LOGINCTL)):
            (self._programs / name).write_text(text, "utf-8")
            (self._programs / name).chmod(0o755)

    @property
    def variables(self) -> dict[str, str]:
        return {"CALLS": str(self._calls), "PATH": f"{self._programs}:{os.environ['PATH']}"}

    @property
    def calls(self) -> list[str]:
        return self._calls.read_text("utf-8").splitlines() if self._calls.exists() else []

    def says(self, **properties: str) -> None:
        """What `systemctl show` answers from now on."""
        known = "".join(f"{name}={value}\n" for name, value in properties.items())
        Path(f"{self._calls}.state").write_text(known, "utf-8")

    def refuses(self) -> None:
        """No unit starts any more."""
        Path(f"{self._calls}.broken").touch()
