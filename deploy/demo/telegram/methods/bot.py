"""Methods about the bot itself: who it is, its command menus, its texts, its menu button."""

import re
from typing import Any, Final

from deploy.demo.telegram.access import find_chat
from deploy.demo.telegram.errors import bad_request
from deploy.demo.telegram.methods.base import Api
from deploy.demo.telegram.model import Json

_COMMANDS_LIMIT: Final = 100
_LANGUAGE: Final = re.compile(r"[a-z]{2}|")
_TEXTS: Final = {"Name": "name", "Description": "description", "ShortDescription": "short_description"}


async def get_me(api: Api, _args: Json) -> Json:
    """The bot itself."""
    settings = api.state.settings
    named = api.state.session.texts.get("name/")
    return (
        api.state.bot.api()
        | ({"first_name": named} if named else {})
        | {
            "can_join_groups": settings.join_groups,
            "can_read_all_group_messages": not settings.privacy,
            "supports_inline_queries": settings.inline,
            "can_connect_to_business": False,
            "has_main_web_app": False,
            "has_topics_enabled": False,
            "allows_users_to_create_topics": False,
            "can_manage_bots": False,
        }
    )


async def farewell(_api: Api, _args: Json) -> bool:
    """`logOut` and `close`: nothing to leave here."""
    return True


def _language(args: Json) -> str:
    code = str(args.get("language_code", ""))
    if not _LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code


def _commands_key(api: Api, args: Json) -> str:
    scope = args.get("scope", {"type": "default"})
    if "chat_id" in scope:
        chat = find_chat(api.state, scope["chat_id"])
        if chat.private and scope["type"] != "chat":
            raise bad_request("can't use specified bot command scope in private chats")
        scope = scope | {"chat_id": chat.id}
    place = ":".join(str(scope[name]) for name in ("type", "chat_id", "user_id") if name in scope)
    return f"{place}/{_language(args)}"


async def set_my_commands(api: Api, args: Json) -> bool:
    """The menu for a scope and a language."""
    commands = args["commands"]
    if len(commands) > _COMMANDS_LIMIT:
        raise bad_request("too many commands specified")
    for command in commands:
        name = command["command"].removeprefix("/")
        if not (name.isascii() and name.replace("_", "").isalnum() and name == name.lower()):
            raise bad_request("BOT_COMMAND_INVALID")
        if not command["description"].strip():
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        command["command"] = name
    return _keep_commands(api, args, commands)


async def delete_my_commands(api: Api, args: Json) -> bool:
    """No menu of its own for a scope and a language."""
    return _keep_commands(api, args, [])


def _keep_commands(api: Api, args: Json, commands: list[Json]) -> bool:
    session, key = api.state.session, _commands_key(api, args)
    if commands:
        session.commands[key] = commands
    else:
        session.commands.pop(key, None)
    api.state.save_session()
    api.state.tell("commands")
    return True


async def get_my_commands(api: Api, args: Json) -> list[Json]:
    """The menu of exactly this scope and language."""
    return api.state.session.commands.get(_commands_key(api, args), [])


def _set_text(name: str) -> Any:
    async def method(api: Api, args: Json) -> bool:
        """Keep a text of the bot's profile for a language; an empty one takes it back."""
        texts, key = api.state.session.texts, f"{name}/{_language(args)}"
        if args.get(name):
            texts[key] = args[name]
        else:
            texts.pop(key, None)
        api.state.save_session()
        return True

    return method


def _get_text(name: str) -> Any:
    async def method(api: Api, args: Json) -> Json:
        """A text of the bot's profile in a language, else the one for every language."""
        texts = api.state.session.texts
        first_name = api.state.bot.first_name if name == "name" else ""
        return {name: texts.get(f"{name}/{_language(args)}") or texts.get(f"{name}/") or first_name}

    return method


async def set_chat_menu_button(api: Api, args: Json) -> bool:
    """The button left of the text field, in one private chat or in all."""
    button = args.get("menu_button", {"type": "default"})
    api.state.session.menu_buttons[_private_key(api, args)] = button
    api.state.save_session()
    api.state.tell("commands")
    return True


async def get_chat_menu_button(api: Api, args: Json) -> Json:
    """The button left of the text field."""
    buttons = api.state.session.menu_buttons
    return buttons.get(_private_key(api, args)) or buttons.get("") or {"type": "commands"}


def _private_key(api: Api, args: Json) -> str:
    if "chat_id" not in args:
        return ""
    chat = find_chat(api.state, args["chat_id"])
    if not chat.private:
        raise bad_request("chat_id must be a private chat")
    return str(chat.id)


METHODS: Final = {
    "getMe": get_me,
    "logOut": farewell,
    "close": farewell,
    "setMyCommands": set_my_commands,
    "deleteMyCommands": delete_my_commands,
    "getMyCommands": get_my_commands,
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
    **{f"setMy{method}": _set_text(field) for method, field in _TEXTS.items()},
    **{f"getMy{method}": _get_text(field) for method, field in _TEXTS.items()},
}
