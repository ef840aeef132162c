"""What the endpoints on this machine are now; where there are none, that costs nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from mlops_ci.plan.deployed import Deployed, EndpointState

ANSWER_WITHIN = 1.0
"""Seconds after which a supervisor that does not answer is taken for dead."""


def described(root: Path, sockets: Path | None = None) -> tuple[Deployed, ...]:
    """Return every endpoint below `root`, sorted by environment and model; a dead one is OutOfService.

    `sockets` is where supervisors listen by default; see `sockets_folder`.
    """
    folders = sorted(folder for place in _below(root) for folder in _below(place))
    return tuple(found for folder in folders if (found := _described(folder, sockets)) is not None)


def sockets_folder() -> Path:
    """Return this user's folder for sockets, whose paths may have at most 104 bytes."""
    import tempfile

    temporary = Path(tempfile.gettempdir())
    name = f"mlops-ci-{os.getuid()}"
    return temporary / name if len(os.fsencode(temporary)) <= 60 else Path("/tmp", name)  # noqa: S108 - made private


def _below(folder: Path) -> Iterator[Path]:
    try:
        yield from (folder / entry.name for entry in os.scandir(folder) if entry.is_dir() and entry.name[0] != ".")
    except (FileNotFoundError, NotADirectoryError):
        return


def _described(folder: Path, sockets: Path | None) -> Deployed | None:
    from mlops_ci.runtime import control

    if not (folder / control.SERVING).exists():
        return None
    known = control.known(folder / control.SERVING)
    try:
        now = control.ask(sockets or sockets_folder(), folder, {"do": "status"}, timeout=ANSWER_WITHIN)
    except control.Silent:
        lost = "its supervisor does not answer" if known.get("package") else "it was never in service"
        now = {**known, "state": EndpointState.OUT_OF_SERVICE.value, "detail": lost}
    return Deployed(
        environment=folder.parent.name,
        model=folder.name,
        state=EndpointState(now["state"]),
        version=int(now.get("version", 0)),
        package=str(now.get("package", "")),
        workers=int(now.get("workers", 0)),
        batching=bool(now.get("batching", False)),
        url=str(now.get("url", "")),
        detail=str(now.get("detail", "")),
        instance=str(now.get("instance", "")),
        count=int(now.get("count", 0)),
        autoscaling=str(now.get("autoscaling", "")),
        capture=str(now.get("capture", "")),
    )
