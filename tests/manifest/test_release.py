from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mlops_ci.errors import ManifestError
from mlops_ci.manifest import yaml_tree
from mlops_ci.manifest.release import HEADER, dump, parse
from mlops_ci.model import Champion, Hold, Release, Score, Standing
from tests.manifest.trees_of_cases import schemas

RELEASE = Release(
    champion=Champion(
        version=2,
        candidate="boosting",
        package="0123",
        fingerprint="123e456",
        evaluation="true",
        metric="accuracy",
        commit="0a1b",
        contest=(Score("boosting", "123e456", 0.95), Score("linear", "ff", None)),
    ),
    environments=(
        Standing("staging", 2, "0123"),
        Standing("production", 1, "no", Hold("Jane <jane@example.com>", 'said: "no"\nthen # left')),
    ),
    versions=((1, "no"), (2, "0123")),
    rolled_back=("0123",),
)


def test_a_release_is_written_in_one_fixed_form() -> None:
    assert dump(RELEASE).decode() == HEADER + (
        "format: 1\n"
        "champion:\n"
        "  version: 2\n"
        '  candidate: "boosting"\n'
        '  package: "0123"\n'
        '  fingerprint: "123e456"\n'
        '  evaluation: "true"\n'
        '  metric: "accuracy"\n'
        '  commit: "0a1b"\n'
        "  contest:\n"
        '    - candidate: "boosting"\n'
        '      fingerprint: "123e456"\n'
        "      value: 0.95\n"
        '    - candidate: "linear"\n'
        '      fingerprint: "ff"\n'
        "      value: null\n"
        "environments:\n"
        '  "staging":\n'
        "    version: 2\n"
        '    package: "0123"\n'
        '  "production":\n'
        "    version: 1\n"
        '    package: "no"\n'
        "    held:\n"
        '      by: "Jane <jane@example.com>"\n'
        '      why: "said: \\"no\\"\\nthen # left"\n'
        "versions:\n"
        "  - version: 1\n"
        '    package: "no"\n'
        "  - version: 2\n"
        '    package: "0123"\n'
        "rolled_back:\n"
        '  - "0123"\n'
    )
    assert parse(dump(RELEASE)) == RELEASE


def test_its_first_lines_say_who_writes_it_and_by_which_schema() -> None:
    first, second = HEADER.splitlines()

    assert first == "# written by mlops-ci promote and deploy; do not edit"
    assert second.startswith("# yaml-language-server: $schema=")


def test_an_empty_release_is_a_file_too() -> None:
    assert dump(Release()).decode() == HEADER + "format: 1\n"
    assert parse(dump(Release())) == Release()


def test_other_readers_of_yaml_read_the_same_and_the_schema_accepts_it() -> None:
    by_us, _ = yaml_tree.read("release.yaml", dump(RELEASE))

    assert by_us is not None
    assert yaml.safe_load(dump(RELEASE)) == by_us.data
    Draft202012Validator(schemas()["release"]).validate(by_us.data)


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))
numbers = st.integers(1, 10**6)
scores = st.builds(Score, words, words, st.none() | st.floats(allow_nan=False, allow_infinity=False))
releases = st.builds(
    Release,
    champion=st.none() | st.builds(Champion, numbers, *[words] * 6, contest=st.lists(scores, max_size=3).map(tuple)),
    environments=st.lists(
        st.builds(Standing, words, numbers, words, st.none() | st.builds(Hold, words, words)),
        max_size=3,
        unique_by=lambda standing: standing.environment,
    ).map(tuple),
    versions=st.lists(st.tuples(numbers, words), max_size=3).map(tuple),
    rolled_back=st.lists(words, max_size=3).map(tuple),
)


@settings(max_examples=200, deadline=None)
@given(releases)
def test_every_release_is_read_as_it_was_written_and_written_as_it_was_read(release: Release) -> None:
    content = dump(release)

    assert parse(content) == release
    assert dump(parse(content)) == content


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20))
def test_whatever_somebody_gives_as_a_reason_the_file_can_be_read_again(why: str) -> None:
    content = dump(Release(environments=(Standing("staging", 1, "ab", Hold("x", why)),)))

    held = parse(content).environments[0].held
    assert held is not None
    assert len(held.why) == len(why)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_score_that_is_not_finite_is_refused(value: float) -> None:
    champion = Champion(1, "a", "x", "x", "x", "rmse", "x", contest=(Score("a", "b", value),))

    with pytest.raises(ValueError, match="no score"):
        dump(Release(champion=champion))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", "release.yaml"),
        ("[]", "release.yaml"),
        ("format: 2", "release.yaml:1:9"),
        ("format: 1\nextra: 1", "release.yaml:2:8"),
        ("format: 1\nchampion: []", "release.yaml:2:11"),
        ("format: 1\nversions: {}", "release.yaml:2:11"),
        ("format: 1\nversions: [{version: 0, package: a}]", "release.yaml:2:22"),
        ("format: 1\nversions: [{version: true, package: a}]", "release.yaml:2:22"),
        ("format: 1\nversions: [{version: 1, package: 12}]", "release.yaml:2:34"),
        ("format: 1\nrolled_back: [1]", "release.yaml:2:15"),
        ("format: 1\nenvironments: {s: {version: 1}}", "release.yaml:2:16"),
        ("format: 1\nenvironments: {s: {version: 1, package: a, held: {by: b}}}", "release.yaml:2:44"),
        ("format: 1\nenvironments: {s: 1}", "release.yaml:2:19"),
        ("{", "release.yaml"),
    ],
)
def test_a_file_that_is_no_release_any_more_is_refused_at_its_place(text: str, at: str) -> None:
    with pytest.raises(ManifestError) as caught:
        parse(text.encode())

    assert str(caught.value.diagnostics[0].span).startswith(at)
    assert caught.value.diagnostics[0].hint
