"""The script that SageMaker's toolkits are told of: a module of the code's top folder, by which they import it.

They cut `.py` off and import what is left (sagemaker-inference `transformer.py`, sagemaker-containers `_modules.py`):
`serve/inference.py` is no module to them. Where a script lies deeper, one of ours at the top runs it.
"""

from __future__ import annotations

from pathlib import PurePosixPath

OURS = "mlops_ci_entry.py"

_RUNS = '''\
"""Runs `{entry}`: SageMaker's toolkits import modules of the top folder alone."""
import os
import sys

_PLACES = (os.path.dirname(os.path.abspath(__file__)), "/opt/ml/code", "/opt/ml/model/code")
_CODE = next(place for place in _PLACES if os.path.isfile(os.path.join(place, {entry!r})))
__file__ = os.path.join(_CODE, {entry!r})
sys.path[:0] = [_CODE, os.path.dirname(__file__)]
sys.modules.setdefault({stem!r}, sys.modules[__name__])
with open(__file__, "rb") as _script:
    _text = _script.read()
exec(compile(_text, __file__, "exec"))
'''


def program_of(entry: str) -> str:
    """Return the script to name to a toolkit; one that is no Python it does not import, and runs as it stands."""
    path = PurePosixPath(entry)
    is_module = path.name == entry and "." not in path.stem
    return entry if is_module or path.suffix != ".py" else OURS


def more_for(entry: str) -> dict[str, bytes]:
    """Return what the code's top folder needs beside the code, so that `program_of` is there."""
    if program_of(entry) != OURS:
        return {}
    return {OURS: _RUNS.format(entry=entry, stem=PurePosixPath(entry).stem).encode()}
