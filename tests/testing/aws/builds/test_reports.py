"""JUnit files of a build, as CodeBuild's reports tell them."""

from __future__ import annotations

import textwrap

from tests.testing.aws.builds.site import Site

WRITES = """
version: 0.2
phases:
  build:
    on-failure: ABORT
    commands:
      - mkdir -p found
      - |
        cat >found/cases.xml <<'END'
        <testsuites><testsuite name="suite"><testcase classname="a" name="good" time="0.5"/>
        <testcase classname="a" name="bad"><failure message="1 is not 2">why</failure></testcase>
        <testcase classname="a" name="later"><skipped message="not today"/></testcase></testsuite></testsuites>
        END
      - CODE
reports:
  cases:
    files: [cases.xml]
    base-directory: found
cache:
  paths: ["/root/.cache/pip/**/*"]
"""


def test_a_report_counts_its_cases_and_tells_each_also_where_the_build_failed(site: Site) -> None:
    project = site.project(WRITES.replace("CODE", "exit 1"))
    build = site.built(project)
    assert build["buildStatus"] == "FAILED"
    (arn,) = build["reportArns"]
    found = site.clients["codebuild"].batch_get_reports(reportArns=[arn, arn + "0"])
    (report,) = found["reports"]
    assert found["reportsNotFound"] == [arn + "0"]
    assert (report["name"], report["status"], report["executionId"]) == (f"{project}-cases", "FAILED", build["arn"])
    summary = report["testSummary"]
    assert summary["total"] == 3
    assert {k: v for k, v in summary["statusCounts"].items() if v} == {"SUCCEEDED": 1, "FAILED": 1, "SKIPPED": 1}
    cases = site.clients["codebuild"].describe_test_cases(reportArn=arn, filter={"status": "FAILED"})["testCases"]
    assert [(case["prefix"], case["name"], case["message"]) for case in cases] == [("a", "bad", "1 is not 2")]
    assert "the cache of /root/.cache/pip/**/* is noted, and not kept" in site.agent(build)


def test_a_file_that_is_not_there_makes_no_report_and_no_failure(site: Site) -> None:
    text = textwrap.dedent("""\
        version: 0.2
        phases: {build: {commands: ["true"]}}
        reports: {none: {files: [none.xml]}}
        """)
    build = site.built(site.project(text))
    assert (build["buildStatus"], build["reportArns"]) == ("SUCCEEDED", [])
