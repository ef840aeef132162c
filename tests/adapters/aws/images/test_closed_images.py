"""Images that only SageMaker may look at, and what serves none of our scripts."""

from __future__ import annotations

import pytest

from mlops_ci.errors import ProviderError
from mlops_ci.model import Framework
from mlops_ci.ports.jobs import CannotRun, Image, Software
from mlops_ci.testing.aws.loopback import Loopback
from tests.adapters.aws.images.registry import Registry, images
from tests.executor.small_snapshots import SmallSnapshots
from tests.loopback import Fault

LINEAR = Software(algorithm=Framework("linear-learner"))


def test_an_algorithm_that_ecr_tells_only_sagemaker_about_keeps_its_tag(
    aws: Loopback, snapshots: SmallSnapshots
) -> None:
    port = images(snapshots)
    found = port.resolve(LINEAR)
    assert isinstance(found, Image)
    assert (found.reference,) == port.tags(LINEAR)
    assert port.digests(port.tags(LINEAR)) == ("",)


def test_whoever_may_ask_for_no_image_at_all_is_told_so_of_algorithms_too(
    registry: Registry, snapshots: SmallSnapshots
) -> None:
    registry.server.fail("BatchGetImage", Fault.DENIED)
    with pytest.raises(ProviderError, match="ecr:BatchGetImage"):
        images(snapshots).resolve(LINEAR)


def test_tensorflow_serving_serves_no_script_with_a_model_fn(snapshots: SmallSnapshots) -> None:
    found = images(snapshots).serving(Software(Framework("tensorflow", "2.14")))
    assert isinstance(found, CannotRun)
    assert "model_fn" in found.summary
