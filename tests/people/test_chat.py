"""Access, roles, languages and zones as people meet them in the chat."""

import pytest

from core.people import store
from core.people.model import Actor
from deploy.demo.telegram import Person
from deploy.demo.telegram.model import Message
from tests.duty import ENGINEER, GROUP, LEAD, STRANGER, Duty, labels

NO_ACCESS = "You have no access"
ASK = "🔑 Ask for access"


async def asked(duty: Duty) -> Message:
    """The stranger asks; the card that the lead gets."""
    greeting = await duty.answer(duty.stranger, "/start")
    await duty.press(duty.stranger, greeting, ASK)
    return await duty.told("Ivan asks for access", LEAD)


async def let_in(duty: Duty, role: str = "operator") -> Message:
    card = await asked(duty)
    await duty.press(duty.lead, card, role)
    await duty.told("You have access", STRANGER)
    return card


async def role_of(duty: Duty, person_id: int) -> str | None:
    async with duty.app.services.db.reading() as connection:
        person = await store.find_person(connection, person_id)
    return person.role if person else None


async def make_admin(duty: Duty, person_id: int) -> None:
    async with duty.app.services.db.transaction() as tx:
        await duty.app.services.people.change_role(tx, person_id, "admin", Actor("test"))


async def forged(duty: Duty, person: Person, message: Message, data: str) -> str:
    press = await person.forge(message.id, data, message.chat)
    return str((await duty.telegram.answer(press)).get("text", ""))


def data_of(message: Message, label: str) -> str:
    rows = (message.inline or {})["inline_keyboard"]
    return next(str(button["callback_data"]) for row in rows for button in row if label in button["text"])


# --- strangers


async def test_a_stranger_gets_the_ask_button_and_no_data(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 101 12 Leak in the server room")
    for text in ("/start", "hello", "/requests", "/request 101", "/files *", "/status", "/access", "/help", "/letters"):
        answer = await duty.answer(duty.stranger, text)
        assert NO_ACCESS in answer.text, text
        assert labels(answer)[0] == ASK
        assert "Leak" not in answer.text


async def test_a_stranger_in_the_group_learns_nothing(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    made = await duty.told("Request 101/12")
    for text in ("/request 101", "/requests", "/access"):
        answer = await duty.answer(duty.stranger, text, GROUP)
        assert NO_ACCESS in answer.text
        assert labels(answer) == []
    pressed = await duty.press(duty.stranger, made, "En route")
    assert NO_ACCESS in pressed["text"]
    assert pressed["show_alert"]
    assert "Sent since" in duty.now(made).text


async def test_a_strangers_hand_made_buttons_open_nothing(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    greeting = await duty.answer(duty.stranger, "/start")
    for data in (
        "rq:open:1::",
        "rq:status:1:left:",
        "ac:list:0::",
        f"ac:grant:{STRANGER}:admin:",
        "rl:0:0:",
        "mn:status",
    ):
        assert NO_ACCESS in await forged(duty, duty.stranger, greeting, data), data
    assert duty.now(greeting).text == greeting.text
    assert await role_of(duty, STRANGER) is None


async def test_a_stranger_chooses_a_language_before_asking(duty: Duty) -> None:
    greeting = await duty.answer(duty.stranger, "/start")
    await duty.press(duty.stranger, greeting, "Русский")
    shown = await duty.shows(greeting, "Здравствуйте")
    await duty.press(duty.stranger, shown, labels(shown)[0])
    await duty.until(lambda: duty.now(greeting), lambda found: "админ" in found.text)


# --- asking and deciding


async def test_asked_for_and_granted_from_the_card(duty: Duty) -> None:
    card = await asked(duty)
    assert {"viewer", "operator", "admin"} <= set(labels(card))
    await duty.press(duty.lead, card, "operator")
    assert "✅ Ivan is now operator. Decided by Taras." in (await duty.shows(card, "Decided by")).text
    assert "your role is operator" in (await duty.told("You have access", STRANGER)).text
    assert "Your role: operator" in (await duty.answer(duty.stranger, "/start")).text


async def test_asking_twice_is_asking_once(duty: Duty) -> None:
    await asked(duty)
    again = await duty.answer(duty.stranger, "/start")
    await duty.press(duty.stranger, again, labels(again)[0])
    await duty.answer(duty.lead, "/start")
    assert len([m for m in duty.of_bot(LEAD) if "Which role?" in m.text]) == 1


async def test_the_card_of_another_admin_is_redrawn(duty: Duty) -> None:
    await make_admin(duty, ENGINEER)
    card = await asked(duty)
    other = await duty.told("Ivan asks for access", ENGINEER)
    await duty.press(duty.lead, card, "viewer")
    shown = await duty.shows(other, "Ivan is now viewer. Decided by Taras.")
    assert labels(shown) == []


async def test_an_admin_who_was_slower_undoes_nothing(duty: Duty) -> None:
    """Both saw the same card; the second press, on what is out of date by then, shows what was decided."""
    await make_admin(duty, ENGINEER)
    card = await asked(duty)
    other = await duty.told("Ivan asks for access", ENGINEER)
    decline = data_of(other, "Decline")
    await duty.press(duty.lead, card, "viewer")
    await duty.shows(card, "Decided by Taras")
    assert "somebody else has decided" in await forged(duty, duty.engineer, other, decline)
    await duty.shows(other, "Role: viewer")
    assert await role_of(duty, STRANGER) == "viewer"


async def test_declined_is_told_to_the_admins_and_to_the_person(duty: Duty) -> None:
    card = await asked(duty)
    await duty.press(duty.lead, card, "Decline")
    await duty.shows(card, "Ivan was not let in. Decided by Taras.")
    await duty.told("request for access was declined", STRANGER)
    greeting = await duty.answer(duty.stranger, "/start")
    assert labels(greeting)[0] == ASK


async def test_taken_away_at_once(duty: Duty) -> None:
    await let_in(duty)
    made = await duty.answer(duty.stranger, "/new 101 12 Leak")
    people = await duty.answer(duty.lead, "/access")
    await duty.press(duty.lead, people, "Ivan")
    opened = await duty.shows(people, "Role: operator")
    await duty.press(duty.lead, opened, "Take access away")
    await duty.shows(people, "Role: no access")
    assert NO_ACCESS in (await duty.press(duty.stranger, made, "En route"))["text"]
    await duty.told("Your access was taken away", STRANGER)
    assert NO_ACCESS in (await duty.answer(duty.stranger, "/request 101")).text


async def test_a_role_is_changed_from_the_list(duty: Duty) -> None:
    people = await duty.answer(duty.lead, "/access")
    assert "2 people have access" in people.text
    await duty.press(duty.lead, people, "Oksana")
    await duty.press(duty.lead, await duty.shows(people, "Role: operator"), "viewer")
    await duty.shows(people, "Role: viewer")
    assert "your role is viewer" in (await duty.told("You have access", ENGINEER)).text
    assert "needs the role “operator”" in (await duty.answer(duty.engineer, "/new 1 2 x")).text


async def test_a_form_that_was_begun_ends_with_the_access(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new")
    async with duty.app.services.db.transaction() as tx:
        await duty.app.services.people.change_role(tx, ENGINEER, None, Actor("test"))
    assert NO_ACCESS in (await duty.answer(duty.engineer, "101")).text


async def test_an_admin_by_the_configuration_stays_one(duty: Duty) -> None:
    await make_admin(duty, ENGINEER)
    await duty.answer(duty.lead, "/start")
    people = await duty.answer(duty.engineer, "/access")
    await duty.press(duty.engineer, people, "Taras")
    opened = await duty.shows(people, "Role: admin")
    answer = await duty.press(duty.engineer, opened, "Take access away")
    assert "admin by the configuration" in answer["text"]
    assert await role_of(duty, LEAD) == "admin"


@pytest.mark.parametrize(
    "data", ["ac:list:0::", f"ac:grant:{ENGINEER}:admin:", f"ac:open:{LEAD}::", f"ac:revoke:{LEAD}::"]
)
async def test_only_admins_decide(duty: Duty, data: str) -> None:
    assert "needs the role “admin”" in (await duty.answer(duty.engineer, "/access")).text
    menu = await duty.answer(duty.engineer, "/start")
    assert "🔑 Access" not in labels(menu)
    assert "/access" not in (await duty.answer(duty.engineer, "/help")).text
    assert "needs the role “admin”" in await forged(duty, duty.engineer, menu, data)
    assert await role_of(duty, ENGINEER) == "operator"


async def test_every_change_is_in_the_audit_trail(duty: Duty) -> None:
    card = await let_in(duty, "viewer")
    async with duty.app.services.db.reading() as connection:
        entries = await store.list_audit(connection, subject=f"person:{STRANGER}")
    assert [(e.actor, e.action, e.details, e.origin) for e in entries] == [
        ("Taras", "grant", "- → viewer", f"chat:{card.chat}"),
        ("Ivan", "ask-access", "", f"chat:{STRANGER}"),
    ]


# --- language and zone


async def test_a_language_changes_every_text(duty: Duty) -> None:
    settings = await duty.answer(duty.engineer, "/settings")
    await duty.press(duty.engineer, settings, "Українська")
    shown = await duty.shows(settings, "Налаштування")
    assert "🌍 Time zone" not in labels(shown)
    for text in (
        "/start",
        "/help",
        "/new 7 1 Leak",
        "/requests",
        "/overdue",
        "/files",
        "/status",
        "/letters",
        "nonsense",
    ):
        answer = await duty.answer(duty.engineer, text)
        words = answer.text.replace("Leak", "").replace("Oksana", "") + " ".join(labels(answer))
        assert any("а" <= letter.lower() <= "я" or letter in "іїєґ" for letter in words), (text, words)
        english = ("Request", "Nothing", "What I can", "No ", "Hello", "Refresh", "waits", "understand")
        assert not [word for word in english if word in words], (text, words)


@pytest.mark.parametrize(
    ("language", "words"), [("uk", "заявк"), ("ru", "заявк"), ("pl", "request"), ("en", "request")]
)
async def test_the_command_menu_speaks_the_language_of_the_app(duty: Duty, language: str, words: str) -> None:
    reader = duty.telegram.add_user(104, "Reader", language_code=language)
    menu = await duty.telegram.wait_for(reader.menu)
    about = {entry["command"]: entry["description"] for entry in menu}
    assert words in about["requests"].lower()
    assert "access" not in about


async def test_a_group_is_told_things_in_its_own_language(duty: Duty) -> None:
    settings = await duty.answer(duty.lead, "/settings", GROUP)
    await duty.press(duty.lead, settings, "👥 Русский")
    await duty.until(lambda: duty.now(settings), lambda found: "told things in: Русский" in found.text)
    made = await duty.answer(duty.engineer, "/new 101 12 Leak")
    assert made.text.startswith("Request 101/12")
    await duty.told("Заявка 101/12")


async def test_only_an_admin_sets_the_language_of_a_group(duty: Duty) -> None:
    settings = await duty.answer(duty.engineer, "/settings", GROUP)
    assert not [label for label in labels(settings) if "👥" in label]
    assert "needs the role “admin”" in await forged(duty, duty.engineer, settings, "st:chat:ru")


async def test_a_zone_is_set_by_a_line(duty: Duty) -> None:
    assert "Time zone: Europe/Madrid" in (await duty.answer(duty.engineer, "/settings Europe/Madrid")).text
    assert "Time zone: Europe/Madrid" in (await duty.answer(duty.engineer, "/settings")).text


async def test_a_zone_is_set_by_a_button(duty: Duty) -> None:
    settings = await duty.answer(duty.engineer, "/settings")
    await duty.press(duty.engineer, settings, "Time zone")
    zones = await duty.shows(settings, "Your time zone is")
    await duty.press(duty.engineer, zones, "America/New_York")
    await duty.shows(settings, "Your time zone is America/New_York")


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../../etc/passwd", "Kyiv\x00", "<b>", "a" * 300, "/", "Europe"])
async def test_a_zone_nobody_knows_is_a_kind_answer(duty: Duty, zone: str) -> None:
    assert "I do not know the time zone" in (await duty.answer(duty.engineer, f"/settings {zone}")).text


# --- groups


async def test_a_command_for_another_bot_and_plain_chatter_are_not_answered(duty: Duty) -> None:
    for text in ("/requests@another_bot", "What a night", "101", "@vakhta_demo_bot hello"):
        await duty.engineer.send(text, GROUP)
    answer = await duty.answer(duty.engineer, "/request@vakhta_demo_bot 999", GROUP)
    assert "no request 999" in answer.text
    assert len(duty.of_bot(GROUP)) == 1


async def test_in_a_group_only_a_persons_own_role_counts(duty: Duty) -> None:
    """The stranger's answer to the lead's card is no comment, though the lead is there."""
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    made = await duty.told("Request 101/12")
    await duty.stranger.send("I was here", GROUP, reply_to=made.id)
    await duty.answer(duty.engineer, "/request 999", GROUP)
    assert not [m for m in duty.of_bot(GROUP) if "I was here" in m.text or "Saved" in m.text]
