"""Saved plans that are none, or not as they were saved."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mlops_ci.plan.saved_json import FORMAT, KIND

FILES: Mapping[str, bytes] = {
    "plan-foreign": b'{"kind": "something else"}\n',
    "plan-format": json.dumps({"kind": KIND, "format": FORMAT + 1}, indent=1).encode(),
    "plan-edited": json.dumps({"kind": KIND, "format": FORMAT, "digest": "0" * 64}, indent=1).encode(),
    "plan-damaged": b'{"kind": \n',
}
"""Contents of a file that should be a plan, by the code of what is told."""

_HEAD = {"kind": "mlops-ci review", "format": 1}
REVIEWS: Mapping[str, bytes] = {
    "review-foreign": b'{"kind": "something else"}\n',
    "review-format": json.dumps({**_HEAD, "format": 2}, indent=1).encode(),
    "review-misshapen": json.dumps({**_HEAD, "label": "x -->"}, indent=1).encode(),
    "review-damaged": b'{"kind": \n',
}
"""Contents of a file that should be a review."""
