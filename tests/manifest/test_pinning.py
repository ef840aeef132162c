"""Versions are written into a manifest by changing the lines that say them, and no other."""

from __future__ import annotations

import difflib

import pytest

from mlops_ci.manifest import yaml_tree
from mlops_ci.manifest.pinning import pinned

OLD, NEW, MORE = "0" * 32, "1" * 31 + "e", "2" * 32

ONE = """\
# what the model is
format: 1
name: m   # its name
data:
  # rows of last year
  path: s3://bucket/rows.csv   # one table
  label: left
  positive: "yes"
"""

CHANNELS = """\
data:
    label: left # the column
    channels:
        train: s3://bucket/train/
        test: s3://bucket/test/
"""


def written(text: str, versions: dict[str, str]) -> str:
    document, problems = yaml_tree.read("model.yaml", text.encode())
    assert document is not None, problems
    return pinned(document, versions)


def changed(before: str, after: str) -> list[str]:
    """Return the lines that came or went."""
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


def test_a_version_is_put_beside_the_path_with_its_indentation_and_all_comments_stay() -> None:
    found = written(ONE, {"data": NEW})
    assert changed(ONE, found) == [f'+   version: "{NEW}"']
    assert found.replace(f'  version: "{NEW}"\n', "") == ONE


@pytest.mark.parametrize("old", ["latest", f'"{OLD}"', f"'{OLD}'", f'"{OLD}"   # of May', "latest # moves"])
def test_a_version_that_is_there_is_replaced_in_its_place(old: str) -> None:
    text = ONE.replace("  label", f"  version: {old}\n  label")
    found = written(text, {"data": NEW})
    comment = old[old.index(" #") :].lstrip() if " #" in old else ""
    gone, came = changed(text, found)
    assert gone == f"-   version: {old}"
    assert came.startswith(f'+   version: "{NEW}"')
    assert came.endswith(comment)


def test_channels_get_one_line_with_a_version_each() -> None:
    found = written(CHANNELS, {"train": NEW, "test": MORE})
    assert changed(CHANNELS, found) == [f'+     version: {{train: "{NEW}", test: "{MORE}"}}']
    again = written(found, {"train": NEW, "test": OLD})
    assert changed(found, again) == [
        f'-     version: {{train: "{NEW}", test: "{MORE}"}}',
        f'+     version: {{train: "{NEW}", test: "{OLD}"}}',
    ]
    fewer = written(found, {"test": OLD})
    assert f'version: {{test: "{OLD}"}}' in fewer


def test_versions_over_several_lines_change_line_by_line_where_the_channels_are_the_same() -> None:
    text = CHANNELS + f'    version:\n        train: "{OLD}" # rows\n        test: "{MORE}"\n'
    found = written(text, {"train": NEW, "test": MORE})
    assert changed(text, found) == [f'-         train: "{OLD}" # rows', f'+         train: "{NEW}" # rows']
    assert written(text, {"train": NEW}) == "", "writing that would write other lines anew"


def test_a_mapping_on_one_line_stays_on_it() -> None:
    text = "data: {label: left, path: s3://bucket/rows.csv}  # all of it\n"
    found = written(text, {"data": NEW})
    assert found == f'data: {{label: left, version: "{NEW}", path: s3://bucket/rows.csv}}  # all of it\n'
    assert written(found, {"data": OLD}) == found.replace(NEW, OLD)


def test_line_ends_of_another_system_stay() -> None:
    text = ONE.replace("\n", "\r\n")
    assert written(text, {"data": NEW}).replace(f'  version: "{NEW}"\r\n', "") == text


def test_one_version_for_every_channel_becomes_one_each() -> None:
    text = CHANNELS.replace("    channels", "    version: latest\n    channels")
    found = written(text, {"train": NEW, "test": MORE})
    assert changed(text, found) == ["-     version: latest", f'+     version: {{train: "{NEW}", test: "{MORE}"}}']
