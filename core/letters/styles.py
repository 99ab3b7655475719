"""What the attributes and the style of an HTML element say of how its words look. Pure, linear.

Enough of CSS to know what a reader does not see: only what mail is made with, no cascade and no layout.
"""

import functools
import re
from dataclasses import dataclass
from typing import Final

Color = tuple[int, int, int] | None
"""Red, green and blue, 0 to 255; None for one that is not known."""

WHITE: Final = (255, 255, 255)
BLACK: Final = (0, 0, 0)
_ALIKE: Final = 24
"""Colours that differ by no more than this in every part cannot be told apart."""
_SMALLEST: Final = {"em": 0.2, "rem": 0.2, "%": 20.0}
_SMALLEST_PIXELS: Final = 2.0
_FAINTEST: Final = 0.1
_LONGEST: Final = 8192

_SAID: Final = re.compile(
    r"(?:^|[\s;{\"'])(?:"
    r"(?P<color>color|text|-webkit-text-fill-color)|(?P<background>background(?:-color|-image)?|bgcolor)|"
    r"(?P<size>font-size)|(?P<decoration>text-decoration(?:-line)?)|(?P<display>display))"
    r"\s*[:=]\s*[\"']?(?P<value>[^;\"'}]*)",
    re.IGNORECASE,
)
_HIDING: Final = re.compile(
    r"(?<![\w-])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|"
    r"max-(?:height|width)\s*:\s*0(?![.\d]*[1-9])|text-indent\s*:\s*-\d{3}|margin-(?:left|top)\s*:\s*-\d{4}|"
    r"clip\s*:\s*rect\(\s*[01](?:px)?[\s,]|clip-path\s*:\s*inset\(\s*(?:50|100)|"
    r"transform\s*:\s*scale\(\s*0\s*\)|zoom\s*:\s*0(?![.\d]*[1-9])|alpha\(\s*opacity\s*=\s*0)",
    re.IGNORECASE,
)
_OPACITY: Final = re.compile(r"(?<![\w-])opacity\s*:\s*(\d*\.?\d+)(%?)", re.IGNORECASE)
_CLIPPED: Final = re.compile(r"(?<![\w-])overflow\s*:\s*hidden", re.IGNORECASE)
_FLAT: Final = re.compile(r"(?<![\w-])(?:width|height|line-height)\s*:\s*0(?:px|pt)?\s*(?:[;\"'}!]|$)", re.IGNORECASE)
_PLACED: Final = re.compile(r"(?<![\w-])position\s*:\s*(?:absolute|fixed)", re.IGNORECASE)
_OUTSIDE: Final = re.compile(r"(?<![\w-])(?:left|top|right|bottom)\s*:\s*-\d{3}", re.IGNORECASE)
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_HIDDEN: Final = re.compile(r"\shidden(?:[\s=]|$)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\s*(\d*\.?\d+)\s*([a-z%]*)", re.IGNORECASE)
_HEX: Final = re.compile(r"#([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})(?![0-9a-f])", re.IGNORECASE)
_RGB: Final = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+(\d*\.?\d+)(%?))?", re.IGNORECASE)
_BARE_HEX: Final = re.compile(r"[0-9a-f]{6}", re.IGNORECASE)
_WORD: Final = re.compile(r"[a-z]+", re.IGNORECASE)
_NAMES: Final = {
    "white": WHITE, "snow": (255, 250, 250), "ivory": (255, 255, 240), "whitesmoke": (245, 245, 245),
    "ghostwhite": (248, 248, 255), "floralwhite": (255, 250, 240), "azure": (240, 255, 255),
    "mintcream": (245, 255, 250), "seashell": (255, 245, 238), "aliceblue": (240, 248, 255),
    "honeydew": (240, 255, 240), "window": WHITE, "canvas": WHITE, "black": BLACK, "windowtext": BLACK,
    "canvastext": BLACK, "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192),
    "lightgray": (211, 211, 211), "lightgrey": (211, 211, 211), "gainsboro": (220, 220, 220),
    "yellow": (255, 255, 0), "red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "navy": (0, 0, 128),
}  # fmt: skip
_INHERITED: Final = frozenset({"none", "transparent", "inherit", "initial", "unset", "currentcolor"})


@dataclass(frozen=True, slots=True)
class Style:
    """What one element says; None where it says nothing.

    tiny: its letters are too small to be seen. sees_through: its colour is transparent. pictured: its background
    is a picture, so that nothing is known of how its words look.
    """

    hidden: bool | None = None
    struck: bool | None = None
    tiny: bool | None = None
    sees_through: bool | None = None
    color: Color = None
    background: Color = None
    colored: bool = False
    pictured: bool = False

    def over(self, other: "Style") -> "Style":
        """This one where it says something, else the other."""
        return Style(
            other.hidden if self.hidden is None else self.hidden,
            other.struck if self.struck is None else self.struck,
            other.tiny if self.tiny is None else self.tiny,
            other.sees_through if self.sees_through is None else self.sees_through,
            self.color if self.colored else other.color,
            self.background if self.pictured or self.background else other.background,
            self.colored or other.colored,
            self.pictured or (other.pictured and not self.background),
        )


SILENT: Final = Style()


def alike(one: Color, other: Color) -> bool:
    """Words of one colour cannot be seen on the other."""
    if one is None or other is None:
        return False
    return all(abs(a - b) <= _ALIKE for a, b in zip(one, other, strict=True))


@functools.lru_cache(maxsize=512)
def style_of(said: str) -> Style:
    """The style in a tag's attributes, or in a rule of a style sheet; of a very long one its beginning."""
    said = said[:_LONGEST]
    hidden = True if _is_hidden(said) else None
    struck = tiny = sees_through = None
    color: Color = None
    background: Color = None
    colored = pictured = False
    for found in _SAID.finditer(said) if ":" in said or "=" in said else ():
        value = found["value"].strip().lower()
        if found["decoration"] is not None:
            struck = "line-through" in value
        elif found["size"] is not None:
            tiny = _is_tiny(value)
        elif found["display"] is not None:
            hidden = hidden or False
        elif found["color"] is not None:
            color, sees_through = color_of(value)
            colored = value.split(" ")[0] not in _INHERITED or bool(sees_through)
        elif "url(" in value or "gradient(" in value:
            background, pictured = None, True
        elif (seen := color_of(value))[0] is not None and not seen[1]:
            background, pictured = seen[0], False
        elif not seen[1] and value and not set(value.split(" ")) & _INHERITED:
            background, pictured = None, True
    found_style = Style(hidden, struck, tiny, sees_through, color, background, colored, pictured)
    return SILENT if found_style == SILENT else found_style


def _is_hidden(said: str) -> bool:
    if _HIDING.search(said) or ("hidden" in said.lower() and _HIDDEN.search(_QUOTED.sub("", said))):
        return True
    if (faint := _OPACITY.search(said)) and float(faint[1]) / (100 if faint[2] else 1) < _FAINTEST:
        return True
    if _CLIPPED.search(said) and _FLAT.search(said):
        return True
    return _PLACED.search(said) is not None and _OUTSIDE.search(said) is not None


def _is_tiny(value: str) -> bool:
    found = _NUMBER.match(value)
    return found is not None and float(found[1]) <= _SMALLEST.get(found[2], _SMALLEST_PIXELS)


def color_of(value: str) -> tuple[Color, bool]:
    """A colour, None if it is not known; and whether it is see-through."""
    if found := _HEX.search(value):
        digits = found[1] if len(found[1]) > 4 else "".join(digit * 2 for digit in found[1])
        red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
        return (red, green, blue), len(digits) == 8 and int(digits[6:], 16) < 255 * _FAINTEST
    if found := _RGB.search(value):
        clear = found[4] is not None and float(found[4]) / (100 if found[5] else 1) < _FAINTEST
        return (min(int(found[1]), 255), min(int(found[2]), 255), min(int(found[3]), 255)), clear
    if _BARE_HEX.fullmatch(value):
        return color_of(f"#{value}")
    word = _WORD.match(value)
    name = word[0].lower() if word else ""
    return _NAMES.get(name), name == "transparent"
