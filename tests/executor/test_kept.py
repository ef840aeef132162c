"""Kept ledgers: whatever this command and others record, what is asked for is what the store holds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.commands import select
from mlops_ci.commands.work import work
from mlops_ci.executor.events import Outcome
from mlops_ci.executor.kept import KeptLedgers
from mlops_ci.executor.schedule import OnFailure
from mlops_ci.plan.steps import Train
from mlops_ci.records.codec import decode, encode
from mlops_ci.records.facts import Fact, Finished, Intent
from mlops_ci.records.ledger import Ledger, fold
from tests.executor.small import candidate, project_files, small
from tests.executor.small_stores import SmallRecords
from tests.factories import a_model, desire, finished, intent
from tests.worlds import done_world


@dataclass
class Counted(SmallRecords):
    """Records that count what is asked of them."""

    asked: dict[str, int] = field(default_factory=lambda: {"get": 0, "names": 0})

    def get(self, name: str) -> bytes | None:
        self.asked["get"] += 1
        return super().get(name)

    def names(self, prefix: str) -> tuple[tuple[str, str], ...]:
        self.asked["names"] += 1
        return super().names(prefix)

    def keep(self, fact: Fact) -> None:
        """Record a fact as another command does."""
        assert self.put(fact.name, encode(fact))


def whole(records: SmallRecords) -> Ledger:
    """Return what reading everything gives."""
    return fold(decode(name, content) for name, content in records.scan("churn/"))


def attempts(count: int) -> list[tuple[Intent, Finished]]:
    """Return the attempts of as many candidates."""
    first = intent(desire(a_model()), "linear")
    starts = [Intent(first.model, first.work, f"c{n}", f"{n:032x}" * 2, 1, "", "{}", first.at) for n in range(count)]
    return [(start, finished(start)) for start in starts]


FACTS = tuple(dict.fromkeys(done_world().facts))


@settings(deadline=None, max_examples=50)
@given(st.permutations(FACTS), st.data())
def test_whoever_records_what_the_ledger_is_that_of_the_store(turned: list[Fact], data: st.DataObject) -> None:
    records, kept = SmallRecords(), KeptLedgers()
    for fact in turned:
        by = data.draw(st.sampled_from(["us", "others", "us, and it is asked", "others, and it is asked"]))
        records.put(fact.name, encode(fact))
        if by.startswith("us"):
            kept.tell(fact)
        if by.endswith("asked"):
            assert kept.current(records, "churn") == whole(records)
    assert kept.current(records, "churn") == whole(records)


def test_what_is_known_is_not_read_again() -> None:
    records, kept = Counted(), KeptLedgers()
    for start, end in attempts(50):
        records.keep(start)
        records.keep(end)
    kept.current(records, "churn")
    records.asked = {"get": 0, "names": 0}
    kept.current(records, "churn")
    assert records.asked == {"get": 0, "names": 1}


def test_asking_about_a_job_costs_the_same_whatever_else_is_on_record() -> None:
    asked = []
    for others in (0, 200):
        records, kept = Counted(), KeptLedgers()
        (start, end), *rest = attempts(others + 1)
        for pair in rest:
            records.keep(pair[0])
            records.keep(pair[1])
        kept.about(records, "churn")
        records.keep(start)
        records.asked = {"get": 0, "names": 0}
        assert (
            kept.about(records, "churn", ("training", start.fingerprint)).success("training", end.fingerprint) is None
        )
        records.keep(end)
        assert kept.about(records, "churn", ("training", start.fingerprint)).success("training", end.fingerprint) == end
        asked.append(records.asked)
    assert asked[0] == asked[1]
    assert asked[0]["names"] == 0


@pytest.mark.parametrize("how", ["all", "one job"])
def test_attempts_that_others_made_meanwhile_are_found(how: str) -> None:
    records, kept = SmallRecords(), KeptLedgers()
    desired = desire(a_model())
    first, second, third = (intent(desired, "linear", attempt=number) for number in (1, 2, 3))
    job = ("training", first.fingerprint)
    assert kept.about(records, "churn", job).tries(*job) == ()
    for fact in (first, finished(first, outcome="failed"), second, finished(second, outcome="stopped"), third):
        records.put(fact.name, encode(fact))
    found = kept.current(records, "churn") if how == "all" else kept.about(records, "churn", job)
    assert found == whole(records)
    records.put(finished(third).name, encode(finished(third)))
    found = kept.current(records, "churn") if how == "all" else kept.about(records, "churn", job)
    assert found.success(*job) == finished(third)


def test_what_is_taken_away_or_replaced_meanwhile_does_not_count_any_more() -> None:
    records, kept = SmallRecords(), KeptLedgers()
    start = intent(desire(a_model()), "linear")
    records.kept = {start.name: encode(start), finished(start).name: b"torn"}
    assert [d.name for d in kept.current(records, "churn").damaged] == [finished(start).name]
    records.kept[finished(start).name] = encode(finished(start))
    assert kept.current(records, "churn") == whole(records)
    assert kept.current(records, "churn").damaged == ()
    del records.kept[start.name]
    assert kept.current(records, "churn") == whole(records)


def test_a_store_that_says_no_is_asked_again_the_next_time() -> None:
    class Broken(SmallRecords):
        def names(self, prefix: str) -> tuple[tuple[str, str], ...]:
            raise OSError("no such disk")

    start = intent(desire(a_model()), "linear")
    kept, whole_again = KeptLedgers(), SmallRecords({start.name: encode(start)})
    with pytest.raises(OSError, match="no such disk"):
        kept.current(Broken(), "churn")
    assert kept.current(whole_again, "churn") == fold([start])


def test_what_a_candidate_asks_of_the_store_does_not_grow_with_how_many_there_are(tmp_path: Path) -> None:
    asked = []
    for count in (5, 50):
        files = project_files()
        files |= {f"pipelines/tiny/candidates/c{n}.yaml": candidate(n / 100) for n in range(count)}
        (tmp_path / str(count)).mkdir()
        world = small(tmp_path / str(count), files)
        records = Counted()
        situation = world.assess()
        steps = tuple(s for s in select.part(situation, "train") if isinstance(s.step, Train))
        result = work(
            replace(world.world, records=records), situation, steps, width=2, on_failure=OnFailure.BEGIN_NO_OTHER,
            patience=world.patience(), emit=lambda _: None, cancel=lambda: None,
        )  # fmt: skip
        assert {end.outcome for end in result.ended} == {Outcome.DONE}
        assert len(result.ended) == count + 2
        asked.append((records.asked["get"] - len(steps), records.asked["names"]))
    assert asked == [(1, 1), (1, 1)]  # once the model, and then of each job whether another command began it
