"""What stands for an image where there are no containers: a manifest that follows from what it is built of."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

_KIND = "application/vnd.docker.distribution.manifest.v2+json"
_NAME = re.compile(
    r"(?P<registry>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<repository>[^:@]+)(?::(?P<tag>.+))?"
)


@dataclass(frozen=True, slots=True)
class Image:
    """`context` is the digest of everything it was built of; `manifest` is what a registry keeps."""

    context: str
    manifest: str

    @property
    def digest(self) -> str:
        """Return the image's own digest, that of its manifest."""
        return f"sha256:{hashlib.sha256(self.manifest.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Place:
    """A name of an image in ECR, in its parts."""

    registry: str
    region: str
    repository: str
    tag: str


def parted(name: str) -> Place | None:
    """Return the parts of an image's name, None where it is none of ECR's."""
    found = _NAME.fullmatch(name)
    return found and Place(found["registry"], found["region"], found["repository"], found["tag"] or "latest")


def image_of(context: Path, dockerfile: str, arguments: tuple[str, ...]) -> Image | None:
    """Return the image of a context, a Dockerfile and build arguments; None where the Dockerfile has no FROM.

    The same names, contents and executable bits give the same image, whenever and wherever it is built.
    """
    if not re.search(r"^\s*FROM\s+\S", dockerfile, re.MULTILINE | re.IGNORECASE):
        return None
    whole = hashlib.sha256()
    for part in (dockerfile, *sorted(arguments)):
        whole.update(hashlib.sha256(part.encode()).digest())
    for path in sorted(found for found in context.rglob("*") if found.is_file()):
        name = path.relative_to(context)
        if name.parts[0] == ".git":
            continue
        runs = "x" if path.stat().st_mode & 0o100 else "-"
        whole.update(f"{name.as_posix()}\0{runs}".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return Image(whole.hexdigest(), manifest_of(whole.hexdigest()))


def manifest_of(content: str) -> str:
    """Return the manifest of an image whose one layer has a digest (64 hexadecimal digits)."""
    config = hashlib.sha256(f"config {content}".encode()).hexdigest()
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": _KIND,
            "config": {
                "mediaType": "application/vnd.docker.container.image.v1+json",
                "size": 1469,
                "digest": f"sha256:{config}",
            },
            "layers": [
                {
                    "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                    "size": 28_567_000,
                    "digest": f"sha256:{content}",
                }
            ],
        },
        sort_keys=True,
    )
