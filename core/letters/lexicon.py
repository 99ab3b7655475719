"""`Words` made ready to search with."""

import functools
import re
from dataclasses import fields
from typing import Final

from core.letters.patterns import branches, whole_words
from core.letters.phrasebook import PAST, Stage
from core.letters.words import Words

_WORD: Final = re.compile(r"[^\W\d_][\w']+")


_UNKNOWN: Final = Stage("", PAST, ())
"""Of a phrase that is one only before certain words, and so is none by itself: it tells nothing."""


class Lexicon:
    """The searches of one `Words`, compiled at first use."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.place = {status: place for place, status in enumerate(words.order)}
        stages = words.stages + words.done
        self.stage = whole_words(phrase for stage in stages for phrase in stage.phrases)
        self._branches = [(stage, branches(stage.phrases)) for stage in stages]
        self._forms = {form: stage for stage in reversed(stages) for form in stage.forms}
        own = words.number_pattern
        self.own_number = re.compile(own, re.IGNORECASE) if own else None
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._known: dict[str, Stage] = {}
        self._exact: dict[str, list[tuple[Stage, re.Pattern[str]]]] = {}
        """The phrases of each stage, by the first letter of what was found."""

    def __getitem__(self, name: str) -> re.Pattern[str]:
        """Finds the phrases of that field of `Words`."""
        if name not in self._patterns:
            self._patterns[name] = whole_words(getattr(self.words, name))
        return self._patterns[name]

    def prepare(self) -> None:
        """Compile every search now: about two seconds, which are better spent in a thread than at the first letter."""
        for field in fields(self.words):
            phrases = getattr(self.words, field.name)
            if isinstance(phrases, tuple) and all(isinstance(phrase, str) for phrase in phrases):
                self._patterns[field.name] = whole_words(phrases)
        for letter in {first for _, by_letter in self._branches for first in by_letter if first}:
            self._beginning_with(letter)

    def _beginning_with(self, letter: str) -> list[tuple[Stage, re.Pattern[str]]]:
        if letter not in self._exact:
            self._exact[letter] = [
                (stage, re.compile("|".join(own)))
                for stage, by_letter in self._branches
                if (own := [by_letter[first] for first in ("", letter) if first in by_letter])
            ]
        return self._exact[letter]

    def stage_of(self, phrase: str) -> Stage:
        """The stage whose phrase this is; `phrase` was found by `stage`."""
        if phrase not in self._known:
            if len(self._known) > 5000:
                self._known.clear()
            said = (stage for stage, exact in self._beginning_with(phrase[0]) if exact.fullmatch(phrase))
            self._known[phrase] = next(said, None) or self._forms.get(phrase, _UNKNOWN)
        return self._known[phrase]

    def stages_in(self, text: str, start: int = 0) -> list[re.Match[str]]:
        """Every phrase of a text that tells a stage, in order, single words that are looked up among them."""
        found = list(self.stage.finditer(text, start))
        taken = [match.span() for match in found]
        found += [
            word
            for word in _WORD.finditer(text, start)
            if word[0] in self._forms and not any(low < word.end() and word.start() < high for low, high in taken)
        ]
        return sorted(found, key=re.Match.start)

    def begins_stage(self, text: str, at: int) -> bool:
        """A phrase that tells a stage begins there."""
        word = _WORD.match(text, at)
        return self.stage.match(text, at) is not None or (word is not None and word[0] in self._forms)

    def ends_stage(self, text: str) -> bool:
        """The text ends with a phrase that tells a stage."""
        return any(found.end() == len(text) for found in self.stages_in(text))

    def without_stages(self, text: str) -> str:
        """The text with those phrases blanked."""
        rest = self.stage.sub(" ", text)
        return _WORD.sub(lambda word: " " if word[0] in self._forms else word[0], rest)


def lexicon(words: Words) -> Lexicon:
    """The searches of these words; made once."""
    last = _LAST[0] if _LAST else None
    if last is None or last.words is not words:  # so many words are not to be compared for each letter
        last = _compiled(words)
        _LAST[:] = [last]
    return last


_LAST: Final[list[Lexicon]] = []


@functools.lru_cache(maxsize=4)
def _compiled(words: Words) -> Lexicon:
    return Lexicon(words)
