"""What a build uploads, and where to."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.testing.aws.builds.buildspec import Artifacts
from mlops_ci.testing.aws.builds.uploads import matching
from tests.testing.aws.builds.site import Site, phases

MAKE = """
version: 0.2
phases:
  build:
    commands:
      - mkdir -p out/deep && echo 1 >out/a.txt && echo 2 >out/deep/b.txt && echo 3 >c.log
artifacts:
"""


def keys(site: Site, prefix: str) -> list[str]:
    found = site.clients["s3"].list_objects_v2(Bucket="artifacts", Prefix=prefix).get("Contents", [])
    return [item["Key"] for item in found]


def built(site: Site, lines: str, **artifacts: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON of the API
    given = {"type": "S3", "location": "artifacts"} | artifacts
    return site.built(site.project(MAKE + lines, artifacts=given))


def test_files_go_below_path_build_id_and_name(site: Site) -> None:
    build = built(
        site, "  files: ['**/*']\n  base-directory: out\n", path="nightly", namespaceType="BUILD_ID", name="output"
    )
    number = build["id"].partition(":")[2]
    assert keys(site, "nightly/") == [f"nightly/{number}/output/a.txt", f"nightly/{number}/output/deep/b.txt"]
    assert build["artifacts"]["location"] == f"arn:aws:s3:::artifacts/nightly/{number}/output"


def test_paths_may_be_discarded_and_files_left_out(site: Site) -> None:
    built(site, "  files: ['out/**/*', c.log]\n  exclude-paths: ['c.*']\n  discard-paths: yes\n", name="flat")
    assert keys(site, "flat/") == ["flat/a.txt", "flat/b.txt"]


def test_they_may_be_one_zip_whose_name_the_buildspec_gives(site: Site) -> None:
    build = built(
        site, "  files: [out/a.txt]\n  name: named.zip\n", packaging="ZIP", name="no", overrideArtifactName=True
    )
    body = site.clients["s3"].get_object(Bucket="artifacts", Key="named.zip")["Body"].read()
    assert zipfile.ZipFile(io.BytesIO(body)).namelist() == ["out/a.txt"]
    assert len(build["artifacts"]["sha256sum"]) == 64


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("  files: [none.*]\n", "no matching artifact paths found for none.*"),
        ("  files: ['**/*']\n  base-directory: none\n", "no matching base directory path found for none"),
    ],
)
def test_a_build_that_made_nothing_fails(site: Site, lines: str, said: str) -> None:
    build = built(site, lines, name="nothing")
    assert build["buildStatus"] == "FAILED"
    assert phases(build)["UPLOAD_ARTIFACTS"] == "FAILED"
    assert said in str(build["phases"])


def test_a_folder_by_its_name_is_all_that_is_in_it(tmp_path: Path) -> None:
    for name in ("out/deep/b", "out/a", ".git/config", "x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = matching(Artifacts(("out",)), tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["out/a", "out/deep/b"]
    assert len(matching(Artifacts(("**/*",)), tmp_path)) == 3
