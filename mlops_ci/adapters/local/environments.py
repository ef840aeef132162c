"""Environments of local jobs: this interpreter, or virtual environments kept by what is in them.

A virtual environment holds only what differs. A `.pth` file in it puts the distributions of our own interpreter behind
its own, so that a requirement of one small package does not install a framework again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.local.handing import for_pip
from mlops_ci.adapters.local.images import closure
from mlops_ci.adapters.local.installed import installed
from mlops_ci.errors import ProviderError
from mlops_ci.ports.jobs import Image
from mlops_ci.runtime.jobfolder import read_json, write_json

_READY = "ready.json"
_TAIL = 15


def wanted(image: Image, code: Path) -> Image:
    """Return the image with the code folder's own `requirements.txt`, where the image has no requirements."""
    own = code / "requirements.txt"
    return replace(image, requirements=own.read_text("utf-8")) if not image.requirements and own.is_file() else image


@dataclass(frozen=True, slots=True)
class Environments:
    """Virtual environments below `root`, on top of `base`, the interpreter that runs us, and its site `folders`.

    `environment` is the user's own: pip sees its indexes, proxies and certificates, and no more than a job otherwise.
    """

    root: Path
    environment: Mapping[str, str]
    base: Path
    folders: tuple[Path, ...]

    def python_for(self, image: Image) -> Path:
        """Return the interpreter that has the packages and requirements of an image, having built it if need be.

        Building takes as long as pip takes; of many who ask at once one builds and the others wait.

        Raises:
            ProviderError: pip could not install it, or the image wants another Python than this.

        """
        mine = ".".join(platform.python_version_tuple()[:2])
        if image.python and image.python != mine:
            raise ProviderError(
                f"this needs Python {image.python}, and mlops-ci runs on Python {mine}",
                hint=f"install mlops-ci with Python {image.python}, or train the model again",
            )
        found = installed(self.folders)
        pins = tuple(f"{name}=={version}" for name, version in image.packages if found.get(name) != version)
        if not pins and not image.requirements.strip():
            return self.base
        folder = self.root / _digest(mine, image.requirements, pins, str(self.base))
        with guarded("build an environment in", self.root):
            if (made := self._remembered(image)) is not None:
                return made
            if not (folder / _READY).is_file():
                self.root.mkdir(parents=True, exist_ok=True)
                with _locked(folder.with_suffix(".lock")):
                    if not (folder / _READY).is_file():
                        self._build(folder, image, pins)
        return _python(folder)

    def true_image(self, python: Path, image: Image) -> Image:
        """Return the image as it came to be: the packages that its interpreter really has."""
        own = () if python == self.base else _sites(python.parent.parent)
        found = installed((*own, *self.folders))
        names = {*closure(image.framework, image.requirements), *(name for name, _ in image.packages)}
        packages = tuple((name, found[name]) for name in sorted(names) if name in found)
        return replace(image, python=image.python or ".".join(platform.python_version_tuple()[:2]), packages=packages)

    def _build(self, folder: Path, image: Image, pins: tuple[str, ...]) -> None:
        """Make a virtual environment, from scratch where somebody was killed while making it."""
        shutil.rmtree(folder, ignore_errors=True)
        log = folder.with_suffix(".log")
        self._run((str(self.base), "-m", "venv", "--without-pip", str(folder)), log)
        # `addsitedir` also reads the .pth files there, so editable installs are seen.
        behind = "".join(f"import site; site.addsitedir({str(path)!r})\n" for path in self.folders)
        (_sites(folder)[0] / "behind.pth").write_text(behind, encoding="utf-8")
        wish = folder / "requirements.txt"
        wish.write_text("\n".join((image.requirements, *pins, "")), encoding="utf-8")
        pip = (str(self.base), "-m", "pip", "--python", str(_python(folder)))
        options = ("--disable-pip-version-check", "--no-input", "--progress-bar", "off")
        self._run((*pip, "install", *options, "-r", str(wish)), log)
        # The image that came to be shall lead here too: it is the one that releases name.
        known = self._known(self.true_image(_python(folder), image))
        known.parent.mkdir(exist_ok=True)
        write_json(known, {"folder": folder.name})
        write_json(folder / _READY, {"requirements": image.requirements, "pins": list(pins)})

    def _remembered(self, image: Image) -> Path | None:
        """Return the interpreter of the environment that once came to be this image, if it still is.

        It is not where our own interpreter's distributions, behind its own, have changed since.
        """
        folder = self.root / (read_json(self._known(image)) or {"folder": "none"})["folder"]
        is_whole = (folder / _READY).is_file() and self.true_image(_python(folder), image).packages == image.packages
        return _python(folder) if is_whole else None

    def _known(self, image: Image) -> Path:
        return self.root / "known" / _digest(image.python, image.requirements, image.packages)

    def _run(self, command: tuple[str, ...], log: Path) -> None:
        with log.open("ab") as stream:
            start = stream.tell()
            done = subprocess.run(
                command,
                env=for_pip(self.environment),
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            said = log.read_bytes()[start:].decode(errors="replace").strip().splitlines()[-_TAIL:]
            errors = [line for line in said if line.startswith("ERROR: ")]
            reason = (errors or said or [f"exit code {done.returncode}"])[-1].removeprefix("ERROR: ")
            raise ProviderError(
                f"the environment of the job could not be built: {reason}",
                detail="\n".join(said),
                hint=f"correct the `requirements`, or see `{log}`",
            )


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _sites(folder: Path) -> tuple[Path, ...]:
    return tuple(folder.glob("lib/python3*/site-packages"))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Be the only one; a killed holder's lock is free."""
    with path.open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
