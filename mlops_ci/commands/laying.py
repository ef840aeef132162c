"""Laying files into a folder: what is there already stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from mlops_ci.errors import UsageError


def lay(folder: Path, files: Mapping[str, bytes]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the paths written and those left alone because something was there, a broken link too.

    Raises:
        UsageError: a file stands where a folder should be; nothing was written.
        OSError: the machine said no.

    """
    refuse_files_above(folder, files)
    written, kept = [], []
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            with place.open("xb") as out:
                out.write(content)
        except FileExistsError:
            kept.append(name)
        else:
            written.append(name)
    return tuple(written), tuple(kept)


def refuse_files_above(folder: Path, names: Iterable[str]) -> None:
    """Raise where a file stands in the place of a folder that one of these files needs.

    Raises:
        UsageError: one does.

    """
    for name in names:
        place = folder / name
        for above in place.parents:
            if above.is_dir():
                break
            if above.exists() or above.is_symlink():
                short = above.relative_to(folder) if above != folder and above.is_relative_to(folder) else above
                raise UsageError(
                    f"`{short}` is a file, and `{name}` needs a folder of that name",
                    hint=f"move it away (git mv {short} OTHER_NAME), then type the command again",
                )
