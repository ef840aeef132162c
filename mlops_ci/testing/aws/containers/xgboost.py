"""The built-in XGBoost algorithm's container: a worker that answers for the booster in `model/xgboost-model`.

It takes the arguments of `mlops_ci.runtime.worker` and speaks as it does. Rows are CSV without header and label, or
libsvm. The answer is what the algorithm's container gives: numbers with a comma between two rows, or one number a line
in a batch transform (`SAGEMAKER_BATCH`), or JSON or JSON Lines where `Accept` asks for it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mlops_ci.runtime import worker
from mlops_ci.runtime.decoding import checked
from mlops_ci.runtime.media import CSV, JSON, JSON_LINES, Refused, content_type, is_json_lines

if TYPE_CHECKING:
    from mlops_ci.runtime.handlers import Handler

LIBSVM = frozenset({"text/libsvm", "text/x-libsvm"})


class Boosted:
    """Answers as `handlers.Handler` does, for one booster."""

    def __init__(self, booster: Any) -> None:  # noqa: ANN401 - xgboost has no types
        self._booster = booster

    def invoke(self, body: bytes, content_header: str, accept_header: str) -> tuple[bytes, str]:
        """Return the predictions, one a row.

        Raises:
            Refused: 415 or 406, or 400 for rows that are none.

        """
        media = content_type(content_header)
        wanted = _accepted(accept_header)
        rows = checked(body, media, ())
        return _encoded(self._booster.predict(_matrix(str(rows.data), media)).tolist(), wanted), wanted


def load(root: Path) -> Boosted:
    """Return what answers for the model of an unpacked package."""
    import xgboost

    booster = xgboost.Booster()
    booster.load_model(str(root / "model" / "xgboost-model"))
    return Boosted(booster)


def _matrix(text: str, media: str) -> Any:  # noqa: ANN401 - xgboost has no types
    import numpy as np
    import xgboost

    try:
        if media == CSV:
            cells = [line.split(",") for line in text.splitlines()]
            return xgboost.DMatrix(np.array([[float(cell or "nan") for cell in row] for row in cells]))
        if media in LIBSVM:
            with tempfile.NamedTemporaryFile("w", suffix=".libsvm") as file:
                file.write(
                    "".join(f"0 {line}\n" if ":" in line.split()[0] else f"{line}\n" for line in text.splitlines())
                )
                file.flush()
                return xgboost.DMatrix(f"{file.name}?format=libsvm")
    except ValueError as cause:
        raise Refused(400, f"the rows cannot be read as {media}: {cause}") from cause
    raise Refused(415, f"content type `{media}` is not supported", supported=[CSV, *sorted(LIBSVM)])


def _accepted(header: str) -> str:
    first = header.partition(",")[0].partition(";")[0].strip().lower()
    if first in {"", "*/*", "text/*", CSV}:
        return CSV
    if first == JSON or is_json_lines(first):
        return JSON if first == JSON else JSON_LINES
    raise Refused(406, f"cannot answer as `{header}`", supported=[CSV, JSON, JSON_LINES])


def _encoded(predictions: list[Any], wanted: str) -> bytes:
    """Return the predictions; of several classes a row is a list."""
    if wanted == JSON:
        return json.dumps({"predictions": [{"score": score} for score in predictions]}).encode()
    if wanted == JSON_LINES:
        return "".join(f"{json.dumps({'score': score})}\n" for score in predictions).encode()
    numbers = [str(score) for score in predictions]
    is_batch = os.environ.get("SAGEMAKER_BATCH", "").lower() == "true"
    return ("\n".join(numbers) + "\n" if is_batch else ",".join(numbers)).encode()


if __name__ == "__main__":
    code = worker.main(sys.argv[1:], lambda root: cast("Handler", load(root)))
    sys.stdout.flush()
    os._exit(code)
