"""Forms that may bring a file: read no further than the service takes, and as plain text."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.pages.templating import render
from api.uploads import received
from exclusion_map.errors import DefinitionError, InvalidRequestError, NotFoundError

LONGEST_FIELD = 2_000_000
_REFUSED = (InvalidRequestError, NotFoundError, DefinitionError)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sent: its fields, and the text and name of a file; both empty without one."""

    texts: Mapping[str, str]
    content: str
    file: str


async def read_sent(request: Request, limit: int, fields: int) -> Sent:
    """Return the fields of a form and the text of the one file it may bring.

    Args:
        request: whose body is the form.
        limit: most bytes of the whole form.
        fields: most fields.

    Raises:
        TooLargeError: it is larger than ``limit`` bytes.
        InvalidRequestError: it is no form, or the file is no text in UTF-8.
    """
    async with received(request, most_bytes=limit, most_fields=fields) as sent:
        return Sent(sent.texts, _text(sent.content()), sent.name)


async def answered(
    request: Request,
    page: str,
    form: Mapping[str, Any],
    answer: Callable[[], Awaitable[Mapping[str, Any]]],
) -> HTMLResponse:
    """Return a page with its answer; what cannot be used is told above the form, as it was typed.

    Args:
        request: that is answered.
        page: template.
        form: what the form needs.
        answer: makes what the page says besides.
    """
    try:
        told = await answer()
    except _REFUSED as error:
        status = 404 if isinstance(error, NotFoundError) else 422
        return render(request, page, {**form, "fault": error}, status=status)
    return render(request, page, {**form, **told})


def check_lengths(model: type[BaseModel], texts: Mapping[str, str]) -> None:
    """Refuse fields of a form that are longer than its model takes, in words.

    Raises:
        InvalidRequestError: naming the first of them.
    """
    for name, text in texts.items():
        limits = (getattr(one, "max_length", None) for one in model.model_fields[name].metadata)
        limit = next((one for one in limits if one is not None), LONGEST_FIELD)
        if len(text) > limit:
            raise InvalidRequestError(
                name, found=f"{len(text):,} characters", expected=f"at most {limit:,}"
            )


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidRequestError(
            "file",
            found="something other than plain text",
            expected="a CSV or GeoJSON file in UTF-8",
            mend="Save a spreadsheet as CSV (UTF-8), and a map layer as GeoJSON.",
        ) from None
