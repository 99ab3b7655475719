"""Files that somebody saves in the demo's shared folder. Documents are real ones, if small."""

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from core.errors import UserError

_RELATIONS: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    '{kind}" Target="{target}"/></Relationships>'
)
_TYPES: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>{parts}</Types>'
)
_PART: Final = (
    '<Override PartName="/{name}" ContentType="application/vnd.openxmlformats-officedocument.{kind}.main+xml"/>'
)
_SHEET_PART: Final = (
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
)


def _packed(parts: Mapping[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def _docx(now: datetime) -> bytes:
    lines = ("Contract 24/11: maintenance of air conditioning", f"Edited {now:%Y-%m-%d %H:%M:%S}")
    body = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    return _packed(
        {
            "[Content_Types].xml": _TYPES.format(
                parts=_PART.format(name="word/document.xml", kind="wordprocessingml.document")
            ),
            "_rels/.rels": _RELATIONS.format(kind="officeDocument", target="word/document.xml"),
            "word/document.xml": '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w='
            f'"http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>',
        }
    )


def _xlsx(now: datetime) -> bytes:
    rows = (("Day", "Night"), ("Oksana", "Taras"), (f"{now:%Y-%m-%d}", f"{now:%H:%M:%S}"))
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>' for value in row) + "</row>"
        for row in rows
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return _packed(
        {
            "[Content_Types].xml": _TYPES.format(
                parts=_PART.format(name="xl/workbook.xml", kind="spreadsheetml.sheet") + _SHEET_PART
            ),
            "_rels/.rels": _RELATIONS.format(kind="officeDocument", target="xl/workbook.xml"),
            "xl/_rels/workbook.xml.rels": _RELATIONS.format(kind="worksheet", target="worksheets/sheet1.xml"),
            "xl/workbook.xml": f'<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="{main}" xmlns:r="http://schemas.'
            'openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Schedule" sheetId="1" '
            'r:id="r1"/></sheets></workbook>',
            "xl/worksheets/sheet1.xml": '<?xml version="1.0" encoding="UTF-8"?>'
            f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
        }
    )


def _txt(now: datetime) -> bytes:
    return f"Call the contractor about position 12.\nWritten down {now:%Y-%m-%d %H:%M:%S}\n".encode()


_CONTENTS: Final[Mapping[str, Callable[[datetime], bytes]]] = {
    "contract.docx": _docx,
    "schedule.xlsx": _xlsx,
    "notes.txt": _txt,
}


class SharedFolder:
    """The shared folder, the three files that come and go in it, and the cable it can be unplugged by."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._aside = folder.with_name(f"{folder.name}-unplugged")

    def make(self) -> None:
        """Make the folder; one that was unplugged stays so."""
        if not self.away:
            self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def away(self) -> bool:
        """Whether it is unplugged: its path is not there, as a share's is not when its server is away."""
        return self._aside.is_dir()

    def unplug(self, now: datetime) -> None:
        """Take the folder away. Its other users go on: each of the three files is saved meanwhile."""
        if not self.away:
            self.make()
            self.folder.replace(self._aside)
            for name in _CONTENTS:
                self.act(name, "save", now)

    def plug_in(self) -> None:
        """Bring the folder back."""
        if self.away:
            self._aside.replace(self.folder)

    def facts(self) -> list[dict[str, str | None]]:
        """Each file with the name it has now, None when it is not there."""
        return [{"name": name, "now": self._present(name)} for name in _CONTENTS]

    def act(self, name: str, action: str, now: datetime) -> str:
        """`save`, `rename`, `delete` or `edit` a file; the name it has (or had) then. `UserError` if it cannot be.

        Edited is a document that Word saves. While the folder is away, this happens behind it.
        """
        if name not in _CONTENTS or action not in {"save", "rename", "delete", "edit"}:
            raise UserError("There is no file {name}.", name=name)
        present = self._present(name)
        if action == "save":
            return self._save(present or name, _CONTENTS[name](now))
        if action == "edit":
            present = present or self._save(name, _CONTENTS[name](now - timedelta(days=1)))
            self._save_as_word_does(present, _CONTENTS[name](now))
            return present
        if present is None:
            raise UserError("There is no file {name}.", name=name)
        if action == "delete":
            (self._place / present).unlink()
            return present
        other = _other_name(name) if present == name else name
        (self._place / present).replace(self._place / other)
        return other

    def put(self, name: str, like: str, now: datetime) -> None:
        """A file of another name with the content of one of the three, saved in place."""
        self._save(name, _CONTENTS[like](now))

    @property
    def _place(self) -> Path:
        return self._aside if self.away else self.folder

    def _save(self, name: str, content: bytes) -> str:
        self.make()
        (self._place / name).write_bytes(content)
        return name

    def _save_as_word_does(self, name: str, content: bytes) -> None:
        """A lock file beside it, the new text under another name, the old one kept until that is in its place."""
        path = self._place / name
        lock, draft, old = (path.with_name(other) for other in (f"~${name[2:]}", "~WRD0001.tmp", "~WRL0002.tmp"))
        lock.write_bytes(b"Oksana")
        draft.write_bytes(content)
        path.replace(old)
        draft.replace(path)
        old.unlink()
        lock.unlink()

    def _present(self, name: str) -> str | None:
        return next((found for found in (name, _other_name(name)) if (self._place / found).is_file()), None)


def _other_name(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}-final{dot}{suffix}"
