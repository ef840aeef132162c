"""The buildspecs as files of a project: what it says stands in them, and the rest is word for word ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.cli.next_commands import deploying
from mlops_ci.commands.ci_files import wanted
from mlops_ci.commands.ci_workflows import Settings
from mlops_ci.model.project import Target

SHIPPED = {path.name: path.read_text() for path in (Path(__file__).parents[2] / "buildspecs").glob("*.y*ml")}


def body(text: str) -> list[str]:
    return text.splitlines()[1:]


def test_at_the_top_of_a_repository_they_are_as_they_ship() -> None:
    made = {file.path: file.text for file in wanted("codebuild", Settings())}
    assert set(made) == {f"buildspecs/{name}" for name in SHIPPED} - {"buildspecs/image.yml"}
    for path, text in made.items():
        assert [line.replace('"', "") for line in body(text)] == [
            line.replace('"', "") for line in SHIPPED[Path(path).name].splitlines()
        ]


@pytest.mark.parametrize("folder", ["ml/churn", "it's: #1"])
def test_below_it_they_work_in_the_projects_folder_and_the_pipeline_finds_them(folder: str) -> None:
    made = {file.path: file.text for file in wanted("codebuild", Settings(folder, "trunk"))}
    changed = {}
    for path, text in made.items():
        name = Path(path).name
        pairs = zip(SHIPPED[name].splitlines(), body(text), strict=True)
        changed[name] = [new for old, new in pairs if old != new]
    pipeline = changed.pop("codepipeline.yaml")
    assert pipeline == ['    Default: "trunk"', f'    Default: "{folder}"', f'    Default: "{folder}/buildspecs"']
    assert all(lines == [f'    MLOPS_CI_FOLDER: "{folder}"'] for lines in changed.values())


def test_the_command_that_makes_the_pipeline_names_what_the_project_says() -> None:
    target = Target("aws", kind="aws", store="s3://my-bucket/a/b", role="arn:aws:iam::123456789012:role/jobs")
    typed = deploying("buildspecs/codepipeline.yaml", "https://github.com/you/it.git", target)
    assert (
        "Repository=you/it StoreBucket=my-bucket StorePrefix=a/b JobRoleArn=arn:aws:iam::123456789012:role/jobs"
        in typed
    )
    assert "StoreBucket=BUCKET StorePrefix=PREFIX" in deploying("x", "", Target("local"))
