"""Facts in a bucket, each an object of its own, where a folder has them: `records/<model>/<parts~joined>`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from mlops_ci.adapters.aws.store.bucket import Listed
from mlops_ci.adapters.aws.store.layout import Layout
from mlops_ci.errors import ProviderError
from mlops_ci.ports.stores import JOINT, place_of

_ROOT = "records/"
_READERS = 16
"""Objects that are read at once; a scan waits for the network and for little else."""


@dataclass(frozen=True, slots=True)
class S3Records:
    """A `RecordStore` in a bucket. Nothing in it is ever written twice."""

    layout: Layout

    def put(self, name: str, content: bytes) -> bool:
        """Keep `content` under `name` if nothing is there; return whether it was this call that put it.

        Raises:
            ProviderError: the name leaves the store, or S3 refuses.

        """
        place = _place(name)
        self.layout.make_ready()
        return self.layout.bucket.put_new(place, content)

    def get(self, name: str) -> bytes | None:
        """Return what is kept under `name`, or None.

        Raises:
            ProviderError: the name leaves the store, or S3 refuses.

        """
        place = _place(name)
        self.layout.check()
        return self.layout.bucket.get(place)

    def scan(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Return every (name, content) whose name starts with `prefix`, sorted by name.

        Names are listed at once, and contents read several at a time. What somebody removes meanwhile is left out.
        """
        names = [name for name, _ in self.names(prefix)]
        return self._read(names)

    def listed(self, prefix: str) -> tuple[str, ...]:
        """Return every name that starts with `prefix`, sorted: a listing has no cheaper form here."""
        return tuple(name for name, _ in self.names(prefix))

    def names(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return every (name, stamp) whose name starts with `prefix`, sorted by name; a stamp is S3's entity tag."""
        self.layout.check()
        model, has_more, rest = prefix.partition("/")
        start = f"{_ROOT}{model}/{rest.replace('/', JOINT)}" if has_more else f"{_ROOT}{model}"
        found = ((self._name(listed), listed.stamp) for listed in self.layout.bucket.list(start))
        return tuple(sorted((name, stamp) for name, stamp in found if name.startswith(prefix) and name))

    def _read(self, names: list[str]) -> Iterator[tuple[str, bytes]]:
        for start in range(0, len(names), 256):
            some = names[start : start + 256]
            with ThreadPoolExecutor(min(_READERS, len(some))) as pool:
                contents = list(pool.map(self.get, some))
            yield from ((name, content) for name, content in zip(some, contents, strict=True) if content is not None)

    def _name(self, listed: Listed) -> str:
        """Return the name of the record that an object is; empty for what is none, such as a console's folder."""
        model, has_more, rest = listed.key.removeprefix(_ROOT).partition("/")
        if not (rest if has_more else model) or model.startswith(".") or rest.startswith("."):
            return ""
        if "/" in rest:
            raise ProviderError(
                f"`{self.layout.bucket.address}/{listed.key}` is of the first layout, which is not read on S3",
                hint="bring its folder up to date (any command that records does), copy it again, and `aws s3 rm` this",
            )
        return f"{model}/{rest.replace(JOINT, '/')}" if has_more else model


def _place(name: str) -> str:
    parts = name.split("/")
    if any(not part or part.startswith(".") or any(c in part for c in ("\0", "\\", JOINT)) for part in parts):
        raise ProviderError(
            f"{name!r} is no name of a record",
            hint=f"a name is parts joined by `/`; none starts with a dot or has a `{JOINT}`",
        )
    return place_of(name)
