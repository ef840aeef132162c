"""git as a subprocess, for reading: it starts in a millisecond, GitPython takes ninety to import."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.errors import ManifestError, ProviderError


@dataclass(frozen=True, slots=True)
class Git:
    """Runs git in one folder. The user's configuration counts; prompts and pagers never come up."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        """Return what git printed.

        Raises:
            ProviderError: git said no, or is not installed.

        """
        done = self.attempt(*arguments, stdin=stdin)
        if done.returncode:
            raise _refused(arguments[0], done.returncode, done.stderr)
        return done.stdout

    def line(self, *arguments: str) -> str:
        """Return the one line that git printed, or an empty string where it said no."""
        done = self.attempt(*arguments)
        return "" if done.returncode else done.stdout.decode().strip()

    def finish(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Return the finished process, whatever its exit code. It ends what it began also where our group is killed.

        For what changes this checkout, and asks nobody: a git that is killed leaves its locks behind.
        """
        return self.attempt(*arguments, is_apart=True)

    def start(self, *arguments: str) -> Started:
        """Return a git process that has begun; several may be under way at a time.

        Raises:
            ProviderError: git is not installed.

        """
        try:
            process = subprocess.Popen(
                ["git", *arguments],
                cwd=self.folder,
                env=quiet(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise _no_git(error) from error
        return Started(arguments[0], process)

    def attempt(
        self, *arguments: str, stdin: bytes | None = None, is_apart: bool = False
    ) -> subprocess.CompletedProcess[bytes]:
        """Return the finished process, whatever its exit code; what it complained of names no password.

        `is_apart` gives it a session of its own.
        """
        try:
            done = subprocess.run(
                ["git", *arguments],
                cwd=self.folder,
                env=quiet(self.environment),
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                check=False,
                start_new_session=is_apart,
            )
        except OSError as error:
            raise _no_git(error) from error
        done.stderr = discreet(done.stderr)
        return done


_CREDENTIALS = re.compile(rb"(?<=://)[^/\s'\"]*@")


def discreet(said: bytes) -> bytes:
    """Return what git said without user and password in an address: a remote's may hold a token."""
    return _CREDENTIALS.sub(b"***@", said) if b"@" in said else said


@dataclass(frozen=True, slots=True)
class Started:
    """A git process under way."""

    verb: str
    process: subprocess.Popen[bytes]

    def ended(self) -> tuple[int, bytes, bytes]:
        """Return exit code, what was printed and what was complained, when it has ended."""
        out, err = self.process.communicate()
        return self.process.returncode, out, discreet(err)

    def output(self) -> bytes:
        """Return what git printed, when it has ended.

        Raises:
            ProviderError: git said no.

        """
        code, out, err = self.ended()
        if code:
            raise _refused(self.verb, code, err)
        return out


def _refused(verb: str, code: int, err: bytes) -> ProviderError:
    said = err.decode(errors="replace").strip()
    return ProviderError(f"`git {verb}` failed: {reason(said) or f'exit code {code}'}", detail=said, hint="git status")


def _no_git(error: OSError) -> ProviderError:
    if isinstance(error, FileNotFoundError):
        return ProviderError("git is not installed", hint="install git, then type the command again")
    return ProviderError(f"git cannot be started: {error.strerror}", hint="mlops-ci doctor")


def reason(said: str) -> str:
    """Return the line in which git says why: the first that begins with `fatal:` or `error:`, else the last."""
    lines = [line for line in said.splitlines() if line.strip()]
    why = next((line for line in lines if line.startswith(("fatal: ", "error: "))), lines[-1] if lines else "")
    return why.removeprefix("fatal: ").removeprefix("error: ")


def quiet(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with English messages and without anything that asks or pages."""
    kept = {
        key: value for key, value in environment.items() if key not in {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}
    }
    return kept | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat", "GIT_OPTIONAL_LOCKS": "0",
                   "GIT_LITERAL_PATHSPECS": "1"}  # fmt: skip


def find_project(start: Path, name: str) -> Path | None:
    """Return the nearest folder at or above `start` that holds a file of that name, or None."""
    return next((folder for folder in (start, *start.parents) if (folder / name).is_file()), None)


def open_git(project: Path, environment: Mapping[str, str] = os.environ) -> tuple[Git, str]:
    """Return git in the repository that holds the project, and the project's place in it (empty or `a/b/`).

    Raises:
        ManifestError: the project is in no git repository.

    """
    git = Git(project, environment)
    found = git.attempt("rev-parse", "--show-toplevel", "--show-prefix")
    if found.returncode:
        said = found.stderr.decode(errors="replace")
        hint = "git init && git add -A && git commit -m 'first commit'"
        if "dubious ownership" in said:
            hint = f"git config --global --add safe.directory {project}"
        summary = "the project is in no git repository, and git is what everything is compared with"
        raise ManifestError((Diagnostic("no-git", Span(str(project)), summary, hint=hint),))
    top, prefix = found.stdout.decode().split("\n")[:2]
    return Git(Path(top), environment), prefix


def root_of(folder: Path, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the top of the repository that a folder is in, and its place in it; both empty where there is none."""
    try:
        git, prefix = open_git(folder, environment)
    except (ManifestError, ProviderError):
        return "", ""
    return str(git.folder), prefix


def content_of(project: Path, name: str) -> bytes:
    """Return the bytes of the project's file.

    Raises:
        ManifestError: it is a symbolic link.

    """
    if (project / name).is_symlink():
        from mlops_ci.manifest.links import linked

        raise ManifestError((linked(name),))
    return (project / name).read_bytes()
