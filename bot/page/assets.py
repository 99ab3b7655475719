"""The style, the script and the icon: read once, served from memory, named by what is in them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_YEAR: Final = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page: its bytes, its content type and a digest of what is in it."""

    body: bytes
    kind: str
    digest: str


class Assets:
    """Every file in `static/`. `url(name)` changes with the content, so browsers may keep it for ever."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {path.name: _read(path) for path in sorted(folder.iterdir()) if path.suffix in _TYPES}
        self.digest = _digest("".join(asset.digest for asset in self._files.values()).encode())

    def url(self, name: str) -> str:
        """The address of a file. `KeyError` for one that is not there."""
        return f"/static/{name}?v={self._files[name].digest}"

    async def serve(self, request: web.Request) -> web.Response:
        """Answer `/static/{name}`."""
        asset = self._files.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        current = request.query.get("v") == asset.digest
        response = web.Response(body=asset.body, content_type=asset.kind, charset="utf-8")
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if current else "no-cache"
        response.etag = asset.digest
        if any(tag.value == asset.digest for tag in request.if_none_match or ()):
            return web.Response(status=304, headers={"ETag": response.headers["ETag"]})
        return response


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    return Asset(body, _TYPES[path.suffix], _digest(body))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:12]
