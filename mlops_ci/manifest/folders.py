"""Which folders are models, and which files of a folder are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.errors import UsageError
from mlops_ci.manifest.document import did_you_mean, listed
from mlops_ci.manifest.links import linked
from mlops_ci.model import Tree

MANIFEST = "model.yaml"
RELEASE = "release.yaml"
CANDIDATES = "candidates/"


@dataclass(frozen=True, slots=True)
class Folder:
    """A model's folder: its path from the project; all files and symbolic links below it, relative to it and sorted.

    The folder itself being a link is an empty name among the links.
    """

    path: str
    files: tuple[str, ...]
    links: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def manifest(self) -> str:
        return f"{self.path}/{MANIFEST}"

    @property
    def release(self) -> str:
        return f"{self.path}/{RELEASE}"

    @property
    def has_manifest(self) -> bool:
        return MANIFEST in self.files

    @property
    def has_release(self) -> bool:
        return RELEASE in self.files

    @property
    def candidates(self) -> tuple[tuple[str, str], ...]:
        """Return (name, path from the project) of every candidate's file, sorted by name."""
        stems = [file.removeprefix(CANDIDATES).removesuffix(".yaml") for file in self.files if _is_candidate(file)]
        return tuple((stem, f"{self.path}/{CANDIDATES}{stem}.yaml") for stem in sorted(stems))

    @property
    def linked(self) -> tuple[str, ...]:
        """Return the links that stand where a file is read, or where the folder of candidates should be."""
        return tuple(link for link in self.links if not link or link == CANDIDATES.strip("/") or _is_read(link))

    def strays(self) -> Iterator[Diagnostic]:
        """Yield files that look like manifests and would never be read, and links in the place of manifests."""
        for link in self.linked:
            place = f"{self.path}/{link}" if link else self.path
            yield linked(place if _is_read(link) else self.manifest, instead="" if _is_read(link) else place)
        for file in self.files:
            is_yaml = file.endswith((".yaml", ".yml"))
            if file == "model.yml" or (is_yaml and file.startswith(CANDIDATES) and not _is_candidate(file)):
                stem = file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
                right = MANIFEST if file == "model.yml" else f"{CANDIDATES}{stem}.yaml"
                yield Diagnostic(
                    "file-name",
                    Span(f"{self.path}/{file}"),
                    f"`{file}` is never read",
                    detail=f"expected `{right}`",
                    hint=f"type `git mv {self.path}/{file} {self.path}/{right}`",
                )
        if not self.has_manifest and not self.linked and "model.yml" not in self.files and self.candidates:
            yield Diagnostic(
                "no-manifest",
                Span(self.manifest),
                f"`{self.path}` has candidates and no `{MANIFEST}`",
                hint=f"create `{self.manifest}`, or delete the folder",
            )


def folders(tree: Tree, pipelines: str) -> tuple[Folder, ...]:
    """Return every folder below `pipelines` that holds a manifest, candidates or a release, sorted by name."""
    start = len(pipelines.strip("/")) + 1
    found: dict[str, list[str]] = {}
    for path, _ in tree.blobs(pipelines):
        name, _, file = path[start:].partition("/")
        if file:
            found.setdefault(name, []).append(file)
    links: dict[str, list[str]] = {}
    for link in tree.links(pipelines):
        if link.startswith(f"{pipelines.strip('/')}/"):
            name, _, file = link[start:].partition("/")
            links.setdefault(name, []).append(file)
    made = (
        Folder(path_of(pipelines, name), tuple(found.get(name, ())), tuple(links.get(name, ())))
        for name in sorted({*found, *links})
    )
    return tuple(folder for folder in made if _is_model(folder))


def folder_of(tree: Tree, pipelines: str, name: str) -> Folder | None:
    """Return the folder of that name, if it is one of `folders`; only what is below it is listed."""
    path = path_of(pipelines, name)
    files = tuple(at[len(path) + 1 :] for at, _ in tree.blobs(path) if at != path)
    links = tuple(at[len(path) + 1 :] for at in tree.links(path) if f"{at}/".startswith(f"{path}/"))
    folder = Folder(path, files, links)
    return folder if _is_model(folder) else None


def _is_model(folder: Folder) -> bool:
    return bool(folder.linked) or any(file == "model.yml" or _is_read(file) for file in folder.files)


def path_of(pipelines: str, name: str) -> str:
    """Return the path of a model's folder, from the project."""
    return f"{pipelines.strip('/')}/{name}"


def selected(found: tuple[Folder, ...], select: tuple[str, ...]) -> tuple[Folder, ...]:
    """Return the folders that names or globs select; none selects all.

    Raises:
        UsageError: one of them matches nothing.

    """
    names = [folder.name for folder in found]
    known, exact = {*names}, {*select}  # a saved plan names every model there is
    for pattern in select:
        if pattern not in known and not any(fnmatchcase(name, pattern) for name in names):
            raise UsageError(
                f"there is no model `{pattern}`",
                hint=did_you_mean(pattern, names, "type `mlops-ci status` for the models there are"),
                detail=_known(names),
            )
    if not select:
        return found
    globs = tuple(pattern for pattern in exact if pattern not in known)
    return tuple(f for f in found if f.name in exact or any(fnmatchcase(f.name, pattern) for pattern in globs))


def _known(names: list[str]) -> str:
    return f"the models are {listed(names[:20])}{' ...' if len(names) > 20 else ''}" if names else "there are no models"


def _is_read(file: str) -> bool:
    return file in {MANIFEST, RELEASE} or _is_candidate(file)


def _is_candidate(file: str) -> bool:
    return file.startswith(CANDIDATES) and file.endswith(".yaml") and "/" not in file.removeprefix(CANDIDATES)
