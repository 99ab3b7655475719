import pytest

from tests.letters.wire import letter


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r", "koi8-u", "iso-8859-5"])
def test_a_declared_charset_is_read(charset: str) -> None:
    body = "Заявка принята, бригада выехала".encode(charset)
    found = letter(f"Content-Type: text/plain; charset={charset}", "", body)
    assert found.new_text == "Заявка принята, бригада выехала"


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r"])
def test_capitals_are_read_in_their_charset(charset: str) -> None:
    body = "ЗАЯВКА ПРИНЯТА В РАБОТУ".encode(charset)
    assert letter(f"Content-Type: text/plain; charset={charset}", "", body).new_text == "ЗАЯВКА ПРИНЯТА В РАБОТУ"


@pytest.mark.parametrize("real", ["utf-8", "windows-1251", "koi8-r"])
@pytest.mark.parametrize("label", ["utf-8", "windows-1251", "koi8-r", "iso-8859-1", "us-ascii", "x-unknown", ""])
def test_a_wrong_charset_label_does_not_matter(real: str, label: str) -> None:
    body = "Добрый день! Заявка принята в работу, бригада выехала на объект.".encode(real)
    found = letter(f"Content-Type: text/plain; charset={label}", "", body)
    assert found.new_text == "Добрый день! Заявка принята в работу, бригада выехала на объект."


def test_ukrainian_letters_of_koi8_u_survive_the_label_koi8_r() -> None:
    body = "Бригада виїхала на об'єкт, її чекають".encode("koi8-u")
    assert letter("Content-Type: text/plain; charset=koi8-r", "", body).new_text.startswith("Бригада виїхала")


def test_a_western_letter_stays_western() -> None:
    body = "Le technicien est arrivé à 10 h".encode("cp1252")
    assert (
        letter("Content-Type: text/plain; charset=iso-8859-1", "", body).new_text == "Le technicien est arrivé à 10 h"
    )


def test_text_garbled_once_is_mended() -> None:
    garbled = "Заявка принята".encode().decode("cp1251").encode()
    assert letter("Content-Type: text/plain; charset=utf-8", "", garbled).new_text == "Заявка принята"


@pytest.mark.parametrize(
    ("real", "wrong"),
    [("cp1251", "latin-1"), ("koi8-r", "latin-1"), ("koi8-r", "cp1251"), ("cp1251", "cp866"), ("utf-8", "cp866")],
)
def test_text_read_in_a_wrong_charset_on_its_way_is_mended(real: str, wrong: str) -> None:
    text = "Заявка 101: бригада в пути, будет через час"
    garbled = text.encode(real).decode(wrong)
    assert letter("Content-Type: text/plain; charset=utf-8", "", garbled).new_text == text


@pytest.mark.parametrize(
    "text",
    [
        "Müller: größere Übung für Ägypten, schön",
        "Déjà vu à l'été, garçon, façade",
        "Żółć gęślą jaźń",
        "ЗАЯВКА 101 ПРИНЯТА, ФОТО",
        "Ελληνικά",
    ],
)
def test_what_is_no_garbled_cyrillic_stays(text: str) -> None:
    assert letter("Content-Type: text/plain; charset=utf-8", "", text).new_text == text


def test_one_byte_text_labelled_utf16_is_read() -> None:
    assert letter("Content-Type: text/plain; charset=utf-16", "", "Бригада".encode("cp1251")).new_text == "Бригада"
