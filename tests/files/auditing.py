"""Follows an audit log until it is killed: `python -m tests.files.auditing URL FOLDER LOG`."""

import asyncio
import sys
from pathlib import Path

from core.clock import Clock, SystemClock
from core.db.engine import Database
from core.files.model import AuditSettings, WatchSettings
from core.files.who_service import WhoService
from jobs.connectors.samba.mapping import SambaLog
from jobs.files.audit import AuditFollower, LogFile


def audited(folder: Path, log: Path) -> WatchSettings:
    """A watch whose share writes that log."""
    audit = AuditSettings("samba", log, timezone="UTC")
    return WatchSettings("documents", folder, backend="polling", poll_interval=0.05, audit=audit)


def follower(db: Database, clock: Clock, watch: WatchSettings, host: str = "") -> AuditFollower:
    """What follows it."""
    assert watch.audit is not None
    assert watch.audit.log is not None
    source = LogFile(watch.audit.log, SambaLog(watch.audit, str(watch.path)))
    return AuditFollower(db, clock, WhoService(clock, host), watch, source)


async def main(url: str, folder: str, log: str) -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await follower(Database(url), SystemClock(), audited(Path(folder), Path(log))).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
