"""A job's own, true /opt/ml: a mount namespace in which only this process and its children see it.

Where the machine has no /opt/ml, nothing of it is made on the disk: a file system in memory covers /opt, and what lay
in /opt is bound back into it (GitHub's runners keep their Python there).
"""

from __future__ import annotations

import os
import stat
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ctypes

_NEWNS = 0x00020000
_NEWUSER = 0x10000000
_BIND = 0x1000
_RECURSIVE = 0x4000
_PRIVATE = 1 << 18


def enter(ml: Path) -> str:
    """Make `ml` this process's /opt/ml, and return an empty string, or why that cannot be; then nothing has changed.

    It is tried in a child first, because half a namespace cannot be left again.
    """
    if sys.platform != "linux":
        return "only Linux has mount namespaces"
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        reason = ""
        try:
            _enter(ml)
        except BaseException as error:  # the child must end here, whatever happens
            reason = str(error) or type(error).__name__
        os.write(writer, reason.encode()[:1024])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        reason = said.read().decode(errors="replace")
    os.waitpid(child, 0)
    if not reason:
        _enter(ml)
    return reason


def _enter(ml: Path) -> None:
    uid, gid = os.geteuid(), os.getegid()
    try:
        if uid:
            raise PermissionError  # noqa: TRY301 - a plain user and a root without rights go the same way
        _unshare(_NEWNS)
    except PermissionError:
        _unshare(_NEWNS | _NEWUSER)
        # The job keeps its own user id: nothing in it shall think that it is root.
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1", encoding="ascii")
    _mount("none", "/", flags=_RECURSIVE | _PRIVATE)
    source = os.open(ml, os.O_PATH)
    if not Path("/opt/ml").is_dir():
        _cover(Path("/opt"))
        Path("/opt/ml").mkdir()
    _bind(source, Path("/opt/ml"))


def _cover(folder: Path) -> None:
    """Cover a folder by one in memory that shows the same."""
    children = [(entry.name, entry.is_symlink(), entry.is_dir(), Path(entry.path)) for entry in os.scandir(folder)]
    handles = {name: os.open(path, os.O_PATH) for name, is_link, _, path in children if not is_link}
    links = {name: path.readlink() for name, is_link, _, path in children if is_link}
    _mount("tmpfs", str(folder), kind="tmpfs", data="mode=755")
    for name, _, is_folder, path in children:
        if name in links:
            path.symlink_to(links[name])
            continue
        if is_folder:
            path.mkdir()
        elif stat.S_ISREG(os.fstat(handles[name]).st_mode):
            path.touch()
        else:
            continue
        _bind(handles[name], path)


def _bind(source: int, target: Path) -> None:
    _mount(f"/proc/self/fd/{source}", str(target), flags=_BIND | _RECURSIVE)
    os.close(source)


def _unshare(flags: int) -> None:
    _checked("unshare", flags)


def _mount(source: str, target: str, *, kind: str = "", flags: int = 0, data: str = "") -> None:
    _checked("mount", source.encode(), target.encode(), kind.encode() or None, flags, data.encode() or None, of=target)


@cache
def library() -> ctypes.CDLL:
    """Return the C library."""
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def _checked(call: str, *arguments: int | bytes | None, of: str = "") -> None:
    """Call the C library.

    Raises:
        OSError: it said no.

    """
    import ctypes

    if getattr(library(), call)(*[ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]):
        code = ctypes.get_errno()
        raise OSError(code, f"{call} {of}: {os.strerror(code)}" if of else f"{call}: {os.strerror(code)}")
