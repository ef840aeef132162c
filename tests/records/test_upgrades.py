"""Records of every format that there ever was decode to today's facts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlops_ci.judging.scores import Measurement, Scores
from mlops_ci.records.codec import decode, encode
from mlops_ci.records.facts import (
    Approved,
    CheckResult,
    Decided,
    Evaluated,
    Fact,
    Finished,
    Gated,
    Intent,
    Packaged,
    Promoted,
    Proposed,
    Seen,
    Served,
    Tested,
    Tried,
)
from mlops_ci.records.upgrades import FORMAT, Record, Unknown, upgraded

GOLDEN = Path(__file__).parent / "golden"
"""A folder a format, with one record of each kind as it was written then. Never rewritten."""

A, B, C, AT = "a" * 64, "b" * 64, "c" * 64, "2026-01-02T03:04:05.678Z"

FACTS: tuple[Fact, ...] = (
    Intent("churn", "training", "boosting", A, 1, "4f2a" * 10 + "+", '{"name": "churn"}', AT),
    Finished(
        "churn", "training", A, 1, "succeeded", "", 1.5, AT, AT, (("log", B), ("model", C)),
        (("validation:accuracy", 0.9),), '{"python": "3.11"}', ("x", "y"), (("train", 10),),
    ),
    Packaged("churn", B, "boosting", A, C, A, '{"entry": "inference.py"}'),
    Evaluated(
        "churn", C, "boosting", A, B, "4f2a" * 10,
        Scores("accuracy", 10, (Measurement("accuracy", 0.9, 10), Measurement("f1", None, 0, "plan", "é", "no"))),
        B, 0.5, AT, "{}", (("report", C),),
    ),
    Tested("churn", "staging", 1, B, A, 1, (CheckResult("latency", "passed", "p99 3 ms", 0.5),), AT),
    Approved("churn", "production", B, "Ada <ada@example.org>", "why not", AT),
    Gated("churn", "production", 1, B, "passed", ("`metric` passed",), AT),
    Decided("churn", C, "promote", "boosting", B, "it is best", (("forest", "it is not"),), (("forest", 0.04),), AT),
    Promoted("churn", 1, B, "boosting", "d" * 40, "e" * 40, "it won", AT),
    Served("churn", "staging", 1, B, "e" * 40, "the release names it", AT),
    Proposed("churn", "deploy-production", A, "declined", 12, "https://github.com/o/r/pull/12", AT, 3),
    Seen("churn", A, '{"owner": "ada"}', AT, 2),
    Tried(
        "churn", "boosting", A, 1, 7, B, C, (("depth", 3), ("loss", "é"), ("rate", 0.25), ("warm", True)), "succeeded",
        "", "accuracy", 0.9, 150, 1.5, AT,
    ),
)  # fmt: skip


def kind(fact: Fact) -> str:
    return type(fact).__name__.lower()


def test_every_format_that_there_was_has_a_golden_of_every_kind() -> None:
    assert sorted(path.name for path in GOLDEN.iterdir()) == [f"format-{number}" for number in range(1, FORMAT + 1)]
    for folder in GOLDEN.iterdir():
        assert {path.stem for path in folder.iterdir()} == {kind(fact) for fact in FACTS}


@pytest.mark.parametrize("folder", sorted(GOLDEN.iterdir()), ids=lambda folder: folder.name)
@pytest.mark.parametrize("fact", FACTS, ids=kind)
def test_a_record_of_an_earlier_format_decodes_to_the_fact_of_today(folder: Path, fact: Fact) -> None:
    content = (folder / f"{kind(fact)}.json").read_bytes()
    assert json.loads(content)["format"] == int(folder.name.removeprefix("format-"))
    assert decode(fact.name, content) == fact


@pytest.mark.parametrize("fact", FACTS, ids=kind)
def test_what_is_written_today_is_the_golden_of_the_newest_format_byte_for_byte(fact: Fact) -> None:
    assert encode(fact) == (GOLDEN / f"format-{FORMAT}" / f"{kind(fact)}.json").read_bytes()


def renamed(data: Record) -> Record:
    """Format 2 of a test: a field got another name."""
    return {("who" if key == "by" else key): value for key, value in data.items()}


def counted(data: Record) -> Record:
    """Format 3 of a test: a field became two."""
    first, _, last = data.pop("who").partition(" ")
    return data | {"first": first, "last": last}


def test_a_record_is_upgraded_step_by_step_from_where_it_is() -> None:
    steps = (renamed, counted)
    assert upgraded({"format": 1, "by": "Ada Byron"}, steps) == {"first": "Ada", "last": "Byron"}
    assert upgraded({"format": 2, "who": "Ada Byron"}, steps) == {"first": "Ada", "last": "Byron"}
    assert upgraded({"format": 3, "first": "Ada", "last": ""}, steps) == {"first": "Ada", "last": ""}


@pytest.mark.parametrize("number", [4, 0, -1, "1", 1.5, True, None])
def test_a_format_to_come_or_of_nobody_is_unknown(number: object) -> None:
    with pytest.raises(Unknown):
        upgraded({"format": number, "by": "Ada"}, (renamed, counted))


def test_the_record_that_is_upgraded_is_not_changed() -> None:
    data = {"format": 1, "by": "Ada Byron"}
    upgraded(data, (renamed, counted))
    assert data == {"format": 1, "by": "Ada Byron"}
