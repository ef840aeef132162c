"""Promoting: superseded, raced, rolled back, and numbered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.executor.events import Outcome
from mlops_ci.executor.held import roll_back
from mlops_ci.executor.perform import perform
from mlops_ci.executor.promote import promote
from mlops_ci.manifest.release import dump
from mlops_ci.model import Champion, Release
from mlops_ci.plan.steps import Promote
from mlops_ci.records.facts import Decided, Promoted
from tests.executor.small import Small, candidate, small
from tests.executor.small_ports import RELEASE

MARGIN = "promotion: {beat_champion: {margin: 0.15}}\nserving:"


def promoted(world: Small) -> Promoted:
    situation = world.assess()
    ended = promote(world.world, situation, situation.desired[0], world.ledger)
    assert isinstance(ended, Promoted)
    return ended


def champion(world: Small) -> Champion:
    found = world.release.champion
    assert found is not None
    return found


def evaluated(world: Small) -> None:
    """Do everything before promotion."""
    situation = world.assess()
    world.perform(situation, tuple(s for s in situation.plan.steps if "train" in s.step.id or "evaluate" in s.step.id))


def test_the_best_becomes_champion_by_a_commit_that_tells_every_score(tmp_path: Path) -> None:
    world = small(tmp_path)
    evaluated(world)
    made = promoted(world)
    assert (made.version, made.candidate, made.commit) == (1, "good", world.repository.main)
    assert "bad: 0.6000" in world.repository.landings[-1].message
    assert "good: 0.9000" in world.repository.landings[-1].message
    assert world.repository.tags == ["tiny/v1"]
    assert {score.candidate: score.value for score in champion(world).contest} == {"bad": 0.6, "good": 0.9}


def test_when_the_branch_asks_for_another_state_nothing_is_done_and_nothing_behind_it_either(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    world.push("candidates/bad.yaml", candidate(5))
    situation = world.assess()
    moved = dict(world.repository.files)
    moved["pipelines/tiny/candidates/good.yaml"] = candidate(4.5)
    world.repository.commit_on_main(moved)
    before = world.release
    result = world.perform(situation, situation.plan.steps)
    ends = world.outcomes(result)
    assert world.release == before
    assert ends["promote"] == "stopped"
    assert ends["deploy/staging"] == ends["deploy/production"] == "stopped"
    assert result.exit_code == 0  # whoever works for the tip goes on
    end = next(end for end in result.ended if isinstance(end.step, Promote))
    assert "moved on" in end.sentence
    assert "git pull" in end.hint


def test_a_commit_about_something_else_is_no_obstacle(tmp_path: Path) -> None:
    world = small(tmp_path)
    evaluated(world)
    situation = world.assess()
    world.repository.commit_on_main({"README.md": b"hello"})
    assert perform(world.world, situation, Promote("tiny"), lambda _: None).exit_code == 0
    assert champion(world).version == 1


def test_who_loses_the_race_reads_again_and_decides_again(tmp_path: Path) -> None:
    world = small(tmp_path)
    evaluated(world)
    situation = world.assess()

    def faster() -> None:  # another command promotes the same, between our look and our push
        world.repository.before_land = lambda: None
        promote(world.world, situation, situation.desired[0], world.ledger)

    world.repository.before_land = faster
    ended = promote(world.world, situation, situation.desired[0], world.ledger)
    assert isinstance(ended, Decided)
    assert ended.outcome == "stay"
    assert len([made for made in world.repository.landings if made.message.startswith("Promote")]) == 1
    assert world.repository.tags == ["tiny/v1"]


def test_who_loses_the_race_reads_the_records_again_too(tmp_path: Path) -> None:
    world = small(tmp_path)
    evaluated(world)
    situation = world.assess()

    def faster() -> None:  # another command releases a package that it evaluated after we had read the ledger
        world.repository.before_land = lambda: None
        package = "e" * 64
        desired = situation.desired[0]
        won = next(iter(world.ledger.evaluations.values()))
        other = replace(won, package=package, evaluation=desired.evaluation(package), candidate="other")
        world.records.put(other.name, _encoded(other))
        chosen = Champion(1, "other", package, "f" * 64, other.evaluation, "accuracy", "c")
        world.repository.commit_on_main({RELEASE: dump(Release(chosen, versions=((1, package),)))})

    world.repository.before_land = faster
    ended = promote(world.world, situation, situation.desired[0], world.ledger)
    assert isinstance(ended, Promoted)
    assert ended.version == 2


def _encoded(fact: object) -> bytes:
    from mlops_ci.records.codec import encode

    return encode(fact)  # type: ignore[arg-type]


def test_a_branch_that_never_stands_still_asks_to_try_again(tmp_path: Path) -> None:
    world = small(tmp_path)
    evaluated(world)
    world.repository.before_land = lambda: world.repository.commit_on_main({"noise": world.repository.main.encode()})
    ended = perform(world.world, world.assess(), Promote("tiny"), lambda _: None)
    assert ended.exit_code == 75
    assert "mlops-ci promote tiny" in ended.hint


def test_a_package_that_was_rolled_back_is_not_promoted_again_by_itself(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    world.push("candidates/bad.yaml", candidate(5))
    world.run()
    assert champion(world).candidate == "bad"
    desired = world.assess().desired[0]
    production = desired.model.environments[1]
    roll_back(world.world, desired, production, world.ledger, lambda _: None, to=None, why="complaints")
    world.push("candidates/bad.yaml", candidate(1))
    world.run()
    world.push("candidates/bad.yaml", candidate(5))
    world.run()
    assert world.release.rolled_back != ()
    assert world.steps() == []


def test_a_package_that_had_a_version_keeps_its_number_and_its_promotion_is_told_again(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    first = champion(world).package
    world.push("candidates/bad.yaml", candidate(5))
    world.run()
    assert champion(world).version == 2
    world.rewrite("serving:", "promotion: {require: [{metric: accuracy, max: 0.95}]}\nserving:")
    # The champion no longer meets what is required, and nobody replaces it but by being as good.
    release = world.release
    assert release.champion is not None
    world.repository.commit_on_main({RELEASE: dump(replace(release, champion=None))})
    world.repository.files[RELEASE] = world.repository.commits[world.repository.main][RELEASE]
    world.run()
    assert (champion(world).version, champion(world).package) == (1, first)
    assert world.repository.tags == ["tiny/v1", "tiny/v2"]
    told = [(p.version, p.commit) for p in world.ledger.promotions["tiny"]]
    assert sorted(version for version, _ in told) == [1, 1, 2]
    assert world.steps() == []


def test_a_rule_that_comes_back_never_replaces_the_champion_by_what_lost_to_it(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    world.rewrite("serving:", MARGIN)
    world.push("candidates/bad.yaml", candidate(5))
    world.run()
    assert champion(world).candidate == "good"  # `bad` is better by 0.1, and 0.15 is asked for
    world.rewrite(MARGIN, "serving:")
    world.run()
    assert champion(world).candidate == "bad"
    world.rewrite("serving:", MARGIN)
    world.run()
    assert champion(world).candidate == "bad"
    assert world.steps() == []


def test_without_the_model_on_the_branch_nothing_is_promoted(tmp_path: Path) -> None:
    world = small(tmp_path)
    evaluated(world)
    situation = world.assess()
    world.repository.commits["0"] = {"mlops-ci.yaml": world.repository.files["mlops-ci.yaml"]}
    world.repository.main = "0"
    ended = perform(world.world, situation, Promote("tiny"), lambda _: None)
    assert (ended.outcome, ended.exit_code) == (Outcome.STOPPED, 0)
    assert "moved on" in ended.sentence


@pytest.mark.parametrize("minimum", [0.99])
def test_when_nobody_meets_what_is_required_the_step_says_no(tmp_path: Path, minimum: float) -> None:
    world = small(tmp_path)
    world.rewrite("serving:", f"promotion: {{require: [{{metric: accuracy, min: {minimum}}}]}}\nserving:")
    result = world.run()
    assert result.exit_code == 1
    assert world.outcomes(result)["promote"] == "refused"
    assert world.run().exit_code == 0  # nothing is begun; what the note means is the command's affair
    assert world.steps() == []
