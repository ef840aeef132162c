"""What the endpoint must get right before a version goes on: run on staging, through HTTP, with real answers.

`endpoint` comes from mlops-ci's pytest plugin: `endpoint.invoke(rows)` answers with `.status`, `.json()`, `.version`.
"""

from __future__ import annotations

from typing import Any, Protocol

import pytest

COLUMNS = (
    "state", "account_length", "area_code", "international_plan", "voice_mail_plan", "number_vmail_messages",
    "total_day_minutes", "total_day_calls", "total_eve_minutes", "total_eve_calls", "total_night_minutes",
    "total_night_calls", "total_intl_minutes", "total_intl_calls", "number_customer_service_calls",
)  # fmt: skip
# Near the median of every column.
TYPICAL = ("WV", 100, "area_code_415", "no", "no", 0, 180.0, 100, 201.0, 100, 200.0, 100, 10.3, 4, 1)


class Answer(Protocol):
    """What the endpoint says to a request."""

    status: int

    def json(self) -> list[dict[str, Any]]: ...


class Endpoint(Protocol):
    """The endpoint of the environment that is tested."""

    def invoke(self, rows: list[list[object]]) -> Answer: ...


def customer(**changes: object) -> list[object]:
    """Return a typical customer's row, with these cells changed."""
    return [changes.get(name, cell) for name, cell in zip(COLUMNS, TYPICAL, strict=True)]


def churning(endpoint: Endpoint, row: list[object]) -> float:
    """Return the endpoint's probability that this customer leaves."""
    answer = endpoint.invoke([row])
    assert answer.status == 200
    return float(answer.json()[0]["probabilities"]["yes"])


def test_a_typical_customer_stays(endpoint: Endpoint) -> None:
    assert endpoint.invoke([customer()]).json()[0]["label"] == "no"


def test_many_calls_to_customer_service_are_a_bad_sign(endpoint: Endpoint) -> None:
    calm, angry = (churning(endpoint, customer(number_customer_service_calls=calls)) for calls in (1, 6))
    assert angry > calm


def test_few_long_calls_abroad_on_an_international_plan_are_a_bad_sign(endpoint: Endpoint) -> None:
    abroad = {"total_intl_minutes": 15.0, "total_intl_calls": 2}
    with_plan, without = (churning(endpoint, customer(international_plan=plan, **abroad)) for plan in ("yes", "no"))
    assert with_plan > without


def test_probabilities_sum_to_one(endpoint: Endpoint) -> None:
    answers = endpoint.invoke([customer(), customer(total_day_minutes=320.0)]).json()
    assert [sum(answer["probabilities"].values()) for answer in answers] == pytest.approx([1, 1])


def test_ten_customers_get_ten_answers_in_their_order(endpoint: Endpoint) -> None:
    rows = [customer(number_customer_service_calls=calls) for calls in range(10)]
    together = endpoint.invoke(rows).json()
    assert len(together) == 10
    alone = [churning(endpoint, row) for row in rows]
    assert [answer["probabilities"]["yes"] for answer in together] == pytest.approx(alone)


def test_a_state_that_training_never_saw_is_answered(endpoint: Endpoint) -> None:
    assert 0 <= churning(endpoint, customer(state="ZZ")) <= 1
