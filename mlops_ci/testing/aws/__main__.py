"""`python -m mlops_ci.testing.aws`: a loopback AWS until Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mlops_ci.testing.aws.requirements import Missing, check
from mlops_ci.testing.serving import Served, given, grammar, serve


def main(arguments: Sequence[str]) -> int:
    """Return 0 when it was told to end; 69 where it cannot start, 64 for a wrong word."""
    parser = grammar("aws")
    parser.add_argument("--stop-grace", type=float, default=120.0, metavar="SECONDS", help="from SIGTERM to SIGKILL")
    options = given(parser, arguments)
    if isinstance(options, int):
        return options
    try:
        check()
    except Missing as error:
        sys.stderr.write(f"{error}\n")
        return 69
    port, grace = options.port, options.stop_grace
    return serve("the loopback AWS", options.root, lambda root: _started(root, port, grace))


@contextmanager
def _started(root: Path, port: int, grace: float) -> Iterator[Served]:
    from mlops_ci.testing.aws.loopback import Settings
    from mlops_ci.testing.aws.server import loopback

    with loopback(root, port=port, settings=Settings(stop_grace=grace)) as aws:
        yield Served(aws.environment(), f"a loopback AWS serves at {aws.url}, its files are in {aws.root}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
