"""Words that their writer struck through: taken back, and no news. They stand between `~~`, as Markdown has it."""

import re
from dataclasses import dataclass
from typing import Final

MARK: Final = "~~"
_STRUCK: Final = re.compile(r"(?:(?<!\S)(?P<apart>~~(?!\s*~)[^~\n]{1,2000}~~) ?)|~~(?!\s*~)[^~\n]{1,2000}~~")
_OVERLAID: Final = re.compile(r"(?:[^\s\u0335\u0336][\u0335\u0336] ?)+")
_OVERLAY: Final = re.compile(r"[\u0335\u0336]")


@dataclass(frozen=True, slots=True)
class Kept:
    """A text without what is struck through in it.

    text: what is left. cuts: (offset in `text`, characters taken out before it in all), in order. struck: bounds in
    the whole text of what was struck through, the marks left out.
    """

    text: str
    cuts: tuple[tuple[int, int], ...] = ()
    struck: tuple[tuple[int, int], ...] = ()

    def origin(self, at: int) -> int:
        """The offset in the whole text of an offset in what is left."""
        taken = 0
        for offset, out in self.cuts:
            if offset > at:
                break
            taken = out
        return at + taken


def kept(whole: str) -> Kept:
    """What of a text is not struck through."""
    if MARK not in whole:
        return Kept(whole)
    pieces, cuts, struck = [], [], []
    at = taken = 0
    for found in _STRUCK.finditer(whole):
        pieces.append(whole[at : found.start()])
        taken += len(found[0])
        cuts.append((found.end() - taken, taken))
        struck.append((found.start() + len(MARK), found.start() + len(found["apart"] or found[0]) - len(MARK)))
        at = found.end()
    return Kept("".join([*pieces, whole[at:]]), tuple(cuts), tuple(struck))


def strokes_as_marks(text: str) -> str:
    """Letters with a stroke laid over each (U+0336) as words between marks."""
    if not _OVERLAY.search(text):
        return text
    return _OVERLAID.sub(lambda found: f"{MARK}{_OVERLAY.sub('', found[0]).strip()}{MARK} ", text)
