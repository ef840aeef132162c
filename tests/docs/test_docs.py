"""The documentation cannot fall behind: what it types is known, what it writes is valid, what it links to is there."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.cli.parser import make_parser
from mlops_ci.manifest import load, load_project, yaml_tree
from mlops_ci.manifest.schema import check
from mlops_ci.testing.trees import MemoryTree
from mlops_ci.views.diagnostics import render
from mlops_ci.views.run import MEANINGS
from mlops_ci.wiring import schemas
from tests.docs.pages import PAGES, ROOT, TUTORIAL, Block, blocks

README = (ROOT / "README.md").read_text(encoding="utf-8")
TABLE = b"parcel,distance_km,weight_kg,weekday,express,late\n1,336,28.4,4,0,yes\n2,379,17.5,5,0,no\n"
FILES = {
    "data/parcels.csv": TABLE, "data/train.csv": TABLE, "data/validation.csv": TABLE, "data/test/a.csv": TABLE,
    "../../shared/weather/rain.csv": b"day,mm\n", "src/process/split.py": b"", "src/process/report.py": b"",
}  # fmt: skip
"""What the snippets of manifests name, relative to the model's folder."""


def shown() -> Iterator[tuple[Path, Block]]:
    for page in PAGES:
        for block in blocks(page.read_text(encoding="utf-8")):
            yield page, block


def typed() -> Iterator[tuple[str, str]]:
    """Yield (page:line, arguments) of every `mlops-ci` command in a block of code."""
    for page, block in shown():
        for at, line in enumerate(block.lines):
            command = line if block.language in {"console", "text"} else f"$ {line}" if block.language == "sh" else ""
            if command.startswith("$ mlops-ci "):
                yield f"{page.relative_to(ROOT)}:{block.line + at}", command.removeprefix("$ mlops-ci ")


def verbs() -> dict[str, argparse.ArgumentParser]:
    action = next(a for a in make_parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


@pytest.mark.parametrize(("where", "arguments"), tuple(typed()))
def test_every_command_that_is_shown_is_one_the_parser_knows(where: str, arguments: str) -> None:
    try:
        parsed = make_parser().parse_args(shlex.split(arguments, comments=True))
    except SystemExit as end:
        pytest.fail(f"{where}: `mlops-ci {arguments}` exits with {end.code}")
    assert parsed.verb


def test_every_verb_is_in_the_table_of_the_readme_with_its_formats() -> None:
    rows = dict(re.findall(r"^\| `([a-z]+)\b([^|]*)\|", README, re.MULTILINE))
    assert set(rows) == set(verbs())
    reading = {name for name, verb in verbs().items() if "--json" in verb.format_help()}
    assert {name for name, row in rows.items() if "†" in row} == reading


def test_every_exit_code_is_in_the_readme() -> None:
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)} == set(MEANINGS)


def test_every_project_file_that_is_shown_is_valid() -> None:
    texts = [block.text for _, block in shown() if block.file == "mlops-ci.yaml"]
    assert len(texts) >= 3
    for text in texts:
        load_project(text.encode(), schemas())


def pieces() -> Iterator[tuple[str, str]]:
    """Yield (page:line, text) of every part of a model manifest."""
    for page, block in shown():
        if block.part == "pipelines/parcels/model.yaml":
            yield f"{page.relative_to(ROOT)}:{block.line}", block.text


def tutorial() -> dict[str, str]:
    """Return the files of the tutorial as they are written first."""
    found: dict[str, str] = {}
    for page in TUTORIAL:
        for block in blocks(page.read_text(encoding="utf-8")):
            if block.file:
                found.setdefault(block.file, block.text)
    return found


def read(text: str) -> dict[str, Any]:
    document, problems = yaml_tree.read("page", text.encode())
    assert document is not None, render(problems)
    assert isinstance(document.data, dict)
    return document.data


@pytest.mark.parametrize(("where", "piece"), [("the tutorial", ""), *pieces()])
def test_every_part_of_a_manifest_that_is_shown_is_valid_in_the_manifest_of_the_tutorial(
    where: str, piece: str
) -> None:
    written = tutorial()
    manifest = "pipelines/parcels/model.yaml"
    whole = {**read(written[manifest]), **(read(piece) if piece else {})}
    folder = Path("pipelines/parcels")
    extra = {str(Path(*_normal(folder / name))): content for name, content in FILES.items()}
    project = b"format: 1\n"
    files = {name: text.encode() for name, text in written.items()} | extra
    tree = MemoryTree(files | {"mlops-ci.yaml": project, manifest: json.dumps(whole).encode()})
    found = load(tree, schemas())
    assert not found.diagnostics, f"{where}\n{render(found.diagnostics)}"


def _normal(path: Path) -> tuple[str, ...]:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return tuple(parts)


def test_the_release_file_that_is_shown_fits_its_schema() -> None:
    text = next(block.text for _, block in shown() if block.file.endswith("release.yaml"))
    document, _ = yaml_tree.read("release.yaml", text.replace('..."', f'{"0" * 56}"').encode())
    assert document is not None
    assert not check(document, schemas()["release"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in _anchors(place), f"{page.name}: {target}"


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_reached_from_the_readme() -> None:
    reached, new = set[Path](), {ROOT / "README.md"}
    while new:
        page = new.pop()
        reached.add(page)
        for path in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            place = (page.parent / path).resolve()
            found = place.glob("*.md") if place.is_dir() else [place] if place.suffix == ".md" else []
            new |= {other for other in found if other.exists()} - reached
    assert set(PAGES) <= reached
