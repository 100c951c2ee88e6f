"""Every request of a page and of its workers, as the browser's own protocol tells it.

A page's session does not hear of requests that a worker makes, and MapLibre asks for tiles in one;
so workers are listened to as well.
"""

import json
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession

EVENTS = ("requestWillBeSent", "responseReceived", "loadingFinished", "loadingFailed")


@dataclass
class Request:
    """One request.

    Attributes:
        url: its address.
        coding: content coding of the answer.
        bytes: what came over the wire, headers included; 0 from the cache.
        done: whether it has ended.
    """

    url: str = ""
    coding: str = ""
    bytes: float = 0
    done: bool = False


@dataclass
class Wire:
    """Listens from before a page is opened."""

    session: CDPSession
    requests: dict[str, Request] = field(default_factory=dict)
    conditions: dict[str, float] | None = None
    """A slow line, for Network.emulateNetworkConditions; the page's, and each of its workers'."""
    heard: float = 0
    """When something last happened, by the clock of this process."""

    def __post_init__(self) -> None:
        for event in EVENTS:
            self.session.on(f"Network.{event}", lambda told, name=event: self._hear(name, told))
        self.session.on("Target.attachedToTarget", self._attach)
        self.session.on("Target.receivedMessageFromTarget", self._relay)
        self.session.send("Network.enable")
        if self.conditions:
            self.session.send("Network.emulateNetworkConditions", self._line())
        attach = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": False}
        self.session.send("Target.setAutoAttach", attach)

    def _attach(self, told: dict[str, Any]) -> None:
        asked: list[dict[str, Any]] = [{"method": "Network.enable"}]
        if self.conditions:
            line = {"method": "Network.emulateNetworkConditions", "params": self._line()}
            asked.append(line)
        asked.append({"method": "Runtime.runIfWaitingForDebugger"})
        for number, request in enumerate(asked):
            message = json.dumps({"id": number, **request})
            self.session.send(
                "Target.sendMessageToTarget", {"sessionId": told["sessionId"], "message": message}
            )

    def _line(self) -> dict[str, Any]:
        return {"offline": False, **(self.conditions or {})}

    def _relay(self, told: dict[str, Any]) -> None:
        message = json.loads(told["message"])
        area, _, name = message.get("method", "").partition(".")
        if area == "Network" and name in EVENTS:
            self._hear(name, message["params"])

    def _hear(self, name: str, told: dict[str, Any]) -> None:
        self.heard = time.monotonic()
        request = self.requests.setdefault(told["requestId"], Request())
        if name == "requestWillBeSent":
            request.url = told["request"]["url"]
        elif name == "responseReceived":
            headers = {key.lower(): text for key, text in told["response"]["headers"].items()}
            request.coding = headers.get("content-encoding", "")
            request.url = told["response"]["url"]
        else:
            request.done = True
            request.bytes = max(request.bytes, told.get("encodedDataLength", 0))

    def sent(self) -> list[Request]:
        """Return the requests to a host, without pictures written into a style."""
        sent = [one for one in self.requests.values() if one.url.startswith("http")]
        for request in sent:
            if not request.done:
                # A worker's own script can be there before the worker is listened to.
                # It is too small for a coding to matter.
                request.bytes, request.done = _ask(request.url), True
        return sent


def _ask(url: str) -> int:
    """Return the bytes of an answer, headers included."""
    address = urlsplit(url)._replace(netloc=f"127.0.0.1:{urlsplit(url).port}").geturl()
    with urllib.request.urlopen(address) as answer:
        return len(answer.read()) + len(bytes(answer.headers))
