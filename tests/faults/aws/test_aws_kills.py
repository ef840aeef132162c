"""Killed at any call of AWS, and typed again: the same end, nothing trained twice, nothing left running."""

from __future__ import annotations

import json

import pytest

from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.clouds import client, standing
from tests.faults.aws.conftest import Made
from tests.faults.aws.trials import UNDISTURBED, Fate, end_of, jobs_of, suffer
from tests.faults.trial import marks

pytestmark = pytest.mark.e2e

KILLED = -9
EACH_VERB = (
    (Fate("CreateTrainingJob", "sent"), ("train",)),
    (Fate("CreateTransformJob", "sent"), ("evaluate",)),
    (Fate("CreateModelPackage"), ("promote",)),
    (Fate("CreateEndpoint", "sent"), ("deploy", "staging")),
    (Fate("/tests~staging", "before"), ("run",)),
)


def test_each_verb_is_killed_and_goes_on_where_it_stopped(make: Made, cloud: Loopback) -> None:
    tiny = make()
    for fate, verb in EACH_VERB:
        killed, calls = suffer(tiny, fate, *verb)
        assert (killed.code, str(fate.at) in calls[-1]) == (KILLED, True), (verb, calls, killed)
        tiny.run(*verb)
    assert end_of(tiny, cloud) == UNDISTURBED

    (tiny.folder / "rows.csv").write_text("x,side\n0.9,left\n0.1,right\n")
    batch = ("batch", "tiny", "--input", "rows.csv", "--output", "answers.jsonl")
    killed, _ = suffer(tiny, Fate("CreateTransformJob", "sent"), *batch)
    assert killed.code == KILLED
    tiny.run(*batch)
    assert [json.loads(line) for line in (tiny.folder / "answers.jsonl").read_text().splitlines()] == [1.0, 0.0]
    assert jobs_of(tiny, cloud) == ["batch-1", "evaluation-1", "training-1"]
    assert {what: len(names) for what, names in standing(cloud).items()} == UNDISTURBED["standing"]

    destroy = ("destroy", "staging", "--all", "--yes")
    killed, _ = suffer(tiny, Fate("DeleteEndpoint"), *destroy)
    assert killed.code == KILLED
    tiny.run(*destroy)
    assert not any(standing(cloud).values())
