"""How people, access and settings look in a chat. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from bot.chat.access import role_name
from bot.chat.cards import Button, Card, clean, lines
from bot.people import keyboards
from bot.people.keyboards import AccessButton, SettingsButton
from core.people.model import AccessRequest, Person, Reader
from core.text import LANGUAGE_NAMES, Translator, translator


def mention(person: Person) -> Markup:
    """A person by name, and by @name when they have one."""
    name = Markup("<b>{}</b>").format(clean(person.name))
    return Markup("{} (@{})").format(name, person.username) if person.username else name


def stranger_card(t: Translator, name: str, *, asked: bool = False) -> Card:
    """What somebody without access sees: no data, a greeting, and a button to ask."""
    if asked:
        text = t.html("Your request is with the admins. I will write to you as soon as they decide.")
        return Card(text, (keyboards.language_row(t.language),))
    text = lines(
        [
            t.html("Hello, {name}! I am Vakhta, the assistant of an operations team.", name=clean(name)),
            t.html("You have no access yet. Press the button, and an admin will decide."),
        ]
    )
    return Card(text, (keyboards.ask_row(t), keyboards.language_row(t.language)))


def open_invitation_card(t: Translator) -> Card:
    """To whoever opened an invitation in a group."""
    return Card(
        t.html(
            "An invitation is opened in private. Everybody here could read this one, so it opens nothing any more. "
            "Ask for a new one (vakhta setup, or vakhta people invite) and open it in a chat with me alone."
        )
    )


def no_invitation_card(t: Translator, person: Person, why: str) -> Card:
    """A link that opens nothing: why, and what to do instead."""
    row = keyboards.ask_row(t) if person.role is None else keyboards.menu_row(t)
    return Card(escape(why), (row,))


def welcome_card(t: Translator, person: Person) -> Card:
    """To somebody who opened an invitation: the role, and the next step."""
    role = role_name(t, person.role or "")
    parts = [t.html("✅ Welcome, {name}! Your role is <b>{role}</b>.", name=clean(person.name), role=role)]
    if person.may("admin"):
        parts.append(t.html("Next: add me to your duty group. I will say there what I can see and what I need."))
    return Card(lines(parts), (keyboards.menu_row(t),))


def invited_card(person: Person, reader: Reader) -> Card:
    """To the other admins: who came in by an invitation, with what can be done about it."""
    t = translator(reader.language)
    if person.role is None:
        return Card(t.html("{who} came in by an invitation and has no access any more.", who=mention(person)))
    role = role_name(t, person.role)
    text = t.html("🔑 {who} opened an invitation and is now {role}.", who=mention(person), role=role)
    return Card(text, keyboards.role_rows(t, person))


def joined_card(person: Person, data: Mapping[str, Any], subject: str, reader: Reader) -> Card:
    """To the admins: somebody without a role came into a group that is told things."""
    t = translator(reader.language)
    who, title, by = mention(person), clean(data["title"]), clean(data["by"])
    came = (
        t.html("👋 {by} added {who} to the group “{title}”.", by=by, who=who, title=title)
        if by
        else t.html("👋 {who} joined the group “{title}”.", who=who, title=title)
    )
    if person.role is not None:
        role = t.html("Role: <b>{role}</b>", role=role_name(t, person.role))
        return Card(lines([came, role]), (keyboards.person_row(t("🔑 Access"), person),), subject)
    note = t.html("They have no role: they read what I post there, and my buttons do nothing for them.")
    return Card(lines([came, note]), (keyboards.person_row(t("🔑 Give a role"), person),), subject)


def access_request_card(request: AccessRequest, person: Person, reader: Reader) -> Card:
    """What the admins see: who asks, and what was decided."""
    t = translator(reader.language)
    subject = f"access:{request.id}"
    who = mention(person)
    if request.state == "asked":
        text = lines([t.html("🔑 {who} asks for access.", who=who), t.html("Which role?")])
        return Card(text, keyboards.role_rows(t, person), subject)
    by = clean(request.decided_by or "")
    if request.state == "granted":
        role = role_name(t, request.role or "")
        return Card(t.html("✅ {who} is now {role}. Decided by {by}.", who=who, role=role, by=by), (), subject)
    return Card(t.html("✋ {who} was not let in. Decided by {by}.", who=who, by=by), (), subject)


def decision_card(role: str | None, reader: Reader, *, had: bool) -> Card:
    """What a person is told when their role changes; `had`: they had access, or at least had not asked for it."""
    t = translator(reader.language)
    if role is None and not had:
        return Card(t.html("Your request for access was declined. Talk to an admin if this is a mistake."))
    if role is None:
        return Card(
            t.html("Your access was taken away. Talk to an admin if this is a mistake."), (keyboards.ask_row(t),)
        )
    role = role_name(t, role)
    return Card(t.html("✅ You have access: your role is <b>{role}</b>. Press /start.", role=role))


def people_card(people: Sequence[Person], waiting: Sequence[tuple[AccessRequest, Person]], reader: Reader) -> Card:
    """Everybody who has access, and who asks for it."""
    t = translator(reader.language)
    parts: list[Markup | str | None] = [
        t.many_html("<b>{n} person has access</b>", "<b>{n} people have access</b>", len(people)),
        "",
    ]
    parts += [Markup("{} — {}").format(mention(person), role_name(t, person.role or "")) for person in people]
    if waiting:
        parts += ["", t.html("<b>Asking for access:</b>"), *(mention(person) for _, person in waiting)]
    everybody = [person for _, person in waiting] + list(people)
    buttons = [
        (
            Button(
                ("🔑 " if not person.role else "") + clean(person.name),
                AccessButton(action="open", id=person.id).pack(),
            ),
        )
        for person in everybody[:40]
    ]
    return Card(lines(parts), tuple(buttons))


def person_card(person: Person, reader: Reader, more: tuple[tuple[Button, ...], ...] = ()) -> Card:
    """One person, as an admin sees them; `more` rows of buttons below the roles."""
    t = translator(reader.language)
    role = role_name(t, person.role) if person.role else t("no access")
    text = lines(
        [
            mention(person),
            t.html("Role: <b>{role}</b>", role=role),
            t.html("Telegram id: <code>{id}</code>", id=person.id),
        ]
    )
    back = (Button(t("‹ Everybody"), AccessButton(action="list").pack()),)
    rows = keyboards.role_rows(t, person)
    return Card(text, (*rows, *more, back))


def settings_card(person: Person, reader: Reader, *, group_language: str | None) -> Card:
    """Language and zone of a person; in a group an admin also sets the language of its pushes."""
    t = translator(reader.language)
    parts: list[Markup | str | None] = [
        t.html("<b>Settings of {name}</b>", name=clean(person.name)),
        t.html("Language: {language}", language=LANGUAGE_NAMES[reader.language]),
        t.html("Time zone: {zone}", zone=reader.timezone),
    ]
    rows = [keyboards.language_row(reader.language)]
    if group_language is not None:
        parts += ["", t.html("This group is told things in: {language}", language=LANGUAGE_NAMES[group_language])]
        rows.append(tuple(_grouped(button) for button in keyboards.language_row(group_language, "chat")))
    rows.append((Button(t("🌍 Time zone"), SettingsButton(action="zones").pack()),))
    return Card(lines(parts), tuple(rows))


def _grouped(button: Button) -> Button:
    return Button(f"👥 {button.text}", button.data)


def zones_card(reader: Reader) -> Card:
    """A choice of time zones."""
    t = translator(reader.language)
    text = t.html(
        "Your time zone is {zone}. For another one write, for example: /settings Europe/Madrid", zone=reader.timezone
    )
    back = (Button(t("‹ Settings"), SettingsButton(action="open").pack()),)
    return Card(text, (*keyboards.zone_rows(reader.timezone), back))
