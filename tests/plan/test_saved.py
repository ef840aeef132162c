"""Saved plans: what the file holds and what it never holds, and what is told of one that is not as it was saved."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.errors import ManifestError
from mlops_ci.fingerprint.canonical import digest
from mlops_ci.manifest.fit import fits
from mlops_ci.model import Model
from mlops_ci.plan.change import Action, Change, Note, Plan, Reason
from mlops_ci.plan.desired import Reach
from mlops_ci.plan.saved import SavedPlan, saved_plan, stand
from mlops_ci.plan.saved_json import digest_of, dump
from mlops_ci.plan.saved_reading import parse
from mlops_ci.plan.steps import Deploy, Evaluate, Gate, Process, Promote, Restore, Scheduled, Step, Test, Train
from mlops_ci.wiring import schemas
from tests.factories import BASIS, FILES, a_model, desire, finished, intent
from tests.worlds import World, done_world, new_world, with_candidate

SCHEMA = schemas()["plan"]
STEPS: tuple[Step, ...] = (
    Process("m"), Train("m", "c"), Evaluate("m", "c"), Evaluate("m", ""), Evaluate("m", "", "staging"), Promote("m"),
    Gate("m", "production"), Restore("m", "staging"), Deploy("m", "staging"), Test("m", "staging"),
)  # fmt: skip


def saved(world: World) -> SavedPlan:
    return saved_plan(world.plan(), (world.desired,))


def read(content: bytes) -> SavedPlan:
    return parse(content, path="plan.json", schema=SCHEMA)


def refused(content: bytes) -> Diagnostic:
    with pytest.raises(ManifestError) as caught:
        read(content)
    (found,) = caught.value.diagnostics
    return found


def edited(world: World, changes: dict[str, object], *, signed: bool = False) -> bytes:
    """Return a saved plan with other values at its top; `signed` as somebody writes it who computes the digest."""
    data: dict[str, Any] = json.loads(dump(saved(world))) | changes
    if signed:
        data["digest"] = digest({key: value for key, value in data.items() if key != "digest"})
    return json.dumps(data, indent=1, sort_keys=True).encode()


@pytest.mark.parametrize("world", [new_world(), done_world(), done_world().desiring(replace(a_model(), owner="bob"))])
def test_a_plan_that_was_saved_reads_back_as_it_was(world: World) -> None:
    assert read(dump(saved(world))) == saved(world)


def test_every_step_and_every_text_survives() -> None:
    hostile = 'a`b\n\u202e\udc80\x1b[2J"\\ ü'
    reason = Reason("field-changed", hostile, hostile, hostile, hostile)
    changes = tuple(Change("m", hostile, action, (reason,), hostile, 0.1) for action in Action)
    steps = tuple(Scheduled(step, (hostile,)) for step in STEPS)
    plan = SavedPlan(Plan(BASIS, (), changes, steps, (Note("m", "s", "held", hostile, hostile),)), ())
    assert read(dump(plan)) == plan


def test_the_same_plan_is_the_same_bytes_and_another_one_has_another_digest() -> None:
    assert dump(saved(new_world())) == dump(saved(new_world()))
    assert digest_of(saved(new_world())) != digest_of(saved(done_world()))
    assert json.loads(dump(saved(new_world())))["digest"] == digest_of(saved(new_world()))


def test_a_file_with_the_digest_of_what_it_says_is_read_whatever_its_layout() -> None:
    assert read(json.dumps(json.loads(dump(saved(new_world())))).encode()) == saved(new_world())


@pytest.mark.parametrize(
    ("content", "code", "said", "line"),
    [
        (b"", "plan-damaged", "not JSON", 1),
        (b'{\n "kind": "mlops-ci plan",\n "digest": oops}', "plan-damaged", "not JSON", 3),
        (b'{"a": 1, "a": 2}', "plan-damaged", "a key is there twice", 0),
        (b'{"a": NaN}', "plan-damaged", "`NaN` is no number", 0),
        (b"[" * 200_000, "plan-damaged", "nested too deep", 0),
        (b'{\n"a": "\xff"}', "plan-damaged", "not ASCII", 2),
        (b"[]", "plan-foreign", "no saved plan", 0),
        (b'{"format_version": 1, "models": 1}', "plan-foreign", "no saved plan", 0),
    ],
)
def test_what_is_no_plan_is_told_at_its_place(content: bytes, code: str, said: str, line: int) -> None:
    found = refused(content)
    assert found.code == code
    assert said in found.summary
    assert (found.span.path, found.span.line) == ("plan.json", line)
    assert "mlops-ci plan -o plan.json" in found.hint


def test_a_plan_that_was_cut_anywhere_is_refused() -> None:
    whole = dump(saved(new_world())).rstrip()
    for size in range(0, len(whole), 97):
        assert refused(whole[:size]).code == "plan-damaged"


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_plan_with_other_bytes_is_refused_or_the_same_plan(data: st.DataObject) -> None:
    whole = bytearray(dump(saved(new_world())))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8) | st.just(b" "))
    try:
        found = read(bytes(whole))
    except ManifestError as error:
        hints = [problem.hint for problem in error.diagnostics]
    else:
        hints = ["none is needed"] if found == saved(new_world()) else []
    assert hints
    assert all(hints)


def test_a_plan_that_was_edited_is_refused_at_its_digest() -> None:
    changes: list[dict[str, object]] = [
        {"steps": []},
        {"basis": {}},
        {"digest": "0" * 64},
        {"digest": None},
        {"more": 1},
    ]
    for change in changes:
        found = refused(edited(new_world(), change))
        assert found.code == "plan-edited"
        assert found.excerpt.strip().startswith('"digest"')
        assert found.span.line > 1
    assert (
        refused(dump(saved(new_world())).replace(b'"format": 1', b'"format": 1, "more": 1e999')).code == "plan-edited"
    )
    deep = b'"format": 1, "more": ' + b"[" * 900 + b"]" * 900
    assert refused(dump(saved(new_world())).replace(b'"format": 1', deep)).code in {"plan-edited", "plan-damaged"}
    without = json.loads(dump(saved(new_world())))
    del without["digest"]
    assert refused(json.dumps(without).encode()).code == "plan-edited"


@pytest.mark.parametrize("version", [2, 0, "1", None])
def test_a_plan_of_another_format_is_refused_at_its_format(version: object) -> None:
    found = refused(edited(new_world(), {"format": version}))
    assert found.code == "plan-format"
    assert found.excerpt.strip().startswith('"format"')
    assert found.hint.startswith("install the version that saved it")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"steps": [{"do": "rm", "model": "m", "candidate": "", "environment": "", "needs": []}]}, "unknown-value"),
        ({"steps": [{"do": "train"}]}, "missing-key"),
        ({"basis": {"commit": 1, "tip": "", "branch": "", "target": ""}}, "wrong-type"),
        ({"format": True}, "format-version"),
        ({"more": 1}, "unknown-key"),
        ({"notes": {}}, "wrong-type"),
    ],
)
def test_a_forged_plan_is_still_held_to_its_schema(changes: dict[str, object], code: str) -> None:
    with pytest.raises(ManifestError) as caught:
        read(edited(new_world(), changes, signed=True))
    assert code in {found.code for found in caught.value.diagnostics}
    assert all(found.span.line for found in caught.value.diagnostics)


def test_the_schema_that_ships_is_one_and_knows_every_action_and_step() -> None:
    assert isinstance(SCHEMA, dict)
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == "plan.schema.json"
    properties: Any = SCHEMA["properties"]
    assert properties["changes"]["items"]["properties"]["action"]["enum"] == [action.value for action in Action]
    do = properties["steps"]["items"]["properties"]["do"]["enum"]
    assert set(do) == {kind.__name__.lower() for kind in get_args(Step)}
    assert {type(step) for step in STEPS} == set(get_args(Step))
    assert set(properties) == set(SCHEMA["required"]) == set(json.loads(dump(saved(new_world()))))  # type: ignore[arg-type]
    assert fits(json.loads(dump(saved(done_world()))), SCHEMA)


def test_no_value_of_a_secret_variable_is_in_the_file() -> None:
    old, new = (with_candidate(a_model(), "linear", environment=(("API_TOKEN", value), ("N", value[-1])))
                for value in ("s3cret-1", "s3cret-2"))  # fmt: skip
    text = dump(saved(done_world(old).desiring(new))).decode()
    assert "`environment.API_TOKEN` changed" in text
    assert "s3cret" not in text


def test_words_of_jobs_and_endpoints_are_not_in_the_file() -> None:
    world = done_world()
    failing = with_candidate(a_model(), "linear", seed=3)
    ended = intent(desire(failing), "linear", minute=60)
    world = world.desiring(failing).recording(ended, finished(ended, outcome="failed", detail="no /home/ann/x"))
    dead = replace(world.deployed[0], state=type(world.deployed[0].state).FAILED, detail="ImportError in /home/ann/x")
    plan = replace(world, deployed=(dead, *world.deployed[1:])).plan()
    assert repr(plan).count("/home/ann/x") == 4
    kept = saved_plan(plan, (world.desired,))
    assert "/home/ann" not in dump(kept).decode()
    assert {c.summary for c in kept.plan.changes} >= {
        "train `linear` again: attempt 1 failed", "deploy v1 to `staging` again: its endpoint does not answer",
    }  # fmt: skip


def parts_that_differ(model: Model, **files: object) -> set[str]:
    one = stand(desire(a_model()))
    other = stand(desire(model, files=replace(FILES, **files)))  # type: ignore[arg-type]
    return {name for name, _ in {*one.parts} ^ {*other.parts}}


def test_each_thing_a_model_is_made_of_has_its_part() -> None:
    assert parts_that_differ(replace(a_model(), owner="bob")) == {"manifest"}
    assert parts_that_differ(with_candidate(a_model(), "linear", description="x")) == {"candidate/linear"}
    assert parts_that_differ(with_candidate(a_model(), "linear", seed=1)) == {"candidate/linear", "training/linear"}
    trainings = {"training/boosting", "training/linear"}
    assert parts_that_differ(a_model(), code=()) == {"code/boosting", "code/linear"} | trainings
    assert parts_that_differ(a_model(), data=(("data", "9"),)) == {"data/data"} | trainings
    assert parts_that_differ(a_model(), image="3.12") == {"software/boosting", "software/linear"} | trainings
    assert parts_that_differ(a_model(), serving=()) == {"serving"}
    assert parts_that_differ(a_model(), tests=()) == {"tests"}
    assert parts_that_differ(a_model(), metric_code=(("m.py", "1"),)) == {"metrics"}


def test_how_far_a_model_may_go_is_kept_beside_its_parts() -> None:
    ahead = stand(desire(a_model(), reach=Reach.AFTER_MERGE))
    assert ahead.reach is Reach.AFTER_MERGE
    assert ahead.parts == stand(desire(a_model())).parts
