"""moto knows the images of one account. Here those of SageMaker's own accounts are there too, by tag and digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from mlops_ci.testing.aws.builds.images import Image, manifest_of
from mlops_ci.testing.aws.loopback import Loopback
from mlops_ci.testing.aws.patching import Patches

ABSENT = "missing"
"""A tag with this word in it is in no repository of another account; every other one is."""

CLOSED = frozenset({"knn", "linear-learner"})
"""Repositories of SageMaker's algorithms, of which ECR tells nobody but SageMaker."""

_KIND = "application/vnd.docker.distribution.manifest.v2+json"


def fill(loopback: Loopback) -> Callable[[], None]:  # noqa: ARG001 - as every filling
    """Have images of other accounts described and fetched, and pushes into nowhere refused as ECR does."""
    from moto.core.responses import ActionResult
    from moto.ecr.exceptions import ImageNotFoundException, RepositoryNotFoundException
    from moto.ecr.responses import ECRResponse

    patches = Patches()

    def describe_images(response: Any) -> Any:  # noqa: ANN401 - moto's class
        registry, name = _asked(response)
        if registry is None:
            return moto_describe(response)
        _refuse_closed(response, registry, name, "DescribeImages")
        details = []
        for wanted in response._get_param("imageIds") or ():  # noqa: SLF001
            found = _pushed(response, registry, name, wanted) or _found(registry, name, wanted)
            if found is None:
                said = f"{{imageDigest:'null', imageTag:'{wanted.get('imageTag')}'}}"
                raise ImageNotFoundException(said, name, registry)
            details.append({"registryId": registry, "repositoryName": name, **_detail(found, wanted)})
        return ActionResult({"imageDetails": details})

    def batch_get_image(response: Any) -> Any:  # noqa: ANN401 - moto's class
        registry, name = _asked(response)
        if registry is None:
            return moto_get(response)
        _refuse_closed(response, registry, name, "BatchGetImage")
        images, failures = [], []
        for wanted in response._get_param("imageIds"):  # noqa: SLF001
            found = _pushed(response, registry, name, wanted) or _found(registry, name, wanted)
            if found is None:
                why = {"failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
                failures.append({"imageId": wanted, **why})
                continue
            image = {"registryId": registry, "repositoryName": name, "imageId": _id(found, wanted)}
            told = {"imageManifest": found.manifest, "imageManifestMediaType": _KIND} if found.manifest else {}
            images.append(image | told)
        return ActionResult({"images": images, "failures": failures})

    def put_image(response: Any) -> Any:  # noqa: ANN401 - moto's class
        name = response._get_param("repositoryName")  # noqa: SLF001
        if name not in response.ecr_backend.repositories:  # moto answers 500, which clients try again
            registry = response._get_param("registryId") or response.current_account  # noqa: SLF001
            raise RepositoryNotFoundException(name, registry)
        return moto_put(response)

    moto_describe, moto_get, moto_put = (
        patches.put(ECRResponse, method.__name__, method) for method in (describe_images, batch_get_image, put_image)
    )
    return patches.undo


def digest_of(registry: str, repository: str, tag: str) -> str:
    """Return the digest under which the loopback knows a tag of another account's repository."""
    return _image(registry, repository, tag).digest


def _image(registry: str, repository: str, tag: str) -> Image:
    content = hashlib.sha256(f"{registry}/{repository}:{tag}".encode()).hexdigest()
    return Image(content, manifest_of(content))


def _asked(response: Any) -> tuple[str | None, str]:  # noqa: ANN401 - moto's class
    """Return the other account that is asked for, None for one's own, and the repository."""
    registry = response._get_param("registryId")  # noqa: SLF001
    name = response._get_param("repositoryName")  # noqa: SLF001
    return (None if registry in {None, response.current_account} else registry), name


def _refuse_closed(response: Any, registry: str, name: str, action: str) -> None:  # noqa: ANN401 - moto's class
    """Refuse as ECR does where the repository is SageMaker's alone: its policy names nobody else."""
    from moto.core.exceptions import JsonRESTError

    if name in CLOSED:
        place = f"arn:aws:ecr:{response.region}:{registry}:repository/{name}"
        who = f"arn:aws:iam::{response.current_account}:user/somebody"
        may = f"{who} is not authorized to perform: ecr:{action} on resource: {place}"
        said = f"User: {may} because no resource-based policy allows the ecr:{action} action"
        raise JsonRESTError("AccessDeniedException", said)


class _Known(Image):
    """An image that is asked for by its digest, of which nothing else can be told."""

    __slots__ = ()

    @property
    def digest(self) -> str:
        return self.context


def _pushed(response: Any, registry: str, repository: str, wanted: dict[str, str]) -> Image | None:  # noqa: ANN401
    """Return the image that somebody put into another account's repository; that of a tag is the last."""
    kept = response.ecr_backend.repositories.get(repository)
    if kept is None or kept.registry_id != registry or "imageTag" not in wanted:
        return None
    found = [image for image in kept.images if wanted["imageTag"] in image.image_tags]
    return _Known(found[-1].get_image_digest(), found[-1].image_manifest) if found else None


def _found(registry: str, repository: str, wanted: dict[str, str]) -> Image | None:
    if "imageTag" in wanted:
        return None if ABSENT in wanted["imageTag"] else _image(registry, repository, wanted["imageTag"])
    return _Known(wanted["imageDigest"], "")


def _id(found: Image, wanted: dict[str, str]) -> dict[str, str]:
    return {"imageDigest": found.digest} | ({"imageTag": wanted["imageTag"]} if "imageTag" in wanted else {})


def _detail(found: Image, wanted: dict[str, str]) -> dict[str, Any]:
    tags = {"imageTags": [wanted["imageTag"]]} if "imageTag" in wanted else {}
    return {"imageDigest": found.digest, "imageManifestMediaType": _KIND, **tags}
