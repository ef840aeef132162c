"""Which candidates `train --candidate` means."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.commands import select
from mlops_ci.commands.wanted import Wanted, wanted
from mlops_ci.errors import UsageError
from tests.executor.small import small


def test_words_are_names_or_lists_of_models_with_names_each_once() -> None:
    assert wanted(["a,b", "m/a, m/c", "a"]) == Wanted(("a", "b"), (("m", "a"), ("m", "c")))
    assert wanted([]).is_all


@pytest.mark.parametrize("word", ["", "a,", ",", "m/", "/a", "m/a/b", " "])
def test_what_is_no_candidate_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="candidate"):
        wanted([word])


def test_a_name_is_meant_of_every_model_and_a_pair_of_its_own_alone() -> None:
    by_name, by_pair, both = wanted(["good"]), wanted(["tiny/good"]), wanted(["bad,tiny/good"])
    assert [by_name.takes("tiny", "good"), by_name.takes("other", "good"), by_name.takes("tiny", "bad")] == [
        True, True, False]  # fmt: skip
    assert [by_pair.takes("tiny", "good"), by_pair.takes("other", "good")] == [True, False]
    assert [both.takes("tiny", "good"), both.takes("other", "bad"), both.takes("other", "good")] == [True, True, False]
    assert [by_pair.concerns("tiny"), by_pair.concerns("other"), by_name.concerns("other")] == [True, False, True]


def test_only_what_is_named_is_trained_and_what_is_gone_is_told(tmp_path: Path) -> None:
    situation = small(tmp_path).assess()
    meant = wanted(["tiny/good,tiny/old,away/good"])
    assert [s.step.id for s in select.trainings(situation, meant)] == ["tiny/train/good"]
    assert [s.step.id for s in select.replacing(situation, meant)] == ["tiny/train/good"]
    assert meant.gone(situation.desired) == ("tiny/old", "away/good")
