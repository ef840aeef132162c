"""Facts as bytes, and their fold."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.judging.scores import Difference, Measurement, Scores
from mlops_ci.records.codec import decode, encode
from mlops_ci.records.damaged import Damaged
from mlops_ci.records.facts import (
    Approved,
    CheckResult,
    Decided,
    Evaluated,
    Fact,
    Finished,
    Gated,
    Intent,
    Packaged,
    Promoted,
    Seen,
    Served,
    Tested,
    Tried,
)
from mlops_ci.records.ledger import Ledger, extended, fold
from tests.factories import a_model, checked, clock, desire, finished, intent, package_of
from tests.worlds import done_world

models = st.sampled_from(["churn", "risk"])
names = st.sampled_from(["linear", "boosting", ""])
digests = st.sampled_from(["a" * 64, "b" * 64])
numbers = st.integers(min_value=1, max_value=3)
times = st.builds(clock, st.integers(min_value=0, max_value=60))
seconds = st.floats(min_value=0, max_value=1e6)
values = st.floats(allow_nan=False, allow_infinity=False)
text = st.text(max_size=12)
bounds = st.none() | values
measurements = st.builds(
    Measurement, metric=names, value=bounds, rows=numbers, slice=text, of=text, low=bounds, high=bounds
)
gaps = st.builds(Difference, metric=names, value=values, low=bounds, high=bounds, p_value=bounds)
results = st.lists(st.builds(CheckResult, check=names, verdict=text, evidence=text, seconds=seconds), max_size=2)

facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(
        Intent, model=models, work=st.sampled_from(["training", "processing"]), candidate=names, fingerprint=digests,
        attempt=numbers, commit=text, recipe=text, at=times,
    ),
    st.builds(
        Finished, model=models, work=st.sampled_from(["training", "processing"]), fingerprint=digests, attempt=numbers,
        outcome=st.sampled_from(["succeeded", "failed", "stopped"]), detail=text, seconds=seconds, started_at=times,
        ended_at=times, artifacts=st.just((("model", "c" * 64),)), metrics=st.lists(st.tuples(text, values)).map(tuple),
        image=text, features=st.lists(text).map(tuple), rows=st.lists(st.tuples(text, numbers)).map(tuple),
    ),
    st.builds(
        Packaged, model=models, package=digests, candidate=names, fingerprint=digests, artifact=digests, code=digests,
        recipe=text,
    ),
    st.builds(
        Evaluated, model=models, evaluation=digests, candidate=names, fingerprint=digests, package=digests, commit=text,
        scores=st.builds(Scores, names, numbers, st.lists(measurements, max_size=3).map(tuple)), predictions=digests,
        seconds=seconds, at=times, recipe=text,
    ),
    st.builds(
        Tested, model=models, environment=names, version=numbers, package=digests, suite=digests, number=numbers,
        results=results.map(tuple), at=times,
    ),
    st.builds(
        Tried, model=models, candidate=names, search=digests, attempt=numbers, number=numbers, scoring=digests,
        fingerprint=digests, hyperparameters=st.lists(st.tuples(text, st.booleans() | values | text)).map(tuple),
        outcome=st.sampled_from(["succeeded", "failed"]), detail=text, metric=text, score=st.none() | values,
        rows=numbers, seconds=seconds, at=times,
    ),
    st.builds(Approved, model=models, environment=names, package=digests, by=text, why=text, at=times),
    st.builds(
        Gated, model=models, environment=names, version=numbers, package=digests, verdict=text,
        evidence=st.lists(text).map(tuple), at=times,
    ),
    st.builds(
        Decided, model=models, contest=digests, outcome=text, candidate=names, package=digests, sentence=text,
        lines=st.lists(st.tuples(names, text)).map(tuple), p_values=st.lists(st.tuples(names, values)).map(tuple),
        at=times, differences=st.lists(st.tuples(names, gaps), max_size=2).map(tuple),
    ),
    st.builds(
        Promoted, model=models, version=numbers, package=digests, candidate=names, base=text, commit=text,
        sentence=text, at=times,
    ),
    st.builds(
        Served, model=models, environment=names, version=numbers, package=digests, commit=digests, why=text, at=times
    ),
    st.builds(Seen, model=models, state=digests, recipe=text, at=times),
)  # fmt: skip

# A store keeps one content a name, so a set of facts has no two of one name.
stored = st.lists(facts, max_size=12, unique_by=lambda fact: fact.name)


@given(stored, st.randoms(use_true_random=False))
def test_the_order_of_facts_changes_nothing(found: list[Fact], chance: random.Random) -> None:
    turned = list(found)
    chance.shuffle(turned)
    assert fold(turned) == fold(found)


@given(stored)
def test_a_fact_that_comes_twice_counts_once(found: list[Fact]) -> None:
    assert fold([*found, *found]) == fold(found)


@settings(deadline=None)
@given(stored, st.data())
def test_a_ledger_extended_portion_by_portion_is_that_of_all_facts_at_once(
    found: list[Fact], data: st.DataObject
) -> None:
    turned = data.draw(st.permutations(found))
    grown = Ledger()
    while turned:
        size = data.draw(st.integers(min_value=1, max_value=len(turned)))
        grown, turned = extended(grown, turned[:size]), turned[size:]
    assert grown == fold(found)


@settings(deadline=None)
@given(stored, models, names)
def test_what_is_known_of_a_candidate_by_its_index_is_what_looking_at_everything_finds(
    found: list[Fact], model: str, candidate: str
) -> None:
    ledger = fold(found)
    everything = [attempt for (work, _), tries in ledger.attempts.items() for attempt in tries if work == "training"]
    mine = [a for a in everything if (a.intent.model, a.intent.candidate) == (model, candidate)]
    assert sorted(ledger.trainings(model, candidate), key=str) == sorted(mine, key=str)
    judged = [e for e in ledger.evaluations.values() if e.model == model]
    assert set(ledger.evaluations_of(model, candidate=candidate or "none")) == {
        e for e in judged if e.candidate == (candidate or "none")
    }
    for package in ("a" * 64, "b" * 64):
        assert set(ledger.evaluations_of(model, package=package)) == {e for e in judged if e.package == package}


def test_extending_a_ledger_leaves_it_as_it_was() -> None:
    start = intent(desire(a_model()), "linear")
    before = fold([start])
    after = extended(before, [finished(start)])
    assert before == fold([start])
    assert after.success("training", start.fingerprint) == finished(start)
    assert extended(fold([finished(start)]), [start]) == after


@given(facts)
def test_a_fact_is_read_as_it_was_written(fact: Fact) -> None:
    assert decode(fact.name, encode(fact)) == fact


@given(facts)
def test_the_name_of_a_fact_starts_with_its_model(fact: Fact) -> None:
    assert fact.name.startswith(f"{fact.model}/")


def test_a_detail_that_is_no_unicode_is_kept() -> None:
    start = intent(desire(a_model()), "linear")
    end = finished(start, outcome="failed", detail="no such file: caf\udce9.csv")
    assert decode(end.name, encode(end)) == end


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "form of a record"),
        (b"{}", "by its `format`"),
        (b'{"format": 1, "kind": "dance"}', "by its `dance`"),
        (b'{"format": 1, "kind": "seen", "model": "churn"}', "form of a record"),
        (b'{"format": 1, "kind": "seen", "model": 7, "state": "", "recipe": "", "at": ""}', "by its `model`"),
        (b'{"format": 2, "kind": "seen"}', "a newer mlops-ci"),
        (b'{"format": 1, "kind": "evaluated", "model": "churn", "scores": 3}', "form of a record"),
        (b'{"format": 1, "kind": ["seen"]}', "form of a record"),
    ],
)
def test_a_record_that_cannot_be_read_is_named_and_raises_nothing(content: bytes, said: str) -> None:
    found = decode("churn/seen/x", content)
    assert isinstance(found, Damaged)
    assert found.name == "churn/seen/x"
    assert said in found.reason


@given(st.binary(max_size=60))
def test_no_bytes_stop_a_reader(content: bytes) -> None:
    assert isinstance(decode("churn/seen/x", content), Damaged)


@given(facts, st.data())
def test_a_record_cut_short_is_damaged(fact: Fact, data: st.DataObject) -> None:
    content = encode(fact)
    cut = data.draw(st.integers(min_value=0, max_value=len(content) - 2))
    assert isinstance(decode(fact.name, content[:cut]), Damaged)


def test_a_record_under_another_name_is_damaged() -> None:
    fact = Seen("churn", "a" * 64, "{}", clock(0))
    found = decode("churn/seen/other", encode(fact))
    assert isinstance(found, Damaged)
    assert fact.name in found.reason


def test_a_key_that_a_later_version_added_is_passed_over() -> None:
    fact = Seen("churn", "a" * 64, "{}", clock(0))
    data = json.loads(encode(fact)) | {"color": "blue"}
    assert decode(fact.name, json.dumps(data).encode()) == fact


def test_records_from_before_there_were_intervals_and_differences_are_read() -> None:
    world = done_world()
    for fact in world.facts:
        data = json.loads(encode(fact))
        if isinstance(fact, Decided):
            del data["differences"]
            assert decode(fact.name, json.dumps(data).encode()) == replace(fact, differences=())
        if isinstance(fact, Evaluated):
            for measurement in data["scores"]["measurements"]:
                measurement.pop("low", None)
                measurement.pop("high", None)
            read = decode(fact.name, json.dumps(data).encode())
            assert isinstance(read, Evaluated)
            assert [m.value for m in read.scores.measurements] == [m.value for m in fact.scores.measurements]
            assert {m.low for m in read.scores.measurements} == {None}


def test_a_difference_of_another_form_is_damage() -> None:
    fact = next(fact for fact in done_world().facts if isinstance(fact, Decided))
    for wrong in ([["linear", {"metric": "accuracy"}]], [["linear", {"metric": "a", "value": "1"}]], [["linear"]], 1):
        content = json.loads(encode(fact)) | {"differences": wrong}
        assert isinstance(decode(fact.name, json.dumps(content).encode()), Damaged)


def test_damaged_records_are_kept_beside_the_ledger_and_change_nothing_else() -> None:
    world = done_world()
    damaged = Damaged("churn/evaluations/x", "JSONDecodeError")
    assert fold([damaged, *world.facts, damaged]) == replace(world.ledger, damaged=(damaged,))


def test_an_attempt_without_an_end_is_open_and_a_later_success_counts() -> None:
    desired = desire(a_model())
    first, second = intent(desired, "linear"), intent(desired, "linear", attempt=2, minute=1)
    failed, done = finished(first, outcome="failed", detail="exit code 1"), finished(second)
    open_ = fold([first, second, failed])
    assert [a.finished for a in open_.tries("training", first.fingerprint)] == [failed, None]
    assert open_.success("training", first.fingerprint) is None
    closed = fold([first, second, failed, done])
    assert closed.success("training", first.fingerprint) == done


def test_an_end_without_an_intent_is_no_attempt() -> None:
    start = intent(desire(a_model()), "linear")
    assert fold([finished(start)]).tries("training", start.fingerprint) == ()


def test_the_newest_recipe_of_a_candidate_is_found_whatever_its_fingerprint() -> None:
    desired = desire(a_model())
    old = intent(desired, "linear")
    new = replace(old, fingerprint="f" * 64, at=clock(9))
    assert fold([new, old]).last_recipe("churn", "linear") == new
    assert fold([new, old]).last_recipe("churn", "boosting") is None


@pytest.mark.parametrize(("field", "value"), [("at", 5), ("number", "1"), ("version", None)])
def test_a_field_of_another_type_is_damage_and_no_crash(field: str, value: object) -> None:
    desired = desire(a_model())
    fact = checked(desired, "staging", package_of(desired, "boosting"))
    content = json.loads(encode(fact)) | {field: value}
    found = decode(fact.name, json.dumps(content).encode())
    assert isinstance(found, Damaged)
    fold([found, fact])
