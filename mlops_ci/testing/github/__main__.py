"""`python -m mlops_ci.testing.github`: a loopback GitHub until Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mlops_ci.testing.serving import Served, given, grammar, serve


def main(arguments: Sequence[str]) -> int:
    """Return 0 when it was told to end; 69 where it cannot start, 64 for a wrong word."""
    parser = grammar("github")
    parser.add_argument("--repository", default="octo/models", metavar="OWNER/NAME", help="the first repository's name")
    options = given(parser, arguments)
    if isinstance(options, int):
        return options
    port, name = options.port, options.repository
    return serve("the loopback GitHub", options.root, lambda root: _started(root, port, name))


@contextmanager
def _started(root: Path, port: int, name: str) -> Iterator[Served]:
    from mlops_ci.testing.github.server import loopback

    with loopback(root, port=port) as github:
        made = github.repository(name)
        github.approve(made.name, "1", "")  # the run that a runner on this machine says it is
        told = f"a loopback GitHub serves at {github.url}, `{made.name}` is in {made.path}"
        yield Served(github.environment(made.name), told)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
