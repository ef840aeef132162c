"""`python -m mlops_ci.testing.aws`: a loopback AWS until Ctrl-C."""

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

from mlops_ci.testing.aws.requirements import Missing, check


def main(arguments: Sequence[str]) -> int:
    """Return 0 when it was told to end; 69 where it cannot start, 64 for a wrong word."""
    parser = argparse.ArgumentParser(prog="mlops-ci testing aws", allow_abbrev=False)
    parser.add_argument("action", choices=["start"], help="serve until Ctrl-C")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="the port (default: a free one)")
    parser.add_argument("--root", type=Path, metavar="DIR", help="where its files are (default: a folder that goes)")
    parser.add_argument("--stop-grace", type=float, default=120.0, metavar="SECONDS", help="from SIGTERM to SIGKILL")
    try:
        options = parser.parse_args(arguments)
    except SystemExit as end:
        return 64 if end.code else 0
    try:
        check()
    except Missing as error:
        sys.stderr.write(f"{error}\n")
        return 69
    return _serve(options)


def _serve(options: argparse.Namespace) -> int:
    from mlops_ci.testing.aws.loopback import Settings
    from mlops_ci.testing.aws.server import loopback

    signal.signal(signal.SIGTERM, _end)
    try:
        with (
            _root(options.root) as root,
            loopback(root, port=options.port, settings=Settings(stop_grace=options.stop_grace)) as aws,
        ):
            for name, value in aws.environment().items():
                sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
            sys.stdout.flush()
            sys.stderr.write(f"a loopback AWS serves at {aws.url}, its files are in {aws.root}; Ctrl-C ends it\n")
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        sys.stderr.write(f"error[provider-failed]: the loopback AWS cannot start: {error}\nhint: another `--port`\n")
        return 69
    return 0


@contextmanager
def _root(asked: Path | None) -> Iterator[Path]:
    if asked is not None:
        asked.mkdir(parents=True, exist_ok=True)
        yield asked.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="mlops-ci-aws-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
