"""Bytes of a letter to text, also when the letter lies about its charset.

Nothing here raises: what cannot be decoded becomes U+FFFD. Mail in Ukrainian and Russian comes in UTF-8,
windows-1251, KOI8-R and KOI8-U, and is often labelled as another of them, as Latin-1, or not at all.
"""

import binascii
import codecs
import re
import string
import unicodedata
from typing import Final

_CYRILLIC: Final = ("cp1251", "koi8_u", "cp866", "iso8859_5")
_SAME: Final = {
    "koi8_r": "koi8_u", "ascii": "", "latin_1": "cp1252", "iso8859_1": "cp1252", "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ukrainian": "mac_cyrillic", "koi8-ru": "koi8_u",
}  # fmt: skip
"""KOI8-U is KOI8-R with the Ukrainian letters; a "Latin-1" letter is windows-1252, if not something else."""
_SELF_EVIDENT: Final = ("utf_16", "utf_32", "iso2022", "gb", "big5", "euc", "shift_jis", "utf_7", "hz")
_WIDE: Final = ("utf_16", "utf_32")
"""Charsets in which a Cyrillic letter of some length has spaces, and so zero bytes."""
_BYTES_CODECS: Final = frozenset({"base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib", "idna", "punycode"})
_SAMPLE: Final = 6000
_WEIGHT: Final = (
    dict.fromkeys("оеаинтсрвлкі", 4) | dict.fromkeys("мдпуяьбгзчйї", 2) | dict.fromkeys("хжшюыє", 1)
    | dict.fromkeys("ОЕАИНТСРВЛКІ", 3) | dict.fromkeys("МДПУЯБГЗЧЙЇ", 1) | dict.fromkeys("ъЪщЩэЭфФцЦ", -1)
)  # fmt: skip
_WORD_BREAKS: Final = re.compile(
    r"[а-яёіїєґ][А-ЯЁІЇЄҐ]|[а-яёіїєґ][a-z]|[a-z][а-яёіїєґ]|[\u0080-\u009f\u2500-\u25ff\ufffd]"
)
_COMMON: Final = "оеаинтсрвлкі"
_FEW: Final = 6
"""So few letters say nothing of a charset."""
_WINDOWS: Final = {
    ord(char): byte for byte in range(0x80, 0xA0) if (char := bytes([byte]).decode("cp1252", "replace")) != "\ufffd"
}
_MOJIBAKE: Final = re.compile("[РСÐÑ][\u0080-\u00bf\u0400-\u045f\u0490\u0491\u2010-\u2122]")
_ENCODED_WORD: Final = re.compile(r"=\?([\w.:*-]{0,60})\?([bBqQ])\?(.*?)(?:\?=|$)", re.DOTALL)
_NOT_BASE64: Final = bytes(
    sorted(set(range(256)) - set(string.ascii_letters.encode() + string.digits.encode() + b"+/"))
)
_INVISIBLE: Final = re.compile("[\u0000\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_SPACE: Final = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t\x0b\x0c\x1c-\x1f\x85\x01-\x08\x0e-\x1b]")
_STACKED_MARKS: Final = re.compile("[\u0300-\u036f\u0483-\u0489]{4,}")
_NEWLINES: Final = re.compile("\r\n?|[\u2028\u2029]")


def decode(data: bytes, label: str = "") -> str:
    """The text of bytes said to be in charset `label`: the charset that makes words of them wins."""
    codec = _codec(label)
    if codec.startswith(_WIDE) and b"\0" not in data[:_SAMPLE]:
        codec = ""
    if codec.startswith(_SELF_EVIDENT):
        return data.decode(codec, "replace")
    if data.isascii():
        return data.decode("ascii")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess(data, codec)


def _codec(label: str) -> str:
    plain = label.strip(" '\"").lower()
    try:
        name = codecs.lookup(_SAME.get(plain, plain)).name.replace("-", "_")
    except (LookupError, ValueError):
        return ""
    return "" if name.split("_")[0] in _BYTES_CODECS else _SAME.get(name, name)


def _guess(data: bytes, codec: str) -> str:
    """Not UTF-8 throughout: damaged UTF-8, or one of the one-byte charsets."""
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") * 10 <= sum(1 for char in text[:_SAMPLE] if char > "\x7f"):
        return text
    sample = bytes(byte for byte in data[: 10 * _SAMPLE] if byte > 31)[:_SAMPLE]
    declared = [codec] if codec and codec != "utf_8" else []
    candidates = declared + [name for name in (*_CYRILLIC, "cp1252") if name not in declared]
    scores = {name: _likeness(sample.decode(name, "replace")) for name in candidates}
    best = max(candidates, key=lambda name: scores[name])
    margin = 20 if declared and declared[0] in _CYRILLIC else 6
    if declared and scores[best] < scores[declared[0]] * 1.5 + margin:
        best = declared[0]
    return data.decode(best, "replace")


def _likeness(text: str) -> int:
    """How much a text looks like words: common Cyrillic letters count for it, impossible neighbours against."""
    return sum(_WEIGHT.get(char, 0) for char in text) - 12 * len(_WORD_BREAKS.findall(text))


def mend(text: str) -> str:
    """Undo one reading in a wrong charset (`РџСЂРёРЅСЏС‚Рѕ`, `Ïðèíÿòî`), where that is plain to see."""
    sample = text[:_SAMPLE]
    if sample.isascii():
        return text
    letters = len(sample) - len(sample.encode("ascii", "ignore"))
    seen = len(_MOJIBAKE.findall(sample))
    if seen >= 3 and seen * 3 >= letters:
        for codec in (*_CYRILLIC, "cp1252"):
            try:
                return _bytes(text, codec).decode("utf-8")
            except UnicodeError:
                continue
    return _reread(text, sample) if letters > _FEW and _is_strange(sample, letters) else text


def _is_strange(sample: str, letters: int) -> bool:
    """Few of the letters are those that Cyrillic words are made of."""
    return sum(map(sample.count, _COMMON)) * 5 < letters * 2


def _reread(text: str, sample: str) -> str:
    """The text as it reads best, had its bytes been taken for another charset; itself if none is far better."""
    own = _likeness(sample)
    best, found = own * 1.5 + 6 * _FEW if own > 0 else 2 * _FEW, None
    for wrong in (*_CYRILLIC, "koi8_r", "cp1252"):
        try:
            data = _bytes(sample, wrong)
        except UnicodeError:
            continue
        for real in (*_CYRILLIC, "utf-8"):
            score = _likeness(data.decode(real, "replace")) if real != wrong else 0
            if score > best:
                best, found = score, (wrong, real)
    if found is None:
        return text
    try:
        return _bytes(text, found[0]).decode(found[1], "replace")
    except UnicodeError:
        return _bytes(sample, found[0]).decode(found[1], "replace")


def _bytes(text: str, codec: str) -> bytes:
    """What was read as `codec`; of windows-1252 the bytes too that stand for no letter there."""
    if codec != "cp1252":
        return text.encode(codec)
    return text.translate(_WINDOWS).encode("latin-1")


def clean(text: str) -> str:
    """One kind of newline and space, no invisible marks, letters composed."""
    text = _NEWLINES.sub("\n", text)
    text = _SPACE.sub(" ", _INVISIBLE.sub("", text).replace("\t", "  "))
    return unicodedata.normalize("NFC", _STACKED_MARKS.sub("", text))


def from_base64(data: bytes) -> bytes:
    """Base64, whatever its line breaks, stray signs and missing padding."""
    kept = (data.split(b"=", 1)[0] if data.count(b"=") <= 2 else data).translate(None, _NOT_BASE64)
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def decode_header(raw: bytes) -> str:
    """An unfolded header value: RFC 2047 words, leniently (spaces inside, no end mark, letters cut between words)."""
    text = _words_decoded(decode(raw))
    if text.startswith("=?") and text.endswith("?="):
        text = _words_decoded(text)  # encoded once more on its way
    return " ".join(clean(mend(text)).split())


def _words_decoded(text: str) -> str:
    pieces: list[str] = []
    pending: list[tuple[str, str]] = []
    charset, at = "", 0
    for word in _ENCODED_WORD.finditer(text):
        between = text[at : word.start()]
        label = word[1].split("*")[0].lower()
        if pending and (between.strip() or label != charset):
            pieces.append(decode(_joined(pending), charset))
            pending.clear()
        if between.strip() or not at:
            pieces.append(between)
        charset, at = label, word.end()
        pending.append((word[2].lower(), word[3]))
    if pending:
        pieces.append(decode(_joined(pending), charset))
    return "".join(pieces) + text[at:]


def _joined(words: list[tuple[str, str]]) -> bytes:
    """The bytes of neighbouring words; base64 that was cut between them anywhere is put together first."""
    out, waiting = b"", ""
    for encoding, text in words:
        if encoding == "b":
            waiting += text
            if "=" not in text and len(waiting.strip()) % 4:
                continue
            out, waiting = out + _encoded_bytes("b", waiting), ""
        else:
            out, waiting = out + _encoded_bytes("b", waiting) + _encoded_bytes(encoding, text), ""
    return out + _encoded_bytes("b", waiting)


def _encoded_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding == "b":
        return from_base64(data)
    return binascii.a2b_qp(data.replace(b"\n", b" "), header=True)
