"""Forms that may bring a file: read no further than the service takes, and as plain text."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile

from exclusion_map.errors import InvalidRequestError

LONGEST_NAME = 100


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
        InvalidRequestError: it is larger than ``limit`` bytes, does not say how large it is, or the
            file is no text in UTF-8.
    """
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > limit:
        raise InvalidRequestError(
            "form",
            found=f"{int(length):,} bytes" if length.isdigit() else "no word of its length",
            expected=f"at most {limit:,} bytes",
            mend="Send a shorter list or file, or simplify the outline.",
        )
    async with request.form(max_files=1, max_fields=fields, max_part_size=limit) as form:
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
        sent = form.get("file")
        if not isinstance(sent, UploadFile) or not sent.size:
            return Sent(texts, "", "")
        content, name = await sent.read(), (sent.filename or "file")[:LONGEST_NAME]
    return Sent(texts, _text(content), name)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidRequestError(
            "file",
            found="something that is no plain text",
            expected="a CSV or GeoJSON file in UTF-8",
            mend="Save a spreadsheet as CSV (UTF-8), and a map layer as GeoJSON.",
        ) from None
