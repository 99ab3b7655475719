"""Methods that send files, singly or as an album, and that fetch them."""

import secrets
from typing import Any, Final

from deploy.demo.telegram import content
from deploy.demo.telegram.access import speak_in
from deploy.demo.telegram.errors import bad_request
from deploy.demo.telegram.media import DOWNLOAD_LIMIT, body_of, read_file
from deploy.demo.telegram.methods.base import Api, Method, say
from deploy.demo.telegram.model import Json, StoredFile

_ALBUM_LIMIT: Final = 10
_ALBUM_KINDS: Final = {"photo", "video", "document", "audio"}
_ALONE: Final = {"document", "audio"}  # kinds that share an album with nothing else


def _sender(method: str, kind: str) -> Method:
    async def send(api: Api, args: Json) -> Json:
        """A file, uploaded or already known by its id, with a caption."""
        caption = content.read_text(api.state, args, "caption")
        chat = speak_in(api.state, args["chat_id"], kind)
        body = body_of(read_file(api.state, kind, args[kind], args)) | caption
        if args.get("has_spoiler"):
            body["has_media_spoiler"] = True
        return api.state.api_message(say(api, method, args, chat, body))

    return send


async def send_media_group(api: Api, args: Json) -> list[Json]:
    """Up to ten files as one album; a single one becomes an ordinary message, as on the real server."""
    items: list[Json] = args["media"]
    kinds = {item["type"] for item in items}
    for kind in kinds - _ALBUM_KINDS:
        raise bad_request(f"can't parse InputMedia: type \"{kind}\" can't be used in sendMediaGroup")
    if not items:
        raise bad_request("there are no messages to send")
    if len(items) > _ALBUM_LIMIT:
        raise bad_request("too many messages to send as an album")
    for kind in kinds & _ALONE if len(kinds) > 1 else ():
        raise bad_request(f"{kind} can't be mixed with other media types")
    captions = [content.read_text(api.state, item, "caption") for item in items]
    chats = [speak_in(api.state, args["chat_id"], kind) for kind in kinds]
    bodies = [
        body_of(read_file(api.state, item["type"], item["media"], item)) | caption
        for item, caption in zip(items, captions, strict=True)
    ]
    album = str(13_000_000_000_000_000 + secrets.randbelow(10**12)) if len(items) > 1 else ""
    return [api.state.api_message(say(api, "sendMediaGroup", args, chats[0], body, album=album)) for body in bodies]


async def get_file(api: Api, args: Json) -> Json:
    """Where a file of up to 20 MB can be fetched."""
    file = api.state.files.get(args["file_id"])
    if file is None:
        raise bad_request("invalid file_id")
    if file.size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return _described(file)


def _described(file: StoredFile) -> Json:
    return {
        "file_id": file.id,
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "file_path": file.path,
    }


METHODS: Final[dict[str, Any]] = {
    "sendPhoto": _sender("sendPhoto", "photo"),
    "sendDocument": _sender("sendDocument", "document"),
    "sendVideo": _sender("sendVideo", "video"),
    "sendAudio": _sender("sendAudio", "audio"),
    "sendVoice": _sender("sendVoice", "voice"),
    "sendAnimation": _sender("sendAnimation", "animation"),
    "sendMediaGroup": send_media_group,
    "getFile": get_file,
}
