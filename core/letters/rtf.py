"""Text or HTML out of the RTF that Outlook keeps letters in. Pure; reads forward only, whatever the bytes.

Sources: [MS-OXRTFCP] (LZFu compression), [MS-OXRTFEX] (HTML and plain text wrapped in RTF). Formatting is dropped,
but for words struck through: those stand between `~~`.
"""

import codecs
import re
import struct
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from core.letters.struck import MARK

_SEED: Final = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW: Final = 4096
_LARGEST: Final = 8 * 1024 * 1024
_TOKEN: Final = re.compile(
    rb"(?P<open>\{)|(?P<close>\})|\\'(?P<hex>[0-9a-fA-F]{2})|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|"
    rb"\\(?P<sign>[^a-zA-Z])|(?P<line>[\r\n]+)|(?P<text>[^{}\\\r\n]+)|\\",
    re.DOTALL,
)
_DESTINATIONS: Final = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer headerl headerr footerl footerr listtable "
    b"listoverridetable rsidtbl themedata colorschememapping datastore latentstyles generator mhtmltag fldinst "
    b"xmlnstbl filetbl revtbl bkmkstart bkmkend".split()
)
_SPOKEN: Final = {
    b"par": "\n", b"line": "\n", b"tab": "\t", b"cell": " | ", b"row": "\n", b"emdash": "\u2014", b"endash": "\u2013",
    b"lquote": "\u2018", b"rquote": "\u2019", b"ldblquote": "\u201c", b"rdblquote": "\u201d", b"bullet": "\u2022",
}  # fmt: skip
_LOOKS: Final = frozenset({b"f", b"v", b"strike", b"striked", b"deleted"})
"""Font, hidden, struck through (once or twice), deleted under revision."""
_SIGNS: Final = {b"~": "\u00a0", b"-": "", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}
_CHARSETS: Final = {204: "cp1251", 238: "cp1250", 161: "cp1253", 162: "cp1254", 186: "cp1257", 0: "cp1252"}
"""Windows' charset numbers of fonts (`\\fcharset204`)."""


def decompress(data: bytes) -> bytes:
    """The RTF in a `PidTagRtfCompressed` value; what cannot be taken apart ends where it is damaged."""
    if len(data) < 16:
        return b""
    size, kind = struct.unpack_from("<4xI4s4x", data)
    if kind == b"MELA":
        return data[16 : 16 + size]
    if kind != b"LZFu":
        return b""
    out, at, most = bytearray(_SEED), 16, len(_SEED) + min(size, _LARGEST)
    while at < len(data) and len(out) < most:
        control = data[at]
        at += 1
        for bit in range(8):
            if not control >> bit & 1:
                out += data[at : at + 1]
                at += 1
                continue
            pair = int.from_bytes(data[at : at + 2].ljust(2, b"\0"), "big")
            at += 2
            back, length = (len(out) - (pair >> 4)) % _WINDOW, (pair & 15) + 2
            if not 0 < back <= len(out):
                return bytes(out[len(_SEED) : most])
            out += (out[-back:] * (length // back + 1))[:length] if back < length else out[-back:][:length]
    return bytes(out[len(_SEED) : most])


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """What RTF held: `html` says of which kind the text is."""

    text: str
    html: bool


@dataclass(slots=True)
class _Group:
    """What an RTF group inherits and may change: shown, in an HTML tag, in RTF-only text, font, bytes after `\\u`."""

    skip: bool = False
    tag: bool = False
    only_rtf: bool = False
    font: int = 0
    after_unicode: int = 1
    fonts: bool = False
    unseen: bool = False
    struck: bool = False

    def copy(self) -> "_Group":
        return replace(self)


def unwrap(rtf: bytes, most: int = 200_000) -> Unwrapped:
    """The HTML or plain text wrapped in RTF; of RTF that wraps nothing its words. `most`: tokens that are read."""
    reader = _Reader(html=b"\\fromhtml" in rtf[:4096])
    for token in islice(_TOKEN.finditer(rtf, 0, _LARGEST), most):
        reader.take(token)
    return Unwrapped(reader.text(), reader.html)


class _Reader:
    """Goes through RTF token by token."""

    def __init__(self, *, html: bool) -> None:
        self.html = html
        self._out: list[str] = []
        self._bytes = bytearray()
        self._stack: list[_Group] = []
        self._now = _Group()
        self._codepage = "cp1252"
        self._font_codepages: dict[int, str] = {}
        self._ignorable = False
        self._to_skip = 0

    def text(self) -> str:
        self._flush()
        return "".join(self._out).replace(MARK + MARK, "")

    def take(self, token: re.Match[bytes]) -> None:
        """One token: a brace, a control word, a byte, text."""
        kind = token.lastgroup
        if kind == "number" or kind == "word":
            self._control(token["word"], int(token["number"]) if token["number"] else None)
        elif kind == "open":
            if len(self._stack) < 10_000:
                self._stack.append(self._now)
                self._now = self._now.copy()
        elif kind == "close":
            self._flush()
            self._now = self._stack.pop() if self._stack else _Group()
        elif kind == "hex":
            self._byte(bytes.fromhex(token["hex"].decode()))
        elif kind == "sign":
            self._sign(token["sign"])
        elif kind == "text":
            self._words(token["text"])
        self._ignorable = kind == "sign" and token["sign"] == b"*"

    def _control(self, word: bytes, number: int | None) -> None:
        now = self._now
        if word in _DESTINATIONS or (self._ignorable and word != b"htmltag"):
            now.skip, now.fonts = True, word == b"fonttbl"
        elif word == b"htmltag":
            now.tag = True
        elif word == b"htmlrtf":
            self._flush()
            now.only_rtf = number != 0
        elif word == b"ansicpg" and number:
            self._codepage = _known(f"cp{number}") or self._codepage
        elif word in _LOOKS:
            self._look(word, number)
        elif word == b"fcharset" and now.fonts:
            self._font_codepages[now.font] = _CHARSETS.get(number or 0, "") if number else ""
        elif word == b"uc":
            now.after_unicode = max(0, min(number if number is not None else 1, 8))
        elif word == b"u" and number is not None:
            self._say(_char(number))
            self._to_skip = now.after_unicode
            return
        elif word in _SPOKEN and (not self.html or not now.tag or word in {b"par", b"line", b"tab"}):
            self._say(_SPOKEN[word])
        self._to_skip = 0

    def _look(self, word: bytes, number: int | None) -> None:
        """A font, or how words look; in HTML its own tags say that."""
        self._flush()
        if word == b"f":
            self._now.font = number or 0
        elif word == b"v":
            self._now.unseen = number != 0 and not self.html
        else:
            self._now.struck = number != 0 and not self.html

    def _sign(self, sign: bytes) -> None:
        if sign in _SIGNS:
            if self._to_skip:
                self._to_skip -= 1
            else:
                self._say(_SIGNS[sign])

    def _byte(self, value: bytes) -> None:
        if self._to_skip:
            self._to_skip -= 1
        elif self._shown():
            self._bytes += value

    def _words(self, text: bytes) -> None:
        skipped = min(self._to_skip, len(text))
        self._to_skip -= skipped
        if self._shown():
            self._bytes += text[skipped:]

    def _say(self, text: str) -> None:
        if self._shown():
            self._flush()
            self._out.append(self._marked(text))

    def _shown(self) -> bool:
        return not self._now.skip and not self._now.unseen and not (self._now.only_rtf and self.html)

    def _flush(self) -> None:
        if self._bytes:
            codepage = self._font_codepages.get(self._now.font) or self._codepage
            self._out.append(self._marked(self._bytes.decode(codepage, "replace")))
            self._bytes.clear()

    def _marked(self, text: str) -> str:
        """What is struck through stands between marks; line ends do not."""
        return f"{MARK}{text}{MARK}" if self._now.struck and text.strip() else text


def _known(codec: str) -> str:
    try:
        return codecs.lookup({"cp65001": "utf-8", "cp20866": "koi8-r", "cp21866": "koi8-u"}.get(codec, codec)).name
    except LookupError:
        return ""


def _char(number: int) -> str:
    """`\\u-2013`: a signed 16-bit number; halves of a pair become U+FFFD, which is no word."""
    value = number & 0xFFFF
    return "\ufffd" if 0xD800 <= value < 0xE000 else chr(value)
