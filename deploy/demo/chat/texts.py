"""The chat page's own words. The page gets them as JSON, in the language its reader picked."""

from core.text import LANGUAGES, Translator, translator


def strings(language: str) -> dict[str, str]:
    """Every string of the page by its key; `KeyError` for a language the program does not speak."""
    t = translator(language)
    return _messenger(t) | _world(t) | _letters(t) | _roles(t) | _board(t) | _guide(t)


def _messenger(t: Translator) -> dict[str, str]:
    return {
        "title": t("Vakhta: the demo"),
        "chats": t("Chats"),
        "back": t("Back to the chats"),
        "language": t("Language"),
        "message": t("Message"),
        "send": t("Send"),
        "attach": t("Attach files"),
        "topics": t("Topics"),
        "photo": t("Photo"),
        "photo_open": t("Open the photo"),
        "files_count": t("Files: {n}", n="{n}"),
        "too_many": t("At most {n} files go together.", n="{n}"),
        "commands": t("Commands"),
        "keyboard": t("Show the keyboard"),
        "start": t("Start"),
        "reply": t("Reply"),
        "copy": t("Copy the text"),
        "copied": t("Copied."),
        "cancel_reply": t("Do not reply to this message"),
        "drop_file": t("Do not send this file"),
        "edited": t("edited"),
        "deleted": t("Deleted message"),
        "typing": t("is typing…"),
        "uploading": t("is sending a file…"),
        "only_you": t("Only you see this"),
        "react": t("React"),
        "reaction": t("{emoji}: {n}", emoji="{emoji}", n="{n}"),
        "edit": t("Edit"),
        "cancel_edit": t("Leave the message as it is"),
        "bot": t("bot"),
        "pinned": t("Pinned message"),
        "has_pinned": t("{name} pinned a message", name="{name}"),
        "today": t("Today"),
        "yesterday": t("Yesterday"),
        "unread": t("Unread: {n}", n="{n}"),
        "down": t("To the newest message"),
        "empty_private": t("Press Start and the assistant will introduce itself."),
        "empty_group": t("Nothing has been said here yet."),
        "ok": t("OK"),
        "close": t("Close"),
        "offline": t("The connection to the demo is lost. Trying again…"),
        "failed": t("That did not work: {reason}", reason="{reason}"),
        "too_big": t("The file is larger than {n} MB.", n="{n}"),
        "you": t("You"),
        "jump": t("Show the message this replies to"),
        "spoiler": t("Hidden text: press to show"),
    }


def _world(t: Translator) -> dict[str, str]:
    return {
        "who": t("Who you are"),
        "world": t("The world"),
        "letter": t("A letter arrives"),
        "letter_write": t("Write one yourself…"),
        "letter_done": t("The letter is in the mailbox."),
        "letter_from": t("From"),
        "letter_subject": t("Subject"),
        "letter_text": t("Text"),
        "letter_title": t("A letter to the duty mailbox"),
        "letter_came": t("This letter came"),
        "file": t("Somebody saves a file"),
        "file_save": t("Save"),
        "file_rename": t("Rename"),
        "file_delete": t("Delete"),
        "file_saved": t("Saved: {name}", name="{name}"),
        "file_renamed": t("Renamed: {name}", name="{name}"),
        "file_deleted": t("Deleted: {name}", name="{name}"),
        "file_edit": t("Word saves the contract, then it is renamed"),
        "file_edited": t("Saved as Word saves, then renamed: {name}", name="{name}"),
        "share": t("Unplug the shared folder"),
        "share_off": t("The shared folder is unplugged. Behind it three files are being changed."),
        "share_on": t("The shared folder is plugged in again."),
        "hour": t("One hour later"),
        "hour_done": t("It is now {time}.", time="{time}"),
        "outage": t("Telegram is down"),
        "outage_on": t("Telegram is down: the assistant cannot reach the chats."),
        "outage_off": t("Telegram is back."),
        "status": t("Status page"),
        "now": t("Now {time}", time="{time}"),
        "ahead": t("{n} h ahead", n="{n}"),
        "evening": t("The evening before is being caught up; your turn in a moment."),
        "here": t("Nothing leaves this machine."),
    }


def _letters(t: Translator) -> dict[str, str]:
    return {
        "letter_en_route": t("101/12: on the way, an old status quoted below"),
        "letter_on_site": t("101/12: on site"),
        "letter_declined": t("Declined, but no number"),
        "letter_unknown": t("Request 777, which nobody knows"),
        "letter_away": t("Out of office"),
    }


def _board(t: Translator) -> dict[str, str]:
    return {
        "board": t("Status page"),
        "board_hide": t("Hide the status page"),
        "board_show": t("Show the status page"),
        "board_open": t("Open the status page"),
        "board_good": t("All is well"),
        "board_warn": t("Worth a look"),
        "board_bad": t("Something is wrong"),
        "board_none": t("The assistant is not running."),
        "board_starting": t("The assistant is coming on duty…"),
        "board_requests": t("Requests"),
        "board_empty": t("No request yet."),
        "board_jobs": t("What is at work"),
        "status_sent": t("Sent"),
        "status_accepted": t("Accepted"),
        "status_en_route": t("En route"),
        "status_on_site": t("On site"),
        "status_left": t("Left the site"),
        "status_declined": t("Declined"),
        "status_cancelled": t("Cancelled"),
    }


def _guide(t: Translator) -> dict[str, str]:
    return {
        "guide": t("Three things in two minutes"),
        "guide_next": t("Next"),
        "guide_skip": t("Skip the guide"),
        "guide_title_1": t("Make a request"),
        "guide_title_2": t("Let the contractor write"),
        "guide_title_3": t("Watch the shared folder"),
        "guide_title_4": t("Now with your own bot"),
        "guide_new": t("One press, three answers, and its card is in Duty, the same for everybody."),
        "guide_do_new": t("➕ New request"),
        "guide_asked": t("Answer in the chat: 101, then 12, then what happened."),
        "guide_letter": t("A letter about 101/12 comes, with yesterday's status quoted below."),
        "guide_do_letter": t("A letter arrives"),
        "guide_why": t(
            "The card changes by itself. Press “{button}” under it: which words counted, and which did not.",
            button=t("💡 Why?").replace(" ", "\u00a0"),
        ),
        "guide_file": t("Word saves the contract its own way, then it is renamed. Duty hears of it once."),
        "guide_do_file": t("Somebody saves a file"),
        "guide_unplug": t("Pull the cable: the folder is away, and nothing counts as deleted."),
        "guide_do_unplug": t("Unplug the shared folder"),
        "guide_plug": t("Meanwhile three files are being changed there. Plug it in: they are found."),
        "guide_do_plug": t("Plug it in again"),
        "guide_done": t("One command connects a real bot step by step; docs/connect.md says why it asks what it asks."),
    }


def _roles(t: Translator) -> dict[str, str]:
    return {
        "role_engineer": t("engineer"),
        "role_lead": t("shift lead"),
        "role_stranger": t("a stranger"),
    }


__all__ = ["LANGUAGES", "strings"]
