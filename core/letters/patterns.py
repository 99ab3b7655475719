"""Phrases to regular expressions, and the folding of text that they are written for."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

_LOOKALIKE: Final = str.maketrans("aceiopxyktmbh", "асеіорхуктмвн")
_PLAIN: Final = str.maketrans(
    dict.fromkeys("‘’ʼ`´′＇", "'") | dict.fromkeys("–—−‑‒―", "-") | dict.fromkeys("«»„“”", '"') | {"ё": "е"}
)
_MIXED: Final = re.compile(r"[а-яіїєґ][a-z]|[a-z][а-яіїєґ]")
_LETTERS: Final = re.compile(r"[a-zа-яіїєґ']+")


def fold(text: str) -> str:
    """Lower case, plain dashes and quotes, `ё` as `е`, Latin look-alikes in Cyrillic words; of the same length."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    plain = lower.translate(_PLAIN)
    return _LETTERS.sub(_one_script, plain) if _MIXED.search(plain) else plain


def _one_script(word: re.Match[str]) -> str:
    return word[0].translate(_LOOKALIKE) if _MIXED.search(word[0]) else word[0]


def expression(phrases: Iterable[str]) -> str:
    """The regular expression of some phrases, those of most words first, sorted into one branch a first letter.

    Without that a search would try each of hundreds of phrases at every word.
    """
    plain = {form for phrase in phrases for form in _beginnings(phrase)}
    ordered = sorted(plain, key=lambda phrase: (-phrase.count(" "), -len(phrase), phrase))
    branches: dict[str, list[str]] = {}
    for phrase in ordered:
        branches.setdefault(phrase[0] if phrase[:1].isalpha() and phrase[1:2] not in "?*" else "", []).append(phrase)
    return "|".join(
        rf"{letter}(?:{'|'.join(_regular(phrase[len(letter) :]) for phrase in group)})"
        for letter, group in branches.items()
    )


def slips(words: Iterable[str]) -> Iterator[str]:
    """The words with one slip of the hand inside: a letter left out, doubled, or two in the wrong order.

    The first and the last letter stay: without them another form of the word may come out.
    """
    for word in words:
        for at in range(1, len(word) - 1):
            yield word[:at] + word[at + 1 :]
            yield word[:at] + word[at] + word[at:]
            if at < len(word) - 2:
                yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _beginnings(phrase: str) -> Iterator[str]:
    """The phrase once for each choice of a group that it begins with."""
    if not phrase.startswith("(") or phrase.startswith("(?"):
        yield phrase
        return
    depth, choices, start = 0, [], 1
    for at, char in enumerate(phrase):
        depth += (char == "(") - (char == ")")
        if (char == "|" and depth == 1) or (char == ")" and depth == 0):
            choices.append(phrase[start:at])
            start = at + 1
        if depth == 0:
            break
    rest = phrase[start:]
    if rest.startswith("?"):
        rest = rest[1:]
        choices.append("")
    for choice in choices:
        yield from _beginnings((choice + rest).lstrip())


def _regular(phrase: str) -> str:
    return re.sub(r"\((?!\?)", "(?:", phrase).replace("*", r"\w*").replace(" ", " +")


def whole_words(phrases: Iterable[str]) -> re.Pattern[str]:
    """Finds any of the phrases as whole words in folded text."""
    return re.compile(rf"(?<!\w)(?:{expression(phrases)})(?!\w)")
