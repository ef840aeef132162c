"""The place of reviews in memory, which other tests use, keeps the contract."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from mlops_ci.ports.reviews import Request
from tests.contracts.reviews import ReviewsContract
from tests.reviews import Board, MemoryReviews, Note


@dataclass(slots=True)
class MemoryPlace:
    board: Board = field(default_factory=Board)

    def reviews(self) -> MemoryReviews:
        return MemoryReviews(self.board)

    def open(self, branch: str, *, labels: tuple[str, ...] = (), is_fork: bool = False) -> Request:
        return self.board.open(self.push(branch), branch, labels=labels, is_fork=is_fork)

    def close(self, number: int) -> None:
        self.reviews().close(number)

    def say(self, number: int, body: str, *, as_us: bool = False) -> None:
        note = Note(self.board.number(), "us" if as_us else "mallory", body)
        self.board.notes.setdefault(number, []).append(note)

    def comments(self, number: int) -> list[str]:
        return self.board.bodies(number)

    def delete_comments(self, number: int) -> None:
        del self.board.notes[number]

    def checks(self, commit: str) -> list[tuple[str, str, str, int]]:
        every = [check for check in self.board.checks.values() if check.commit == commit]
        return [(c.name, c.conclusion.value, c.title, len(c.diagnostics)) for c in every]

    def push(self, branch: str) -> str:
        self.board.commits[branch] = f"{self.board.number():040x}"
        return self.board.commits[branch]

    def proposed(self, number: int) -> tuple[str, str]:
        return self.board.proposals[number].title, self.board.proposals[number].body

    def approve(self, run: str, *logins: str) -> None:
        self.board.approvals[run] = tuple(dict.fromkeys(logins))


class TestMemoryReviews(ReviewsContract):
    @pytest.fixture
    def place(self) -> MemoryPlace:
        return MemoryPlace()
