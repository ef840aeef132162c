"""Manifests: YAML files in, frozen models out, or every problem with its place."""

from mlops_ci.manifest.document import Document
from mlops_ci.manifest.loading import PROJECT_FILE, Loaded, load, load_project

__all__ = ["PROJECT_FILE", "Document", "Loaded", "load", "load_project"]
