"""The tiny project, made anew for each test, its endpoints ended afterwards."""

from tests.e2e.conftest import tiny

__all__ = ["tiny"]
