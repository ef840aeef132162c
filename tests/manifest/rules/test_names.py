from __future__ import annotations

import pytest

from mlops_ci.manifest.rules.names import is_fit

GOOD = ["a", "0", "churn", "churn-2", "a-b-c", "2fast", "a--b", "x" * 40]

BAD = [
    "", "-", "-a", "a-", "A", "Churn", "a_b", "a.b", "a b", " a", "a ", "a/b", "../a", ".", "..", "a\n", "a\nb", "\ta",
    "ä", "é", "ß", "\u0430", "a\u200b", "a\u0301", "\uff11", "a:b", "a@v1", "a~1", "a^", "a?", "a*", "a[", "a\\b",
    "a'", 'a"',
    "a`b`", "$(a)", "a;b", "a|b", "a&b", "a<b>", "a\0", "@{", "a.lock", "x" * 41,
]  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_good_name_is_fit(name: str) -> None:
    assert is_fit(name)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_name_is_not(name: str) -> None:
    assert not is_fit(name)
