"""What the assistant says of its rights in a group, each of them missing by itself, with the remedy."""

import pytest

from deploy.demo.telegram.rights import ADMIN_RIGHTS, PERMISSIONS
from tests.duty import LEAD, Duty
from tests.people.test_groups import NIGHT, added
from tests.people.test_invitations import CLI

COMMANDS = "✓ I see commands, replies to my messages and presses of my buttons."
ALWAYS = {COMMANDS, "✓ I hear every message.", "✓ I see reactions.", "✓ I can pin messages."}
DEAF = "– I do not hear other messages (privacy mode). Remedy: make me an administrator."
BLIND = "– I do not see reactions. Remedy: make me an administrator."
UNPINNING = "– I cannot pin messages. Remedy: make me an administrator who may pin."


def marked(text: str) -> set[str]:
    """The lines about what can and cannot be seen."""
    return {line for line in text.splitlines() if line[:1] in "✓–✗" and line}


async def test_everything_is_there(duty: Duty) -> None:
    card = await added(duty)
    await duty.lead.group(NIGHT).promote(duty.telegram.state.bot.id)
    assert marked((await duty.shows(card, "✓ I can pin messages.")).text) == ALWAYS


async def test_a_plain_member(duty: Duty) -> None:
    assert marked((await added(duty)).text) == {COMMANDS, DEAF, BLIND, UNPINNING}


async def test_without_privacy_mode_it_hears_and_no_more(duty: Duty) -> None:
    """Turned off at @BotFather while the assistant runs, and added to the group after it, as Telegram wants it."""
    duty.telegram.state.settings.privacy = False
    assert marked((await added(duty)).text) == {COMMANDS, "✓ I hear every message.", BLIND, UNPINNING}


async def test_an_administrator_who_may_not_pin(duty: Duty) -> None:
    card = await added(duty)
    rights = [right for right in ADMIN_RIGHTS if right != "can_pin_messages"]
    await duty.lead.group(NIGHT).promote(duty.telegram.state.bot.id, rights)
    shown = await duty.shows(card, "✓ I see reactions.")
    assert marked(shown.text) == ALWAYS - {"✓ I can pin messages."} | {UNPINNING}


async def test_topics_are_named_where_there_are_some(duty: Duty) -> None:
    card = await added(duty, threads=[5])
    assert "✓ There are topics. Write /group in one to use it by itself." in marked(card.text)


async def test_where_it_may_not_write_the_admins_hear_in_private(duty: Duty) -> None:
    """Once; the group itself cannot be told. Let speak again, it shows its card."""
    await added(duty)
    group, me = duty.lead.group(NIGHT), duty.telegram.state.bot.id
    await group.restrict(me, [right for right in PERMISSIONS if right != "can_send_messages"])
    told = await duty.told("In the group “Night” I may not write", LEAD)
    assert "Remedy: let members or me send messages" in told.text
    await group.restrict(me, [])
    await group.restrict(me, PERMISSIONS)
    await duty.answer(duty.lead, "/group", NIGHT)
    assert sum("I may not write" in message.text for message in duty.of_bot(LEAD)) == 1


@pytest.mark.parametrize("anonymous", [False, True])
async def test_an_invitation_opened_in_a_group_opens_nothing_any_more(anonymous: bool, duty: Duty) -> None:
    """Everybody there has read it; the sentence says where to open the next one."""
    await added(duty)
    async with duty.app.services.db.transaction() as tx:
        code = (await duty.app.services.invitations.invite(tx, "admin", CLI)).code
    if anonymous:
        await duty.lead.group(NIGHT).be_anonymous(on=True)
    who = duty.lead if anonymous else duty.stranger
    await who.send(f"/start {code}", NIGHT)
    said = await duty.told("An invitation is opened in private.", NIGHT)
    assert "vakhta people invite" in said.text
    late = await duty.answer(duty.stranger, f"/start {code}")
    assert "used already or is too old" in late.text
