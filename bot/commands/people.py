"""`vakhta people`: roles, also when no admin is left."""

import argparse
import asyncio

from bot.commands.common import CLI, say, say_json, say_table, settings_of, with_services
from bot.services import Services
from core.people import store
from core.people.model import Person
from core.text import Translator


def call(options: argparse.Namespace, t: Translator) -> int:
    """List, grant, revoke, invite."""
    if options.action == "list":
        return _list(options, t)
    if options.action == "invite":
        return _invite(options, t)

    async def change(services: Services) -> Person:
        role = options.role if options.action == "grant" else None
        async with services.db.transaction() as tx:
            person = await services.people.change_role(tx, options.id, role, CLI)
            if person.role is None:
                await services.alerts.let_go(tx, person.id)
            return person

    person = with_services(options, change)
    if person.role:
        say(t("{name} ({id}) is now {role}.", name=person.name, id=person.id, role=person.role))
    else:
        say(t("{name} ({id}) has no access any more.", name=person.name, id=person.id))
    return 0


def _list(options: argparse.Namespace, t: Translator) -> int:
    async def fetch(services: Services) -> list[Person]:
        async with services.db.reading() as connection:
            return await store.list_people(connection)

    people = with_services(options, fetch)
    if options.json:
        say_json([{"id": p.id, "name": p.name, "username": p.username, "role": p.role} for p in people])
    elif people:
        say_table((t("id"), t("name"), t("role")), [(p.id, p.name, p.role) for p in people])
    else:
        say(t("Nobody has access yet. Give it: vakhta people grant ID admin"))
    return 0


def _invite(options: argparse.Namespace, t: Translator) -> int:
    from bot.setup.inviting import make_link, say_link

    settings = settings_of(options)
    made = asyncio.run(make_link(settings, options.role, CLI))
    if options.json:
        say_json({"link": made.link, "code": made.invitation.code, "expires_at": made.invitation.expires_at})
    else:
        say_link(made, settings.timezone, t)
    return 0
