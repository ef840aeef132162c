"""What every store has in common, in a folder or in a bucket: the version of its layout, and where what lies."""

from __future__ import annotations

import json
import re

from mlops_ci.errors import IntegrityError, ProviderError

FORMAT = 2
"""The version of today's layout: all of a model's records beside each other."""

FORMAT_NAME = "format.json"
TODAY = b'{"format": %d}\n' % FORMAT

PULL_REQUESTS = "pr"
"""The folder of a store below which each pull request has its own, in the same layout."""

LARGEST_RECORD = 16 << 20
"""Bytes that a pull request's record may have."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


def is_digest(text: str) -> bool:
    """Return whether a text is a sha256, as stores write it."""
    return _DIGEST.fullmatch(text) is not None


def version_in(content: bytes, place: str, store: str, hint: str) -> int:
    """Return the version that a store's `format.json` says; `hint` is how a damaged one is written anew.

    Raises:
        ProviderError: a newer mlops-ci wrote the store: what this one would read and write there is wrong.
        IntegrityError: it does not say a version.

    """
    if content == TODAY:
        return FORMAT
    try:
        found = int(json.loads(content)["format"])
    except (ValueError, KeyError, TypeError, RecursionError) as cause:
        raise IntegrityError(f"`{place}` is damaged: it does not say a version", hint=hint) from cause
    if found > FORMAT:
        raise ProviderError(
            f"the store `{store}` has format {found}, and this mlops-ci knows {FORMAT} at most",
            hint="upgrade mlops-ci: pip install --upgrade mlops-ci",
        )
    return found
