"""An image that serves what another one trained: where it moves, packages are others, and trainings are not."""

from __future__ import annotations

import json
from dataclasses import replace

from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.model import Candidate, Framework
from mlops_ci.plan.desired import DesiredCandidate, DesiredModel
from mlops_ci.records.facts import Finished
from tests.factories import a_model, desire, finished, intent

TRAINS, SERVES, MOVED = "ecr/training@sha256:1", "ecr/inference@sha256:2", "ecr/inference@sha256:3"


def trained(desired: DesiredModel) -> Finished:
    return replace(finished(intent(desired, "boosting")), image=canonical({"python": "", "reference": TRAINS}))


def test_the_package_names_the_image_that_serves_and_the_training_the_one_that_trains() -> None:
    desired = replace(desire(a_model()), served=((TRAINS, SERVES),))
    recipe = desired.package_recipe(trained(desired))
    assert recipe["image"] == {"python": "", "reference": SERVES}
    assert json.loads(trained(desired).image)["reference"] == TRAINS


def test_where_only_the_image_that_serves_moves_nothing_is_trained_again() -> None:
    desired = replace(desire(a_model()), served=((TRAINS, SERVES),))
    moved = replace(desired, served=((TRAINS, MOVED),))
    assert [c.fingerprint for c in moved.candidates] == [c.fingerprint for c in desired.candidates]
    assert moved.package(trained(desired)) != desired.package(trained(desired))


def test_without_another_image_the_one_that_trains_serves() -> None:
    desired = desire(a_model())
    assert desired.package_recipe(trained(desired))["image"] == {"python": "", "reference": TRAINS}


def test_an_algorithm_serves_itself_beside_candidates_that_a_script_serves() -> None:
    desired = desire(a_model())
    built = DesiredCandidate(Candidate("built", algorithm=Framework("xgboost")), "f" * 64, "{}")
    both = replace(desired, candidates=(*desired.candidates, built))
    end = trained(desired)
    assert both.package_recipe(end)["entry"] == desired.entry != ""
    of_algorithm = both.package_recipe(replace(end, fingerprint="f" * 64))
    assert (of_algorithm["entry"], of_algorithm["code"]) == ("", {})
    assert both.package_recipe(replace(end, fingerprint="0" * 64), "built")["entry"] == ""
