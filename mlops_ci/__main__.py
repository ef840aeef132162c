"""`python -m mlops_ci` is the same as the `mlops-ci` command."""

import sys

from mlops_ci.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
