"""A project small enough to train in a blink: two candidates in plain Python over one table, and a bare remote."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = """\
format: 1
branch: main
remote: origin
target: local
targets:
  local: {kind: local, store: .mlops-ci/store}
  mine: {kind: local, store: .mlops-ci/mine}
"""

MODEL = """\
format: 1
name: tiny
owner: ada
description: whether x is large
problem: binary_classification
data:
  path: data/tiny.csv
  label: large
  positive: "yes"
  key: [id]
  drop: [id]
  split: {train: 0.5, validation: 0.1, test: 0.4}
evaluation:
  metric: accuracy
  metrics: [recall]
  slices: [side]
promotion:
  require:
    - {metric: accuracy, min: 0.6}
serving:
  script: src/serve/inference.py
tests:
  latency: {max_ms: 5000, requests: 120, concurrency: 2}
  pytest: [tests]
environments:
  staging: {}
  production: {promotes_from: staging}
"""

CANDIDATE = """\
format: 1
script: src/train/fit.py
hyperparameters: {{cut: {cut}}}
seed: 1
"""

TRAIN = """\
import argparse
import csv
import json
import os

parser = argparse.ArgumentParser()
parser.add_argument("--cut", type=float)
parser.add_argument("--seed", type=int)
given = parser.parse_args()
with open(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "train.csv")) as table:
    rows = list(csv.DictReader(table))
print(f"train:rows={len(rows)}")
with open(os.path.join(os.environ["SM_MODEL_DIR"], "model.json"), "w") as out:
    json.dump({"cut": given.cut}, out)
"""

SERVE = """\
import csv
import json
import os

from numbers_of import first


def model_fn(model_dir):
    with open(os.path.join(model_dir, "model.json")) as text:
        return json.load(text)["cut"]


def input_fn(data, content_type):
    return [first(row) for row in csv.reader(data.splitlines())]


def predict_fn(values, cut):
    return [1.0 if value > cut else 0.0 for value in values]


def output_fn(prediction, accept):
    return json.dumps(prediction)
"""

SHARED = """\
def first(row):
    return float(row[0])
"""

USER_TEST = """\
def test_a_large_number_is_large(endpoint):
    assert endpoint.invoke([[0.99, "left"]]).json()[0] > 0.5
"""


def table() -> str:
    """Return 200 rows whose label is whether x lies above one half."""
    rows = ["id,x,side,large"]
    rows += [f"{n},{(n * 37 % 200) / 200},{'left' if n % 3 else 'right'},{'yes' if n * 37 % 200 > 100 else 'no'}"
             for n in range(200)]  # fmt: skip
    return "\n".join(rows) + "\n"


@dataclass(frozen=True, slots=True)
class Done:
    """A finished command."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # noqa: ANN401 - whatever the command printed
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Tiny:
    """A checkout of the project."""

    folder: Path
    environment: dict[str, str]

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def run(self, *arguments: str, code: int | None = 0) -> Done:
        """Return the finished command, having checked its exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "mlops_ci", "-C", str(self.folder), *arguments],
            env=self.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        assert code is None or done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Return the command, begun."""
        return subprocess.Popen(
            [sys.executable, "-m", "mlops_ci", "-C", str(self.folder), *arguments],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def write(self, path: str, text: str) -> None:
        place = self.folder / "pipelines/tiny" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def read(self, path: str) -> str:
        return (self.folder / "pipelines/tiny" / path).read_text()

    def replace(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text
        self.write(path, text.replace(old, new))

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def push(self, message: str) -> None:
        self.commit(message)
        self.git("push", "-q", "origin", "HEAD:main")

    def changes(self) -> list[tuple[str, str]]:
        """Return (action, subject) of each line of the plan."""
        return [(c["action"], c["subject"]) for c in self.run("plan", "--json").json()["changes"]]

    def environment_of(self, name: str) -> Any:  # noqa: ANN401 - parsed JSON
        return self.run("status", "--json").json()["models"][0]["environments"][name]

    def champion(self) -> Any:  # noqa: ANN401 - parsed JSON
        return self.run("status", "--json").json()["models"][0]["champion"]

    def ask(self, environment: str, body: str = "0.99,left") -> tuple[int, str, str]:
        """Return status, text and version of an answer of the endpoint."""
        url = self.environment_of(environment)["url"]
        request = urllib.request.Request(f"{url}/invocations", body.encode(), {"Content-Type": "text/csv"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode(), answer.headers["x-mlops-ci-version"]
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers["x-mlops-ci-version"]

    def attempts(self) -> int:
        """Return how many trainings were ever begun."""
        return len(list((self.folder / ".mlops-ci/store/records/tiny").glob("attempts~training-*~intent")))

    def end(self) -> None:
        """End every endpoint: those of this machine by their processes, which drain and go without being waited for.

        Two commands that do it in order take as long as many a test; what `destroy` does has tests of its own.
        """
        if "AWS_ENDPOINT_URL" not in self.environment:
            listed = subprocess.run(["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True)
            for line in listed.stdout.splitlines():
                if f"{self.folder}/.mlops-ci/" in line and "mlops_ci.runtime" in line:
                    with suppress(ProcessLookupError):
                        os.kill(int(line.split()[0]), signal.SIGTERM)
            return
        for name in ("staging", "production"):
            self.run("destroy", name, "--all", "--yes", code=None)


_UNSEEN = ("GIT_", "PYTEST_", "GITHUB_", "CODEBUILD_", "RUNNER_", "MLOPS_CI_")


def environment() -> dict[str, str]:
    """Return an environment in which git knows who acts, and nothing of the user's configuration or CI counts."""
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith(_UNSEEN)},
        "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "NO_COLOR": "1",
    }  # fmt: skip


def make(folder: Path) -> Tiny:
    """Return a checkout whose `origin` is a bare repository beside it."""
    folder.mkdir(parents=True)
    made = Tiny(folder / "work", environment())
    made.folder.mkdir()
    (made.folder / "mlops-ci.yaml").write_text(PROJECT)
    (made.folder / ".gitignore").write_text(".mlops-ci/\n__pycache__/\n")
    made.write("model.yaml", MODEL)
    made.write("candidates/low.yaml", CANDIDATE.format(cut=0.2))
    made.write("candidates/middle.yaml", CANDIDATE.format(cut=0.45))
    made.write("src/train/fit.py", TRAIN)
    made.write("src/serve/inference.py", SERVE)
    made.write("src/shared/numbers_of.py", SHARED)
    made.write("tests/test_large.py", USER_TEST)
    made.write("data/tiny.csv", table())
    made.git("init", "-q", "-b", "main")
    made.commit("first")
    made.git("clone", "-q", "--bare", ".", str(folder / "origin.git"))
    made.git("remote", "add", "origin", f"file://{folder}/origin.git")
    made.git("fetch", "-q", "origin")
    return made


def clone(of: Tiny, folder: Path) -> Tiny:
    """Return another clone of the same remote, without a store."""
    of.git("clone", "-q", of.git("remote", "get-url", "origin"), str(folder))
    return Tiny(folder, of.environment)


TRAINED = MODEL.partition("tests:")[0]
"""The model without environments: it is trained, evaluated and promoted, and serves nowhere."""


def wheel(folder: Path, name: str, source: str, version: str = "1.0") -> str:
    """Return the text of a requirements file that names a wheel of one module, made by hand in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    about = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": source,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{about}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{about}/RECORD"))
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return f"--no-index\n--find-links {folder}\n{name}=={version}\n"
