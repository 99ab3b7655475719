"""Files in messages: pictures, documents, films, sounds; uploaded, or named by the identifier of an earlier one."""

import secrets
import struct
from typing import Any, Final

from deploy.demo.telegram.errors import ApiError, bad_request
from deploy.demo.telegram.model import Json, StoredFile
from deploy.demo.telegram.schema import Upload
from deploy.demo.telegram.state import State

UPLOAD_LIMIT: Final = 50 * 1024 * 1024
DOWNLOAD_LIMIT: Final = 20 * 1024 * 1024
PHOTO_LIMIT: Final = 10 * 1024 * 1024
_PHOTO_SIDES: Final = 10_000  # width and height together, pixels
_PHOTO_RATIO: Final = 20

KINDS: Final = ("photo", "document", "video", "audio", "voice", "animation")
_PREFIX: Final = {
    "photo": "AgACAgIAAxkBAAI",
    "document": "BQACAgIAAxkBAAI",
    "video": "BAACAgIAAxkBAAI",
    "audio": "CQACAgIAAxkBAAI",
    "voice": "AwACAgIAAxkBAAI",
    "animation": "CgACAgIAAxkBAAI",
}
_TOLD: Final = {
    "video": {"width": 1280, "height": 720, "duration": 1},
    "animation": {"width": 1280, "height": 720, "duration": 1},
    "audio": {"duration": 1},
    "voice": {"duration": 1},
}
"""What the sender says of a film or a sound, with stand-ins for what is left out."""


def keep_file(state: State, upload: Upload, kind: str = "document", said: Json | None = None) -> StoredFile:
    """Store a file of a kind; 400 for one that is empty, or no picture where a picture is due, 413 above 50 MB."""
    if upload.size == 0:
        raise bad_request("file must be non-empty")
    if upload.size > UPLOAD_LIMIT:
        raise ApiError(413, "Request Entity Too Large")
    told = said or {}
    fields = {name: told.get(name, default) for name, default in _TOLD.get(kind, {}).items()}
    fields |= {name: told[name] for name in ("performer", "title") if kind == "audio" and name in told}
    if kind == "photo":
        fields = _picture(upload)
    file = StoredFile(
        id=_PREFIX[kind] + secrets.token_urlsafe(18),
        unique_id="AgAD" + secrets.token_hex(5),
        name=upload.name.replace("/", "_").replace("\\", "_") or "file",
        mime=upload.content_type or "application/octet-stream",
        size=upload.size,
        kind=kind,
        fields=fields,
    )
    state.files[file.id] = file
    upload.stream.seek(0)
    state.store.put_file(file.id, upload.stream)
    state.save(file)
    return file


def _picture(upload: Upload) -> Json:
    if upload.size > PHOTO_LIMIT:
        raise bad_request(
            f"file of size {upload.size} bytes is too big for a photo; the maximum size is {PHOTO_LIMIT} bytes"
        )
    size = image_size(upload.head())
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = size
    if width + height > _PHOTO_SIDES or max(size) > _PHOTO_RATIO * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return {"width": width, "height": height}


def image_size(head: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF or JPEG by its first bytes, in pixels; None for anything else."""
    found: tuple[int, int] | None = None
    if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) >= 24:
        found = struct.unpack(">II", head[16:24])
    elif head[:6] in {b"GIF87a", b"GIF89a"} and len(head) >= 10:
        found = struct.unpack("<HH", head[6:10])
    elif head.startswith(b"\xff\xd8"):
        found = _jpeg_size(head)
    return found if found and min(found) > 0 else None


def _jpeg_size(head: bytes) -> tuple[int, int] | None:
    """By the first frame header (ISO 10918-1, B.2.2): SOF markers are C0 to CF without C4, C8 and CC."""
    at = 2
    while at + 9 < len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None


def read_file(state: State, kind: str, given: Any, said: Json | None = None) -> StoredFile:
    """The file a call gives: an upload, or the identifier of an earlier file, whose kind must fit. 400 otherwise."""
    if isinstance(given, Upload):
        return keep_file(state, given, kind, said)
    file = state.files.get(given)
    if file is not None:
        if "photo" in {file.kind, kind} and file.kind != kind:
            raise bad_request(f"can't use file of type {_word(file.kind)} as {_word(kind)}")
        return file
    if given.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")  # nothing is fetched: this server has no outside
    raise bad_request("wrong file identifier/HTTP URL specified")


def _word(kind: str) -> str:
    return {"voice": "VoiceNote"}.get(kind, kind.capitalize())


def body_of(file: StoredFile) -> Json:
    """The fields of a `Message` that hold a file."""
    known = {"file_id": file.id, "file_unique_id": file.unique_id, "file_size": file.size}
    if file.kind == "photo":
        return {"photo": [known | file.fields]}
    if file.kind == "voice":
        return {"voice": known | {"mime_type": file.mime} | file.fields}
    named = known | {"file_name": file.name, "mime_type": file.mime}
    if file.kind == "animation":
        return {"animation": named | file.fields, "document": named}
    return {file.kind: named | file.fields}


def kind_of(content: Json) -> str:
    """What kind of file a message holds, or "text"."""
    return next((kind for kind in ("animation", *KINDS) if kind in content), "text")
