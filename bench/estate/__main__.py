"""`python -m bench.estate FOLDER --models 1000`: make an estate in which `mlops-ci plan` finds nothing to do."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.estate.making import Size, make


def main() -> int:
    """Make what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.estate", description=__doc__)
    parser.add_argument("folder", type=Path, help="the project's folder; it must not be there yet")
    parser.add_argument("--models", type=int, default=1000, help="of three candidates each (default: %(default)s)")
    parser.add_argument("--records", type=int, default=3, help="evaluations of the first model on record")
    parser.add_argument("--versions", type=int, default=1, help="versions of the first model that were promoted")
    given = parser.parse_args()
    make(given.folder, Size(given.models, given.records, given.versions))
    return 0


if __name__ == "__main__":
    sys.exit(main())
