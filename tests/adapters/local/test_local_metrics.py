"""The user's own metrics as processes: what they see, what they return, and every way in which they fail."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mlops_ci.adapters.local.metrics import LocalMetrics
from mlops_ci.errors import InputsMoved, ProviderError
from mlops_ci.model.effects import Json
from mlops_ci.ports.jobs import Image
from mlops_ci.ports.metrics import CustomMetrics
from tests.adapters.local.workplace import code, environments, tree

ROWS: tuple[Json, ...] = (
    {"label": "yes", "prediction": "no", "probabilities": {"no": 0.6, "yes": 0.4}, "plan": "ä"},
    {"label": "no", "prediction": "no", "probabilities": None, "plan": "b"},
)
COST = """
from weights import WEIGHT

def total(rows):
    return sum(WEIGHT for row in rows if row["label"] != row["prediction"])

def seen(rows):
    assert rows[0] == {"label": "yes", "prediction": "no", "probabilities": {"no": 0.6, "yes": 0.4}, "plan": "ä"}
    assert rows[1]["probabilities"] is None
    return len(rows)

def numpys(rows):
    import numpy
    return numpy.float32(0.5)

def wrong(rows):
    print("about to fail")
    raise KeyError(rows[0]["plan"])

def leaves(rows):
    import sys
    sys.exit("enough")

def killed(rows):
    import os
    print("out of memory, they say", flush=True)
    os._exit(9)

def endless(rows):
    import time
    print("waiting", flush=True)
    time.sleep(60)

def nothing(rows):
    pass

def text(rows):
    return "0.5"

def true(rows):
    return True

def nan(rows):
    return float("nan")

def variables(rows):
    import os
    assert "TOKEN" not in os.environ, "a secret"
    return float(os.environ["OMP_NUM_THREADS"])
"""
FILES = {"costs.py": COST, "weights.py": "WEIGHT = 5\n"}


def metrics(root: Path, timeout: float = 60.0, environment: Mapping[str, str] | None = None) -> LocalMetrics:
    made = environments(root, {"PATH": "/usr/bin:/bin", "TOKEN": "secret"} if environment is None else environment)
    return LocalMetrics(environments=made, tree=lambda: tree(FILES), timeout=timeout)


def compute(root: Path, function: str, timeout: float = 60.0) -> float:
    port: CustomMetrics = metrics(root, timeout)
    return port.compute(function, code(FILES), Image(), ROWS)


@pytest.mark.parametrize(("function", "value"), [("total", 5.0), ("seen", 2.0), ("numpys", 0.5), ("variables", 1.0)])
def test_a_function_is_given_the_rows_and_returns_a_number(function: str, value: float, tmp_path: Path) -> None:
    found = compute(tmp_path, f"costs:{function}")
    assert found == value
    assert type(found) is float


@pytest.mark.parametrize(
    ("function", "told", "detail"),
    [
        ("costs:wrong", "`costs:wrong` failed: KeyError: 'ä'", 'File "costs.py", line'),
        ("costs:leaves", "SystemExit: enough", "sys.exit"),
        ("costs:killed", "exited with 9 and left no number", "out of memory, they say"),
        ("costs:nothing", "must return a number, not NoneType", ""),
        ("costs:text", "must return a number, not str", ""),
        ("costs:true", "must return a number, not bool", ""),
        ("costs:nan", "must return a finite number, not nan", ""),
        ("costs:gone", "has no attribute 'gone'", ""),
        ("losses:total", "No module named 'losses'", ""),
        ("costs", "is not `module:function`", ""),
    ],
)
def test_what_goes_wrong_is_told_with_the_end_of_the_traceback(
    function: str, told: str, detail: str, tmp_path: Path
) -> None:
    with pytest.raises(ProviderError) as caught:
        compute(tmp_path, function)
    assert told in caught.value.summary
    assert detail in caught.value.detail
    assert "mlops-ci-metric-" not in caught.value.detail


def test_a_function_that_hangs_is_ended_and_its_last_words_are_told(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="took longer than 2 seconds") as caught:
        compute(tmp_path, "costs:endless", timeout=2.0)
    assert caught.value.detail == "waiting"


def test_code_that_was_edited_since_its_digest_is_not_run(tmp_path: Path) -> None:
    with pytest.raises(InputsMoved):
        metrics(tmp_path).compute("costs:total", code({**FILES, "weights.py": "WEIGHT = 6\n"}), Image(), ROWS)


def test_the_runtime_needs_nothing_but_the_standard_library() -> None:
    import ast

    import mlops_ci.runtime.metric as module

    source = ast.parse(Path(module.__file__).read_text())
    found = {
        name.name.split(".")[0] for node in ast.walk(source) if isinstance(node, ast.Import) for name in node.names
    }
    found |= {(n.module or "").split(".")[0] for n in ast.walk(source) if isinstance(n, ast.ImportFrom)}
    assert found <= set(sys.stdlib_module_names)
