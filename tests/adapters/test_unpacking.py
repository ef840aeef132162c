"""Archives that mean harm: what is refused, and that refusing costs neither time nor memory nor disk."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_ci.adapters.unpacking import Bounds, unpack
from mlops_ci.errors import IntegrityError, ProviderError

BOMB = """
import json, sys, tracemalloc
from pathlib import Path
from mlops_ci.adapters.unpacking import unpack
from mlops_ci.errors import ProviderError
said = "unpacked"
tracemalloc.start()
try:
    unpack(Path(sys.argv[1]), Path(sys.argv[2]))
except ProviderError as error:
    said = error.summary
print(json.dumps([said, tracemalloc.get_traced_memory()[1]]))
"""


def member(name: str, kind: bytes = tarfile.REGTYPE, *, link: str = "", size: int = 0) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, link, size
    return made


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """Return a tar.gz of headers as they are, each with its bytes, padded to a block."""
    parts = [head.tobuf(tarfile.PAX_FORMAT) + body + bytes(-len(body) % 512) for head, body in members]
    return gzip.compress(b"".join(parts) + bytes(1024))


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_files_and_folders_come_out_read_only_with_their_digests(tmp_path: Path) -> None:
    some = ((member("d/x", size=600), b"x" * 600), (member("y", size=512), b"y" * 512))
    (tmp_path / "a").write_bytes(archive((member("d", tarfile.DIRTYPE), b""), *some))
    found = unpack(tmp_path / "a", tmp_path / "out")
    assert [(file.path, file.size) for file in found] == [("d/x", 600), ("y", 512)]
    assert (tmp_path / "out/d/x").read_bytes() == b"x" * 600
    assert (tmp_path / "out/y").stat().st_mode & 0o777 == 0o444


def test_what_could_be_executed_can_be_executed_still(tmp_path: Path) -> None:
    tool, plain = member("tool", size=1), member("plain", size=1)
    tool.mode, plain.mode = 0o755, 0o644
    (tmp_path / "a").write_bytes(archive((tool, b"x"), (plain, b"y")))
    unpack(tmp_path / "a", tmp_path / "out")
    assert (tmp_path / "out/tool").stat().st_mode & 0o777 == 0o555
    assert (tmp_path / "out/plain").stat().st_mode & 0o777 == 0o444


def test_a_plain_tar_is_unpacked_too(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.decompress(archive((member("x", size=1), b"x"))))
    assert [file.path for file in unpack(tmp_path / "a", tmp_path / "out")] == ["x"]


def test_long_names_and_many_files_of_one_block_come_out_whole(tmp_path: Path) -> None:
    names = [f"{'n' * 180}/{number:04d}" for number in range(300)]
    (tmp_path / "a").write_bytes(archive(*((member(name, size=512), name[-4:].encode() * 128) for name in names)))
    unpack(tmp_path / "a", tmp_path / "out")
    assert files(tmp_path / "out") == names
    assert all((tmp_path / "out" / name).read_bytes() == name[-4:].encode() * 128 for name in names)


@pytest.mark.parametrize(
    "bad",
    [
        member("../outside"), member("a/../../outside"), member("/tmp/mlops-ci-outside"),  # noqa: S108 - a path that must be refused
        member("x/" * 101 + "y"),
        member("link", tarfile.SYMTYPE, link="/etc"), member("link", tarfile.LNKTYPE, link="../../store"),
        member("tty", tarfile.CHRTYPE), member("disk", tarfile.BLKTYPE), member("pipe", tarfile.FIFOTYPE),
        member("odd", b"Z"), member("holes", tarfile.GNUTYPE_SPARSE),
    ],
    ids=["up", "up later", "absolute", "deep", "symlink", "hardlink", "char", "block", "fifo", "unknown", "sparse"],
)  # fmt: skip
def test_what_is_no_plain_file_below_the_folder_is_refused(tmp_path: Path, bad: tarfile.TarInfo) -> None:
    (tmp_path / "a").write_bytes(archive((member("first", size=1), b"1"), (bad, b"")))
    with pytest.raises(ProviderError, match=r"refusing to unpack|no whole tar"):
        unpack(tmp_path / "a", tmp_path / "out")
    assert files(tmp_path) == ["a", "out/first"]
    assert not Path("/tmp/mlops-ci-outside").exists()  # noqa: S108 - the path that must be refused


def test_a_file_behind_a_link_of_the_same_archive_is_never_written(tmp_path: Path) -> None:
    (tmp_path / "away").mkdir()
    link = member("d", tarfile.SYMTYPE, link=str(tmp_path / "away"))
    (tmp_path / "a").write_bytes(archive((link, b""), (member("d/x", size=1), b"x")))
    with pytest.raises(ProviderError):
        unpack(tmp_path / "a", tmp_path / "out")
    assert not list((tmp_path / "away").iterdir())


@pytest.mark.parametrize(
    ("first", "second"), [("x", "x"), ("x", "./x"), ("x", "x/y"), ("x/y", "x"), ("x", "X/../x")]
)  # fmt: skip
def test_a_name_that_comes_twice_is_refused(tmp_path: Path, first: str, second: str) -> None:
    (tmp_path / "a").write_bytes(archive((member(first, size=1), b"1"), (member(second, size=1), b"2")))
    with pytest.raises(ProviderError, match="refusing to unpack"):
        unpack(tmp_path / "a", tmp_path / "out")
    assert (tmp_path / "out" / first).read_bytes() == b"1"


def test_more_bytes_or_more_files_than_agreed_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(archive((member("x", size=600), b"x" * 600), (member("y", size=600), b"y" * 600)))
    with pytest.raises(ProviderError, match="more than 1000 bytes"):
        unpack(tmp_path / "a", tmp_path / "one", Bounds(size=1000))
    (tmp_path / "a").write_bytes(archive(*((member(f"{n}/{n}"), b"") for n in range(10))))
    with pytest.raises(ProviderError, match="or 15 files"):
        unpack(tmp_path / "a", tmp_path / "two", Bounds(count=15))


def cut(content: bytes) -> bytes:
    return content[:-30]


def scratched(content: bytes) -> bytes:
    plain = bytearray(gzip.decompress(content))
    plain[10] ^= 1  # the header's checksum knows
    return gzip.compress(bytes(plain))


def shrunk(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content)[:700])


def negative(content: bytes) -> bytes:
    head = member("back", size=0)
    plain = bytearray(head.tobuf())
    plain[124:136] = b"\xff" * 12  # -1 in base 256
    plain[148:156] = b" " * 8
    plain[148:156] = b"%06o\0 " % sum(plain[:512])
    return gzip.compress(bytes(plain) + gzip.decompress(content))


@pytest.mark.parametrize("harm", [cut, scratched, shrunk, negative, lambda _: b"junk", lambda _: b""])
def test_what_is_no_whole_archive_is_damaged(tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    (tmp_path / "a").write_bytes(harm(archive((member("x", size=600), b"x" * 600))))
    with pytest.raises(IntegrityError, match="no whole tar"):
        unpack(tmp_path / "a", tmp_path / "out")


def zeros(gigabytes: int) -> bytes:
    """Return so many GiB of zeros, gzipped: members of 64 MiB after one another, as gzip allows."""
    return gzip.compress(bytes(64 << 20), 9) * (16 * gigabytes)


def pax(content: bytes, kind: bytes = tarfile.XHDTYPE) -> bytes:
    """Return a header of more headers that says how long it is."""
    return member("h", kind, size=len(content)).tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % 512)


def bomb(name: str) -> bytes:
    """Return an archive that looks like little and claims or holds very much."""
    match name:
        case "zeros and no archive":
            return zeros(10)
        case "a file of 40 GiB":
            return gzip.compress(_sized("m", 40 << 30)) + zeros(1)
        case "a name of 8 GiB":
            return gzip.compress(_sized("h", 8 << 30, tarfile.GNUTYPE_LONGNAME)) + zeros(8)
        case "a header of 8 GiB":
            return gzip.compress(_sized("h", 8 << 30, tarfile.XHDTYPE)) + zeros(8)
        case "a map of holes without end":
            holes = pax(b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n27 GNU.sparse.realsize=9\n")
            return gzip.compress(holes + _sized("m", 9 << 20)) + gzip.compress(b"1" * (64 << 20)) * 16
        case "headers of headers":
            return gzip.compress(pax(b"6 a=b\n") * 5000 + _sized("m", 0))
        case "a file that ends early":
            return gzip.compress(_sized("m", 10 << 30))
        case _:
            return gzip.compress(pax(b"21 size=-99999999999\n") + _sized("m", 0))


BOMBS = (
    "zeros and no archive", "a file of 40 GiB", "a name of 8 GiB", "a header of 8 GiB", "a map of holes without end",
    "headers of headers", "a file that ends early", "a size below zero",
)  # fmt: skip


def _sized(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    return member(name, kind, size=size).tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_neither_time_nor_memory_nor_disk(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").write_bytes(bomb(name))
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", BOMB, str(tmp_path / "a"), str(tmp_path / "out")],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    said, peak = json.loads(done.stdout)
    assert name == "zeros and no archive" or said != "unpacked"
    assert peak < 24 << 20
    assert time.monotonic() - began < 15
    assert sum(path.stat().st_blocks * 512 for path in (tmp_path / "out").rglob("*") if path.is_file()) < 1 << 20


def test_a_bomb_that_says_how_large_it_is_ends_at_the_bound(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(_sized("m", 1 << 30)) + zeros(1))
    with pytest.raises(ProviderError, match="more than 1000000 bytes"):
        unpack(tmp_path / "a", tmp_path / "out", Bounds(size=1_000_000))
    assert files(tmp_path / "out") == []
