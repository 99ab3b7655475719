"""Files: documents, pictures, albums, their limits, the way up and the way down."""

import asyncio
import io
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.errors import UserError
from deploy.demo.telegram import Person, TelegramServer
from deploy.demo.telegram.errors import ApiError
from deploy.demo.telegram.media import image_size, keep_file
from deploy.demo.telegram.schema import Upload
from tests.demo.conftest import DUTY, ENGINEER, OFFICE, PICTURE, REPAIRS, Caller

MEGABYTE = 1024 * 1024
REPORT = ("звіт.csv", b"a,b\n", "text/csv")


async def test_a_document_goes_up_and_down(call: Caller, telegram: TelegramServer, engineer: Person) -> None:
    body = await call.up("sendDocument", {"part": REPORT}, chat_id=ENGINEER, document="attach://part", caption="report")
    sent = body["result"]
    assert (sent["document"]["file_name"], sent["document"]["file_size"], sent["caption"]) == ("звіт.csv", 4, "report")
    again = await call.ok("sendDocument", chat_id=DUTY, document=sent["document"]["file_id"])
    assert again["document"] == sent["document"]
    theirs = await engineer.upload("notes.txt", b"hello")
    found = await call.ok("getFile", file_id=theirs.content["document"]["file_id"])
    file_url = f"{telegram.base_url}/file/bot{telegram.token}/{found['file_path']}"
    async with call.session.get(file_url) as answer:
        assert (await answer.read(), answer.content_type) == (b"hello", "application/octet-stream")
    async with call.session.get(file_url.replace(telegram.token, "1:other")) as answer:
        assert answer.status == 404


async def test_a_picture_knows_its_size(call: Caller, engineer: Person) -> None:
    body = await call.up("sendPhoto", {"photo": ("p.png", PICTURE, "image/png")}, chat_id=ENGINEER, has_spoiler=True)
    [size] = body["result"]["photo"]
    assert (size["width"], size["height"], body["result"]["has_media_spoiler"]) == (2, 1, True)
    await engineer.upload("p.png", PICTURE, kind="photo", mime="image/png", caption="look")
    [update] = await call.updates()
    assert (update["message"]["photo"][0]["width"], update["message"]["caption"]) == (2, "look")


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (PICTURE, (2, 1)),
        (b"GIF89a\x05\x00\x04\x00", (5, 4)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x03\x00\x09\x03", (9, 3)),
        (b"%PDF-1.7", None),
        (b"GIF89a\x00\x00\x04\x00", None),
    ],
)
def test_a_picture_is_measured_by_its_head(head: bytes, size: tuple[int, int] | None) -> None:
    assert image_size(head) == size


@pytest.mark.parametrize(
    ("method", "content", "said"),
    [
        ("sendDocument", b"", "Bad Request: file must be non-empty"),
        ("sendPhoto", b"%PDF", "Bad Request: IMAGE_PROCESS_FAILED"),
        ("sendPhoto", PICTURE[:16] + b"\x00\x00\x27\x00\x00\x00\x17\x70", "Bad Request: PHOTO_INVALID_DIMENSIONS"),
    ],
)
async def test_an_impossible_file_is_refused(call: Caller, method: str, content: bytes, said: str) -> None:
    part = method.removeprefix("send").lower()
    body = await call.up(method, {part: ("f", content, "application/x")}, chat_id=ENGINEER)
    assert (body["ok"], body["description"]) == (False, said)
    assert call.telegram.messages(ENGINEER) == []


@pytest.mark.parametrize(
    ("kind", "size", "code", "said"),
    [
        ("photo", 10 * MEGABYTE + 1, 400, "bytes is too big for a photo; the maximum size is 10485760 bytes"),
        ("document", 50 * MEGABYTE + 1, 413, "Request Entity Too Large"),
    ],
)
def test_a_large_file_is_refused(telegram: TelegramServer, kind: str, size: int, code: int, said: str) -> None:
    with pytest.raises(ApiError, match=said) as refused:
        keep_file(telegram.state, Upload("f.png", "image/png", io.BytesIO(PICTURE), size), kind)
    assert refused.value.code == code


async def test_a_body_above_the_gateways_limit_is_refused_before_it_is_read(telegram: TelegramServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(telegram.base_url).port)
    head = f"POST /bot{telegram.token}/sendDocument HTTP/1.1\r\nHost: x\r\nContent-Length: {60 * MEGABYTE}\r\n\r\n"
    writer.write(head.encode())
    assert b"413" in await reader.readline()
    writer.close()


async def test_more_than_twenty_megabytes_cannot_be_fetched(call: Caller, engineer: Person) -> None:
    sent = await engineer.upload("large.bin", b"x")
    file = call.telegram.state.files[sent.content["document"]["file_id"]]
    file.size = 20 * MEGABYTE + 1
    assert await call.refused("getFile", file_id=file.id) == "Bad Request: file is too big"


async def test_an_album_is_several_messages_with_one_mark(call: Caller) -> None:
    media = [
        {"type": "document", "media": "attach://one", "caption": "<b>both</b>", "parse_mode": "HTML"},
        {"type": "document", "media": "attach://two"},
    ]
    body = await call.up(
        "sendMediaGroup",
        {"one": REPORT, "two": ("b.txt", b"b", "text/plain")},
        chat_id=OFFICE,
        message_thread_id=REPAIRS,
        media=json.dumps(media),
    )
    first, second = body["result"]
    assert first["media_group_id"] == second["media_group_id"]
    assert (first["caption"], first["message_thread_id"], second["document"]["file_name"]) == ("both", REPAIRS, "b.txt")
    alone = await call.ok(
        "sendMediaGroup",
        chat_id=DUTY,
        media=json.dumps([{"type": "document", "media": first["document"]["file_id"]}]),
    )
    assert "media_group_id" not in alone[0]


async def test_an_album_from_a_person_comes_as_separate_updates(call: Caller, engineer: Person) -> None:
    await engineer.album([("a.png", PICTURE, "image/png")] * 3, caption="broken pipe")
    told = [update["message"] for update in await call.updates()]
    assert len({message["media_group_id"] for message in told}) == 1
    assert [message.get("caption") for message in told] == ["broken pipe", None, None]
    with pytest.raises(UserError):
        await engineer.album([("a.png", PICTURE, "image/png")])
    with pytest.raises(UserError):
        await engineer.upload("a.png", b"no picture", kind="photo")


async def test_a_picture_is_replaced_by_a_document(call: Caller) -> None:
    sent = await call.up("sendPhoto", {"photo": ("p.png", PICTURE, "image/png")}, chat_id=ENGINEER, caption="old")
    target = {"chat_id": ENGINEER, "message_id": sent["result"]["message_id"]}
    recaptioned = await call.ok("editMessageCaption", **target, caption="new")
    assert (recaptioned["caption"], recaptioned["photo"]) == ("new", sent["result"]["photo"])
    media = json.dumps({"type": "document", "media": "attach://file", "caption": "as a file"})
    body = await call.up("editMessageMedia", {"file": REPORT}, **target, media=media)
    assert body["result"]["caption"] == "as a file"
    assert "photo" not in body["result"]


async def test_files_lie_in_the_folder_and_outlive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    async with TelegramServer(path) as before:
        person = before.add_user(ENGINEER, "Оксана")
        sent = await person.upload("big.bin", b"x" * 300_000)
    assert path.stat().st_size < 300_000
    assert [found.stat().st_size for found in (tmp_path / "world.files").iterdir()] == [300_000]
    async with TelegramServer(path) as after:
        assert after.state.store.file(sent.content["document"]["file_id"]) == b"x" * 300_000
