"""Checks that end in time, whatever they meet."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from bot.findings import Finding
from core.text import Translator
from jobs.threads import in_thread

log = logging.getLogger(__name__)

WITHIN: Final = 30.0
"""Seconds for one check."""


async def settle(check: str, work: Awaitable[list[Finding]], t: Translator) -> list[Finding]:
    """The findings of a check; one that takes too long or fails is a finding itself."""
    try:
        async with asyncio.timeout(WITHIN):
            return await work
    except TimeoutError:
        remedy = t("Try again; if it stays so, look at the machine or the network it depends on.")
        return [Finding(check, ok=False, found=t("no answer within {n} seconds", n=round(WITHIN)), remedy=remedy)]
    except Exception as error:  # a doctor that dies helps nobody
        log.debug("%s failed", check, exc_info=True)
        found = t("could not be checked ({kind})", kind=type(error).__name__)
        return [Finding(check, ok=False, found=found, remedy=t("Call it again with --log-level debug."))]


async def in_a_thread(work: Callable[..., Finding], *arguments: Any) -> list[Finding]:
    """A check that blocks, in a thread that nobody waits for when it hangs."""
    return [await in_thread("doctor", lambda: work(*arguments))]
