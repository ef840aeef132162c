"""What every `ports.Locks` promises. An implementation subclasses it and gives `opened`: the locks of one command."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlops_ci.ports.locks import Busy, Locks, Taken

Opened = Callable[[str], Locks]
LONG_AGO, LATER = "2000-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z"


class LocksContract:
    @pytest.fixture
    def opened(self) -> Opened:
        raise NotImplementedError

    def test_what_one_command_has_taken_another_finds_busy_with_its_holder(self, opened: Opened) -> None:
        one, other = opened("run"), opened("train")
        assert one.take("churn", since=LATER) == Taken(was_used=False)
        said = other.take("churn", since=LATER)
        assert isinstance(said, Busy)
        assert said.holder
        assert (said.holder.verb, said.holder.host) == ("run", "")
        assert said.holder.pid > 0
        assert said.holder.since.endswith("Z")

    def test_another_model_is_free_all_the_while(self, opened: Opened) -> None:
        one, other = opened("run"), opened("run")
        one.take("churn", since=LATER)
        assert other.take("fraud", since=LATER) == Taken(was_used=False)

    def test_what_was_let_go_is_free_and_says_whether_it_was_used_since(self, opened: Opened) -> None:
        one, other = opened("run"), opened("run")
        one.take("churn", since=LATER)
        one.leave("churn")
        assert other.take("churn", since=LONG_AGO) == Taken(was_used=True)
        other.leave("churn")
        assert one.take("churn", since=LATER) == Taken(was_used=False)

    def test_letting_go_of_what_is_not_ours_changes_nothing(self, opened: Opened) -> None:
        one, other = opened("run"), opened("run")
        one.take("churn", since=LATER)
        other.leave("churn")
        assert isinstance(other.take("churn", since=LATER), Busy)
