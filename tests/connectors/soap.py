"""How Exchange Web Services write their requests and answers."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lxml import etree

M: Final = "http://schemas.microsoft.com/exchange/services/2006/messages"
T: Final = "http://schemas.microsoft.com/exchange/services/2006/types"
E: Final = "http://schemas.microsoft.com/exchange/services/2006/errors"
S: Final = "http://schemas.xmlsoap.org/soap/envelope/"
NS: Final = {"m": M, "t": T, "s": S}


@dataclass(slots=True)
class Item:
    """An item as Exchange holds it."""

    key: str
    mime: bytes | None
    received: datetime
    tag: str = "Message"
    size: int = 0
    fault: str = ""


class Fault(Exception):
    """An answer of EWS that is an error of the whole request."""

    def __init__(self, code: str, text: str = "", xml: str = "") -> None:
        self.code, self.text, self.xml = code, text, xml


def parts(data: bytes) -> tuple[Any, Any]:
    """The header and the operation of a request."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, huge_tree=True))
    except etree.XMLSyntaxError as error:
        raise Fault("ErrorInvalidRequest", str(error)) from error
    body = root.find("s:Body", NS)
    if root.tag != f"{{{S}}}Envelope" or body is None or len(body) != 1:
        raise Fault("ErrorInvalidRequest", "no envelope with one body")
    return root.find("s:Header", NS), body[0]


def unknown(body: Any) -> str:
    """The answer to an operation there is not."""
    raise Fault("ErrorInvalidRequest", f"no operation {body.tag}")


def messages(*messages: str) -> str:
    """The answers to the parts of an operation."""
    return f"<m:ResponseMessages>{''.join(messages)}</m:ResponseMessages>"


def success(operation: str, content: str) -> str:
    """What went well."""
    name = f"m:{operation}ResponseMessage"
    return f'<{name} ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>{content}</{name}>'


def error(operation: str, code: str, text: str, more: str = "") -> str:
    """What did not."""
    name = f"m:{operation}ResponseMessage"
    return (
        f'<{name} ResponseClass="Error"><m:MessageText>{text}</m:MessageText><m:ResponseCode>{code}</m:ResponseCode>'
        f"<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>{more}</{name}>"
    )


def sync_error(code: str) -> str:
    """What did not, of SyncFolderItems."""
    more = "<m:SyncState/><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange>"
    return error("SyncFolderItems", code, f"{code} happened.", more)


def as_xml(item: Item, asked: set[str]) -> str:
    """An item with the properties that were asked for."""
    moment = item.received.strftime("%Y-%m-%dT%H:%M:%SZ")
    known = {
        "item:MimeContent": base64.b64encode(item.mime).decode() if item.mime is not None else None,
        "item:DateTimeReceived": moment,
        "item:DateTimeSent": moment,
        "item:DateTimeCreated": moment,
        "item:Size": str(item.size),
    }
    inner = "".join(
        f"<t:{uri.partition(':')[2]}>{value}</t:{uri.partition(':')[2]}>"
        for uri, value in known.items()
        if uri in asked and value is not None
    )
    return f'<t:{item.tag}><t:ItemId Id="{item.key}" ChangeKey="CK"/>{inner}</t:{item.tag}>'
