"""`Words` made ready to search with."""

import functools
import re
from dataclasses import fields

from core.letters.patterns import expression, whole_words
from core.letters.phrasebook import Stage
from core.letters.words import Words


class Lexicon:
    """The searches of one `Words`, compiled at first use."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.place = {status: place for place, status in enumerate(words.order)}
        stages = words.stages + words.done
        self.stage = whole_words(phrase for stage in stages for phrase in stage.phrases)
        self._exact = [(stage, re.compile(expression(stage.phrases))) for stage in stages]
        own = words.number_pattern
        self.own_number = re.compile(own, re.IGNORECASE) if own else None
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._known: dict[str, Stage] = {}

    def __getitem__(self, name: str) -> re.Pattern[str]:
        """Finds the phrases of that field of `Words`."""
        if name not in self._patterns:
            self._patterns[name] = whole_words(getattr(self.words, name))
        return self._patterns[name]

    def prepare(self) -> None:
        """Compile every search now: about a second, which is better spent in a thread than at the first letter."""
        for field in fields(self.words):
            phrases = getattr(self.words, field.name)
            if isinstance(phrases, tuple) and all(isinstance(phrase, str) for phrase in phrases):
                self._patterns[field.name] = whole_words(phrases)

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
