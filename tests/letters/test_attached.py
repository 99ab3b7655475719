import base64

from core.letters.mime import MOST_ATTACHED, parse_letter
from core.letters.model import Attachment
from tests.letters.wire import NOW, letter


def test_attachments_are_listed_and_not_read() -> None:
    found = letter(
        "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "Done.", "--b",
        'Content-Type: application/pdf; name="act.pdf"', "Content-Transfer-Encoding: base64",
        "Content-Disposition: attachment; filename*=UTF-8''%D0%B0%D0%BA%D1%82.pdf", "", "QUJD", "--b",
        'Content-Type: text/plain; name="notes.txt"', "Content-Disposition: attachment; filename=notes.txt", "",
        "Cancelled.", "--b--",
    )  # fmt: skip
    assert found.new_text == "Done."
    assert [(file.name, file.content_type, file.size) for file in found.attachments] == [
        ("акт.pdf", "application/pdf", 3),
        ("notes.txt", "text/plain", 10),
    ]


def attached(*lines: str, content: bytes = b"") -> Attachment:
    head = ("Content-Type: multipart/mixed; boundary=b", "", "--b", "", "Done.", "--b")
    return letter(*head, *lines, "", base64.b64encode(content).decode(), "--b--").attachments[0]


def test_an_attachment_has_its_content() -> None:
    content = bytes(range(256)) * 20_000
    found = attached("Content-Type: image/jpeg; name=a.jpg", "Content-Transfer-Encoding: base64", content=content)
    assert (found.content, found.size, found.inline) == (content, len(content), False)


def test_a_signatures_logo_is_inline_and_not_kept() -> None:
    logo = ("Content-Type: image/png; name=image001.png", "Content-ID: <x>", "Content-Transfer-Encoding: base64")
    small = attached(*logo, content=b"x" * 300)
    assert (small.inline, small.content, small.size) == (True, b"", 300)
    assert not attached(*logo, content=b"x" * 30_000).inline
    assert not attached(*logo, "Content-Disposition: attachment", content=b"x" * 300).inline


def test_files_beyond_the_bound_are_only_named() -> None:
    part = b"--b\r\nContent-Type: application/zip; name=a.zip\r\n\r\n" + b"x" * (MOST_ATTACHED // 2 + 1) + b"\r\n"
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    one, other = parse_letter(head + part + part + b"--b--", NOW).attachments
    assert len(one.content) == one.size == other.size
    assert other.content == b""


def test_a_letter_attached_to_a_letter_is_its_forwarded_part() -> None:
    found = letter(
        "Subject: Fwd: news", "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "FYI", "--b",
        "Content-Type: message/rfc822", "", "Subject: Request 7", "", "The crew has arrived.", "--b--",
    )  # fmt: skip
    assert (found.new_text, found.forwarded_subject) == ("FYI", "Request 7")
    assert found.forwarded_text == "The crew has arrived."


def test_of_a_letter_passed_on_twice_the_first_one_counts() -> None:
    found = letter(
        "Subject: Fwd: 7", "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "FYI", "--b",
        "Content-Type: message/rfc822", "", "Subject: Fwd: 7", "", "FYI", "", "-------- Forwarded Message --------",
        "Subject: Request 7", "From: a@b.example", "", "The crew has arrived.", "--b--",
    )  # fmt: skip
    assert (found.forwarded_subject, found.forwarded_text) == ("Request 7", "The crew has arrived.")


def test_a_letter_attached_as_a_file_is_the_forwarded_part() -> None:
    content = base64.b64encode(b"Subject: Request 7\r\n\r\nThe crew has arrived.").decode()
    found = letter(
        "Subject: Fwd: 7", "Content-Type: multipart/mixed; boundary=b", "", "--b",
        'Content-Type: application/octet-stream; name="news.eml"', "Content-Transfer-Encoding: base64", "", content,
        "--b--",
    )  # fmt: skip
    assert (found.forwarded_subject, found.forwarded_text) == ("Request 7", "The crew has arrived.")


def test_of_several_attached_letters_none_is_the_news() -> None:
    found = letter(
        "Subject: Fwd: 7", "Content-Type: multipart/mixed; boundary=b", "",
        *("--b", "Content-Type: message/rfc822", "", "Subject: Request 7", "", "Arrived.") * 2, "--b--",
    )  # fmt: skip
    assert found.forwarded_text == ""
    assert found.quoted_text.count("Arrived.") == 2
