"""What a check found: the one form in which `doctor` and `service check` tell it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `remedy` is '' when nothing is to be done."""

    check: str
    ok: bool
    found: str
    remedy: str = ""
