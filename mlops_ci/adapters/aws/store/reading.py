"""Reading about many models at once: their names by few listings, their contents by few requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from mlops_ci.adapters.aws.store.bucket import Bucket, Listed
from mlops_ci.adapters.aws.store.memory import READERS
from mlops_ci.ports.stores import RecordStore

_MANY = 3
"""Models from which on one listing of all is tried before one for each."""


@dataclass(frozen=True, slots=True)
class ReadRecords:
    """A `RecordStore` that answers what a listing said of some models; for all else it asks `records`.

    `load` gives the contents of names with these stamps; `contents` grows with what is read.
    """

    records: RecordStore
    load: Callable[[Mapping[str, str]], Mapping[str, bytes]]
    stamps: Mapping[str, tuple[tuple[str, str], ...]]
    contents: dict[str, bytes] = field(default_factory=dict)

    def put(self, name: str, content: bytes) -> bool:
        """Put it into the store; this goes on saying what the listing said."""
        return self.records.put(name, content)

    def get(self, name: str) -> bytes | None:
        """Return what is kept under `name`, or None."""
        found = self.contents.get(name)
        return self.records.get(name) if found is None else found

    def scan(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Return every (name, content) whose name starts with `prefix`, sorted by name."""
        if self._listed(prefix) is None:
            return self.records.scan(prefix)
        names = dict(self.names(prefix))
        self._load({name: stamp for name, stamp in names.items() if name not in self.contents})
        return ((name, self.contents[name]) for name in names if name in self.contents)

    def listed(self, prefix: str) -> tuple[str, ...]:
        """Return every name that starts with `prefix`, sorted."""
        return tuple([name for name, _ in self.names(prefix)])

    def names(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return every (name, stamp) whose name starts with `prefix`, sorted by name."""
        listed = self._listed(prefix)
        if listed is None:
            return self.records.names(prefix)
        return listed if prefix.endswith("/") and prefix.count("/") == 1 else tuple(
            [pair for pair in listed if pair[0].startswith(prefix)]
        )  # fmt: skip

    def listing(self, models: tuple[str, ...]) -> RecordStore:
        """Return the store as it is now."""
        return self.records.listing(models)

    def loaded(self, models: tuple[str, ...]) -> ReadRecords:
        """Return this, with the contents of all names of these models at hand."""
        self._load({
            name: stamp for model in models for name, stamp in self.names(f"{model}/") if name not in self.contents
        })  # fmt: skip
        return self

    def settle(self) -> None:
        """Settle what was put."""
        self.records.settle()

    def _listed(self, prefix: str) -> tuple[tuple[str, str], ...] | None:
        model, is_one, _ = prefix.partition("/")
        return self.stamps.get(model) if is_one else None

    def _load(self, stamps: Mapping[str, str]) -> None:
        self.contents.update(self.load(stamps))


def listed_models(bucket: Bucket, root: str, models: tuple[str, ...]) -> dict[str, list[Listed]]:
    """Return what a bucket lists of each model, whose objects are below `root` and its name.

    How much others have there is not known before: so of many models everything from the first to the last is listed,
    and those that no page had after as many pages as there are models are listed one by one. That costs at most
    twice what the better of the two ways does.
    """
    found: dict[str, list[Listed]] = {model: [] for model in models}
    left = sorted(found, key=lambda model: f"{model}/".encode(errors="surrogateescape"))
    if len(left) >= _MANY:
        left = _together(bucket, root, left, found)
    if len(left) == 1:
        found[left[0]] = list(bucket.list(f"{root}{left[0]}/"))
    elif left:
        with ThreadPoolExecutor(min(READERS, len(left))) as pool:
            found.update(zip(left, pool.map(lambda model: list(bucket.list(f"{root}{model}/")), left), strict=True))
    return found


def _together(bucket: Bucket, root: str, models: list[str], found: dict[str, list[Listed]]) -> list[str]:
    """List models in one go into `found`; return those of which not all was seen."""
    last = _bytes(f"{root}{models[-1]}/")
    seen = b""
    for count, page in enumerate(bucket.pages(root, f"{root}{models[0]}/"), 1):
        _sort_in(page, root, found)
        seen = _bytes(page[-1].key) if page else b""
        if seen > last and not seen.startswith(last):
            return []
        if count == len(models):
            break
    else:
        return []
    left = [model for model in models if not _is_behind(seen, _bytes(f"{root}{model}/"))]
    for model in left:
        found[model] = []
    return left


def _sort_in(page: Iterable[Listed], root: str, found: dict[str, list[Listed]]) -> None:
    cut = len(root)
    for one in page:
        model, has_more, _ = one.key[cut:].partition("/")
        if has_more and model in found:
            found[model].append(one)


def _is_behind(seen: bytes, prefix: bytes) -> bool:
    """Return whether a listing that came to `seen` has all that begins with a prefix."""
    return seen > prefix and not seen.startswith(prefix)


def _bytes(key: str) -> bytes:
    """Return a key as S3 orders it."""
    return key.encode(errors="surrogateescape")
