"""What a job left on S3, on this disk: objects as files, archives packed as the house packs them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from mlops_ci.adapters.archives import pack
from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.adapters.unpacking import unpack
from mlops_ci.errors import ProviderError


def key_of(bucket: Bucket, address: str) -> str:
    """Return the key below a bucket's address that an `s3://` address is."""
    above = f"{bucket.address}/"
    if not address.startswith(above):
        raise ProviderError(f"a job wrote to `{address}`, which is not below `{above}`")
    return address.removeprefix(above)


def saved(bucket: Bucket, key: str, place: Path) -> Path:
    """Return a new file at `place` with an object's content.

    Raises:
        ProviderError: there is no such object.

    """
    chunks = bucket.chunks(key)
    if chunks is None:
        raise ProviderError(
            f"`{bucket.address}/{key}` is not there, though a job left it there",
            hint="make it again: `mlops-ci train --replace`",
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as out:
        for chunk in chunks:
            out.write(chunk)
    return place


def repacked(bucket: Bucket, key: str, folder: Path) -> Path:
    """Return an archive below a new folder with the files of one on S3: the same files give the same bytes.

    Raises:
        ProviderError: there is none, or it holds what is never unpacked.
        IntegrityError: it is no whole archive.

    """
    archive = saved(bucket, key, folder / "incoming" / key.rsplit("/", 1)[-1])
    unpack(archive, folder / "files")
    archive.unlink()
    pack(folder / "files", folder / "archive")
    return folder / "archive"


def packed(bucket: Bucket, prefix: str, folder: Path) -> Path:
    """Return an archive below a new folder with every object below a prefix that ends in `/`."""
    (folder / "files").mkdir(parents=True)
    for key, path in below(bucket, prefix):
        saved(bucket, key, folder / "files" / path)
    pack(folder / "files", folder / "archive")
    return folder / "archive"


def below(bucket: Bucket, prefix: str) -> Iterator[tuple[str, str]]:
    """Yield (key, path below the prefix) of every object that is a file.

    Raises:
        ProviderError: a key is no path of a file.

    """
    for found in bucket.list(prefix):
        path = found.key.removeprefix(prefix)
        if not path or path.endswith("/"):
            continue  # what a console made to show a folder
        if ".." in PurePosixPath(path).parts or path.startswith("/") or "//" in path:
            raise ProviderError(f"`{bucket.address}/{found.key}` has a key that is no path of a file")
        yield found.key, path
