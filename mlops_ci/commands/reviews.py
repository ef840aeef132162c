"""Reviews as files: written by a run that may not comment, read by one that may."""

from __future__ import annotations

from pathlib import Path

from mlops_ci.commands.given import read_given
from mlops_ci.errors import ProviderError
from mlops_ci.model import Json
from mlops_ci.plan.review import Review
from mlops_ci.plan.review_json import dump
from mlops_ci.plan.review_reading import MAX_BYTES, parse


def save_review(review: Review, name: str, folder: Path) -> None:
    """Write a review to a file, `name` relative to `folder`; what is on record is left out where it is too much.

    Raises:
        ProviderError: it cannot be written, or is too large even so.

    """
    from dataclasses import replace

    content = dump(review)
    if len(content) > MAX_BYTES:
        left = "what is on record is left out: with it the file would be larger than any review may be"
        content = dump(replace(review, forecasts=(), remarks=(*review.remarks, left)))
    if len(content) > MAX_BYTES:
        raise ProviderError("there is more to say than a file may hold", hint=f"mlops-ci comment MODEL -o {name}")
    try:
        Path(folder, name).write_bytes(content)
    except OSError as error:
        hint = "mlops-ci comment -o FILE, in a folder that can be written"
        raise ProviderError(f"cannot write `{name}`: {error.strerror}", hint=hint) from error


def load_review(name: str, folder: Path, schema: Json) -> Review:
    """Return the review in a file, `name` relative to `folder`.

    Raises:
        UsageError: there is no such file.
        ManifestError: it is no review.
        ProviderError: it cannot be read.

    """
    hint = f"in the run that may not comment: mlops-ci comment -o {name}"
    content = read_given(name, folder, kind="file", most=MAX_BYTES, hint=hint)
    return parse(content, path=name, schema=schema)
