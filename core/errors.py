"""Errors, named by what happens next.

Each carries an English source text and the values for its placeholders; the edge that shows it (chat, page,
command line) puts it into the reader's language with `core.text`. The technical cause is chained with `from`.
"""


class VakhtaError(Exception):
    """Base of the errors this program raises on purpose: a translatable sentence and its values."""

    def __init__(self, message: str, **values: object) -> None:
        self.message = message
        self.values = values
        super().__init__(message)

    def __str__(self) -> str:
        """The sentence in English, for logs."""
        return self.message.format(**self.values)


class Unavailable(VakhtaError):
    """A source or target cannot be reached now: retry later."""


class StorageUnavailable(Unavailable):
    """The database refused the change (full disk, locked by another program): nothing was written; retry later."""


class Rejected(VakhtaError):
    """This one record is wrong: put it aside and go on with the next."""


class Uncertain(VakhtaError):
    """It may or may not have happened: tell a person, do not repeat by yourself."""


class AuthFailed(VakhtaError):
    """The credentials are refused: stop this source and tell an operator."""


class UserError(VakhtaError):
    """The person asked for something that cannot be done as asked: tell them, in their language."""


class NotAllowed(UserError):
    """The person's role does not allow this."""


class ConfigError(VakhtaError):
    """The configuration or the command line is wrong: exit 2, start nothing."""
