"""The command line as somebody whom file permissions bind, root too: `python bounded.py ARGUMENTS...`."""

from __future__ import annotations

import ctypes
import os
import sys

_DROP, _OVERRIDE, _SEARCH = 24, 1, 2
"""PR_CAPBSET_DROP, CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, as Linux counts them."""

if __name__ == "__main__":
    if os.geteuid() == 0 and sys.platform == "linux":
        for capability in (_OVERRIDE, _SEARCH):
            if ctypes.CDLL(None).prctl(_DROP, capability, 0, 0, 0):
                sys.exit("root cannot be bound here")
    os.execv(sys.executable, [sys.executable, "-m", "mlops_ci", *sys.argv[1:]])  # noqa: S606 - it becomes the command
