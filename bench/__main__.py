"""`make bench`: every measurement, each printing ratios of what ran in the same minutes."""

from __future__ import annotations

import sys

from bench import overhead, reviewing, scale, serving, start

if __name__ == "__main__":
    sys.exit(start.main() or scale.main([]) or reviewing.main([]) or overhead.main([]) or serving.main(["--mlflow"]))
