"""What the loopback AWS needs beside mlops-ci itself: the extra `loopback`."""

from __future__ import annotations

from importlib.util import find_spec


class Missing(Exception):  # noqa: N818 - named after what is missing
    """A package is not installed; says how to install it."""


def check() -> None:
    """Return where everything is installed.

    Raises:
        Missing: something is not.

    """
    for name in ("moto", "flask", "boto3"):
        if find_spec(name) is None:
            raise Missing(
                f"error[no-loopback]: the loopback AWS needs `{name}`, which is not installed\n"
                "hint: pip install 'mlops-ci[loopback]'"
            )
