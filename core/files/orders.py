"""What people have decided about watched folders, beside the configuration. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

Answer: TypeAlias = Literal["same", "new"]

SAMPLE: Final = 2000
"""Known files looked for under a new path: enough to tell, quick on a share."""

HANDFUL: Final = 5
"""So few files found again say nothing: a readme is in every folder."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What people want of a watch. It waits for an answer while `asked_root` is set and `answer` is None.

    `asked_root` is the path it has now on the machine `asked_host`, where `matched` of `sampled` known files were found
    again; '' once that is settled. `answer` is the last one, `answered_by` nobody when it was plain.
    `rescan_at`: somebody asked for a comparison that has not begun yet.
    """

    watch: str
    paused_at: datetime | None = None
    paused_by: str = ""
    rescan_at: datetime | None = None
    asked_root: str = ""
    asked_host: str = ""
    asked_at: datetime | None = None
    matched: int = 0
    sampled: int = 0
    answer: Answer | None = None
    answered_by: str = ""

    @property
    def paused(self) -> bool:
        """Whether nothing is written of this folder until somebody resumes it."""
        return self.paused_at is not None

    @property
    def waits(self) -> bool:
        """Whether nobody has said yet if this is the same folder."""
        return bool(self.asked_root) and self.answer is None


def is_the_same(matched: int, sampled: int) -> bool:
    """Whether a folder at a new path looks like the one that was known: most of its files are there, by name."""
    return matched > HANDFUL and matched * 2 > sampled


def sample(paths: Collection[str]) -> list[str]:
    """At most `SAMPLE` of the paths, from everywhere among them."""
    every = list(paths)
    step = max(1, -(-len(every) // SAMPLE))
    return every[::step]
