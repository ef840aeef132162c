"""Which variables of our environment the user's code sees: a list of names, so that no secret is on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

LANGUAGE = ("HOME", "LANG", "LANGUAGE", "USER", "LOGNAME", "PATH", "TZ", "TMPDIR")
LIBRARIES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")

BUILDING = (
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC", "CC", "CXX", "CFLAGS", "CXXFLAGS",
    "CPPFLAGS", "LDFLAGS", "PKG_CONFIG_PATH", "CUDA_HOME", "SDKROOT", "MACOSX_DEPLOYMENT_TARGET", "ARCHFLAGS",
)  # fmt: skip
"""What pip and a compiler need besides: certificates, and where things are."""


def handed_on(environment: Mapping[str, str], *, passed: Iterable[str] = ()) -> dict[str, str]:
    """Return the variables for the user's tests: language, paths, and those that `passed` names."""
    names = {*LANGUAGE, *LIBRARIES, *passed}
    return {name: value for name, value in environment.items() if name in names or name.startswith("LC_")}


def for_pip(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for pip and what it builds: its own settings, proxies and certificates besides.

    The address of an index or a proxy may hold a password: pip needs it, and what it builds may see it.
    """
    names = {*BUILDING}
    mine = {
        name: value
        for name, value in environment.items()
        if name in names or name.startswith(("PIP_", "XDG_")) or name.lower().endswith("_proxy")
    }
    return handed_on(environment) | mine
