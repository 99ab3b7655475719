"""Keeps `vakhta run` going where nothing else does: Task Scheduler starts a task and looks no further.

A run that fails is started again, three times a minute apart; one that lasted counts anew. Then it is a crash loop, and
stays down: the log and Windows' event log say why. Knows nothing but the order that `vakhta service install` wrote.
"""

import getpass
import json
import logging
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from bot.install.probe import Need, probe
from bot.logs import FORMAT, Discreet, Rotating
from core.clock import SystemClock, iso

log = logging.getLogger("service")

RIGHTS: Final = "rights.json"
"""What the account can read and write, tried at each start; in the folder of the log."""
LOG: Final = "service.log"
WRONG: Final = 2
"""The exit status of a wrong configuration: it does not get right by itself."""
LAST_LINES: Final = 40
"""Of what a failed run said, that are kept."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is kept going. `apart`: seconds before a restart; a run of `lasting` seconds is no failed start."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: str
    needs: tuple[Need, ...]
    restarts: int = 3
    apart: float = 60.0
    lasting: float = 600.0

    def document(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Order":
        """From plain data."""
        needs = tuple(Need(**need) for need in document["needs"])
        return cls(**{**document, "command": tuple(document["command"]), "needs": needs})


def keep(order: Order) -> int:
    """Run the command until it ends well, is configured wrongly or fails too often; its exit status."""
    failures = 0
    while True:
        began = time.monotonic()
        status, said = _run(order)
        lasted = time.monotonic() - began
        if status == 0:
            log.info("ended")
            return 0
        failures = 1 if lasted >= order.lasting else failures + 1
        log.error("ended with %d after %.0f s; its last words:\n%s", status, lasted, said)
        if status == WRONG:
            _alarm(f"{order.name}: the configuration is wrong, it is not started again.\n{said}")
            return status
        if failures > order.restarts:
            _alarm(f"{order.name}: {failures} starts failed in a row, it is not started again.\n{said}")
            return status
        time.sleep(order.apart)  # this process has nothing else to do, and being ended wakes it


def _run(order: Order) -> tuple[int, str]:
    """The exit status, and the last lines it said."""
    log.info("starting")
    last: deque[str] = deque(maxlen=LAST_LINES)
    with subprocess.Popen(  # noqa: S603  the order's command, without a shell
        order.command,
        env={**os.environ, **order.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            last.extend(process.stderr or ())
        finally:
            if process.poll() is None:  # it has closed stderr, or we end: so must it
                process.wait() if sys.exc_info()[0] is None else process.kill()
    return process.wait(), "".join(last).strip()


def write_rights(order: Order) -> None:
    """Try what the account can read and write, and write it down for `vakhta service check`."""
    document = {
        "at": iso(SystemClock().now()),
        "account": getpass.getuser(),
        "tried": [asdict(tried) for tried in probe(order.needs)],
    }
    path = Path(order.log, RIGHTS)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(document), "utf-8")
    new.replace(path)


def main(path: str) -> int:
    """Carry out the order in that file."""
    order = Order.of(json.loads(Path(path).read_text("utf-8")))
    handler = Rotating(Path(order.log, LOG), maxBytes=1_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(Discreet(FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    _bind_to_us()
    try:
        write_rights(order)
        return keep(order)
    except Exception:  # whatever it is: nobody sees this process' stderr, so its trace goes to the log first
        log.exception("the service failed")
        raise


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _Limits(ctypes.Structure):
        """JOBOBJECT_EXTENDED_LIMIT_INFORMATION (winnt.h)."""

        _fields_ = (
            ("times", ctypes.c_int64 * 2),
            ("flags", wintypes.DWORD),
            ("working_set", ctypes.c_size_t * 2),
            ("processes", wintypes.DWORD),
            ("affinity", ctypes.c_size_t),
            ("classes", wintypes.DWORD * 2),
            ("io", ctypes.c_uint64 * 6),
            ("memory", ctypes.c_size_t * 4),
        )

    def _bind_to_us() -> None:
        """Whatever we start ends with us, also when Task Scheduler ends us without a word."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        kernel.SetInformationJobObject.argtypes = (wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD)
        kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
        job = kernel.CreateJobObjectW(None, None)  # its handle is closed by our end
        limits = _Limits(flags=0x2000)  # JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
        kernel.SetInformationJobObject(job, 9, ctypes.byref(limits), ctypes.sizeof(limits))
        kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())

    def _alarm(text: str) -> None:
        """An error in Windows' event log (ReportEventW)."""
        log.error("%s", text)
        api = ctypes.WinDLL("advapi32", use_last_error=True)
        api.RegisterEventSourceW.restype = wintypes.HANDLE
        api.ReportEventW.argtypes = (
            *(wintypes.HANDLE, wintypes.WORD, wintypes.WORD, wintypes.DWORD, ctypes.c_void_p, wintypes.WORD),
            *(wintypes.DWORD, ctypes.POINTER(wintypes.LPCWSTR), ctypes.c_void_p),
        )
        source = api.RegisterEventSourceW(None, "Vakhta")
        lines = (wintypes.LPCWSTR * 1)(text[:30000])
        api.ReportEventW(source, 1, 0, 1, None, 1, 0, lines, None)  # EVENTLOG_ERROR_TYPE

else:

    def _bind_to_us() -> None:
        """Elsewhere a service manager ends what a service has started."""

    def _alarm(text: str) -> None:
        log.error("%s", text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
