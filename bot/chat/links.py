"""Buttons that lead from one feature to another: shown on the cards of one, handled by the other."""

from aiogram.filters.callback_data import CallbackData

from bot.chat.cards import RowId


class AskButton(CallbackData, prefix="ak"):
    """On a request's card: a letter to its contractor, asking how request `id` stands."""

    id: RowId


class AnswerButton(CallbackData, prefix="an"):
    """On a letter's card: an answer to letter `id`."""

    id: RowId
