"""The machine's clock."""

from __future__ import annotations

import re

from mlops_ci.adapters.files.clock import SystemClock


def test_now_is_utc_with_milliseconds() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", SystemClock().now())


def test_seconds_never_go_back() -> None:
    clock = SystemClock()
    before = clock.seconds()
    clock.sleep(0)
    assert clock.seconds() >= before
