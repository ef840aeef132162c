"""JSON for scripts: two spaces deep, in the order given, `format_version` first, a line end at the end."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mlops_ci.model import Json

FORMAT_VERSION = 1


def document(content: Mapping[str, Json]) -> str:
    """Return the text of a JSON document.

    Raises:
        ValueError: a number is not finite.

    """
    data = {"format_version": FORMAT_VERSION, **content}
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
