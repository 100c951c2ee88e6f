"""Headers that say the same of the same answer."""

import httpx2


def kept(answer: httpx2.Response) -> dict[str, str]:
    """Return the headers of an answer but for the id of its request."""
    return {name: text for name, text in answer.headers.items() if name != "x-request-id"}
