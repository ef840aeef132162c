"""A metric of the user's own, run in the environment of the candidate that it judges.

    PYTHON -m mlops_ci.runtime.metric --code DIR --function module:function --rows FILE --out FILE

`FILE` of rows is JSON Lines: one object a row, with `label`, `prediction`, `probabilities` (or null) and the slice
columns. The function is called once with the list of them and returns a number. What became of it is written to the
other file as one JSON object, `{"value": 1.5}` or `{"error": "ValueError: ...", "traceback": "..."}`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import sys
import traceback
from pathlib import Path
from typing import Any


def main(arguments: list[str]) -> int:
    """Run the function and return the exit code: 0 where there is a value, else 1. The file is written in any case."""
    parser = argparse.ArgumentParser(prog="mlops_ci.runtime.metric")
    for name in ("code", "function", "rows", "out"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args(arguments)
    out = Path(given.out).absolute()
    try:
        rows = [json.loads(line) for line in Path(given.rows).read_text("utf-8").splitlines() if line.strip()]
        os.chdir(given.code)
        sys.path.insert(0, given.code)
        found: dict[str, Any] = {"value": _number(_function(given.function)(rows))}
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a function that calls sys.exit is an error too, told like any other
        found = {"error": f"{type(error).__name__}: {error}".removesuffix(": "), "traceback": traceback.format_exc()}
    out.write_text(json.dumps(found), encoding="utf-8")
    return 0 if "value" in found else 1


def _function(named: str) -> Any:  # noqa: ANN401 - whatever the user's module holds
    module, colon, name = named.partition(":")
    if not colon or not name:
        raise ValueError(f"`{named}` is not `module:function`")
    return getattr(importlib.import_module(module), name)


def _number(value: Any) -> float:  # noqa: ANN401 - whatever the user's function returned
    # numpy's scalars are no `float`, and all that is one can be asked for; text and booleans are no numbers here.
    if isinstance(value, (str, bytes, bool)) or not hasattr(value, "__float__"):
        raise TypeError(f"the metric must return a number, not {type(value).__name__}")
    found = float(value)
    if not math.isfinite(found):
        raise ValueError(f"the metric must return a finite number, not {found}")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
