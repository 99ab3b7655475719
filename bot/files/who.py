"""Who changed a file, in words."""

from core.text import Translator


def who_text(t: Translator, who: str) -> str:
    """`FileEvent.who` as a reader sees it: "anna, then petro"."""
    text, *others = who.split(", ")
    for name in others:
        text = t("{names}, then {name}", names=text, name=name)
    return text
