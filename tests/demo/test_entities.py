import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.telegram.entities import find_entities, parse_html, with_found
from deploy.demo.telegram.errors import ApiError
from deploy.demo.telegram.markdown import parse_markdown
from deploy.demo.telegram.schema import utf16_length


@pytest.mark.parametrize(
    ("source", "text", "kinds"),
    [
        ("<b>a</b><strong>b</strong>", "ab", ["bold", "bold"]),
        ("<i>a</i><em>b</em><u>c</u><ins>d</ins>", "abcd", ["italic", "italic", "underline", "underline"]),
        ("<s>a</s><strike>b</strike><del>c</del>", "abc", ["strikethrough"] * 3),
        ('<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">b</span>', "ab", ["spoiler", "spoiler"]),
        ("<code>a</code><pre>b</pre>", "ab", ["code", "pre"]),
        (
            "<blockquote>a</blockquote><blockquote expandable>b</blockquote>",
            "ab",
            ["blockquote", "expandable_blockquote"],
        ),
        ("<B>a</b>", "a", ["bold"]),
        ("<b></b>a", "a", []),
        ("  <b>  a  </b>  ", "a", ["bold"]),
        ("&lt;&gt;&amp;&quot;&#33;&#x21;&nbsp;&#0;", '<>&"!!&nbsp;&#0;', []),
        ('<a href="javascript:1">a</a>', "a", []),
    ],
)
def test_html_becomes_text_and_entities(source: str, text: str, kinds: list[str]) -> None:
    found, entities = parse_html(source)
    assert (found, [entity["type"] for entity in entities]) == (text, kinds)


def test_a_link_an_emoji_and_a_language_keep_what_they_carry() -> None:
    _, entities = parse_html(
        "<a href='https://e.example/?a=1&amp;b=2'>l</a><tg-emoji emoji-id=\"5\">👍</tg-emoji>"
        '<pre><code class="language-python">x</code></pre>'
    )
    assert entities == [
        {"type": "text_link", "offset": 0, "length": 1, "url": "https://e.example/?a=1&b=2"},
        {"type": "custom_emoji", "offset": 1, "length": 2, "custom_emoji_id": "5"},
        {"type": "pre", "offset": 3, "length": 1, "language": "python"},
    ]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("ж<b><i>a</b></i>", 'Unmatched end tag at byte offset 9, expected "</i>", found "</b>"'),
        ("<br>", 'Unsupported start tag "br" at byte offset 0'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_wrong_html_is_refused_with_its_place(source: str, said: str) -> None:
    with pytest.raises(ApiError) as refusal:
        parse_html(source)
    assert refusal.value.description == f"Bad Request: can't parse entities: {said}"


def test_commands_addresses_and_names_are_found_outside_code() -> None:
    text = "😀 /new@bot_one see https://e.example/a. @oksana a/b 1/2"
    assert [(found["type"], found["offset"]) for found in find_entities(text)] == [
        ("bot_command", 3),
        ("url", 20),
        ("mention", 41),
    ]
    code = [{"type": "code", "offset": 0, "length": 30}]
    assert [found["type"] for found in with_found(text, code)] == ["code", "mention"]


PIECES = st.sampled_from(
    [
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<a href='http://e.e'>",
        "</a>",
        "<pre>",
        "</pre>",
        "<",
        ">",
        "&",
        "&lt;",
        "&#65;",
        "😀",
        " ",
        "\n",
        "ж",
    ]
)


@given(st.lists(PIECES | st.text(max_size=4), max_size=30).map("".join))
def test_any_text_is_read_or_refused_and_offsets_fit(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except ApiError as refusal:
        text, entities = refusal.description, []
    assert text == text.strip(" \t\n")
    for entity in with_found(text, entities):
        assert entity["offset"] >= 0
        assert entity["length"] >= 1
        assert entity["offset"] + entity["length"] <= utf16_length(text)


def test_a_moment_and_a_person_stand_in_a_text() -> None:
    _, entities = parse_html('<tg-time unix="5" format="wDT">now</tg-time> <a href="tg://user?id=7">you</a>')
    assert entities == [
        {"type": "date_time", "offset": 0, "length": 3, "unix_time": 5, "date_time_format": "wDT"},
        {"type": "text_mention", "offset": 4, "length": 3, "user": {"id": 7}},
    ]


@pytest.mark.parametrize("source", ["<tg-time>x</tg-time>", '<tg-time unix="5" format="q">x</tg-time>'])
def test_a_wrong_moment_is_refused(source: str) -> None:
    with pytest.raises(ApiError, match=r"invalid date|Invalid date-time"):
        parse_html(source)


@pytest.mark.parametrize(
    ("source", "text", "kinds"),
    [
        ("*a* _b_ __c__ ~d~ ||e||", "a b c d e", ["bold", "italic", "underline", "strikethrough", "spoiler"]),
        ("*a _b_*", "a b", ["bold", "italic"]),
        (r"1\.5 \* 2", "1.5 * 2", []),
        ("`x*y`", "x*y", ["code"]),
        ("```sql\nselect *\n```", "select *", ["pre"]),
        ("[l](https://e.example)", "l", ["text_link"]),
        ("[you](tg://user?id=7)", "you", ["text_mention"]),
        ("![👍](tg://emoji?id=5)", "👍", ["custom_emoji"]),
        ("![now](tg://time?unix=5&format=t)", "now", ["date_time"]),
        (">one\n>two\nthree", "one\ntwo\nthree", ["blockquote"]),
        (">one\n>two||", "one\ntwo", ["expandable_blockquote"]),
    ],
)
def test_markdown_becomes_text_and_entities(source: str, text: str, kinds: list[str]) -> None:
    found, entities = parse_markdown(source)
    assert (found, [entity["type"] for entity in entities]) == (text, kinds)
    assert all(entity["offset"] + entity["length"] <= utf16_length(found) for entity in entities)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("1.5", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("*a", "Can't find end of Bold entity at byte offset 0"),
        ("я *a _b*", "Can't find end of Italic entity at byte offset 6"),
        ("`a", "Can't find end of Code entity at byte offset 0"),
        ("[a](x", "Can't find end of TextUrl entity at byte offset 0"),
        (">*a\nb*", "Can't find end of Bold entity at byte offset 1"),
    ],
)
def test_wrong_markdown_is_refused(source: str, said: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_markdown(source)
    assert refused.value.description == f"Bad Request: can't parse entities: {said}"


@given(st.text(alphabet="ab *_~|`>[]()!\\\n😀.", max_size=40))
def test_any_markdown_is_read_or_refused_and_offsets_fit(source: str) -> None:
    try:
        text, entities = parse_markdown(source)
    except ApiError:
        return
    for entity in entities:
        assert 0 <= entity["offset"] < entity["offset"] + entity["length"] <= utf16_length(text)
