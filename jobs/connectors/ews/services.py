"""The operations of EWS that a mailbox needs, each as little as it can be. Imported only in a thread.

exchangelib makes an object with a hundred fields of each item and reads answers byte by byte (a letter of 25 MB: 6 s
of computing); ids, times and undecoded letters are all that is wanted here, whatever class an item is of.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final

from exchangelib import Message
from exchangelib.errors import MalformedResponseError, ResponseMessageError
from exchangelib.fields import FieldPath
from exchangelib.folders import Folder, Inbox, MsgFolderRoot, Root, SentItems, SingleFolderQuerySet
from exchangelib.properties import DistinguishedFolderId, ItemId, Mailbox
from exchangelib.services import CreateItem, GetItem, SyncFolderItems
from exchangelib.services.common import EWSAccountService
from exchangelib.util import MNS, TNS, add_xml_child, create_element

PAGE: Final = 512
"""Changes in one answer; EWS allows no more."""
ITEMS: Final = 100
"""Items in one request, at most."""
_SHAPE: Final = "IdOnly"


@dataclass(frozen=True, slots=True)
class Item:
    """What was asked of an item. Moments are aware, UTC; `size` in bytes, as the server counts it."""

    key: str
    received: datetime | None = None
    sent: datetime | None = None
    created: datetime | None = None
    size: int = 0
    mime: bytes | None = None


class _Whole:
    """Parses an answer at once."""

    @classmethod
    def _get_soap_parts(cls, response: Any) -> Any:
        whole = SimpleNamespace(iter_content=lambda: response.content)
        return super()._get_soap_parts(whole)  # type: ignore[misc]  # it comes before a service of exchangelib


class Sync(_Whole, SyncFolderItems):
    """New items, page by page; whatever is wrong is raised."""

    ERRORS_TO_CATCH_IN_RESPONSE = ()

    def created(self, folder: Any, state: str | None) -> Iterator[Item]:
        """One page; then `sync_state` and `includes_last_item_in_range` tell how to go on."""
        changes = self.call(
            folder=folder,
            shape=_SHAPE,
            additional_fields=fields("datetime_received", "datetime_sent"),
            sync_state=state,
            ignore=None,
            max_changes_returned=PAGE,
            sync_scope=None,
        )
        return (item for item in changes if item is not None)

    def _get_element_container(self, message: Any, name: str | None = None) -> Any:
        if message.find(f"{{{MNS}}}SyncState") is None:  # an error may come without, where exchangelib expects one
            return EWSAccountService._get_element_container(self, message=message, name=name)
        return super()._get_element_container(message=message, name=name)

    def _elem_to_obj(self, elem: Any) -> Item | None:
        return item_of(elem[0]) if elem.tag == f"{{{TNS}}}Create" else None


class Get(_Whole, GetItem):
    """Items by their keys; what is wrong with one of them takes its place."""

    ERRORS_TO_CATCH_IN_RESPONSE = (ResponseMessageError,)

    def get_items(self, keys: Sequence[str], *names: str) -> list[Item | Exception]:
        """In the order of the keys."""
        found = list(self.call(items=[ItemId(id=key) for key in keys], additional_fields=fields(*names), shape=_SHAPE))
        if len(found) != len(keys):
            raise MalformedResponseError("Another number of items than was asked for.")
        return found

    def _elem_to_obj(self, elem: Any) -> Item:
        return item_of(elem)


class Create(CreateItem):
    """Sends a letter with nothing said beside it: what exchangelib would add (importance, flags) overrules the MIME."""

    ERRORS_TO_CATCH_IN_RESPONSE = ()

    def get_payload(self, items: Any, folder: Any, message_disposition: str, send_meeting_invitations: str) -> Any:
        """The request; `items` are undecoded messages."""
        payload = create_element("m:CreateItem", attrs={"MessageDisposition": message_disposition})
        saved = create_element("m:SavedItemFolderId")
        saved.append(folder.to_id().to_xml(version=self.account.version))
        payload.append(saved)
        elements = create_element("m:Items")
        for message in items:
            element = create_element("t:Message")
            add_xml_child(element, "t:MimeContent", base64.b64encode(message).decode())
            elements.append(element)
        payload.append(elements)
        return payload


def fields(*names: str) -> set[Any]:
    """Fields of a letter, as a request names them."""
    return {FieldPath(field=Message.get_field_by_fieldname(name)) for name in names}


def well_known(account: Any, kind: type[Any]) -> Any:
    """A folder every mailbox has, by its fixed name: nothing need be asked, whatever it is called in the mailbox."""

    def name(of: type[Any]) -> Any:
        mailbox = Mailbox(email_address=account.primary_smtp_address)
        return DistinguishedFolderId(id=of.DISTINGUISHED_FOLDER_ID, mailbox=mailbox)

    return kind(root=Root(account=account, _distinguished_id=name(Root)), _distinguished_id=name(kind))


def inbox(account: Any) -> Any:
    """The inbox."""
    return well_known(account, Inbox)


def top(account: Any) -> Any:
    """The folder that holds the inbox and its neighbours."""
    return well_known(account, MsgFolderRoot)


def sent(account: Any) -> Any:
    """Where copies of sent letters lie."""
    return well_known(account, SentItems)


def children(account: Any, folder: Any) -> list[Any]:
    """The folders in a folder, not those deeper down."""
    found = list(SingleFolderQuerySet(account=account, folder=folder).depth("Shallow").only("name"))
    for child in found:
        if isinstance(child, Exception):
            raise child
    return [child for child in found if isinstance(child, Folder)]


def item_of(element: Any) -> Item:
    """What an element of an answer says."""
    key = element.find(f"{{{TNS}}}ItemId")
    if key is None or not key.get("Id"):
        raise MalformedResponseError("An item without an id.")
    return Item(
        key.get("Id"),
        received=_moment(element, "DateTimeReceived"),
        sent=_moment(element, "DateTimeSent"),
        created=_moment(element, "DateTimeCreated"),
        size=int(_text(element, "Size") or 0),
        mime=_bytes(_text(element, "MimeContent")),
    )


def _text(element: Any, name: str) -> str | None:
    text = element.findtext(f"{{{TNS}}}{name}")
    return text or None


def _moment(element: Any, name: str) -> datetime | None:
    text = _text(element, name)
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise MalformedResponseError(f"{name} is no date.") from error
    return (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)) if moment else None


def _bytes(text: str | None) -> bytes | None:
    try:
        return base64.b64decode(text) if text else None
    except binascii.Error as error:
        raise MalformedResponseError("A letter that is not base64.") from error
