"""Making a project: files that are not there yet, a git repository where there is none, and a first commit in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mlops_ci import resources
from mlops_ci.commands.laying import lay
from mlops_ci.errors import UsageError
from mlops_ci.manifest.document import did_you_mean

IGNORED = (".mlops-ci/", "__pycache__/")


@dataclass(frozen=True, slots=True)
class Made:
    """What was written (relative to the folder), what was there and was left alone, and the first commit if any."""

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]
    commit: str


def examples() -> tuple[str, ...]:
    """Return the names of the examples that ship."""
    return tuple(sorted(p.parent.name for p in resources.folder("pipelines").glob("*/model.yaml")))


def described() -> tuple[tuple[str, str], ...]:
    """Return (name, first sentence of its description) of the examples that ship."""
    found = []
    for name in examples():
        text = (resources.folder("pipelines") / name / "model.yaml").read_text(encoding="utf-8")
        line = next((line for line in text.splitlines() if line.startswith("description: ")), "")
        told = line.removeprefix("description: ")
        found.append((name, told[: told.find("?") + 1] or told))
    return tuple(found)


def write(folder: Path, example: str | None, branch: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the paths written and those left alone because they were there.

    Raises:
        UsageError: there is no such example, or a file stands where the folder should be.

    """
    if example is not None and example not in examples():
        raise UsageError(
            f"there is no example `{example}`",
            hint=did_you_mean(example, examples(), f"examples: {', '.join(examples())}"),
        )
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"`{folder}` is a file", hint="mlops-ci init OTHER_FOLDER")
    shipped = resources.folder("pipelines")
    text = (shipped / "project.yaml").read_text(encoding="utf-8").replace("branch: main", f"branch: {branch}", 1)
    files: dict[str, bytes] = {"mlops-ci.yaml": text.encode()}
    for path in sorted(resources.folder("schemas").glob("*.json")):  # what the editors' line in each manifest names
        if path.name == "buildspec.schema.json":  # of no manifest: `init --ci codebuild` writes buildspecs
            continue
        files[f"schemas/{path.name}"] = path.read_bytes()
    if example is not None:
        root = shipped / example
        for path in sorted(root.rglob("*")):
            inside = path.relative_to(root)
            if path.is_file() and "__pycache__" not in inside.parts and path.name != "release.yaml":
                files[f"pipelines/{example}/{inside.as_posix()}"] = path.read_bytes()
    written, kept = lay(folder, files)
    if _ignore(folder):
        written = (*written, ".gitignore")
    return written, kept


def _ignore(folder: Path) -> bool:
    """Add what is ours to ignore to `.gitignore`; return whether anything was missing."""
    place = folder / ".gitignore"
    text = place.read_text(encoding="utf-8") if place.exists() else ""
    missing = [line for line in IGNORED if line not in text.splitlines()]
    if missing:
        start = text if not text or text.endswith("\n") else text + "\n"
        place.write_text(start + "".join(f"{line}\n" for line in missing), encoding="utf-8")
    return bool(missing)
