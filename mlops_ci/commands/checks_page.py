"""The page that explains every check, as it ships."""

from __future__ import annotations

from mlops_ci import resources


def checks_page() -> tuple[str, str]:
    """Return the page's text, and its address: the `Checks` of this distribution's URLs, empty where it names none."""
    from importlib.metadata import metadata

    named = (entry.partition(", ") for entry in metadata("mlops-ci").get_all("Project-URL") or ())
    home = next((address for label, _, address in named if label == "Checks"), "")
    return (resources.folder("docs") / "checks.md").read_text("utf-8"), home
