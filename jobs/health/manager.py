"""The machine's service manager: systemd's notification protocol (sd_notify(3)), a datagram to `$NOTIFY_SOCKET`."""

import os
import socket
from collections.abc import Callable, MutableMapping
from typing import Final, Self

from core.clock import Clock

PER_WATCHDOG: Final = 3
"""Signs of life in one watchdog interval: one may be late, and another get lost."""


class ServiceManager:
    """Who started us and wants to know how we are; silent when nobody does.

    `watchdog` is the interval in seconds after which a silent process is taken for hung; None when nobody asks.
    """

    def __init__(self, address: str = "", watchdog: float | None = None) -> None:
        self._address = address
        self.watchdog = watchdog if address else None

    @classmethod
    def from_environment(cls, variables: MutableMapping[str, str]) -> Self:
        """As the variables say, which are taken out: no command that we start shall speak for us."""
        address = variables.pop("NOTIFY_SOCKET", "")
        interval, process = variables.pop("WATCHDOG_USEC", ""), variables.pop("WATCHDOG_PID", "")
        meant = interval.isdecimal() and int(interval) > 0 and process in ("", str(os.getpid()))
        return cls(address, int(interval) / 1e6 if meant else None)

    def ready(self, status: str = "") -> None:
        """Everything is started. `status` is shown by `systemctl status`."""
        self._tell("READY=1", *([f"STATUS={status}"] if status else []))

    def stopping(self) -> None:
        """The end has begun."""
        self._tell("STOPPING=1")

    async def keep_alive(self, clock: Clock, beat: Callable[[], None] = lambda: None) -> None:
        """Give a sign of life often enough, for ever, and call `beat`: it is the loop that turns who gives it."""
        while self.watchdog is not None:
            self._tell("WATCHDOG=1")
            beat()
            await clock.sleep(self.watchdog / PER_WATCHDOG)

    def _tell(self, *lines: str) -> None:
        """Never waits and never fails: nobody there to be told is not our trouble."""
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            try:
                line.sendto("\n".join(lines).encode(), address)
            except OSError:
                return
