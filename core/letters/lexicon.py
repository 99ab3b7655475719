"""`Words` made ready to search with, and the folding of text that they are written for."""

import functools
import re
from collections.abc import Iterable, Iterator
from typing import Final

from core.letters.phrasebook import Stage
from core.letters.words import Words

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


class Lexicon:
    """The searches of one `Words`, compiled at first use."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.place = {status: place for place, status in enumerate(words.order)}
        stages = words.stages + words.done
        self.stage = whole_words(phrase for stage in stages for phrase in stage.phrases)
        self._exact = [(stage, re.compile(expression(stage.phrases))) for stage in stages]
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._known: dict[str, Stage] = {}

    def __getitem__(self, name: str) -> re.Pattern[str]:
        """Finds the phrases of that field of `Words`."""
        if name not in self._patterns:
            self._patterns[name] = whole_words(getattr(self.words, name))
        return self._patterns[name]

    def stage_of(self, phrase: str) -> Stage:
        """The stage whose phrase this is; `phrase` was found by `stage`."""
        if phrase not in self._known:
            if len(self._known) > 5000:
                self._known.clear()
            self._known[phrase] = next(stage for stage, exact in self._exact if exact.fullmatch(phrase))
        return self._known[phrase]


@functools.lru_cache(maxsize=4)
def lexicon(words: Words) -> Lexicon:
    """The searches of these words; made once."""
    return Lexicon(words)
