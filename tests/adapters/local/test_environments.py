"""Virtual environments of jobs, built by the real pip from a wheel made here, without a network."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.adapters.local.environments import Environments, wanted
from mlops_ci.adapters.local.installed import installed, site_folders
from mlops_ci.errors import ProviderError
from mlops_ci.model import Framework
from mlops_ci.ports.jobs import Image, Succeeded
from tests.adapters.local.workplace import environments, trainer, training
from tests.contracts.jobs import ended


def wheel(folder: Path, name: str, version: str) -> Path:
    """Return a wheel of one module that says its version."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", f"version = {version!r}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    for version in ("1.0", "2.0"):
        wheel(folder, "tinything", version)
        wheel(folder, "threadpoolctl", f"0.{version}")
    return folder


@pytest.fixture
def made(tmp_path: Path, wheels: Path) -> Environments:
    # Whatever pip is told elsewhere on this machine, here it sees the folder only.
    mine = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}
    return environments(tmp_path, mine | offline)


def said(python: Path, script: str) -> str:
    return subprocess.run([python, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def test_an_image_that_is_installed_is_this_interpreter(made: Environments) -> None:
    version = installed(made.folders)["threadpoolctl"]
    assert made.python_for(Image()) == Path(sys.executable)
    assert made.python_for(Image(packages=(("threadpoolctl", version),), requirements=" \n")) == Path(sys.executable)
    assert not made.root.exists()


def test_requirements_become_an_environment_on_top_of_this_one(made: Environments) -> None:
    python = made.python_for(Image(requirements="tinything==1.0\n"))
    assert python != Path(sys.executable)
    script = "import tinything, threadpoolctl, mlops_ci; print(tinything.version, threadpoolctl.__version__)"
    assert said(python, script) == f"1.0 {installed(made.folders)['threadpoolctl']}"


def test_an_environment_is_built_once_and_kept_by_content(made: Environments) -> None:
    first = made.python_for(Image(requirements="tinything==1.0\n"))
    logs = {path: path.read_bytes() for path in made.root.glob("*.log")}
    assert made.python_for(Image(requirements="tinything==1.0\n")) == first
    assert {path: path.read_bytes() for path in made.root.glob("*.log")} == logs
    other = made.python_for(Image(requirements="tinything==2.0\n"))
    assert other != first
    assert said(other, "import tinything; print(tinything.version)") == "2.0"


def test_what_an_environment_has_itself_comes_before_what_is_below(made: Environments) -> None:
    image = Image(requirements="threadpoolctl==0.2.0\n", framework=Framework("sklearn"))
    python = made.python_for(image)
    assert said(python, "import threadpoolctl; print(threadpoolctl.version)") == "0.2.0"
    true = made.true_image(python, image)
    assert dict(true.packages)["threadpoolctl"] == "0.2.0"
    assert dict(true.packages)["numpy"] == installed(made.folders)["numpy"]


def test_packages_of_another_version_than_here_are_installed_at_theirs(made: Environments) -> None:
    python = made.python_for(Image(packages=(("threadpoolctl", "0.1.0"), ("tinything", "2.0"))))
    script = "import tinything, threadpoolctl; print(tinything.version, threadpoolctl.version)"
    assert said(python, script) == "2.0 0.1.0"


def test_the_image_that_came_to_be_leads_to_the_same_environment(made: Environments) -> None:
    image = Image(requirements="tinything\nthreadpoolctl<0.2\n", framework=Framework("sklearn"))
    python = made.python_for(image)
    true = made.true_image(python, image)
    assert dict(true.packages)["tinything"] == "2.0"
    assert dict(true.packages)["threadpoolctl"] == "0.1.0"
    assert true.python == ".".join(map(str, sys.version_info[:2]))
    assert made.python_for(true) == python


def test_what_pip_cannot_install_is_a_provider_error_with_its_words(made: Environments) -> None:
    with pytest.raises(ProviderError) as caught:
        made.python_for(Image(requirements="no-such-thing-anywhere==9\n"))
    assert "no-such-thing-anywhere" in caught.value.summary
    assert "requirements" in caught.value.hint
    assert "ERROR" in caught.value.detail


def test_a_half_built_environment_is_built_again(made: Environments) -> None:
    image = Image(requirements="tinything==1.0\n")
    python = made.python_for(image)
    folder = python.parent.parent
    (folder / "ready.json").unlink()
    python.unlink()
    assert made.python_for(image) == python
    assert said(python, "import tinything; print(tinything.version)") == "1.0"


def test_of_many_who_ask_for_one_environment_one_builds_it(made: Environments) -> None:
    image = Image(requirements="tinything==1.0\n")
    with ThreadPoolExecutor(4) as pool:
        pythons = set(pool.map(lambda _: made.python_for(image), range(4)))
    assert len(pythons) == 1
    [log] = made.root.glob("*.log")
    assert log.read_text().count("Successfully installed") == 1


def test_an_image_of_another_python_is_a_provider_error(made: Environments) -> None:
    with pytest.raises(ProviderError, match=r"needs Python 2\.7"):
        made.python_for(Image(python="2.7"))


def test_a_codes_own_requirements_count_where_the_image_has_none(tmp_path: Path) -> None:
    assert wanted(Image(), tmp_path) == Image()
    (tmp_path / "requirements.txt").write_text("tinything\n")
    assert wanted(Image(), tmp_path) == Image(requirements="tinything\n")
    assert wanted(Image(requirements="else"), tmp_path) == Image(requirements="else")


def test_a_job_runs_in_the_environment_of_its_requirements_and_tells_it(
    tmp_path: Path, made: Environments, wheels: Path
) -> None:
    script = "import os, tinything; open(os.environ['SM_MODEL_DIR'] + '/m', 'w').write(tinything.version)"
    jobs = trainer(tmp_path, script)
    requirements = f"--no-index\n--find-links {wheels}\ntinything==1.0\n"
    jobs.submit(training(script, image=Image(requirements=requirements)), key="k-1")
    assert isinstance(ended(jobs, "k-1"), Succeeded), list(jobs.logs("k-1", start=0))
    image = jobs.collect("k-1").image
    assert image is not None
    assert dict(image.packages) == {"tinything": "1.0"}
    assert image.requirements == requirements


def test_an_environment_that_cannot_be_built_starts_nothing(tmp_path: Path, made: Environments) -> None:
    jobs = trainer(tmp_path, "pass")
    broken = training("pass", image=Image(requirements="--no-index\nno-such-thing-anywhere\n"))
    with pytest.raises(ProviderError):
        jobs.submit(broken, key="k-1")
    assert jobs.status("k-1") is None


def test_folders_of_another_interpreter_are_told_by_their_name() -> None:
    found = site_folders(["", "/a/lib", "/a/lib/site-packages", "/b/dist-packages", "/a/lib/site-packages"])
    assert found == (Path("/a/lib/site-packages"), Path("/b/dist-packages"))


def test_an_environment_whose_ground_has_changed_is_not_taken_for_the_image_it_was(
    made: Environments, tmp_path: Path
) -> None:
    (tmp_path / "below" / "ground-1.0.dist-info").mkdir(parents=True)
    on_ground = replace(made, folders=(*made.folders, tmp_path / "below"))
    wish = Image(requirements="tinything==1.0\n", packages=(("ground", "1.0"),))
    python = on_ground.python_for(wish)
    true = on_ground.true_image(python, wish)
    assert on_ground.python_for(true) == python
    (tmp_path / "below" / "ground-1.0.dist-info").rename(tmp_path / "below" / "ground-2.0.dist-info")
    with pytest.raises(ProviderError, match="ground"):  # no wheel of it: it would have to be built at 1.0
        on_ground.python_for(true)
