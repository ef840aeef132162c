"""`python -m mlops_ci.testing.github`: a loopback GitHub until Ctrl-C."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType


def main(arguments: Sequence[str]) -> int:
    """Return 0 when it was told to end; 69 where it cannot start, 64 for a wrong word."""
    parser = argparse.ArgumentParser(prog="mlops-ci testing github", allow_abbrev=False)
    parser.add_argument("action", choices=["start"], help="serve until Ctrl-C")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="the port (default: a free one)")
    parser.add_argument("--root", type=Path, metavar="DIR", help="where its repositories are")
    parser.add_argument("--repository", default="octo/models", metavar="OWNER/NAME", help="the first repository's name")
    try:
        options = parser.parse_args(arguments)
    except SystemExit as end:
        return 64 if end.code else 0
    return _serve(options)


def _serve(options: argparse.Namespace) -> int:
    from mlops_ci.testing.github.server import loopback

    signal.signal(signal.SIGTERM, _end)
    try:
        with _root(options.root) as root, loopback(root, port=options.port) as github:
            made = github.repository(options.repository)
            github.approve(made.name, "1", "")  # the run that a runner on this machine says it is
            for name, value in github.environment(made.name).items():
                sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
            sys.stdout.flush()
            sys.stderr.write(f"a loopback GitHub serves at {github.url}, `{made.name}` is in {made.path}; ")
            sys.stderr.write("Ctrl-C ends it\n")
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        sys.stderr.write(f"error[provider-failed]: the loopback GitHub cannot start: {error}\nhint: another `--port`\n")
        return 69
    return 0


@contextmanager
def _root(asked: Path | None) -> Iterator[Path]:
    if asked is not None:
        asked.mkdir(parents=True, exist_ok=True)
        yield asked.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="mlops-ci-github-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
