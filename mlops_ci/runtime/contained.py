"""A serving process that sees its package as /opt/ml: `python -m mlops_ci.runtime.contained FOLDER OPTION…`.

FOLDER holds the package, so that its model is at /opt/ml/model; the options are those of `mlops_ci.runtime.worker`
besides `--package`. It ends with whoever started it, as `attached` says.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mlops_ci.runtime.attached import attached
from mlops_ci.runtime.namespace import enter


def main(arguments: list[str]) -> int:
    """Return the exit code of the worker."""
    folder = Path(arguments[0]).resolve()

    def run() -> int:
        from mlops_ci.runtime import worker

        reason = enter(folder)
        if reason:
            print(f"mlops-ci: no /opt/ml of its own ({reason}): the model is in SM_MODEL_DIR", flush=True)
        return worker.main(["--package", str(folder) if reason else "/opt/ml", *arguments[1:]])

    return attached(run)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
