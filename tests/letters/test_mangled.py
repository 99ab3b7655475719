"""Whatever bytes come: the reader answers, and soon."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.letters.mime import parse_letter
from core.letters.rules import read
from tests.letters.wire import NOW

PIECES = st.sampled_from(
    [
        b"From: ", b"Subject: ", b"Content-Type: ", b"multipart/mixed; boundary=",
        b"text/html; charset=", b"b", b"--b",
        b"--b--", b"\r\n", b"\n", b"\r\n\r\n", b"=?utf-8?B?", b"?=", b"=?koi8-r?Q?",
        b"Content-Transfer-Encoding: ",
        b"base64", b"quoted-printable", b"=", b"=D0=97", b"0JfQsA==", b"<div style=display:none>",
        b"</div>", b"<",
        b">", b"&#x110000;", b"&nbsp", b"message/rfc822", b"Date: ", b"Mon, 99 Foo 20266 99:99:99 +9999",
        b"\x00", b"\xff\xfe", b"-----Original Message-----", b"> ", b" wrote:", b"utf-16", b"utf-7",
        b"hex", b"\xd0",
        b"Message-ID: <", "заявка ".encode(), "101, 102 или 103".encode(), "принята".encode(),
        "выехали в 10:30".encode(),
        "№".encode(),         "если ".encode("cp1251"), "İ".encode(), "От: a\nКому: b\nТема: c\n".encode(),
        b"filename*=utf-8''%ZZ%",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=60).map(b"".join))
def test_no_bytes_make_the_reader_raise(raw: bytes) -> None:
    reading = read(parse_letter(raw, NOW), open_numbers=("101",))
    assert reading.outcome in {"update", "note", "triage", "ignore"}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_mangling_of_a_real_letter_makes_the_reader_raise(data: st.DataObject) -> None:
    text = "Заявка 101, поз. 2: бригада выехала.\r\n> Заявка 9"
    whole = b"\r\n".join(
        [b"Subject: =?utf-8?B?0JfQsNGP0LLQutCw?=", b'Content-Type: multipart/mixed; boundary="b"', b"",
        b"--b",
         b"Content-Type: text/html; charset=utf-8", b"", text.encode(), b"--b--"]
    )  # fmt: skip
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    read(parse_letter(whole[:start] + data.draw(st.binary(max_size=30)) + whole[end:], NOW))


ORDINARY = ("Заявка 101, позиция 12: бригада выехала, будет на объекте через 30 минут.\n".encode() * 900)[:100_000]


def cost_of(raw: bytes) -> float:
    """Seconds of the processor that reading takes, the least of three tries. How many are allowed: the benchmarks."""
    costs = []
    for _ in range(3):
        start = time.process_time()
        read(parse_letter(raw, NOW))
        costs.append(time.process_time() - start)
    return min(costs)


HTML = b"Content-Type: text/html; charset=utf-8\r\n\r\n"
MANY = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"", "x"), (b"", "101 - на месте\n"), (b"", "заявка 101 | 5 | принята\n"), (b"", "101/102 "), (b"", "#1 "),
        (b"", "если приняли, "), (b"", "когда приехали "), (b"", "не не "), (HTML, "<tr><td>1<td>2"), (HTML, "<br>"),
        (HTML, "<b><i>"), (HTML, "<blockquote>1"), (MANY, "--b\r\n"), (b"Subject: ", "=?utf-8?B?0JfQsA==?= "),
        (b"", "X-A: b\r\n"), (MANY, "--b\r\nContent-Type: message/rfc822\r\n\r\n"),
        (b"Content-Transfer-Encoding: base64\r\n\r\n", "=aGVs\r\n"),
    ],
)  # fmt: skip
def test_a_hundred_kilobytes_of_anything_cost_little_more_than_a_letter_of_that_size(head: bytes, piece: str) -> None:
    raw = head + (piece.encode() * 100_000)[:100_000]
    assert cost_of(raw) < 4 * max(cost_of(ORDINARY), 0.01)


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<a ", "<td>x", "--b\r\n", "&#1;", "=?utf-8?B?", "> ", "заявка 101, ", "принято, ", "12:00 <a@b.cc>:\n",
     "От: x\nКому: y\n", " ", "-", "не ", "(", "1-", "a | 1 | b\n", "в пути "],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_time_grows_no_faster_than_the_letter(piece: str, kind: str) -> None:
    def seconds(size: int) -> float:
        head = f"Content-Type: text/{kind}; charset=utf-8; boundary=b\r\n\r\n".encode()
        raw = head + (piece.encode() * (size // len(piece.encode()) + 1))[:size]
        best = 10.0
        for _ in range(2):
            start = time.process_time()
            read(parse_letter(raw, NOW))
            best = min(best, time.process_time() - start)
        return best

    small, large = seconds(40_000), seconds(160_000)
    assert large < 8 * small + 0.05
