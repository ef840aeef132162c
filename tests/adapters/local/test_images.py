"""Which software a script will run in, read from what is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlops_ci.adapters.local.images import LocalImages
from mlops_ci.adapters.local.installed import installed, named
from mlops_ci.model import Framework
from mlops_ci.ports.jobs import CannotRun, Image, Software


@pytest.fixture
def images(tmp_path: Path) -> LocalImages:
    own, below = tmp_path / "own", tmp_path / "below"
    for name in ("scikit_learn-1.4.2", "numpy-2.1.0", "scipy-1.14.0", "joblib-1.4.2", "threadpoolctl-3.5.0"):
        (own / f"{name}.dist-info").mkdir(parents=True)
    for name in ("numpy-1.0", "pandas-2.2.3", "unrelated-1.0", "xgboost_cpu-2.1.1"):
        (below / f"{name}.dist-info").mkdir(parents=True)
    (own / "sklearn").mkdir()
    return LocalImages("3.11", (own, below))


NUMERIC = (
    ("joblib", "1.4.2"),
    ("numpy", "2.1.0"),
    ("pandas", "2.2.3"),
    ("scikit-learn", "1.4.2"),
    ("scipy", "1.14.0"),
    ("threadpoolctl", "3.5.0"),
)


def test_a_framework_resolves_to_its_distributions_as_they_are_installed(images: LocalImages) -> None:
    sklearn = Framework("sklearn")
    assert images.resolve(Software(framework=sklearn)) == Image("3.11", NUMERIC, "", framework=sklearn)


def test_any_build_of_xgboost_will_do(images: LocalImages) -> None:
    found = images.resolve(Software(framework=Framework("xgboost")))
    assert isinstance(found, Image)
    assert dict(found.packages) == {**dict(NUMERIC), "xgboost-cpu": "2.1.1"}


def test_no_framework_needs_no_distributions(images: LocalImages) -> None:
    assert images.resolve(Software(requirements="polars\n")) == Image("3.11", (), "polars\n")


@pytest.mark.parametrize("version", ["1", "1.4", "1.4.2", "1.4-2"])
def test_a_version_counts_as_far_as_it_is_written(images: LocalImages, version: str) -> None:
    found = images.resolve(Software(framework=Framework("sklearn", version)))
    assert isinstance(found, Image)
    assert found.requirements == ""
    assert found.packages == NUMERIC


@pytest.mark.parametrize(("version", "pin"), [("1.2-1", "1.2"), ("1.40", "1.40"), ("1.4.20", "1.4.20")])
def test_another_version_than_the_installed_one_becomes_a_requirement(
    images: LocalImages, version: str, pin: str
) -> None:
    found = images.resolve(Software(framework=Framework("sklearn", version), requirements="polars"))
    assert isinstance(found, Image)
    assert found.requirements == f"polars\nscikit-learn=={pin}.*\n"
    assert "scikit-learn" not in dict(found.packages)
    assert dict(found.packages)["numpy"] == "2.1.0"


def test_what_the_requirements_name_is_left_to_them(images: LocalImages) -> None:
    asked = "Scikit_Learn>=1.3  # ours\nnumpy==1.26\n"
    found = images.resolve(Software(Framework("sklearn", "1.2-1"), requirements=asked))
    assert isinstance(found, Image)
    assert found.requirements == asked
    assert [name for name, _ in found.packages] == ["joblib", "pandas", "scipy", "threadpoolctl"]


def test_a_framework_that_is_not_installed_cannot_run_here_unless_it_is_required(images: LocalImages) -> None:
    found = images.resolve(Software(framework=Framework("lightgbm")))
    assert isinstance(found, CannotRun)
    assert "lightgbm" in found.summary
    assert "requirements" in found.hint
    assert isinstance(images.resolve(Software(framework=Framework("lightgbm"), requirements="lightgbm==4.5\n")), Image)


def test_xgboost_that_is_not_installed_hints_at_our_extra() -> None:
    found = LocalImages("3.11", ()).resolve(Software(framework=Framework("xgboost")))
    assert isinstance(found, CannotRun)
    assert "mlops-ci[examples]" in found.hint


def test_a_container_image_cannot_run_here_and_says_what_can_be_done(images: LocalImages) -> None:
    found = images.resolve(Software(image="registry/churn@sha256:00"))
    assert isinstance(found, CannotRun)
    assert "cannot run here" in found.summary
    assert "framework" in found.hint


def test_an_unknown_framework_is_told_with_the_known_ones(images: LocalImages) -> None:
    found = images.resolve(Software(framework=Framework("sklern")))
    assert isinstance(found, CannotRun)
    assert "`sklearn`" in found.hint


def test_what_is_installed_here_is_read_as_importlib_reads_it() -> None:
    from importlib.metadata import distributions

    folder = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    there = distributions(path=[str(folder)])
    expected = {found.name.replace("_", "-").replace(".", "-").lower(): found.version for found in there}
    assert installed([folder]) == expected


def test_the_distributions_that_requirements_name() -> None:
    text = "-r more.txt\n--no-index\n# numpy\nPandas[all]>=2 ; python_version > '3'\n"
    text += "./x/my_pkg-1.0-py3-none-any.whl\nscipy\n"
    assert named(text) == {"pandas", "my-pkg", "scipy"}


def test_resolving_imports_nothing_heavy() -> None:
    script = """
import sys
from mlops_ci.adapters.local.images import LocalImages
from mlops_ci.adapters.local.installed import site_folders
from mlops_ci.model import Framework
from mlops_ci.ports.jobs import Software
LocalImages("3.11", site_folders(sys.path)).resolve(Software(framework=Framework("sklearn")))
heavy = {"importlib.metadata", "numpy", "sklearn", "subprocess", "yaml"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else 0)
"""
    # Without `site`: an editable install's own finder imports what it likes.
    folders = [str(Path(__file__).parents[3]), *(path for path in sys.path if path.endswith("site-packages"))]
    done = subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path += {folders!r}\n{script}"], check=False)
    assert done.returncode == 0
