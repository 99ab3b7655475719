"""Lists in pages: what the last row of buttons looks like."""

from collections.abc import Callable
from typing import Final

from bot.chat.cards import Button

PAGE_SIZE: Final = 8


def pages(total: int, size: int = PAGE_SIZE) -> int:
    """How many pages a list of `total` has; an empty list has one."""
    return max(1, -(-total // size))


def page_row(page: int, total: int, data: Callable[[int], str], size: int = PAGE_SIZE) -> tuple[Button, ...]:
    """‹ 2/5 › for a zero-based page; nothing for a list that fits one page."""
    last = pages(total, size) - 1
    if last == 0:
        return ()
    here = min(max(page, 0), last)
    return (
        Button("‹", data(max(here - 1, 0))),
        Button(f"{here + 1}/{last + 1}", data(here)),
        Button("›", data(min(here + 1, last))),
    )
