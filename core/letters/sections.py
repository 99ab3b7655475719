"""The pieces of a letter that are read, and which of them are news. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from core.letters.answers import affirmed
from core.letters.lexicon import Lexicon
from core.letters.mime import strip_subject
from core.letters.model import Letter, Where
from core.letters.patterns import fold
from core.letters.struck import Kept, kept

LONGEST_NEWS: Final = 12_000
"""Characters of a text that are read."""
_NOTE_LENGTH: Final = 200
_DISOWNED: Final = re.compile(
    r"(?<!\w)(?:тем[ауеоы]\w*|заголов\w+|subject)(?: line)?(?!\w)[^.!?\n]{0,30}?(?<!\w)"
    r"(?:прошл\w+|стар\w+|прежн\w+|попередн\w+|минул\w+|неверн\w*|невірн\w*|не та|не обращ\w+|не зверта\w+|"
    r"не соответств\w+|не відповіда\w+|old|previous|earlier|wrong|outdated|stale)(?!\w)|"
    r"(?<!\w)(?:не обращ\w+|не зверта\w+|ignore|disregard)[^.!?\n]{0,20}(?<!\w)(?:тем[уи]|заголов\w+|subject)(?!\w)"
)
"""The subject is that of an earlier letter, says the writer."""
_POINTS: Final = re.compile(
    r"(?<!\w)(?:see|find|смотр\w*|см|див\w*)(?!\w)[^!?\n]{0,40}"
    r"(?<!\w)(?:below|attach\w*|enclosed|ниже|нижче|вложен\w*|вкладен\w*|прикрепл\w*|прикріпл\w*|долучен\w*)|"
    r"(?<!\w)(?:ниже|нижче|below|attached|во вложении|у вкладенні)(?!\w)[^!?\n]{0,30}"
    r"(?<!\w)(?:ответ|відповідь|письмо|лист|сообщение|повідомлення|reply|answer|e-?mail|message)(?!\w)"
)
"""The news stands in what is passed on."""


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of the letter that is read: where it stands, and whether its statuses are news.

    kept: of `whole`, what is not struck through.
    """

    where: Where
    offset: int
    whole: str
    kept: Kept
    news: bool = True

    @property
    def text(self) -> str:
        """What is read."""
        return self.kept.text


def sections_of(letter: Letter, lex: Lexicon) -> list[Section]:
    """Subject and new text; of a forward whose sender adds nothing, the forwarded letter too."""
    title, answers, passes_on = strip_subject(letter.subject)
    text = section_of("text", letter.new_text)
    stale = answers or passes_on or _DISOWNED.search(fold(text.text)) is not None
    sections = [
        Section("subject", letter.subject.rfind(title), title, Kept(title), not stale),
        text,
    ]
    if letter.forwarded_text and not _carries_news(text.text, lex):
        inner, answers, _ = strip_subject(letter.forwarded_subject)
        same = fold(inner) in fold(title) or answers
        if not same:
            at = letter.forwarded_subject.rfind(inner)
            sections.append(Section("forwarded_subject", at, inner, Kept(inner)))
        sections.append(section_of("forwarded", letter.forwarded_text))
        return sections
    yes = affirmed(letter.text[:LONGEST_NEWS], letter.new_text[:LONGEST_NEWS], letter.quoted_text[:LONGEST_NEWS])
    sections += [Section("quoted", each.start, each.question, Kept(each.statement)) for each in yes]
    return sections


def _carries_news(own: str, lex: Lexicon) -> bool:
    """A forwarder's own words are news unless they are few, or only say that something is passed on."""
    folded = fold(own[:LONGEST_NEWS])
    if lex.stages_in(folded) or "?" in folded:
        return True
    few = len(re.findall(r"[^\W\d]\w+", folded)) <= 5
    return not few and lex["fyi"].search(folded) is None and _POINTS.search(folded) is None


def section_of(where: Where, text: str) -> Section:
    """A text of the letter as it is read."""
    whole = text[:LONGEST_NEWS]
    return Section(where, 0, whole, kept(whole))


def note_of(sections: list[Section]) -> str:
    """The first words of the news on one line; of the subject when there are none."""
    texts = [
        " ".join(section.text.split())
        for section in (*reversed(sections[1:]), sections[0])
        if section.where != "quoted"
    ]
    whole = next((text for text in texts if text), "")
    if len(whole) <= _NOTE_LENGTH:
        return whole
    return whole[: _NOTE_LENGTH - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"
