"""What is kept of a letter beside its record: the decoded texts and what was read in them, and its files. Pure."""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Any, Final

from core.clock import iso
from core.letters.model import Attachment, Evidence, Letter, Reading, Update
from core.letters.record import Content, KeptAttachment, LettersOptions, Reason
from core.text import N_

TEXT_KEPT: Final = 100_000
"""Characters of each text; a letter of a person is far shorter."""
WORDS_KEPT: Final = 300
FILES_KEPT: Final = 50

TYPE: Final = N_("Files of the type {type} are not kept.")
SIZE: Final = N_("It has {size} MB; at most {limit} MB are kept.")
NOT_READ: Final = N_("The letter's files are too large together.")

_TEXTS: Final = ("subject", "text", "new_text", "forwarded_subject", "forwarded_text", "quoted_text")
_MOMENTS: Final = ("sent_at", "received_at")
_FIELDS: Final = tuple(field.name for field in fields(Letter) if field.name != "attachments")


def packed(letter: Letter, reading: Reading) -> bytes:
    """A letter without its files, and its reading, in few bytes."""
    values: dict[str, Any] = {name: getattr(letter, name) for name in _FIELDS}
    values |= {name: values[name][:TEXT_KEPT] for name in _TEXTS}
    values |= {name: iso(values[name]) for name in _MOMENTS if values[name]}
    whole = {
        "letter": values,
        "attachments": [(each.name, each.content_type, each.size, each.inline) for each in letter.attachments],
        "outcome": reading.outcome,
        "updates": [(each.request, each.position, each.status) for each in reading.updates],
        "reason": reading.reason,
        "note": reading.note,
        "why": [
            (each.kind, each.where, each.start, each.end, each.words, each.value, each.counted, each.reason)
            for each in reading.why[:WORDS_KEPT]
        ],
    }
    return zlib.compress(json.dumps(whole, separators=(",", ":")).encode(), 1)


def unpacked(data: bytes) -> Content:
    """What `packed` made of a letter and its reading."""
    whole = json.loads(zlib.decompress(data))
    values = whole["letter"]
    values |= {name: datetime.fromisoformat(values[name]) for name in _MOMENTS if values[name]}
    values |= {name: tuple(values[name]) for name in ("to", "references")}
    files = tuple(Attachment(name, kind, size, inline=inline) for name, kind, size, inline in whole["attachments"])
    reading = Reading(
        outcome=whole["outcome"],
        updates=tuple(Update(*each) for each in whole["updates"]),
        reason=whole["reason"],
        why=tuple(Evidence(*each) for each in whole["why"]),
        note=whole["note"],
    )
    return Content(Letter(**values, attachments=files), reading)


def sorted_out(
    letter_id: int, files: Sequence[Attachment], options: LettersOptions
) -> Iterator[tuple[KeptAttachment, bytes]]:
    """The files of a letter that are worth a mention, each with what is kept of it: nothing where it is refused."""
    worth = [file for file in files if not file.inline][:FILES_KEPT]
    for place, file in enumerate(worth):
        refused = refusal(file, options)
        digest = None if refused else sha256(file.content).hexdigest()
        kept = KeptAttachment(letter_id, place, file.name, file.content_type, file.size, digest, refused)
        yield kept, b"" if refused else file.content


def refusal(file: Attachment, options: LettersOptions) -> Reason | None:
    """Why a file is not kept; None when it is."""
    names = (file.content_type.lower(), file.name.lower())
    if not any(fnmatchcase(name, pattern.lower()) for pattern in options.attachment_types for name in names):
        return Reason(TYPE, {"type": file.content_type or file.name})
    if file.size > options.attachment_max:
        limit = options.attachment_max / 1024 / 1024
        return Reason(SIZE, {"size": f"{file.size / 1024 / 1024:.1f}", "limit": f"{limit:g}"})
    return Reason(NOT_READ) if len(file.content) < file.size else None
