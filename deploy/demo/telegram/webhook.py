"""Posting updates to a webhook, one at a time, in order, again until they are taken.

Telegram posts over TLS to a public address. Here nothing leaves the machine: `fronts` says what stands behind the
proxy that ends TLS in front of a bot, by host name; any other host refuses the connection.
"""

import asyncio
import contextlib
import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from deploy.demo.telegram.model import Webhook
from deploy.demo.telegram.state import State

_TIMEOUT: Final = 60.0  # seconds the real server waits for an answer
_LONGEST_PAUSE: Final = 60.0  # seconds between two tries; doubled from 2, the first try again is at once
_LONGEST_RETRY_AFTER: Final = 3600.0


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a post went: `error` is what `getWebhookInfo` says of it, empty when the update was taken."""

    error: str = ""
    retry_after: float = 0.0


class WebhookCaller:
    """Takes updates from the queue and posts them while a webhook is set. Its thread only carries bytes."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._thread = ThreadPoolExecutor(1, "webhook")
        self._current = state.webhook
        self._flying: tuple[Webhook, int] | None = None
        self._connection: http.client.HTTPConnection | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._failures = 0
        self.fronts: dict[str, str] = {}

    def look(self) -> None:
        """Post the next update, unless one is on its way or the time for another try has not come."""
        webhook = self._state.webhook
        if self._current is not webhook:
            self._current = webhook
            self._interrupt()
        if not webhook.url or self._flying or self._state.closing:
            return
        if self._timer:
            return
        self._state.queue.expire()
        number = next(iter(self._state.updates), None)
        if number is None:
            return
        loop = asyncio.get_running_loop()
        body = json.dumps(self._state.updates[number], ensure_ascii=False).encode()
        self._flying = (webhook, number)
        loop.run_in_executor(self._thread, self._post, webhook, body).add_done_callback(self._answered)

    def _answered(self, future: "asyncio.Future[_Outcome]") -> None:
        flown, self._flying = self._flying, None
        if flown is None or future.cancelled() or self._state.closing:
            return
        webhook, number = flown
        outcome = future.result()
        if webhook is self._state.webhook:
            self._note(webhook, number, outcome)
        self.look()

    def _note(self, webhook: Webhook, number: int, outcome: _Outcome) -> None:
        if not outcome.error:
            self._failures = 0
            if number in self._state.updates:
                self._state.queue.drop(number)
        else:
            webhook.last_error, webhook.last_error_date = outcome.error, self._state.now()
            self._state.save_setup()
            self._pause(outcome.retry_after)
        self._state.store.commit()
        self._state.wake()

    def _pause(self, asked: float) -> None:
        self._failures += 1
        usual = 0.0 if self._failures == 1 else min(2.0 ** (self._failures - 1), _LONGEST_PAUSE)
        self._timer = asyncio.get_running_loop().call_later(asked or usual, self._again)

    def _again(self) -> None:
        self._timer = None
        self.look()

    def _post(self, webhook: Webhook, body: bytes) -> _Outcome:
        """In the thread: one request, and what came of it."""
        parts = urlsplit(webhook.url)
        front = self.fronts.get(parts.hostname or "")
        if front is None:
            return _Outcome("Connection refused")
        headers = {"Content-Type": "application/json", "Host": parts.netloc, "Accept-Encoding": "gzip, deflate"}
        if webhook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection = http.client.HTTPConnection(urlsplit(front).netloc, timeout=_TIMEOUT)
        self._connection = connection
        try:
            connection.request("POST", target or "/", body, headers)
            answer = connection.getresponse()
            answer.read()
        except TimeoutError:
            return _Outcome("Read timeout expired")
        except (OSError, http.client.HTTPException) as error:
            return _Outcome(getattr(error, "strerror", None) or "Connection closed")
        finally:
            connection.close()
        if answer.status // 100 == 2:
            return _Outcome()
        after = answer.headers.get("Retry-After", "")
        pause = min(float(after), _LONGEST_RETRY_AFTER) if after.isdigit() else 0.0
        return _Outcome(f"Wrong response from the webhook: {answer.status} {answer.reason}", pause)

    def _interrupt(self) -> None:
        """End a request for a webhook that is set no more; its update stays."""
        self._failures = 0
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._connection and self._connection.sock:
            with contextlib.suppress(OSError):
                self._connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop posting."""
        self._interrupt()
        self._thread.shutdown(wait=False, cancel_futures=True)
