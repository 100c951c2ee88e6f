"""Read what a client accepts: content types and codings with weights (RFC 9110, section 12)."""


def weights(header: str) -> dict[str, float]:
    """Return each choice of an Accept or Accept-Encoding header with its weight, 0 to 1."""
    found = {}
    for part in header.split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                try:
                    weight = float(value)
                except ValueError:
                    weight = 0.0
        if name:
            found[name.lower()] = weight
    return found


def prefers_html(accept: str) -> bool:
    """Whether a client would rather have HTML than JSON: a browser, not a program."""
    if "text/html" not in accept:
        return False
    given = weights(accept)
    json = max(
        given.get("application/json", 0.0),
        given.get("application/problem+json", 0.0),
    )
    return given.get("text/html", 0.0) > json


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether a client takes gzip. No header means no: such clients do not decompress."""
    if "gzip" not in accept_encoding and "*" not in accept_encoding:
        return False
    given = weights(accept_encoding)
    return given.get("gzip", given.get("*", 0.0)) > 0


def matches(if_none_match: str, etag: str) -> bool:
    """Whether a client already holds what the tag names (weak comparison)."""
    if if_none_match.strip() == "*":
        return True
    ours = etag.removeprefix("W/")
    return any(tag.strip().removeprefix("W/") == ours for tag in if_none_match.split(","))
