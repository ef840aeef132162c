"""Protected branches: a hook in the bare repository that refuses who pushes to them."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_ci.testing.github.bare import Bare

_HOOK = """#!/bin/sh
while read -r _ _ ref; do
    if grep -qxF -e "${ref#refs/heads/}" "$GIT_DIR/protected-branches"; then
        echo "error: GH006: Protected branch update failed for $ref." >&2
        echo "error: Changes must be made through a pull request." >&2
        exit 1
    fi
done
"""


def protect(bare: Bare, branches: Sequence[str]) -> None:
    """Have pushes to these branches refused, and to no others."""
    (bare.path / "protected-branches").write_text("".join(f"{branch}\n" for branch in branches))
    hook = bare.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(_HOOK)
    hook.chmod(0o755)
