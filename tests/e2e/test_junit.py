"""`--junit FILE`: written also where the verb fails, and of what is on record."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.e2e.tiny import Tiny

pytestmark = pytest.mark.e2e


def cases(tiny: Tiny, name: str) -> dict[str, str]:
    """Return each case of a report with the element that says how it ended, empty where it passed."""
    found = ET.parse(tiny.folder / name).getroot().iter("testcase")  # noqa: S314 - ours
    return {
        f"{case.get('classname')}/{case.get('name')}": next((e.tag for e in case if e.tag != "system-out"), "")
        for case in found
    }


def test_a_report_is_there_whether_a_verb_passes_fails_or_cannot_begin(tiny: Tiny) -> None:
    tiny.run("validate", "--junit", "out/validate.xml")
    assert cases(tiny, "out/validate.xml") == {"tiny/manifests": "", "validate/mlops-ci validate": ""}
    tiny.run("evaluate", "--junit", "evaluate.xml", code=69)
    assert cases(tiny, "evaluate.xml") == {
        "tiny/low": "skipped", "tiny/middle": "skipped", "evaluate/mlops-ci evaluate": "error",
    }  # fmt: skip
    tiny.run("gate", "nowhere", "--junit", "gate.xml", code=None)
    assert "gate/mlops-ci gate" in cases(tiny, "gate.xml")
    tiny.replace("candidates/low.yaml", "script", "skript")
    tiny.run("validate", "--junit", "wrong.xml", code=65)
    assert cases(tiny, "wrong.xml") == {
        "pipelines/tiny/candidates/low.yaml/manifests": "failure", "validate/mlops-ci validate": "failure",
    }  # fmt: skip
