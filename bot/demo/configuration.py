"""What the demo's assistant is configured with: one contractor's mailbox, one shared folder, one process."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.settings import Settings, make
from deploy.demo.surroundings import Surroundings


def configuration(folder: Path, port: int, around: Surroundings, telegram: Mapping[str, Any]) -> Settings:
    """The settings of an assistant whose data is in that folder and whose status page is at that port."""
    values = {
        "language": around.language,
        "database": {"url": f"sqlite+aiosqlite:///{folder / 'vakhta.db'}"},
        "telegram": telegram,
        "page": {"port": port},
        "watch": {"documents": {"path": around.shared, "project": "CRM", "compute_checksum": True, "exclude": ["~$*"]}},
        "process": {
            "check": {
                "watch": "documents",
                "patterns": ["*.json"],
                "command": [sys.executable, "-m", "json.tool", "{path}"],
            },
        },
        "mailbox": {"contractor": {"path": around.mailbox, "senders": ["*@contractor.example"], "check_every": 1.0}},
    }
    return make(values, folder)
