"""Decisions about people: pure."""

from collections.abc import Collection
from zoneinfo import ZoneInfo

from core.errors import UserError
from core.people.model import ROLES, Person

MAX_NAME = 128


def clean_name(first: str, last: str | None) -> str:
    """A person's name on one line, free of control and direction marks, at most `MAX_NAME` characters."""
    name = " ".join(f"{first} {last or ''}".split())
    name = "".join(character for character in name if character.isprintable())
    return name[:MAX_NAME] or "?"


def known_role(role: str) -> str:
    """The role, when it is one. Raises `UserError` naming the known ones."""
    if role not in ROLES:
        raise UserError("There is no role {role}. Roles are: {roles}.", role=role, roles=", ".join(ROLES))
    return role


def known_zone(zone: str) -> str:
    """The IANA zone, when the machine knows it. Raises `UserError`."""
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError, OSError) as error:
        raise UserError("I do not know the time zone {zone}. Try one like Europe/Kyiv.", zone=zone) from error
    return zone


def check_change(person: Person, role: str | None, admins: Collection[int], configured: Collection[int]) -> None:
    """May this person's role become `role` (None takes access away)?

    `admins` are the present admins, `configured` those of the configuration file. Raises `UserError` when the
    last admin would be lost, or when the configuration makes the person admin at every start anyway.
    """
    if role == "admin":
        return
    if person.id in configured:
        raise UserError(
            "{name} is an admin by the configuration. Remove the number {id} from telegram.admins there.",
            name=person.name,
            id=person.id,
        )
    if set(admins) == {person.id}:
        raise UserError("{name} is the only admin. Make somebody else an admin first.", name=person.name)
