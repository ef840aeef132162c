"""Facts in a bucket, each an object of its own, where a folder has them: `records/<model>/<parts~joined>`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from mlops_ci.adapters.aws.store.bucket import Listed
from mlops_ci.adapters.aws.store.layout import Layout
from mlops_ci.adapters.aws.store.memory import Memory
from mlops_ci.adapters.aws.store.reading import ReadRecords, listed_models
from mlops_ci.errors import ProviderError
from mlops_ci.ports.stores import JOINT, RecordStore, place_of

_ROOT = "records/"


@dataclass(frozen=True, slots=True)
class S3Records:
    """A `RecordStore` in a bucket. Nothing in it is ever written twice.

    `memory` is what this command read and put: a content that a listing has the same stamp for is not read again.
    """

    layout: Layout
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def put(self, name: str, content: bytes) -> bool:
        """Keep `content` under `name` if nothing is there; return whether it was this call that put it.

        Raises:
            ProviderError: the name leaves the store, or S3 refuses.

        """
        place = _place(name)
        self.layout.make_ready()
        stamp = self.layout.bucket.put_new(place, content)
        if stamp:
            self.memory.tell(name, stamp, content)
        return bool(stamp)

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

        Names are listed at once; contents are read from packs, or several at a time. What somebody removes meanwhile is
        left out.
        """
        names = dict(self.names(prefix))
        contents = self.memory.load(self.layout.bucket, names)
        return ((name, contents[name]) for name in names if name in contents)

    def listed(self, prefix: str) -> tuple[str, ...]:
        """Return every name that starts with `prefix`, sorted: a listing has no cheaper form here."""
        return tuple(name for name, _ in self.names(prefix))

    def names(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return every (name, stamp) whose name starts with `prefix`, sorted by name; a stamp is S3's entity tag."""
        self.layout.check()
        model, has_more, rest = prefix.partition("/")
        start = f"{_ROOT}{model}/{rest.replace('/', JOINT)}" if has_more else f"{_ROOT}{model}"
        return self.named(self.layout.bucket.list(start), prefix)

    def named(self, listed: Iterable[Listed], prefix: str) -> tuple[tuple[str, str], ...]:
        """Return (name, stamp) of the records among objects that a listing has, sorted by name; raises as `names`."""
        found = ((self._name(one), one.stamp) for one in listed)
        return tuple(sorted((name, stamp) for name, stamp in found if name.startswith(prefix) and name))

    def listing(self, models: tuple[str, ...]) -> RecordStore:
        """Return the store as it is now to whoever reads about these models: of many, one listing has all names."""
        self.layout.check()
        pages = listed_models(self.layout.bucket, _ROOT, models)
        stamps = {model: self.named(pages[model], f"{model}/") for model in models}
        return ReadRecords(self, partial(self.memory.load, self.layout.bucket), stamps)

    def loaded(self, models: tuple[str, ...]) -> RecordStore:
        """Return the same, with all contents at hand."""
        return self.listing(models).loaded(models)

    def settle(self) -> None:
        """Have what was put, and what was found in no pack, be in one: others then read it by one request.

        Raises:
            ProviderError: S3 refuses; everything that was put is there all the same.

        """
        self.memory.settle(self.layout.bucket)

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
