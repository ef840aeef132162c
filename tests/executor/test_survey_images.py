"""A survey of models whose images have tags: unchanged ones are told from the snapshot, a tag that moved is seen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mlops_ci.executor.glance import Glance
from mlops_ci.executor.survey import survey
from mlops_ci.plan.change import Plan
from mlops_ci.ports.jobs import Image, Software
from tests.executor.small import Small, project_files, small
from tests.executor.small_ports import SmallImages


@dataclass
class Tags(SmallImages):
    """`Images` where every framework is a tag; `leads` says where to, `asked` what was asked for at once."""

    leads: dict[str, str]
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def tags(self, asked: Software) -> tuple[str, ...]:
        return (asked.requirements.strip() or "registry/plain:1",)

    def resolve(self, asked: Software) -> Image:
        return Image(reference=self.digests(self.tags(asked))[0])

    def digests(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        self.asked.append(tags)
        return tuple(self.leads[tag] for tag in tags)


@dataclass
class Site:
    """Two models, one in another image than the other."""

    made: Small
    images: Tags
    examined: list[str] = field(default_factory=list)

    def glance(self) -> Glance:
        def world():  # type: ignore[no-untyped-def] # noqa: ANN202 - as the glance's own
            self.examined.append("a model")
            return replace(self.made.world, images=self.images)

        return replace(self.made.glance, images=self.images.digests, world=world)

    def plan(self) -> Plan:
        self.examined.clear()
        self.images.asked.clear()
        found = survey(self.glance(), ())
        assert found is not None
        return found.plan


@pytest.fixture
def site(tmp_path: Path) -> Site:
    files = project_files() | project_files("other")
    files["pipelines/other/image.txt"] = b"registry/other:2\n"
    path = "pipelines/other/candidates/good.yaml"
    files[path] = files[path] + b"requirements: image.txt\n"
    leads = {"registry/plain:1": "registry/plain@one", "registry/other:2": "registry/other@one"}
    return Site(small(tmp_path, files), Tags(leads))


def test_an_unchanged_plan_comes_from_the_snapshot_and_asks_for_all_tags_at_once(site: Site) -> None:
    first = site.plan()
    assert site.examined
    assert site.plan() == first
    assert site.examined == []
    assert site.images.asked[0] == ("registry/other:2", "registry/plain:1")


def test_a_tag_that_moved_is_seen_by_the_models_that_it_is_about(site: Site) -> None:
    site.plan()
    before = {change.subject for change in site.plan().changes if change.model == "other"}
    site.images.leads["registry/other:2"] = "registry/other@two"
    plan = site.plan()
    assert site.examined == ["a model"]
    assert {change.subject for change in plan.changes if change.model == "other"} == before
    site.images.leads["registry/other:2"] = "registry/other@one"
    site.plan()
    assert site.examined == ["a model"]
