"""`docker` in a build of the loopback: no container, but a digest of what would be in the image, in ECR."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path

from mlops_ci.testing.aws.builds.images import Image, image_of, parted
from mlops_ci.testing.aws.builds.stand_ins import STATE

SAYS = "loopback: this `docker` is a stand-in: no container is built or run"


def main(words: list[str]) -> int:
    """Do what a `docker` command line asks, as far as the stand-in can. Returns docker's exit codes."""
    verb, *rest = words or ["help"]
    if verb in {"image", "buildx"} and rest:
        verb, *rest = rest
    match verb:
        case "build":
            return _build(rest)
        case "tag":
            return _tag(rest)
        case "push":
            return _push(rest)
        case "login":
            return _login(rest)
        case "logout" | "info" | "version" | "--version" | "create" | "use" | "pull":
            print(f"{SAYS}; `{verb}` does nothing")  # noqa: T201 - it is a command
            return 0
        case _:
            print(f"{SAYS}; it has no `{verb}`", file=sys.stderr)  # noqa: T201
            return 125


def _build(words: list[str]) -> int:
    parser = argparse.ArgumentParser("docker build")
    parser.add_argument("-t", "--tag", action="append", default=[])
    parser.add_argument("-f", "--file")
    parser.add_argument("--build-arg", action="append", default=[])
    parser.add_argument("--push", action="store_true")
    for ignored in ("--platform", "--target", "--cache-from", "--cache-to", "--progress", "--provenance", "--label"):
        parser.add_argument(ignored, action="append")
    for ignored in ("--no-cache", "--pull", "--quiet", "--load"):
        parser.add_argument(ignored, action="store_true")
    parser.add_argument("context")
    asked = parser.parse_args(words)
    context = Path(asked.context)
    dockerfile = Path(asked.file) if asked.file else context / "Dockerfile"
    print(SAYS)  # noqa: T201
    if not dockerfile.is_file():
        print(f"ERROR: failed to read dockerfile: open {dockerfile}: no such file or directory", file=sys.stderr)  # noqa: T201
        return 1
    arguments = tuple(_argument(one) for one in asked.build_arg)
    image = image_of(context, dockerfile.read_text(), (*arguments, f"--target={asked.target}"))
    if image is None:
        print(f"ERROR: dockerfile parse error: {dockerfile} has no FROM", file=sys.stderr)  # noqa: T201
        return 1
    print(f"context digest {image.context}; writing image {image.digest}")  # noqa: T201
    for tag in asked.tag:
        _keep(tag, image)
        print(f"naming to {tag}")  # noqa: T201
    return max((_push([tag]) for tag in asked.tag), default=0) if asked.push else 0


def _argument(word: str) -> str:
    """Return a build argument with its value, which docker takes from the environment where none is given."""
    name, given, _ = word.partition("=")
    return word if given else f"{name}={os.environ.get(name, '')}"


def _tag(words: list[str]) -> int:
    source, target = words
    image = _kept(source)
    if image is None:
        print(f"Error response from daemon: No such image: {source}", file=sys.stderr)  # noqa: T201
        return 1
    _keep(target, image)
    return 0


def _push(words: list[str]) -> int:
    from botocore.exceptions import ClientError

    from mlops_ci.testing.aws.clients import client

    name = words[-1]
    image, place = _kept(name), parted(name)
    if image is None or place is None:
        what = "An image does not exist locally with the tag" if image is None else "not a repository of ECR"
        print(f"{what}: {name}", file=sys.stderr)  # noqa: T201
        return 1
    ecr = client("ecr", place.region)
    try:
        answer = ecr.put_image(
            registryId=place.registry, repositoryName=place.repository, imageManifest=image.manifest, imageTag=place.tag
        )
    except ecr.exceptions.ImageAlreadyExistsException:
        print(f"{place.tag}: digest: {image.digest} (it was there)")  # noqa: T201
        return 0
    except ClientError as error:
        print(f"{error.response['Error']['Code']}: {error.response['Error']['Message']}", file=sys.stderr)  # noqa: T201
        return 1
    print(f"{SAYS}\n{place.tag}: digest: {answer['image']['imageId']['imageDigest']}")  # noqa: T201
    return 0


def _login(words: list[str]) -> int:
    if "--password-stdin" in words and not sys.stdin.read().strip():
        print("Error: password is empty", file=sys.stderr)  # noqa: T201
        return 1
    print("Login Succeeded")  # noqa: T201
    return 0


def _place(name: str) -> Path:
    full = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
    folder = Path(os.environ[STATE]) / "images"
    folder.mkdir(exist_ok=True)
    return folder / hashlib.sha256(full.encode()).hexdigest()


def _keep(name: str, image: Image) -> None:
    _place(name).write_text(json.dumps([image.context, image.manifest]))


def _kept(name: str) -> Image | None:
    path = _place(name)
    return Image(*json.loads(path.read_text())) if path.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
