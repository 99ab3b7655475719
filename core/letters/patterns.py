"""Phrases to regular expressions, and the folding of text that they are written for."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

_LOOKALIKE: Final = str.maketrans("aceiopxyktmbh", "асеіорхуктмвн")
_PLAIN: Final = str.maketrans(
    dict.fromkeys("‘’ʼ`´′＇", "'") | dict.fromkeys("–—−‑‒―", "-") | dict.fromkeys("«»„“”", '"') | {"ё": "е"}
)
_BY_EAR: Final = {
    "и": "іыеїй",
    "і": "иыеї",
    "ы": "иі",
    "е": "иєіэ",
    "є": "еї",
    "ї": "иіые",
    "о": "а",
    "а": "о",
    "я": "ае",
}
"""Vowels that are taken for one another."""
_SAID: Final = re.compile(r"(?<!\w)(?:нє|нєт|нєту)(?!\w)")
"""The Russian "not" as a Ukrainian ear writes it."""
_MIXED: Final = re.compile(r"[а-яіїєґ][a-z]|[a-z][а-яіїєґ]")
_LETTERS: Final = re.compile(r"[a-zа-яіїєґ']+")


def fold(text: str) -> str:
    """Lower case, plain dashes and quotes, `ё` as `е`, Latin look-alikes in Cyrillic words; of the same length."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    plain = lower.translate(_PLAIN)
    if "єт" in plain or "нє" in plain:
        plain = _SAID.sub(lambda found: found[0].replace("є", "е"), plain)
    return _LETTERS.sub(_one_script, plain) if _MIXED.search(plain) else plain


def _one_script(word: re.Match[str]) -> str:
    return word[0].translate(_LOOKALIKE) if _MIXED.search(word[0]) else word[0]


def expression(phrases: Iterable[str]) -> str:
    """The regular expression of some phrases, those of most words first, sorted into one branch a first letter.

    Without that a search would try each of hundreds of phrases at every word.
    """
    return "|".join(branches(phrases).values())


def branches(phrases: Iterable[str]) -> dict[str, str]:
    """The branches of `expression` by their first letter; under "" what begins otherwise."""
    found = {form for phrase in phrases for form in _beginnings(phrase)}
    groups: dict[str, list[str]] = {}
    for form in sorted(found):
        groups.setdefault(form.letter, []).append(_regular(form.rest))
    return {letter: rf"{letter}(?:{'|'.join(group)})" for letter, group in groups.items()}


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


def misheard(words: Iterable[str]) -> Iterator[str]:
    """The Cyrillic words as they are spelt by ear, and by those who mix two languages: with one other vowel each."""
    for word in words:
        for at, letter in enumerate(word[1:], 1):
            yield from (word[:at] + other + word[at + 1 :] for other in _BY_EAR.get(letter, ""))


def forms(phrase: str) -> frozenset[str]:
    """Every way to say a phrase that has choices and no other sign: `(a|b)(c|d)`."""
    lead, opening, rest = phrase.partition("(")
    if not opening:
        return frozenset({phrase})
    choices, rest = _choices(opening + rest)
    tails = forms(rest)
    return frozenset(lead + form + tail for choice in choices for form in forms(choice) for tail in tails)


def _choices(phrase: str) -> tuple[list[str], str]:
    """The choices of the group that a phrase begins with, and what follows the group."""
    depth, choices, start = 0, [], 1
    for at, char in enumerate(phrase):
        depth += (char == "(") - (char == ")")
        if (char == "|" and depth == 1) or (char == ")" and depth == 0):
            choices.append(phrase[start:at])
            start = at + 1
        if depth == 0:
            break
    return choices, phrase[start:]


class _Form(NamedTuple):
    """A phrase parted after its first letter; in the order in which forms are tried."""

    words: int
    """Negative, as the length is: more come first."""
    length: int
    letter: str
    rest: str


def _beginnings(phrase: str) -> Iterator[_Form]:
    """The phrase once for each first letter that it may begin with."""
    if not phrase.startswith("(") or phrase.startswith("(?"):
        letter = phrase[0] if phrase[:1].isalpha() and phrase[1:2] not in "?*" else ""
        yield _Form(-phrase.count(" "), -len(phrase), letter, phrase[len(letter) :])
        return
    choices, rest = _choices(phrase)
    if rest.startswith("?"):
        rest = rest[1:]
        choices.append("")
    alike: dict[tuple[str, int], list[str]] = {}
    for choice in choices:
        if choice[:1].isalpha() and len(choice) > 1 and choice[1] not in "?*":
            alike.setdefault((choice[0], choice.count(" ")), []).append(choice[1:])
        else:
            yield from _beginnings((choice + rest).lstrip())
    for (letter, spaces), tails in alike.items():
        tail = f"({'|'.join(sorted(tails, key=len, reverse=True))})" if len(tails) > 1 else tails[0]
        yield _Form(-spaces - rest.count(" "), -len(rest) - max(map(len, tails)) - 1, letter, tail + rest)


def _regular(phrase: str) -> str:
    return re.sub(r"\((?!\?)", "(?:", phrase).replace("*", r"\w*").replace(" ", " +")


def whole_words(phrases: Iterable[str]) -> re.Pattern[str]:
    """Finds any of the phrases as whole words in folded text."""
    return re.compile(rf"(?<!\w)(?:{expression(phrases)})(?!\w)")
