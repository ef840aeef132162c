"""Images that a pull request builds have tags of their own: on the branch, no bytes count that it did not build."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.adapters.aws.images.references import Reference

_BUILT = "mlops-ci/"
"""How the repositories begin that `image build` makes."""

_LONGEST = 50
"""Characters of a pull request's id in a tag, which has 128 with the digest of what it is built of."""


def proposed_tag(tag: str, pull_request: str) -> str:
    """Return the tag of what a pull request builds: `pr-12-<digest>`; without one it is the tag itself."""
    return f"pr-{pull_request[:_LONGEST]}-{tag}" if pull_request else tag


def proposed(named: Reference, pull_request: str) -> Reference | None:
    """Return where a pull request's own build of an image is; None for images that it does not build."""
    if not pull_request or named.digest or not named.repository.startswith(_BUILT):
        return None
    return replace(named, tag=proposed_tag(named.tag, pull_request))
