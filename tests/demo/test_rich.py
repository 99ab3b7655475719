"""Rich messages: blocks and HTML, what becomes of them, and the limits."""

import json
from typing import Any

import pytest

from deploy.demo.telegram.errors import ApiError
from deploy.demo.telegram.rich import plain_text
from deploy.demo.telegram.rich_html import parse_rich_html
from tests.demo.conftest import ENGINEER, PICTURE, Caller

CELL = {"align": "left", "valign": "top", "text": "x"}


def paragraph(text: Any) -> dict[str, Any]:
    return {"type": "paragraph", "text": text}


async def test_a_table_is_sent_changed_and_read_back(call: Caller) -> None:
    rich = {"html": "<h2>Open</h2><table striped><tr><th>No</th></tr><tr><td align='right'>101</td></tr></table>"}
    sent = await call.ok("sendRichMessage", chat_id=ENGINEER, rich_message=json.dumps(rich))
    heading, table = sent["rich_message"]["blocks"]
    assert heading == {"type": "heading", "text": "Open", "size": 2}
    assert table["is_striped"] is True
    assert table["cells"][0][0] == {"align": "left", "valign": "top", "text": "No", "is_header": True}
    assert table["cells"][1][0]["align"] == "right"
    assert plain_text(call.telegram.last(ENGINEER).content) == "Open\nNo\n101"
    target = {"chat_id": ENGINEER, "message_id": sent["message_id"]}
    await call.ok("editMessageText", **target, rich_message=json.dumps({"blocks": [paragraph("closed")]}))
    await call.ok("editMessageText", **target, text="plain again")
    assert call.telegram.last(ENGINEER).content == {"text": "plain again"}


async def test_a_picture_and_a_list_stand_in_blocks(call: Caller) -> None:
    photo = {"type": "photo", "photo": {"type": "photo", "media": "attach://p"}, "caption": {"text": "where"}}
    items = [{"blocks": [paragraph("one")], "value": 1}, {"blocks": [paragraph("two")], "has_checkbox": True}]
    blocks = [photo, {"type": "list", "items": items}, {"type": "divider"}]
    rich = json.dumps({"blocks": blocks})
    body = await call.up("sendRichMessage", {"p": ("p.png", PICTURE, "image/png")}, chat_id=ENGINEER, rich_message=rich)
    first, listed, _ = body["result"]["rich_message"]["blocks"]
    assert (first["photo"][0]["width"], first["caption"]["text"]) == (2, "where")
    assert [item["label"] for item in listed["items"]] == ["1.", "•"]


@pytest.mark.parametrize(
    ("source", "blocks"),
    [
        ("a <b>b</b>", [paragraph(["a ", {"type": "bold", "text": "b"}])]),
        ("<p>one<br>two</p>three", [paragraph("one\ntwo"), paragraph("three")]),
        ("<hr/><footer>f</footer>", [{"type": "divider"}, {"type": "footer", "text": "f"}]),
        ("<ul>\n<li>x</li>\n</ul>", [{"type": "list", "items": [{"blocks": [paragraph("x")]}]}]),
        (
            '<ol><li value="3">x</li></ol>',
            [{"type": "list", "items": [{"blocks": [paragraph("x")], "type": "1", "value": 3}]}],
        ),
        (
            "<details open><summary>s</summary>body</details>",
            [{"type": "details", "summary": "s", "blocks": [paragraph("body")], "is_open": True}],
        ),
        (
            "<blockquote>q<cite>me</cite></blockquote>",
            [{"type": "blockquote", "blocks": [paragraph("q")], "credit": "me"}],
        ),
        ("<blockquote collapsed>q</blockquote>", [{"type": "expandable_blockquote", "text": "q"}]),
        ("<aside>q</aside>", [{"type": "pullquote", "text": "q"}]),
        (
            '<pre><code class="language-sql">a\n  b</code></pre>',
            [{"type": "pre", "text": "a\n  b", "language": "sql"}],
        ),
        (
            '<p><a href="https://e.example">l</a> <tg-time unix="5" format="t">now</tg-time></p>',
            [
                paragraph(
                    [
                        {"type": "url", "text": "l", "url": "https://e.example"},
                        " ",
                        {"type": "date_time", "text": "now", "unix_time": 5, "date_time_format": "t"},
                    ]
                )
            ],
        ),
    ],
)
def test_html_becomes_blocks(source: str, blocks: list[dict[str, Any]]) -> None:
    assert parse_rich_html(source) == blocks


@pytest.mark.parametrize(
    "source", ["<blink>x</blink>", "<p>x", "<p>x</b>", "<li>x</li>", "<p><h1>x</h1></p>", "<tg-time>x</tg-time>"]
)
def test_wrong_html_is_refused(source: str) -> None:
    with pytest.raises(ApiError, match="can't parse rich message"):
        parse_rich_html(source)


def nested(depth: int) -> dict[str, Any]:
    block = paragraph("x")
    for _ in range(depth):
        block = {"type": "blockquote", "blocks": [block]}
    return block


@pytest.mark.parametrize(
    ("rich", "said"),
    [
        ({"html": "x", "blocks": [paragraph("x")]}, "exactly one of the fields"),
        ({"markdown": "# x"}, "markdown of rich messages is not part of this server"),
        ({"html": " "}, "message text is empty"),
        ({"html": "x" * 32_769}, "message is too long"),
        ({"blocks": [paragraph("x")] * 501}, "too many blocks"),
        ({"blocks": [nested(17)]}, "too deep"),
        ({"blocks": [{"type": "table", "cells": [[CELL] * 21]}]}, "too many columns"),
        ({"blocks": [{"type": "table", "cells": [[CELL | {"align": "up"}]]}]}, "invalid cell alignment"),
        ({"blocks": [{"type": "heading", "text": "x", "size": 7}]}, "heading size must be from 1 to 6"),
        ({"blocks": [{"type": "thinking", "text": "x"}]}, "can be used only in drafts"),
        ({"blocks": [{"type": "marquee", "text": "x"}]}, 'type "marquee" is unsupported'),
        ({"blocks": [{"type": "buttons", "buttons": []}]}, "a row must have 1-8 buttons"),
        (
            {"blocks": [{"type": "buttons", "buttons": [{"text": "x", "callback_data": "ж" * 33}]}]},
            "BUTTON_DATA_INVALID",
        ),
    ],
)
async def test_a_wrong_rich_message_is_refused(call: Caller, rich: dict[str, Any], said: str) -> None:
    assert said in await call.refused("sendRichMessage", chat_id=ENGINEER, rich_message=json.dumps(rich))
