from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.model.sources import placed, within

PATHS = (
    "README.md",
    "src/serve/inference.py",
    "src/shared/features.py",
    "src/train/__pycache__/linear.cpython-311.pyc",
    "src/train/__pycache__/kept.txt",
    "src/train/linear.py",
    "src/train/nets/deep.py",
    "src/train/old.pyc",
)


@pytest.mark.parametrize(
    ("globs", "expected"),
    [
        (["src/train/**"], [("linear.py", "src/train/linear.py"), ("nets/deep.py", "src/train/nets/deep.py")]),
        (["src/train/*"], [("linear.py", "src/train/linear.py")]),
        (["src/train/*.py"], [("linear.py", "src/train/linear.py")]),
        (["src/**/deep.py"], [("train/nets/deep.py", "src/train/nets/deep.py")]),
        (["src/train/**/deep.py"], [("nets/deep.py", "src/train/nets/deep.py")]),
        (["src/train/**/linear.py"], [("linear.py", "src/train/linear.py")]),
        (["src/train/linear.py"], [("linear.py", "src/train/linear.py")]),
        (["src/train/nets"], [("deep.py", "src/train/nets/deep.py")]),
        (["./src/train/nets/"], [("deep.py", "src/train/nets/deep.py")]),
        (["src/s*/f*"], [("shared/features.py", "src/shared/features.py")]),
        (["src/?erve/*"], [("serve/inference.py", "src/serve/inference.py")]),
        (["src/[!t]*/f*"], [("shared/features.py", "src/shared/features.py")]),
        (["src"], [
            ("serve/inference.py", "src/serve/inference.py"),
            ("shared/features.py", "src/shared/features.py"),
            ("train/linear.py", "src/train/linear.py"),
            ("train/nets/deep.py", "src/train/nets/deep.py"),
        ]),
        (["*"], [("README.md", "README.md")]),
        (["src/train"], [("linear.py", "src/train/linear.py"), ("nets/deep.py", "src/train/nets/deep.py")]),
        (["src/trai"], []),
        (["src/none/**"], []),
        ([], []),
    ],
)  # fmt: skip
def test_a_glob_places_its_files_without_its_fixed_folder(globs: list[str], expected: list[tuple[str, str]]) -> None:
    assert placed(globs, PATHS) == tuple(expected)


def test_the_first_glob_that_matches_a_file_places_it() -> None:
    assert placed(["src/train/**", "src/**"], ["src/train/a.py", "src/b.py"]) == (
        ("a.py", "src/train/a.py"),
        ("b.py", "src/b.py"),
    )


def test_two_files_that_claim_one_path_are_both_told() -> None:
    assert placed(["a/*", "b/*"], ["b/x.py", "a/x.py"]) == (("x.py", "a/x.py"), ("x.py", "b/x.py"))


names = st.text("ab.*?[]!-", min_size=1, max_size=4)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)


@given(st.lists(paths | st.just("a/**"), max_size=3), st.lists(paths, max_size=8))
def test_every_placed_file_was_given_and_lands_at_an_end_of_its_path(globs: list[str], given_paths: list[str]) -> None:
    found = placed(globs, given_paths)

    assert placed(globs, reversed(given_paths)) == found
    for path, origin in found:
        assert origin in given_paths
        assert path
        assert origin == path or origin.endswith(f"/{path}")


@pytest.mark.parametrize(
    ("folder", "path", "expected"),
    [
        ("pipelines/m", "data/a.csv", "pipelines/m/data/a.csv"),
        ("pipelines/m", "./data//a.csv", "pipelines/m/data/a.csv"),
        ("pipelines/m", "../../data/a.csv", "data/a.csv"),
        ("pipelines/m", "../..", ""),
        ("pipelines/m", "../../../a.csv", None),
        ("pipelines/m", "/a.csv", None),
        ("pipelines/m", "a\\b.csv", None),
        ("", "a.csv", "a.csv"),
        ("", "..", None),
    ],
)
def test_a_path_is_resolved_by_name_and_never_leaves_the_root(folder: str, path: str, expected: str | None) -> None:
    assert within(folder, path) == expected
