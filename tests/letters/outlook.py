"""Writes Outlook files (`.msg`) for tests: real compound files ([MS-CFB]) with MAPI properties ([MS-OXMSG])."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

Tree = dict[str, "bytes | Tree"]

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SMALL, _STREAM = 4096, 2


@dataclass
class _Entry:
    """A directory entry: root, storage or stream, its content and its neighbours."""

    name: str
    kind: int
    content: bytes = b""
    child: int = _FREE
    right: int = _FREE
    start: int = 0
    size: int = 0


class _Chains:
    """Sectors of one size, and the table that chains them."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.data = bytearray()
        self.table: list[int] = []

    def store(self, content: bytes) -> int:
        """The first sector of the content."""
        if not content:
            return _END
        first = len(self.table)
        self.data += content + b"\0" * (-len(content) % self.size)
        last = len(self.data) // self.size
        self.table += [*range(first + 1, last), _END]
        return first


def _packed(numbers: list[int], fill: int = 512) -> bytes:
    data = b"".join(struct.pack("<I", number) for number in numbers)
    return data + b"\xff" * (-len(data) % fill)


def _entries(storage: Tree, entries: list[_Entry]) -> int:
    """Add a storage's entries, each the right neighbour of the one before; the place of the first."""
    first, last = _FREE, None
    for name in sorted(storage, key=lambda name: (len(name), name.upper())):
        content = storage[name]
        at, entry = len(entries), _Entry(name, 2 if isinstance(content, bytes) else 1)
        entries.append(entry)
        if isinstance(content, bytes):
            entry.content = content
        else:
            entry.child = _entries(content, entries)
        if last:
            last.right = at
        first, last = (at if last is None else first), entry
    return first


def compound_file(tree: Tree) -> bytes:
    """The bytes of a compound file with these streams and storages: sectors of 512 bytes, small streams of 64."""
    entries = [_Entry("Root Entry", 5)]
    entries[0].child = _entries(tree, entries)
    big, small = _Chains(512), _Chains(64)
    for entry in entries[1:]:
        if entry.kind == _STREAM:
            entry.size = len(entry.content)
            entry.start = (big if entry.size >= _SMALL else small).store(entry.content)
    entries[0].size = len(small.data)
    entries[0].start = big.store(bytes(small.data))
    table = _packed(small.table)
    table_start = big.store(table)
    directory = b"".join(
        struct.pack(
            "<64sHBBIII16sIQQIQ", entry.name.encode("utf-16-le"), 2 * len(entry.name) + 2, entry.kind, 1, _FREE,
            entry.right, entry.child, b"", 0, 0, 0, entry.start, entry.size,
        )
        for entry in entries
    )  # fmt: skip
    directory_start = big.store(directory + b"\0" * (-len(directory) % 512))
    at = len(big.table)
    count = at // 127 + 1
    head = struct.pack(
        "<8s16sHHHHHHIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0, count,
        directory_start, 0, _SMALL, table_start, len(table) // 512, _END, 0,
    )  # fmt: skip
    return (
        (head + _packed(list(range(at, at + count)), 4)).ljust(512, b"\xff")
        + bytes(big.data)
        + _packed(big.table + [_FAT] * count)
    )


@dataclass
class Properties:
    """MAPI properties of one object: texts by number, as Unicode or in a code page; bytes; numbers; moments."""

    texts: dict[int, str] = field(default_factory=dict)
    data: dict[int, bytes] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    moments: dict[int, datetime] = field(default_factory=dict)
    charset: str = ""
    """Empty: Unicode texts."""

    def tree(self, head: bytes) -> Tree:
        """The object's streams; `head` begins its property stream."""
        return {**dict(self._streams()), "__properties_version1.0": head + b"".join(self._entries())}

    def _streams(self) -> Iterator[tuple[str, bytes]]:
        for name, text in self.texts.items():
            kind, codec = (0x1E, self.charset) if self.charset else (0x1F, "utf-16-le")
            yield f"__substg1.0_{name:04X}{kind:04X}", text.encode(codec)
        for name, value in self.data.items():
            yield f"__substg1.0_{name:04X}0102", value

    def _entries(self) -> Iterator[bytes]:
        for name, text in self.texts.items():
            yield struct.pack("<HHIII", 0x1E if self.charset else 0x1F, name, 6, len(text), 0)
        for name, value in self.data.items():
            yield struct.pack("<HHIII", 0x0102, name, 6, len(value), 0)
        for name, number in self.numbers.items():
            yield struct.pack("<HHIiI", 0x0003, name, 6, number, 0)
        for name, moment in self.moments.items():
            ticks = int((moment - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
            yield struct.pack("<HHIQ", 0x0040, name, 6, ticks)


@dataclass
class File:
    """An attachment: its name, type and content, or another message."""

    name: str
    content: "bytes | Message"
    kind: str = ""
    cid: str = ""


@dataclass
class Message(Properties):
    """A message: its properties, recipients (kind, name, address) and files."""

    recipients: list[tuple[int, str, str]] = field(default_factory=list)
    files: list[File] = field(default_factory=list)

    def bytes(self) -> bytes:
        """The Outlook file."""
        return compound_file(self.whole(nested=False))

    def whole(self, *, nested: bool) -> Tree:
        """The message as a storage."""
        counts = struct.pack("<8x4I", len(self.recipients), len(self.files), len(self.recipients), len(self.files))
        tree = self.tree(counts if nested else counts + bytes(8))
        for place, (kind, name, address) in enumerate(self.recipients):
            person = Properties({0x3001: name, 0x39FE: address}, numbers={0x0C15: kind}, charset=self.charset)
            tree[f"__recip_version1.0_#{place:08X}"] = person.tree(bytes(8))
        for place, file in enumerate(self.files):
            one = Properties({0x3707: file.name, 0x370E: file.kind, 0x3712: file.cid}, charset=self.charset)
            if isinstance(file.content, Message):
                stored = one.tree(bytes(8)) | {"__substg1.0_3701000D": file.content.whole(nested=True)}
            else:
                one.data[0x3701] = file.content
                stored = one.tree(bytes(8))
            tree[f"__attach_version1.0_#{place:08X}"] = stored
        return tree
