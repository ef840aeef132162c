"""Files that a command is given by name: read up to a bound, whoever wrote them."""

from __future__ import annotations

from pathlib import Path

from mlops_ci.errors import ProviderError, UsageError


def read_given(name: str, folder: Path, *, kind: str, most: int, hint: str) -> bytes:
    """Return what a file holds, `name` relative to `folder`; one byte more than `most` where it is too large.

    `kind` says in an error what it should be; `hint` is how such a file comes to be.

    Raises:
        UsageError: there is no such file.
        ProviderError: it cannot be read.

    """
    place = Path(folder, name)
    if not place.is_file():
        raise UsageError(f"there is no {kind} `{name}`", hint=hint)
    try:
        with place.open("rb") as stream:
            return stream.read(most + 1)
    except OSError as error:
        raise ProviderError(f"cannot read `{name}`: {error.strerror}", hint=f"ls -l {name}") from error
