"""What the message of a release commit says is read back from it; what others write is not taken for it."""

from __future__ import annotations

import pytest

from mlops_ci.executor.messages import ToldMove, ToldPromotion, deployment, promotion, read, rollback
from mlops_ci.model import Champion, Score

PACKAGE, OTHER = "a" * 64, "b" * 64
CHAMPION = Champion(3, "boosting", PACKAGE, "f" * 64, OTHER, "accuracy", "c" * 40,
                    (Score("boosting", "f" * 64, 0.9), Score("linear", "e" * 64, None)))  # fmt: skip


def test_a_promotion_is_read_back() -> None:
    said = promotion("churn", CHAMPION, "`boosting` wins")
    assert read(said) == ToldPromotion("churn", 3, PACKAGE, "boosting", "`boosting` wins")
    assert read(said + "\n\nSigned-off-by: Ada <ada@example.org>\n") == read(said)


def test_a_deployment_and_a_rollback_are_read_back() -> None:
    assert read(deployment("churn", 3, "staging", PACKAGE)) == ToldMove("churn", "staging", 3, PACKAGE)
    why = f"worse\n\nPackage: {OTHER} was better"
    back = rollback("churn", "production", 2, PACKAGE, was=3, by="Ada <ada@example.org>", why=why)
    assert read(back) == ToldMove("churn", "production", 2, PACKAGE)


@pytest.mark.parametrize("message", ["", "Merge branch 'x'", "Promote churn v3: boosting", "Deploy churn to staging",
                                     f"Deploy churn v1 to staging\n\nPackage: {PACKAGE[:-1]}"])  # fmt: skip
def test_what_somebody_else_wrote_is_no_such_message(message: str) -> None:
    assert read(message) is None
