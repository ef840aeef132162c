"""A job or an endpoint that fails, as its owner is told."""

from __future__ import annotations


class Failure(Exception):  # noqa: N818 - it is the job's, not ours
    """What `FailureReason` will say."""
