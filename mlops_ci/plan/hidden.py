"""What no plan tells: the value of an environment variable whose name says that it is a secret.

A manifest lies in git, but a plan travels: into a comment, a job's summary, an artifact of a build.
"""

from __future__ import annotations

import re
from itertools import pairwise

HIDDEN = "(hidden)"

_WORDS = frozenset({
    "secret", "secrets", "token", "password", "passwd", "passphrase", "pass", "pwd", "key", "apikey", "credential",
    "credentials", "auth", "authorization", "bearer", "cookie", "dsn", "pat", "sas", "signature", "salt",
})  # fmt: skip
_WITHIN = ("secret", "passw", "credential", "apikey", "accesskey", "privatekey", "authtoken")
_WORD = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_LOGIN = re.compile(r"://[^/\s:@]*:[^/\s@]+@")


def is_secret(name: str) -> bool:
    """Return whether a variable's name says that its value is a secret: `API_TOKEN`, `dbPassword`, not `TOKENIZERS`."""
    words = [word.lower() for word in _WORD.findall(name)]
    joined = "".join(words)
    return any(word in _WORDS for word in words) or any(part in joined for part in _WITHIN)


def is_hidden(path: str, value: object) -> bool:
    """Return whether a field's value is not told: a secret variable's, or an address with a password in it.

    `path` is dotted; a variable's name follows `environment`.
    """
    parts = path.split(".")
    variables = [name for before, name in pairwise(parts) if before == "environment"]
    return any(is_secret(name) for name in variables) or (
        bool(variables) and isinstance(value, str) and _LOGIN.search(value) is not None
    )
