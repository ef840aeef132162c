"""A small table, and the files of a model with named channels."""

from __future__ import annotations

from mlops_ci.model import Channel, Data
from mlops_ci.testing.trees import MemoryTree

CSV = "text/csv"
EMPTY = MemoryTree({})


def table(count: int = 60) -> str:
    lines = [f"{at},{'ab'[at % 2]},{at * 1.5},{'yes' if at % 3 == 0 else 'no'}" for at in range(count)]
    return "\n".join(["id,group,size,left", *lines]) + "\n"


def tree(**files: str | bytes) -> MemoryTree:
    """Return a snapshot with these files in the folder `m`; `__` stands for a dot in a name."""
    held = {f"m/{name.replace('__', '.')}": c.encode() if isinstance(c, str) else c for name, c in files.items()}
    return MemoryTree(held)


DATA = Data(label="left", path="t.csv", positive="yes", drop=("id",))
CHANNELS = Data(
    label="left",
    drop=("id",),
    channels=(
        Channel("train", "tr.csv"),
        Channel("test", "te.csv"),
        Channel("words", "w"),
        Channel("validation", "va"),
    ),
)


def named(**changes: str) -> MemoryTree:
    files = {
        "m/tr.csv": "id,a,b,left\n1,2,3,yes\n4,5,6,no\n",
        "m/te.csv": "left,b,a,region\nyes,30,20,north\nno,60,50,south\n",
        "m/va/1.csv": "left,a,b\nno,7,8\n",
        "m/va/2.csv": "left,a,b\nyes,9,9\n",
        "m/va/.hidden": "x",
        "m/w/list.txt": "hello",
        "m/w/deep/er.bin": "\x01",
        **changes,
    }
    return MemoryTree({path: content.encode() for path, content in files.items()})
