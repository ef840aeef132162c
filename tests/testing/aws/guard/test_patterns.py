"""Java's patterns under Python."""

from __future__ import annotations

import pytest

from mlops_ci.testing.aws.models import service_model
from mlops_ci.testing.aws.patterns import matches
from mlops_ci.testing.aws.shapes import CHECKED

TAG = r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"


@pytest.mark.parametrize("service", CHECKED)
def test_every_pattern_of_a_checked_service_compiles_for_ascii_and_beyond(service: str) -> None:
    shapes = service_model(service)["shapes"].values()
    patterns = {shape["pattern"] for shape in shapes if "pattern" in shape}
    assert patterns
    for pattern in patterns:
        for text in ("text", "é漢€\U0001f600"):
            assert matches(pattern, text) in {True, False}


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        (TAG, "équipe 漢字/7", "bell\a"),
        (TAG, "", "half¡"),
        (r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", "churn-7", "churn_7"),
        (r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", "a", "churn-"),
        (r"\d+", "12", "١٢"),
        (r"\w+", "name", "naïve"),
        (".*", "one line", "two\u2028lines"),
        (r"[\w-_]*", "a-_b", "a.b"),
        (r"\A\S[\p{Print}]*\z", "x y", "xé"),
        (r"\p{ASCII}*", "a\n", "é"),
        (r"[\p{Alnum}\-]+", "aws-cn", "aws_cn"),
        (r"([\p{L}]*)${1,128}", "abc", "a1"),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", "Endpoint \U0001f600", "line\n"),
        (r"[!#-\[\]-~]+( [!#-\[\]-~]+)*", "a[b]", 'a"b'),
        (r"[^:*$]*", "group/stream", "group:stream"),
        (r"(?!\s*$).+", "words", "   "),
    ],
)
def test_a_pattern_means_what_java_means(pattern: str, right: str, wrong: str) -> None:
    assert matches(pattern, right)
    assert not matches(pattern, wrong)


def test_a_match_is_of_the_whole_text() -> None:
    assert not matches("[a-z]+", "abc1")
    assert not matches("[a-z]+", "1abc")
    assert not matches("[a-z]+$", "abc\n")
