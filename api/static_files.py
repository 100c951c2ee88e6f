"""Static assets: sent as compressed at build time; cached for ever where the name holds a hash."""

import os
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.negotiation import weights

FOREVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
"""Content codings in order of preference, with the suffix of the file that holds them."""

STATIC_FOLDER = Path(__file__).parent / "static"


class StaticAssets(StaticFiles):
    """Starlette's static files; the ``.br`` or ``.gz`` beside one goes to clients that take it."""

    def __init__(self, directory: Path = STATIC_FOLDER) -> None:
        super().__init__(directory=directory, check_dir=False)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, its ready-made compressed twin, or a 404.

        Raises:
            starlette.exceptions.HTTPException: no such file, or the method is not GET or HEAD.
        """
        plain = await super().get_response(path, scope)
        if plain.status_code not in (200, 304):
            return plain
        response = await self._compressed(path, scope, plain) or plain
        response.headers.add_vary_header("Accept-Encoding")
        hashed = path.replace(os.sep, "/").startswith("assets/")
        response.headers["Cache-Control"] = FOREVER if hashed else AN_HOUR
        return response

    async def _compressed(self, path: str, scope: Scope, plain: Response) -> Response | None:
        wanted = weights(Headers(scope=scope).get("accept-encoding", ""))
        for coding, suffix in ENCODINGS:
            if not wanted.get(coding):
                continue
            full, stat = await run_in_threadpool(self.lookup_path, path + suffix)
            if stat is None:
                continue
            response = self.file_response(full, stat, scope)
            response.headers["Content-Type"] = plain.headers.get("Content-Type", "text/plain")
            response.headers["Content-Encoding"] = coding
            return response
        return None
