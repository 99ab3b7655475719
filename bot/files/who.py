"""Who changed a file, in words."""

from core.text import Translator


def who_text(t: Translator, who: str | None) -> str:
    """`FileEvent.who` as a reader sees it: "anna, then petro"; None: "not known on this share"."""
    if who is None:
        return t("not known on this share")
    first, *others = who.split(", ")
    for name in others:
        first = t("{names}, then {name}", names=first, name=name)
    return first
