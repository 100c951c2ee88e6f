"""Values of areas, answered before the framework's routing: each move of a slider asks for them.

What is stored leaves as it lies in memory, and new weights are worked out here and now: that takes
less time than the framework takes to find its route. Whatever is not plain (a selection, scores, a
wrong parameter) goes on to the route in :mod:`api.routes.values`, which answers the same.

Requests of a view (``Exclusion-Map-View``) that nobody waits for any more are dropped: those whose
client has gone, and those that a newer one of the same view has overtaken.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count
from time import perf_counter
from urllib.parse import parse_qsl

import anyio
from starlette.datastructures import State
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import AN_HOUR, FOREVER
from api.engine import Engine, engines_of
from api.holder import Holder
from api.middleware import EXPOSED
from api.negotiation import accepts_gzip, matches
from api.packing import Bits, Coded, Measure, halve, value_headers
from api.service import Service
from exclusion_map import __version__
from exclusion_map.areas.bases import BaseName
from exclusion_map.areas.live import LiveIndex
from exclusion_map.areas.scoring import parse_weights
from exclusion_map.errors import ExclusionMapError
from exclusion_map.terms import AreaKind

_PREFIX, _SUFFIX = "/api/v1/editions/", ".bin"
_PLAIN = {"weights", "base", "measure", "bits"}
VIEW = b"exclusion-map-view"
VIEWS_KEPT = 2000
LONGEST_VIEW = 64


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request asks for, read from its address.

    Attributes:
        stored: whether the edition holds the answer.
    """

    service: Service
    kind: AreaKind
    index: str
    weights: Mapping[str, float]
    base: BaseName
    bits: Bits
    stored: bool

    @property
    def etag(self) -> str:
        """A tag that is known before anything is worked out."""
        parts = (
            __version__,
            self.index,
            self.kind.value,
            repr(sorted(self.weights.items())),
            self.base.value,
            self.bits.value,
        )
        digest = blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()
        return f'W/"{self.service.edition.id}-{digest}"'


class LiveValues:
    """Answers addresses of values itself where it can, and passes everything else on."""

    def __init__(self, app: ASGIApp, holder: Holder, state: State) -> None:
        self.app = app
        self._holder = holder
        self._state = state
        self._newest: OrderedDict[bytes, int] = OrderedDict()
        self._numbers = count()
        self._preparing = anyio.CapacityLimiter(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for values."""
        path: str = scope.get("path", "")
        if path.startswith(_PREFIX):
            await self._holder.look_for(path[len(_PREFIX) :].partition("/")[0])
        wish = self._wish(scope)
        if wish is None:
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        sent = value_headers(wish.service.edition.id, wish.index, wish.kind, bits=wish.bits)
        sent["etag"] = etag = wish.etag
        sent["cache-control"] = FOREVER if wish.stored else AN_HOUR
        if wish.stored:
            sent["vary"] = "Accept-Encoding"
        if b"if-none-match" in headers and matches(headers[b"if-none-match"].decode(), etag):
            await _send(send, scope, 304, sent, b"")
            return
        if wish.stored:
            body, coding = _stored(wish, headers.get(b"accept-encoding", b"").decode("latin-1"))
            sent |= coding
        else:
            begun = perf_counter()
            try:
                found = await self._worked_out(wish, headers.get(VIEW, b""), receive)
            except ExclusionMapError:
                await self.app(scope, receive, send)  # which says what is wrong
                return
            if found is None:
                await _overtaken(send)
                return
            body = found
            sent["server-timing"] = f"work;dur={1e3 * (perf_counter() - begun):.3f}"
        sent["exclusion-map-count"] = str(len(wish.service.edition.atlas.level(wish.kind)))
        await _send(send, scope, 200, sent, body)

    def _wish(self, scope: Scope) -> Wish | None:
        """Return what a request asks for; None where the framework is to answer."""
        path: str = scope.get("path", "")
        if scope["type"] != "http" or not (path.startswith(_PREFIX) and path.endswith(_SUFFIX)):
            return None
        parts = path[len(_PREFIX) : -len(_SUFFIX)].split("/")
        if len(parts) != 4 or parts[1] != "values" or scope["method"] not in ("GET", "HEAD"):
            return None
        edition, _, kind, index = parts
        try:
            wish = _read(scope["query_string"], self._holder.find(edition), kind, index)
        except (ValueError, ExclusionMapError):
            return None
        if wish is None or wish.stored:
            return wish
        engine = self._engine(wish)
        # What is at hand was found quick before.
        quick = engine.live_at_hand(wish.index, wish.base) or engine.quick(wish.index)
        return wish if quick else None

    def _engine(self, wish: Wish) -> Engine:
        return engines_of(self._state).of(wish.service)

    async def _worked_out(self, wish: Wish, view: bytes, receive: Receive) -> bytes | None:
        """Return the bytes; None where nobody waits for them any more."""
        engine = self._engine(wish)
        live = engine.live_at_hand(wish.index, wish.base)
        if live is not None and not view:
            # Nothing can overtake it, and watching for a farewell takes longer than is saved.
            return _bytes(live, wish)
        number = next(self._numbers)
        if view:
            self._newest[view[:LONGEST_VIEW]] = number
            self._newest.move_to_end(view[:LONGEST_VIEW])
            while len(self._newest) > VIEWS_KEPT:
                self._newest.popitem(last=False)
        watch = asyncio.create_task(_left(receive))

        def wanted() -> bool:
            return not watch.done() and self._newest.get(view[:LONGEST_VIEW], number) == number

        try:
            await asyncio.sleep(0)  # lets in what has arrived meanwhile: newer wishes, farewells
            if live is None and wanted():
                live = await anyio.to_thread.run_sync(
                    lambda: engine.live(wish.index, wish.base) if wanted() else None,
                    limiter=self._preparing,
                )
            return _bytes(live, wish) if live is not None and wanted() else None
        finally:
            watch.cancel()


def _bytes(live: LiveIndex, wish: Wish) -> bytes:
    deciles = live.deciles(wish.kind, wish.weights)
    return halve(deciles) if wish.bits is Bits.FOUR else deciles.tobytes()


def _read(query: bytes, service: Service | None, kind: str, index: str) -> Wish | None:
    """Return a wish; None where it is not a plain one.

    Raises:
        ValueError: a value that cannot be.
        ExclusionMapError: weights that cannot be.
    """
    if service is None or AreaKind(kind) not in service.edition.atlas.levels:
        return None
    pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, strict_parsing=bool(query))
    given = dict(pairs)
    if len(given) != len(pairs) or not given.keys() <= _PLAIN:
        return None
    base = BaseName(given.get("base", BaseName.ALL))
    if base is BaseName.SELECTION or given.get("measure", Measure.DECILE) != Measure.DECILE:
        return None
    weights = parse_weights(given.get("weights", ""))
    bits = Bits(given.get("bits", Bits.EIGHT))
    level = AreaKind(kind)
    stored = (
        not weights and base is BaseName.ALL and (index, level, Measure.DECILE) in service.values
    )
    return Wish(service, level, index, weights, base, bits, stored)


def _stored(wish: Wish, accepted: str) -> tuple[bytes, dict[str, str]]:
    packed = wish.service.values[wish.index, wish.kind, Measure.DECILE]
    coded: Coded = packed.halved if wish.bits is Bits.FOUR and packed.halved else packed
    if accepts_gzip(accepted):
        return coded.compressed, {"content-encoding": "gzip"}
    return coded.plain, {}


async def _left(receive: Receive) -> None:
    """Return once the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


_COMMON = (
    (b"content-type", b"application/octet-stream"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED.encode()),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
)


async def _send(
    send: Send, scope: Scope, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    listed = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    if status != 304:
        listed.append((b"content-length", str(len(body)).encode()))
    start: Message = {"type": "http.response.start", "status": status}
    await send({**start, "headers": [*_COMMON, *listed]})
    body = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": body})


async def _overtaken(send: Send) -> None:
    """Answer with nothing: not an error, for whoever asked has asked for something newer since."""
    headers = [*_COMMON[1:], (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
