"""Tables that are wrong, one a problem, as the datasets of a manifest are built from them."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

from mlops_ci.adapters.files.datasets import LocalDatasets
from mlops_ci.diagnostics import Diagnostic
from mlops_ci.errors import ManifestError
from mlops_ci.model import Channel, Data, Split
from mlops_ci.testing.trees import MemoryTree
from tests.words.stores import Folder

PLANS, SAID = (b"a", b"b"), (b"no", b"yes", b"yes")
ROWS = b"id,plan,left\n" + b"".join(b"%d,%s,%s\n" % (at, PLANS[at % 2], SAID[at % 3]) for at in range(60))
ONE = Data(label="left", path="t.csv", positive="yes")
TWO = Data(label="left", channels=(Channel("test", "test.csv"), Channel("train", "train.csv")))
FEW = b"".join(ROWS.splitlines(keepends=True)[:4])
LINES = Data(label="left", path="t.jsonl")
OBJECTS = b"".join(b'{"id": %d, "left": "%s"}\n' % (at, b"yes" if at % 2 else b"no") for at in range(60))


def packed(**files: bytes) -> bytes:
    """Return a gzipped tar, as a job leaves it."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return made.getvalue()


MATERIALIZED: Mapping[str, tuple[Data, Mapping[str, bytes]]] = {
    "missing-data": (ONE, {}),
    "missing-channel": (Data(label="left", channels=(Channel("train", "train.csv"),)), {"train.csv": ROWS}),
    "unreadable-data": (Data(label="left", path="t.parquet"), {"t.parquet": b"PAR1"}),
    "no-header": (ONE, {"t.csv": b""}),
    "no-rows": (LINES, {"t.jsonl": b"\n"}),
    "not-utf-8": (ONE, {"t.csv": ROWS + b"61,\xff,yes\n"}),
    "nul-byte": (ONE, {"t.csv": ROWS + b"61,\0,yes\n"}),
    "bad-gzip": (Data(label="left", path="t.csv.gz"), {"t.csv.gz": gzip.compress(ROWS, mtime=0)[:-9]}),
    "bad-csv": (ONE, {"t.csv": ROWS + b'61,"a"b,yes\n'}),
    "bad-json": (LINES, {"t.jsonl": OBJECTS + b"[1]\n{\n"}),
    "ragged-row": (ONE, {"t.csv": ROWS + b"61,a\n"}),
    "ragged-object": (LINES, {"t.jsonl": OBJECTS + b'{"id": 61}\n'}),
    "duplicate-column": (ONE, {"t.csv": b"id,id,left\n1,2,yes\n"}),
    "another-header": (Data(label="left", path="d"), {"d/a.csv": ROWS, "d/b.csv": b"id,left\n1,yes\n"}),
    "missing-column": (Data(label="lefft", path="t.csv", drop=("nothing",)), {"t.csv": ROWS}),
    "unknown-column": (TWO, {"train.csv": ROWS, "test.csv": b"id,plan,pan,left\n1,a,x,yes\n"}),
    "missing-label": (TWO, {"train.csv": ROWS, "test.csv": b"id,plan,left\n1,a,\n2,b,no\n"}),
    "empty-side": (
        Data(label="left", path="t.csv", split=Split(0.98, 0.01, 0.01)),
        {"t.csv": FEW},
    ),
    "unknown-positive": (Data(label="left", path="t.csv", positive="Yes"), {"t.csv": ROWS}),
}


def _datasets(folder: Path) -> LocalDatasets:
    (folder / "project").mkdir()
    return LocalDatasets(folder / "made", folder / "cache.json", folder / "project", Folder(folder / "kept"))


def _of(call: Callable[[], object]) -> tuple[Diagnostic, ...]:
    try:
        call()
    except ManifestError as error:
        return error.diagnostics
    return ()


def materialized(name: str, folder: Path) -> tuple[Diagnostic, ...]:
    """Return what is told of a case of `MATERIALIZED`."""
    data, files = MATERIALIZED[name]
    tree = MemoryTree({f"pipelines/m/{path}": content for path, content in files.items()})
    return _of(lambda: _datasets(folder).materialize(data, tree, "pipelines/m", (), "text/csv"))


def empty_output(folder: Path) -> tuple[Diagnostic, ...]:
    """Return what is told where a processing script left nothing to test with."""
    datasets = _datasets(folder)
    store = Folder(folder / "kept")
    outputs = (("test", store.put(packed())), ("train", store.put(packed(**{"t.csv": ROWS}))))
    return _of(lambda: datasets.adopt(Data(label="left", path="t.csv"), outputs, (), "text/csv"))
