"""Which audit log is read how, from the configuration."""

import os

from core.files.model import WatchSettings
from jobs.connectors.samba.mapping import SambaLog
from jobs.connectors.windows_audit.client import SecurityLog
from jobs.connectors.windows_audit.mapping import WindowsLog
from jobs.files.audit import AuditSource, LogFile


def open_audit(watch: WatchSettings) -> AuditSource:
    """The audit log of a watch that has one. Raises `ConfigError`."""
    assert watch.audit is not None  # noqa: S101  only audited watches come here
    here = os.path.abspath(watch.path)  # noqa: PTH100  as the watch itself does
    understands = WindowsLog(watch.audit, here) if watch.audit.kind == "windows" else SambaLog(watch.audit, here)
    if watch.audit.log is not None:
        return LogFile(watch.audit.log, understands)
    assert isinstance(understands, WindowsLog)  # noqa: S101  the settings see to it
    return SecurityLog(understands)
