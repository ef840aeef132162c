"""What stands in for an `input_fn`, a `predict_fn` or an `output_fn` that the user did not write.

NumPy is used where it is installed; without it rows are lists.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
from typing import Any

from mlops_ci.runtime.media import CSV, JSON, JSON_LINES, NPY, NPZ, Refused, is_json_lines

INPUTS = frozenset({CSV, JSON, NPY, NPZ})
OUTPUTS = frozenset({CSV, JSON, JSON_LINES, NPY})


def warm() -> None:
    """Import what the functions here use, so that no request waits for it."""
    with contextlib.suppress(ImportError):
        import numpy as np  # noqa: F401 - only to have it loaded


def decodes(media: str) -> bool:
    """Return whether `decode` knows this type."""
    return media in INPUTS or is_json_lines(media)


def decode(data: str | bytes, media: str, features: tuple[str, ...]) -> Any:  # noqa: ANN401 - whatever predict_fn takes
    """Return a NumPy array of the rows (a list without NumPy); objects become rows in the order of `features`.

    CSV rows that are numbers throughout become floats; else every cell stays a string.
    """
    if isinstance(data, bytes):
        return _binary(data)
    if media == CSV:
        return _array(_numbers(list(csv.reader(io.StringIO(data, newline="")))))
    rows: Any
    if is_json_lines(media):
        rows = [json.loads(line) for line in data.split("\n")]
    else:
        rows = json.loads(data)
        if not isinstance(rows, list):
            return rows
    names = features or tuple(rows[0] if rows and isinstance(rows[0], dict) else ())
    return _array([[row[name] for name in names] if isinstance(row, dict) else row for row in rows])


def predict(data: Any, model: Any) -> Any:  # noqa: ANN401 - whatever the model takes and gives
    """Return `model.predict(data)`, or what the model itself returns when called."""
    return model.predict(data) if hasattr(model, "predict") else model(data)


def encode(prediction: Any, media: str) -> str | bytes:  # noqa: ANN401 - whatever predict_fn gave
    """Return a prediction as JSON, JSON Lines, CSV or NumPy's format.

    Raises:
        Refused: 406 for any other type.
        ValueError: JSON was asked for and the prediction holds NaN or infinity, which JSON cannot say.

    """
    if media == NPY:
        return _npy(prediction)
    value = prediction.tolist() if hasattr(prediction, "tolist") else prediction
    if media == JSON:
        return json.dumps(value, allow_nan=False, default=_plain)
    rows = value if isinstance(value, list | tuple) else [value]
    if is_json_lines(media):
        return "".join(json.dumps(row, allow_nan=False, default=_plain) + "\n" for row in rows)
    if media == CSV:
        made = io.StringIO()
        csv.writer(made, lineterminator="\n").writerows(r if isinstance(r, list | tuple) else [r] for r in rows)
        return made.getvalue()
    raise Refused(406, f"cannot answer as `{media}`", hint=f"send `Accept: {JSON}`, or none")


def _plain(value: Any) -> Any:  # noqa: ANN401 - json's hook
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a prediction holds a {type(value).__name__}, which JSON cannot say: write an output_fn")


def _numbers(rows: list[list[str]]) -> list[Any]:
    try:
        return [[float(cell) for cell in row] for row in rows]
    except ValueError:
        return rows


def _array(rows: list[Any]) -> Any:  # noqa: ANN401 - an array or a list
    try:
        import numpy as np
    except ImportError:
        return rows
    try:
        array = np.asarray(rows)
    except ValueError:  # rows of several lengths
        array = np.asarray(rows, dtype=object)
    # Strings as objects, so that scikit-learn sees what it saw in training instead of fixed-width text.
    return array if array.dtype.kind in "fiub" else np.asarray(rows, dtype=object)


def _binary(data: bytes) -> Any:  # noqa: ANN401 - an array
    import numpy as np

    loaded = np.load(io.BytesIO(data), allow_pickle=False)
    if isinstance(loaded, np.ndarray):
        return loaded
    names = loaded.files
    return loaded[names[0]] if len(names) == 1 else {name: loaded[name] for name in names}


def _npy(prediction: Any) -> bytes:  # noqa: ANN401 - whatever NumPy takes
    import numpy as np

    made = io.BytesIO()
    np.save(made, np.asarray(prediction), allow_pickle=False)
    return made.getvalue()
