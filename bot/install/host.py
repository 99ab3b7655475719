"""What a kind of machine does with a service, and what is found out about one."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from bot.findings import Finding
from bot.install.plan import Options, Plan
from bot.install.probe import Tried
from core.settings import Settings
from core.text import Translator


class Host(Protocol):
    """A machine with a manager of services; `install` and `uninstall` say each step before they do it."""

    def asked(self) -> Options | None:
        """What was asked for when the service was installed; None when it is not."""
        ...

    def account(self, asked: Options, settings: Settings) -> str:
        """Who the service runs as. Raises `ConfigError`."""
        ...

    def install(self, plan: Plan, *, dry_run: bool) -> Iterator[str]:
        """Write what the service needs and start it; `dry_run` only shows it. Raises `ConfigError`, `Unavailable`."""
        ...

    def check(self, plan: Plan) -> list[Finding]:
        """Whether it is installed and runs as planned, and whether its account can do what it must."""
        ...

    def uninstall(self, *, dry_run: bool) -> Iterator[str]:
        """Remove what `install` wrote; data stays. Raises `ConfigError`, `Unavailable`."""
        ...


def rights(t: Translator, account: str, tried: Iterable[Tried]) -> Iterator[Finding]:
    """What came of trying what the account must be able to do, a line for each setting."""
    for each in tried:
        match each.outcome:
            case "well":
                yield Finding(each.what, ok=True, found=each.path)
            case "missing":
                found = t("{path} is not there", path=each.path)
                yield Finding(each.what, ok=False, found=found, remedy=t("Check the path and the share."))
            case "denied" if each.barred:
                found = t("{account} may not enter {path}", account=account, path=each.barred)
                remedy = t("Let {account} enter that folder, or move what is in it elsewhere.", account=account)
                yield Finding(each.what, ok=False, found=found, remedy=remedy)
            case "denied":
                said = {
                    "read": t("{account} may not read {path}", account=account, path=each.path),
                    "list": t("{account} may not read {path}", account=account, path=each.path),
                    "write": t("{account} may not write {path}", account=account, path=each.path),
                    "run": t("{account} may not run {path}", account=account, path=each.path),
                }
                remedy = t("Give {account} that right.", account=account)
                yield Finding(each.what, ok=False, found=said[each.use], remedy=remedy)
            case _:
                found = t("{path} cannot be read", path=each.path)
                yield Finding(each.what, ok=False, found=found, remedy=t("Check the path and the share."))
