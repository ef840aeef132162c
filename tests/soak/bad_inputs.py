"""Projects that are wrong, generated from the schemas, from what YAML allows, and from hostile names and paths."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.manifest.trees_of_cases import GOLDEN, files_of, schemas

MODEL, CANDIDATE, PROJECT = "pipelines/m/model.yaml", "pipelines/m/candidates/one.yaml", "mlops-ci.yaml"
SCHEMAS = schemas()
KINDS = {PROJECT: "project", MODEL: "model", CANDIDATE: "candidate"}
BASE = files_of(GOLDEN / "base")

SHELL = (
    "$(touch owned)",
    "`id`",
    "; rm -rf x",
    "| cat",
    "&& false",
    "> out",
    "'\"",
    "*",
    "?",
    "~root",
    "!!",
    "%n%s",
    "\\",
)
LONG = ("x" * 300, "ä" * 300, "a/" * 300)
TERMINAL = ("\u202egpj.exe", "a\u200bb", "\U0001f4a9", "a\tb", "\u0130", "e\u0301")
ABROAD = (
    "../../../etc/passwd",
    "/etc/passwd",
    "../../../../../../dev/zero",
    "a/../../../../x",
    "\\\\host\\share",
    "C:\\x",
)
LINES = ("a\nb", "a\r\nb", "\n", "x\n::error::y")
HOSTILE = (*SHELL, *LONG, *TERMINAL, *ABROAD, *LINES, "", " ", ".", "..", "-", "--help", "null", "1e999")

texts = st.sampled_from(HOSTILE) | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=40)
scalars = (
    st.none() | st.booleans() | texts | st.integers(-(2**70), 2**70) | st.floats(width=64)
    | st.sampled_from([-1, 0, 1.5, 1e308, 2**63, 4294967296])
)  # fmt: skip
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


@dataclass(frozen=True)
class Bad:
    """A wrong project: its files, the one that is wrong, and how it was made so."""

    files: Mapping[str, bytes]
    path: str
    how: str


def places(schema: Mapping[str, Any], at: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Return the way to every section and key of a schema, with what it says of it."""
    found = [(at, schema)]
    for name, about in schema.get("properties", {}).items():
        found.extend(places(about, (*at, name)))
    return found


def given(path: str) -> dict[str, Any]:
    """Return the data of a file of the base, with every section there."""
    text = {
        PROJECT: {"format": 1, "targets": {"local": {}}},
        CANDIDATE: {"format": 1, "framework": "sklearn", "script": "src/train/one.py", "seed": 7},
        MODEL: {
            "format": 1, "name": "m", "problem": "binary_classification",
            "data": {"path": "data/rows.csv", "label": "left", "positive": "yes"},
            "evaluation": {"metric": "accuracy", "slices": ["plan"]}, "serving": {"script": "src/serve/inference.py"},
            "environments": {"staging": {}, "production": {"promotes_from": "staging"}},
        },
    }  # fmt: skip
    return copy.deepcopy(text[path])


def put(data: dict[str, Any], at: tuple[str, ...], value: object) -> dict[str, Any]:
    """Return the data with a value at a place; sections on the way are made."""
    here = data
    for part in at[:-1]:
        if not isinstance(here.get(part), dict):
            here[part] = {}
        here = here[part]
    here[at[-1]] = value
    return data


def written(path: str, data: object, *, how: str) -> Bad:
    content = json.dumps(data, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")
    return Bad({**BASE, path: content}, path, how)


@st.composite
def against_the_schema(draw: st.DrawFn) -> Bad:
    """A value that its key cannot have."""
    path = draw(st.sampled_from(sorted(KINDS)))
    at, about = draw(st.sampled_from(places(SCHEMAS[KINDS[path]])))
    judge = Draft202012Validator(dict(about))
    value = draw(anything.filter(lambda found: not judge.is_valid(found)))
    return written(path, value if not at else put(given(path), at, value), how=f"schema {'.'.join(at)}")


@st.composite
def unknown_key(draw: st.DrawFn) -> Bad:
    """A key that no section has."""
    path = draw(st.sampled_from(sorted(KINDS)))
    sections = [(at, about) for at, about in places(SCHEMAS[KINDS[path]]) if about.get("additionalProperties") is False]
    at, about = draw(st.sampled_from(sections))
    key = draw(
        (texts | st.sampled_from(["on", "no", "y", "yes", "1", "2020-01-01"])).filter(
            lambda k: k not in about["properties"]
        )
    )
    return written(path, put(given(path), (*at, key), draw(scalars)), how=f"key in {'.'.join(at)}")


@st.composite
def missing_key(draw: st.DrawFn) -> Bad:
    """A file without a key that it needs."""
    path = draw(st.sampled_from(sorted(KINDS)))
    key = draw(st.sampled_from(SCHEMAS[KINDS[path]]["required"]))
    return written(path, {name: about for name, about in given(path).items() if name != key}, how=f"without {key}")


RAW: Mapping[str, bytes] = {
    "alias bomb": b"a: &a [x, x]\n" + b"".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n".encode() for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "alias to itself": b"a: &a [*a]\n",
    "merge key": b"<<: {format: 1}\nformat: 1\n",
    "depth in brackets": b"format: 1\na: " + b"[" * 10_000 + b"]" * 10_000 + b"\n",
    "depth, never closed": b"format: 1\na: " + b"{a: " * 10_000,
    "depth by indentation": b"".join(b" " * at + b"a:\n" for at in range(1000)),
    "depth by dashes": b"- " * 10_000 + b"x\n",
    "1e999": b"format: 1\nseed: 1e999\n",
    "many digits": b"format: 1\nseed: " + b"9" * 100_000 + b"\n",
    "UTF-16": "format: 1\n".encode("utf-16"),
    "UTF-16 without a mark": "format: 1\n".encode("utf-16-le"),
    "UTF-32": "format: 1\n".encode("utf-32"),
    "latin-1": "format: 1\ndescription: é\n".encode("latin-1"),
    "NUL": b"format: 1\ndescription: a\0b\n",
    "escaped NUL": b'format: 1\ndescription: "a\\0b"\n',
    "byte order mark": b"\xef\xbb\xbfformat: 1\n",
    "a key twice": b"format: 1\nformat: 1\n",
    "on as a key": b"format: 1\non: push\n",
    "no as a switch": b"format: 1\nresources: {spot: no}\n",
    "a date as a number": b"format: 1\nseed: 2020-01-01\n",
    "base 60": b"format: 1\nseed: 12:30:45\n",
    "octal": b"format: 1\nseed: 0755\n",
    "a tag": b"format: !!python/object/apply:os.system ['true']\n",
    "two documents": b"format: 1\n---\nformat: 1\n",
    "a tab": b"format: 1\nresources:\n\tspot: true\n",
    "a conflict": b"<<<<<<< ours\nformat: 1\n=======\nformat: 2\n>>>>>>> theirs\n",
    "nothing": b"",
    "only a comment": b"# format: 1\n",
    "a list": b"[1, 2]\n",
    "a byte": b"\xff",
    "random bytes": bytes(range(256)),
    "a megabyte and one": b"#" * ((1 << 20) + 1),
    "a key of a complex kind": b"? {a: b}\n: 1\n",
    "twenty thousand unknown keys": b"format: 1\n" + b"".join(b"zz%d: 1\n" % at for at in range(20_000)),
    "twenty thousand anchors": b"a: [" + b", ".join(b"&a%d x" % at for at in range(20_000)) + b"]\n",
    "twenty thousand repeats": b"format: 1\nsources: [" + b", ".join([b"x"] * 20_000) + b"]\n",
    "twenty thousand wrong items": b"format: 1\nsources: [" + b", ".join([b"{}"] * 20_000) + b"]\n",
    "twenty thousand patterns": b"format: 1\nscript: src/train/one.py\nmetric_definitions: ["
    + b", ".join([b"{name: a, regex: '('}"] * 20_000) + b"]\n",
    "twenty thousand globs out": b"format: 1\nscript: src/train/one.py\nsources: ["
    + b", ".join(b"../%d" % at for at in range(20_000)) + b"]\n",
    "a glob of many stars": b"format: 1\nscript: x.py\nsources: ['" + b"**/a/" * 400 + b"b']\n",
    "a long key": b"format: 1\n" + b"k" * 500_000 + b": 1\n",
    "a long line": b"format: 1\nscript: " + b"k" * 900_000 + b"\n",
}  # fmt: skip
"""Contents of a candidate's file, each wrong."""

PATHS = {
    MODEL: (("data", "path"), ("serving", "script"), ("processing", "script"), ("tests", "pytest")),
    CANDIDATE: (("script",), ("artifact",), ("requirements",)),
}


@st.composite
def raw(draw: st.DrawFn) -> Bad:
    """What is no YAML, or YAML that is refused."""
    name = draw(st.sampled_from(sorted(RAW)))
    return Bad({**BASE, CANDIDATE: RAW[name]}, CANDIDATE, name)


@st.composite
def bad_path(draw: st.DrawFn) -> Bad:
    """A path out of the repository, or to nothing."""
    path = draw(st.sampled_from(sorted(PATHS)))
    at = draw(st.sampled_from(PATHS[path]))
    value: object = draw(st.sampled_from([*ABROAD, *LONG, *SHELL, *LINES]))
    return written(path, put(given(path), at, [value] if at[-1] == "pytest" else value), how=f"path {at[-1]}")


@st.composite
def bad_name(draw: st.DrawFn) -> Bad:
    """A name that is none: of a model's folder, a candidate's file, an environment, a target."""
    name = draw(st.sampled_from([n for n in HOSTILE if n.strip(". ") not in {"null", "1e999", ""} and n != "-"]))
    match draw(st.sampled_from(["folder", "file", "environment", "target"])):
        case "environment":
            return written(MODEL, put(given(MODEL), ("environments", name), {}), how="environment")
        case "target":
            return written(PROJECT, put(given(PROJECT), ("targets", name), {}), how="target")
        case kind:
            # A file system has no `/` in a name, and no name above 255 bytes.
            plain = name.replace("/", "_").encode()[:200].decode(errors="ignore")
            if kind == "file":
                path = f"pipelines/m/candidates/{plain}.yaml"
                return Bad({**BASE, path: BASE[CANDIDATE]}, path, "name of a file")
            model = json.dumps({**given(MODEL), "name": plain}).encode()
            moved = {path.replace("pipelines/m/", f"pipelines/{plain}/"): found for path, found in BASE.items()}
            path = f"pipelines/{plain}/model.yaml"
            return Bad({**moved, path: model}, path, "name of a folder")


bad_projects = st.one_of(
    against_the_schema(), against_the_schema(), unknown_key(), missing_key(), raw(), bad_path(), bad_name()
)
