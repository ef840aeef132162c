"""The ledgers of one command, kept between its steps: read once, then extended by what is new.

Two things keep one true: what this command records is told to it, and what others may have recorded is looked for.
How much is looked for is for the asker to say. A step that is about one job looks under that job's names (`about`),
however much the model has on record beside it; one that decides by everything lists all names of the model (`current`)
and reads those it does not know.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from mlops_ci.ports.stores import RecordStore
from mlops_ci.records.codec import decode
from mlops_ci.records.facts import Fact
from mlops_ci.records.ledger import Job, Ledger, extended, fold
from mlops_ci.records.places import attempt_place


@dataclass(slots=True)
class _Book:
    """A model's ledger, facts told since, and the stamp of every name in both (empty: it was not listed yet)."""

    ledger: Ledger = field(default_factory=Ledger)
    told: list[Fact] = field(default_factory=list)
    stamps: dict[str, str] = field(default_factory=dict)
    is_read: bool = False
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True, slots=True)
class KeptLedgers:
    """Ledgers by model, for any number of threads."""

    _books: dict[str, _Book] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def tell(self, fact: Fact) -> None:
        """Take note of a fact that is in the store."""
        book = self._book(fact.model)
        with book.lock:
            if book.is_read:
                book.told.append(fact)
                book.stamps.setdefault(fact.name, "")

    def current(self, records: RecordStore, model: str) -> Ledger:
        """Return the ledger of all that is on record of a model now."""
        book = self._book(model)
        with book.lock:
            if book.is_read:
                _catch_up(book, records, model)
            else:
                _read(book, records, model)
            return _settled(book)

    def about(self, records: RecordStore, model: str, *jobs: Job) -> Ledger:
        """Return a ledger of the model that knows all that is on record of these jobs now.

        Of all else it knows what this command recorded, and what was there when the model was first asked for.
        """
        book = self._book(model)
        with book.lock:
            if not book.is_read:
                _read(book, records, model)
            for job in jobs:
                _look(book, records, model, job)
            return _settled(book)

    def _book(self, model: str) -> _Book:
        with self._lock:
            return self._books.setdefault(model, _Book())


def _read(book: _Book, records: RecordStore, model: str) -> None:
    there = records.loaded((model,))
    book.stamps = dict(there.names(f"{model}/"))
    read = ((name, there.get(name)) for name in book.stamps)
    book.ledger, book.told = fold(decode(name, content) for name, content in read if content is not None), []
    book.is_read = True


def _settled(book: _Book) -> Ledger:
    if book.told:
        book.ledger, book.told = extended(book.ledger, book.told), []
    return book.ledger


def _catch_up(book: _Book, records: RecordStore, model: str) -> None:
    """Read the names that are new; everything anew where one that is known went away or was replaced."""
    listed = dict(records.names(f"{model}/"))
    if any(name not in listed or stamp not in {"", listed[name]} for name, stamp in book.stamps.items()):
        _read(book, records, model)
        return
    new = ((name, records.get(name)) for name in listed if name not in book.stamps)
    found = [decode(name, content) for name, content in new if content is not None]
    book.ledger = extended(_settled(book), found) if found else book.ledger
    book.stamps = listed


def _look(book: _Book, records: RecordStore, model: str, job: Job) -> None:
    """Read what others recorded of a job: the ends of its open attempts, and the attempts behind the last one known."""
    tries = _settled(book).tries(*job)
    open_ = [attempt.intent.attempt for attempt in tries if attempt.finished is None]
    for number in open_:
        _fetch(book, records, f"{attempt_place(model, *job, number)}/finished")
    number = tries[-1].intent.attempt + 1 if tries else 1
    while _fetch(book, records, f"{attempt_place(model, *job, number)}/intent"):
        _fetch(book, records, f"{attempt_place(model, *job, number)}/finished")
        number += 1


def _fetch(book: _Book, records: RecordStore, name: str) -> bool:
    content = records.get(name) if name not in book.stamps else None
    if content is None:
        return False
    book.ledger = extended(_settled(book), [decode(name, content)])
    book.stamps[name] = ""
    return True
