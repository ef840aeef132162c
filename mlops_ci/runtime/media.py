"""Media types: what a header says, reduced to what a handler is told."""

from __future__ import annotations

from collections.abc import Container

CSV = "text/csv"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
NPY = "application/x-npy"
NPZ = "application/x-npz"

_LINES = frozenset(
    {
        JSON_LINES,
        "application/jsonl",
        "application/x-jsonlines",
        "application/x-jsonl",
        "application/ndjson",
        "application/x-ndjson",
    }
)


class Refused(Exception):  # noqa: N818 - named after what happened
    """A request that cannot be served as it is: a 4xx `status`, and what to tell the client as JSON."""

    def __init__(self, status: int, error: str, **more: object) -> None:
        super().__init__(error)
        self.status = status
        self.about: dict[str, object] = {"error": error, **more}


def is_json_lines(media: str) -> bool:
    """Return whether this is one of the names JSON Lines goes by."""
    return media in _LINES


def is_text(media: str) -> bool:
    """Return whether a handler is given such data as a string."""
    return media.startswith("text/") or media == JSON or media in _LINES


def content_type(header: str) -> str:
    """Return the media type of a `Content-Type` header, in lower case.

    Raises:
        Refused: 415 where there is none or text is not UTF-8; 400 where it announces a header line.

    """
    media, _, rest = header.partition(";")
    media = media.strip().lower()
    if "/" not in media:
        raise Refused(415, "the request has no Content-Type", hint=f"send `Content-Type: {CSV}` or `{JSON}`")
    if rest:
        for parameter in rest.lower().split(";"):
            name, _, value = parameter.strip().partition("=")
            value = value.strip().strip('"')
            if name == "charset" and is_text(media) and value not in {"utf-8", "utf8", "us-ascii", "ascii"}:
                raise Refused(415, f"charset `{value}` is not supported, expected utf-8")
            if name == "header" and value == "present" and media == CSV:
                raise Refused(400, "rows are expected without a header line")
    return media


def accept(header: str, known: Container[str] | None) -> str:
    """Return the media type a handler shall answer with: the first one the client wants most.

    `known` are the types that can be made; None where only the user's own function knows. No header, `*/*` and
    `application/*` mean JSON; `text/*` means CSV.

    Raises:
        Refused: 406 where none of the wanted types can be made.

    """
    if not header or header == "*/*":
        return JSON
    wanted = sorted(_ranges(header), key=lambda pair: -pair[0])
    for quality, media in wanted:
        if quality > 0 and (known is None or media in known):
            return media
    raise Refused(406, f"cannot answer as `{header}`", hint=f"send `Accept: {JSON}`, or none")


def _ranges(header: str) -> list[tuple[float, str]]:
    found = []
    for item in header.split(","):
        media, *parameters = (part.strip().lower() for part in item.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        media = {"*/*": JSON, "application/*": JSON, "text/*": CSV, "": JSON}.get(media, media)
        try:
            found.append((float(quality), media))
        except ValueError:
            found.append((1.0, media))
    return found
