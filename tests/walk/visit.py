"""The first five minutes of a visitor, line by line: steps that are walked in order, each by what is seen."""

import re
from dataclasses import dataclass, field

from playwright.async_api import Locator, expect

from deploy.demo.chat.texts import strings
from deploy.demo.words import LANGUAGES_SPOKEN
from deploy.demo.world import DUTY_CHAT_ID
from tests.walk.walking import READY_WITHIN, SHOTS, Walk

SILENCE = "⚠️ <b>No news for {silence}</b>"
TITLES = {
    "uk": "Протікає стеля в серверній",
    "ru": "Протекает потолок в серверной",
    "en": "The server room ceiling leaks",
}


@dataclass
class Visit(Walk):
    """The walk of one visitor through one demo, which is killed and started again under it."""

    card: Locator = field(init=False)
    """The card of the visitor's request."""

    @property
    def title(self) -> str:
        """What is wrong in the request that the visitor makes."""
        return TITLES[self.look.language]

    async def pinned(self, found: Locator) -> Locator:
        """That very message, whatever it will say."""
        return self.page.locator(f"[data-testid='message'][data-id='{await found.get_attribute('data-id')}']")

    async def card_says(self, text: str) -> None:
        """Wait until the card says that, apart from its buttons."""
        await expect(self.card.get_by_test_id("message-text")).to_contain_text(text)

    def label(self, status: str) -> str:
        """What a status is called."""
        return strings(self.look.language)[f"status_{status}"]

    def said(self, message: str, then: str = "") -> re.Pattern[str]:
        """What the assistant says, whatever it fills in, with those words somewhere after it."""
        gaps = dict.fromkeys(re.findall(r"{(\w+)}", message), "\0")
        parts = re.sub(r"<[^>]+>", "", self.t(message, **gaps)).split("\0")
        return re.compile(".+?".join(map(re.escape, parts)) + f".*{re.escape(then)}", re.DOTALL)

    async def world(self, button: str) -> None:
        """Press one of the world's buttons; a phone shows them below the list of chats."""
        if self.look.is_phone:
            await self.page.get_by_test_id("back").click()
        await self.page.get_by_test_id(f"world-{button}").click()

    async def group(self) -> None:
        """Be in the group."""
        if self.look.is_phone and not await self.page.get_by_test_id("input").is_visible():
            await self.page.get_by_test_id(f"chat-{DUTY_CHAT_ID}").click()

    async def put_letter_away(self) -> None:
        """Close the letter where it covers the chat."""
        if self.look.is_phone:
            await self.page.get_by_test_id("letter-close").click()

    async def guide(self, at: str) -> None:
        """The guide has come to that place."""
        await expect(self.page.get_by_test_id("guide")).to_have_attribute("data-at", at)

    async def act(self) -> None:
        """Do what the guide proposes."""
        await self.page.get_by_test_id("guide-act").click()

    async def line(self, name: str) -> None:
        """The picture of a line."""
        look = self.look
        if SHOTS:
            await expect(self.page.get_by_test_id("toast")).to_have_count(0)
            await self.shoot(f"{look.language}-{look.scheme}-{look.width}-{name}")


async def an_evening_is_behind_the_group(visit: Visit) -> None:
    page, words = visit.page, LANGUAGES_SPOKEN[visit.look.language]
    await visit.line("0-at-once")
    await visit.group()
    await expect(page.get_by_test_id("chat-title")).to_have_text("Duty")
    await expect(visit.messages(words.lift).first).to_be_visible(timeout=READY_WITHIN * 1000)
    for status, title in (("en_route", words.radiator), ("on_site", words.light), ("sent", words.lift)):
        await expect(visit.messages(title).first.get_by_test_id("message-text")).to_contain_text(visit.label(status))
    await visit.sees(visit.said(SILENCE, words.conditioner))
    await visit.sees(words.act)
    if not visit.look.is_phone:
        await expect(page.get_by_test_id("board-requests").get_by_role("listitem")).to_have_count(6)
        for button in ("letters", "files", "share", "hour", "outage"):
            await expect(page.get_by_test_id(f"world-{button}")).to_be_visible()
    await visit.guide("new")
    await visit.line("1-evening")


async def three_answers_make_a_request(visit: Visit) -> None:
    await visit.act()
    for n, answer in enumerate(("101", "12", visit.title)):
        await expect(visit.page.get_by_test_id("replying")).to_be_visible()
        if n == 1:
            await visit.line("2a-asked")
        await visit.say(answer)
        await expect(visit.page.get_by_test_id("message-text").get_by_text(answer, exact=True).last).to_be_visible()
    visit.card = await visit.pinned(await visit.sees(visit.title))
    await visit.card_says(visit.label("sent"))
    if not visit.look.is_phone:
        row = visit.page.get_by_test_id("board-requests").get_by_role("listitem").filter(has_text="101/12")
        await expect(row).to_contain_text(visit.title)
    await visit.line("2b-made")


async def a_badly_written_letter_moves_the_card_and_says_why(visit: Visit) -> None:
    await visit.guide("letter")
    await visit.act()
    await expect(visit.page.get_by_test_id("letter-sheet")).to_contain_text("12")
    await visit.card_says(visit.label("en_route"))
    await visit.line("3a-letter")
    await visit.guide("why")
    await visit.put_letter_away()
    await visit.press(visit.card, visit.t("💡 Why?"))
    await visit.card_says("✓")
    await expect(visit.card.locator("s").first).to_be_visible()
    await visit.line("3b-why")
    await visit.press(visit.card, visit.t("‹ Back to the card"))
    await visit.guide("file")


async def a_letter_without_a_number_is_asked_about_and_taken_back(visit: Visit) -> None:
    await visit.world("letters")
    await visit.page.get_by_test_id("world-letter-declined").click()
    await visit.group()
    await visit.put_letter_away()
    question = await visit.pinned(await visit.sees(visit.said("❓ <b>Which request is this letter about?</b>")))
    assert (await question.get_by_test_id("message-text").inner_text()).count("•") == 3
    await visit.line("4a-question")
    await visit.press(question, "101/12")
    await visit.card_says(visit.label("declined"))
    await visit.line("4b-linked")
    await visit.press(question, visit.t("↶ Undo"))
    await visit.card_says(visit.label("en_route"))
    await visit.line("4c-undone")


async def a_saved_and_renamed_document_is_one_line_with_its_life(visit: Visit) -> None:
    await visit.act()
    told = visit.messages("contract-final.docx").first
    await expect(told).to_contain_text("contract.docx")
    shown = await told.get_by_test_id("message-text").inner_text()
    assert [line[0] for line in shown.splitlines() if "contract" in line] == ["➜", "↳"]
    await visit.line("5a-saved")
    await visit.say("/files contract")
    await visit.shows("contract-final.docx", visit.t("renamed"))
    await visit.shows("contract-final.docx", visit.t("changed"))
    await visit.line("5b-life")


async def an_unplugged_folder_loses_nothing(visit: Visit) -> None:
    await visit.guide("unplug")
    await visit.act()
    await visit.sees(visit.said("⚠️ {title} is away (since {at}); nothing is counted as deleted. I keep trying."))
    await visit.line("6a-away")
    await visit.guide("plug")
    await visit.act()
    one, many = (
        "✅ {title} is back after {away}, {n} change found.",
        "✅ {title} is back after {away}, {n} changes found.",
    )
    parts = visit.t.many(one, many, 3, title="\0", away="\0").split("\0")
    await visit.sees(re.compile(".+".join(map(re.escape, parts))))
    await visit.line("6b-back")
    await visit.guide("done")
    await expect(visit.page.get_by_test_id("guide")).to_contain_text("vakhta setup")
    await visit.line("6c-guide")
    await visit.page.get_by_test_id("guide-end").click()


async def a_late_request_rings_once(visit: Visit) -> None:
    silence = visit.said(SILENCE, visit.title)
    await visit.world("hour")
    await visit.group()
    reminder = await visit.pinned(await visit.sees(silence))
    await visit.line("7a-late")
    await visit.world("hour")
    await visit.group()
    await reminders_have_run(visit)
    await expect(visit.messages(silence)).to_have_count(1)
    await visit.line("7b-silence")
    await visit.press(reminder, visit.label("on_site"))
    visit.card = reminder  # what rang is the request's card from now on
    await visit.card_says(visit.label("on_site"))
    await expect(visit.messages(silence)).to_have_count(0)


async def reminders_have_run(visit: Visit) -> None:
    """The assistant has looked for late requests since the clock was moved."""
    await visit.page.wait_for_function(
        """async () => {
            const {now} = await (await fetch("/world/state")).json();
            const {status} = await (await fetch("/world/status?lang=en")).json();
            const job = status.jobs.find((one) => one.name === "reminders");
            return Date.parse(job.last_ok_at) / 1000 > now - 600;
        }"""
    )


async def nothing_is_lost_and_the_cards_work(visit: Visit) -> None:
    await expect(visit.page.locator(".offline")).to_be_hidden(timeout=READY_WITHIN * 1000)
    await visit.sees(visit.said("⏱ I was away for {away} (from {at}); nothing lost."), within=READY_WITHIN)
    visit.wrong[:] = [each for each in visit.wrong if "ERR_CONNECTION" not in each]  # nobody was there for a while
    await visit.line("8b-back")
    await visit.press(visit.card, visit.label("declined"))
    await visit.card_says(visit.label("declined"))
    await visit.line("8c-works")
