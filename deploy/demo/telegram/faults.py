"""What goes wrong on purpose: scripted for a method, a chat, a number of calls or a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from core.errors import UserError
from deploy.demo.telegram.errors import ApiError, too_many_requests
from deploy.demo.telegram.schema import method_name

Kind = Literal["flood", "refuse", "http", "reset", "lost_answer", "timeout", "slow"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
_TAKEN: Final[Mapping[str, type | tuple[type, ...]]] = {
    "method": str,
    "chat": int,
    "times": int,
    "seconds": (int, float),
    "retry_after": int,
    "status": int,
    "description": str,
    "delay": (int, float),
}
_PERFORMED: Final = {"lost_answer", "timeout", "slow"}


@dataclass(slots=True)
class Fault:
    """One scripted fault.

    Not performed: `flood` answers 429 with `retry_after`; `refuse` answers `status` and `description` as the Bot API
    does; `http` answers `status` with a body that is no JSON, as a gateway does; `reset` drops the connection.
    Performed: `lost_answer` drops the connection instead of answering; `timeout` never answers, until the caller
    gives up; `slow` answers `delay` seconds later.
    """

    kind: Kind
    method: str | None = None
    chat: int | None = None
    left: int | None = None
    until: float | None = None
    retry_after: int = 1
    status: int = 502
    description: str = "Internal Server Error"
    delay: float = 1.0

    @property
    def performed(self) -> bool:
        """Whether the call is accepted and done all the same."""
        return self.kind in _PERFORMED

    def error(self) -> ApiError:
        """What a `flood` or a `refuse` answers."""
        if self.kind == "flood":
            return too_many_requests(self.retry_after)
        return ApiError(self.status, self.description)


class Faults:
    """The faults in force, oldest first."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._faults: list[Fault] = []

    def add(
        self,
        kind: Kind,
        method: str | None = None,
        *,
        chat: int | None = None,
        times: int | None = None,
        seconds: float | None = None,
        **details: Any,
    ) -> Fault:
        """Script a fault for a method and a chat (None: any), for a number of calls or for seconds; by default once.

        `details` are `retry_after` (seconds), `status`, `description`, `delay` (seconds): see `Fault`.
        """
        if times is None and seconds is None:
            times = 1
        until = None if seconds is None else self._monotonic() + seconds
        fault = Fault(kind, method, chat, times, until, **details)
        self._faults.append(fault)
        return fault

    def script(self, given: Mapping[str, Any]) -> Fault:
        """Script a fault from JSON: `kind` and whatever else `add` takes. `UserError` for what it does not take."""
        said = dict(given)
        kind = said.pop("kind", "")
        if kind not in KINDS:
            raise UserError("There is no fault {name}.", name=str(kind))
        if said.get("method"):
            named = method_name(str(said["method"]))
            if named is None:
                raise UserError("There is no fault {name}.", name=str(said["method"]))
            said["method"] = named
        for name, value in said.items():
            if name not in _TAKEN or not isinstance(value, _TAKEN[name]):
                raise UserError("There is no fault {name}.", name=name)
        return self.add(kind, **said)

    def clear(self) -> None:
        """No faults any more."""
        self._faults.clear()

    @property
    def waiting(self) -> list[Fault]:
        """The faults that may still meet a call."""
        now = self._monotonic()
        self._faults = [fault for fault in self._faults if fault.left != 0 and (fault.until or now) >= now]
        return self._faults

    def take(self, method: str, chat: Any = None) -> Fault | None:
        """The fault that meets this call, counted down."""
        for fault in self.waiting:
            if fault.method in (None, method) and (fault.chat is None or str(fault.chat) == str(chat)):
                if fault.left is not None:
                    fault.left -= 1
                return fault
        return None
