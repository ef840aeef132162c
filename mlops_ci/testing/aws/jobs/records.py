"""How batch transform cuts an object into requests, and puts the answers together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlops_ci.testing.aws.failure import Failure

MEGABYTE = 1 << 20


def requests(content: bytes, *, split: str, strategy: str, limit: int) -> Iterator[bytes]:
    """Give the bodies that an object is sent as.

    `split` is `None` or `Line`; `strategy` `SingleRecord` or `MultiRecord`; `limit` the bytes a body may have, 0 for
    any number.

    Raises:
        Failure: a record alone is larger than that.

    """
    if split == "None":
        yield _fitting(content, limit)
        return
    records = (line for line in content.splitlines(keepends=True) if line.strip())
    if strategy == "SingleRecord":
        yield from (_fitting(record.rstrip(b"\r\n"), limit) for record in records)
        return
    body = b""
    for record in records:
        if body and limit and len(body) + len(record) > limit:
            yield body
            body = b""
        body += _fitting(record, limit)
    if body:
        yield body


def assembled(answers: Iterable[bytes], *, assemble: str) -> bytes:
    """Return an object of these answers: one after the other, each on lines of its own where it is `Line`."""
    if assemble == "None":
        return b"".join(answers)
    return b"".join(answer if answer.endswith(b"\n") else answer + b"\n" for answer in answers)


def _fitting(record: bytes, limit: int) -> bytes:
    if limit and len(record) > limit:
        raise Failure(f"ClientError: a record has {len(record)} bytes, and MaxPayloadInMB allows {limit}")
    return record
