"""Errors: the world failed, or somebody must try again.

    MlopsError                 one line that says what, one `hint` that says what to do
    ├── UsageError        64   the command line is wrong
    ├── ManifestError     65   carries every Diagnostic; the user's files are wrong
    ├── ProviderError     69   a provider, a disk, git or a network failed
    │   ├── IntegrityError     bytes are not what their digest says
    │   └── JobFailed      1   code of the user's, run for them, failed
    ├── TryAgain          75   stale plan, lost race, approval pending
    │   ├── StalePlan          the world moved since a plan was saved
    │   ├── InputsMoved        a file changed between its fingerprint and its use
    │   └── AwaitsMerge        a pull request of ours must be merged first
    └── Interrupted      130   Ctrl-C

Adapters translate foreign exceptions into these once, `from` their cause. Anything else is a bug (70).
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from mlops_ci.diagnostics import Diagnostic


REFUSALS = frozenset((
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE, errno.ETIMEDOUT,
    errno.ENOLCK, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN,
))  # fmt: skip
"""What a machine may answer any program with, where no adapter stood between it and us; another number is a bug."""


class MlopsError(Exception):
    """What went wrong, in one line, and what to do next."""

    exit_code: ClassVar[int] = 69
    code: ClassVar[str] = "failed"

    def __init__(self, summary: str, *, hint: str = "", detail: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.hint = hint
        self.detail = detail


class UsageError(MlopsError):
    """The command line asks for something that does not exist."""

    exit_code = 64
    code = "usage"


class ManifestError(MlopsError):
    """The user's files are wrong; every diagnostic is in `diagnostics`."""

    exit_code = 65
    code = "invalid-manifest"

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        count = len(diagnostics)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in the manifests")
        self.diagnostics = diagnostics


class ProviderError(MlopsError):
    """A provider, a disk, git or a network failed."""

    exit_code = 69
    code = "provider-failed"


class IntegrityError(ProviderError):
    """Bytes are not what their digest says; they are never used."""

    code = "damaged"


class JobFailed(ProviderError):  # noqa: N818 - named after what happened
    """Code of the user's that was run for them failed; `detail` is the end of what it said."""

    exit_code = 1
    code = "job-failed"


class TryAgain(MlopsError):  # noqa: N818 - not an error of anybody: the same command works later
    """Somebody was faster, or somebody must approve first."""

    exit_code = 75
    code = "try-again"


class StalePlan(TryAgain):
    """The world moved since a plan was saved; nothing of it was performed."""

    code = "stale-plan"


class InputsMoved(TryAgain):
    """A file changed between its fingerprint and its use; no result is recorded."""

    code = "inputs-moved"


class AwaitsMerge(TryAgain):
    """A move of the release was proposed, and somebody must merge it first."""

    code = "awaits-merge"


class Interrupted(MlopsError):  # noqa: N818 - named after what happened
    """The user pressed Ctrl-C, or the process was told to end."""

    exit_code = 130
    code = "interrupted"
