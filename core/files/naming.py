"""Names, paths and details: how they are put together and written down, so that any name survives. Pure.

A name that is not text in the file system's encoding holds lone surrogates (PEP 383), which no database takes.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

_LONE: Final = re.compile("[\ud800-\udfff]")
_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]")
_CODED: Final = re.compile(r"%u([0-9A-F]{4})|%([0-9A-F]{2})")


def shown(text: str) -> str:
    """The text with what is undecodable percent-encoded: `%FF` for a byte, `%uD800` for half a character."""
    return text if text.isascii() else _LONE.sub(_code, text)


def encode_name(name: str) -> str:
    """A name for the snapshot; `decode_name` gives back exactly the same one."""
    return shown(name.replace("%", "%25")) if "%" in name or not name.isprintable() else name


def decode_name(text: str) -> str:
    """The name that `encode_name` wrote."""
    return _CODED.sub(_decode, text) if "%" in text else text


def _code(match: re.Match[str]) -> str:
    point = ord(match.group())
    return f"%{point - 0xDC00:02X}" if 0xDC80 <= point <= 0xDCFF else f"%u{point:04X}"


def _decode(match: re.Match[str]) -> str:
    if match.group(1):
        return chr(int(match.group(1), 16))
    byte = int(match.group(2), 16)
    return chr(byte) if byte < 0x80 else chr(0xDC00 + byte)


def details(root: str, metadata: Mapping[str, str], *, old_path: str | None = None, scan: bool = False) -> str:
    """An event's `details`: `key=value; …` as the contract orders them."""
    pairs = [("watched_root", root)]
    if old_path is not None:
        pairs.append(("old_path", old_path))
    if scan:
        pairs.append(("source", "scan"))
    pairs.extend(metadata.items())
    return "; ".join([_pair(key, value) for key, value in pairs])


@lru_cache(maxsize=1024)
def _pair(key: str, value: str) -> str:
    return f"{_key(key)}={_value(value)}"


def _key(key: str) -> str:
    return _value(key).replace("=", "%3D")


def _value(text: str) -> str:
    return shown(text.replace("%", "%25").replace(";", "%3B"))


def parse_details(text: str) -> dict[str, str]:
    """The keys and values of `details`, decoded."""
    pairs = (part.partition("=") for part in text.split("; ") if part)
    return {decode_name(key): decode_name(value) for key, _, value in pairs}


def full_path(root: str, folder: str, name: str) -> str:
    """The absolute path of a file, with the separators of its root."""
    below = join(folder, name)
    if "\\" in root and not root.startswith("/"):
        return root.rstrip("\\") + "\\" + below.replace("/", "\\")
    return root.rstrip("/") + "/" + below


def below_root(root: str, path: str) -> str | None:
    """An absolute path as the path under that root, '' for the root itself; None when it lies elsewhere."""
    separator = "\\" if "\\" in root and not root.startswith("/") else "/"
    root, path = root.rstrip(separator), path.rstrip(separator)
    if path == root:
        return ""
    if not path.startswith(root + separator):
        return None
    return path[len(root) + 1 :].replace(separator, "/")


def is_absolute(path: str) -> bool:
    """Whether this is a whole path: from the root, a share or a drive."""
    return path.startswith(("/", "\\\\")) or _DRIVE.match(path) is not None


def fold(text: str) -> str:
    """A path or a word as it is searched: composed, folded, undecodable bytes encoded."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", shown(text).casefold())


def join(folder: str, name: str) -> str:
    """A path under the root."""
    return f"{folder}/{name}" if folder else name


def split(path: str) -> tuple[str, str]:
    """A path under the root as folder and name."""
    folder, _, name = path.rpartition("/")
    return folder, name


def lineage(folder: str) -> Iterator[str]:
    """The folder's parents below the root, outermost first, and the folder itself; nothing for the root."""
    at = folder.find("/")
    while at != -1:
        yield folder[:at]
        at = folder.find("/", at + 1)
    if folder:
        yield folder


def is_below(folder: str, ancestor: str) -> bool:
    """Whether a folder is that one or lies below it."""
    return not ancestor or folder == ancestor or folder.startswith(ancestor + "/")
