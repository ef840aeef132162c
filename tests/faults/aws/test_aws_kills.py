"""Killed at any call of AWS, and typed again: the same end, nothing trained twice, nothing left running."""

from __future__ import annotations

import json
import os

import pytest

from mlops_ci.testing.aws.loopback import Loopback
from tests.faults.aws.conftest import Made
from tests.faults.aws.trials import UNDISTURBED, Fate, end_of, jobs_of, standing_of, suffer

pytestmark = pytest.mark.e2e

KILLED = -9
DESTROY = ("destroy", "staging", "--all", "--yes")
# whether it is typed again, or the next verb finds what this one left
EACH_VERB = (
    (Fate("CreateTrainingJob", "sent"), ("train",), True),
    (Fate("CreateTransformJob", "sent"), ("evaluate",), True),
    (Fate("promotions~", "before"), ("run",), False),
    (Fate("CreateEndpoint", "sent"), ("deploy", "staging"), False),
    (Fate("/tests~staging", "before"), ("run",), True),
)

DEADLY = (
    "about.json", "train.csv", "CreateTrainingJob", "attempts~training", "packages~", "model.tar.gz", "CreateModel",
    "CreateTransformJob", "DeleteModel", "evaluations~", "registry/", "CreateModelPackageGroup", "promotions~",
    "CreateEndpointConfig", "CreateEndpoint", "deployments~", "tests~",
)  # fmt: skip


def test_each_verb_is_killed_and_goes_on_where_it_stopped(make: Made, cloud: Loopback) -> None:
    tiny = make()
    for fate, verb, again in EACH_VERB:
        killed, calls = suffer(tiny, fate, *verb)
        assert (killed.code, str(fate.at) in calls[-1]) == (KILLED, True), (verb, calls, killed)
        if again:
            tiny.run(*verb)
    assert end_of(tiny, cloud) == UNDISTURBED

    (tiny.folder / "rows.csv").write_text("x,side\n0.9,left\n0.1,right\n")
    batch = ("batch", "tiny", "--input", "rows.csv", "--output", "answers.jsonl")
    killed, _ = suffer(tiny, Fate("CreateTransformJob", "sent"), *batch)
    assert killed.code == KILLED
    tiny.run(*batch)
    assert [json.loads(line) for line in (tiny.folder / "answers.jsonl").read_text().splitlines()] == [1.0, 0.0]
    assert jobs_of(tiny, cloud) == ["batch-1", "evaluation-1", "training-1"]
    assert standing_of(tiny, cloud) == UNDISTURBED["standing"]

    killed, _ = suffer(tiny, Fate("DeleteEndpoint"), *DESTROY)
    assert killed.code == KILLED
    tiny.run(*DESTROY)
    assert not any(standing_of(tiny, cloud).values())


@pytest.mark.soak
@pytest.mark.parametrize("when", ["sent", "answered"])
def test_whichever_call_a_run_is_killed_at_the_next_one_reaches_the_end(make: Made, cloud: Loopback, when: str) -> None:
    tiny = make()
    done, calls = suffer(tiny, Fate(0), "run")
    assert done.code == 0, done.err
    assert end_of(tiny, cloud) == UNDISTURBED
    assert len(calls) > 30
    tiny.run(*DESTROY)
    wrong = []
    for at in range(1, len(calls) + 1, int(os.environ.get("SOAK_STEP", "1"))):
        tiny = make()
        _, calls = suffer(tiny, Fate(at, when), "run")
        again = tiny.run("run", code=None)
        found = end_of(tiny, cloud) if not again.code else {"again": again}
        tiny.run(*DESTROY, code=None)
        wrong += [
            f"{at} `{calls[-1]}`: {what} is {found[what]}" for what in found if found[what] != UNDISTURBED.get(what)
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.soak
def test_a_run_that_dies_at_one_call_after_the_other_reaches_the_end(make: Made, cloud: Loopback) -> None:
    tiny = make()
    deaths = 0
    for at in DEADLY:
        killed, _ = suffer(tiny, Fate(at, "answered"), "run")
        deaths += killed.code == KILLED
    assert deaths == len(DEADLY)
    tiny.run("run")
    assert end_of(tiny, cloud) == UNDISTURBED
