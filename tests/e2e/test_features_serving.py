"""How models are run and served: batch, requirements, and all that a training script is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.tiny import SERVE, TRAIN, TRAINED, Tiny, wheel

pytestmark = pytest.mark.e2e


def test_a_batch_model_is_tested_by_batch_runs_and_released_without_endpoints(tiny: Tiny) -> None:
    tiny.replace("model.yaml", "serving:\n", "serving:\n  kind: batch\n")
    tiny.replace("model.yaml", "  pytest: [tests]\n", "")
    tiny.replace("model.yaml", "serving:\n", "serving:\n  environment: {DEPTH: 2}\n")
    tiny.replace("src/serve/inference.py", "def model_fn(model_dir):\n", (
        "def model_fn(model_dir):\n    assert os.environ['DEPTH'] == '2'\n"
    ))  # fmt: skip
    tiny.push("batch")
    tiny.run("run")
    for name in ("staging", "production"):
        found = tiny.environment_of(name)
        assert (found["state"], found["version"], found["url"]) == ("Batch", 1, None)
    results = tiny.run("show", "tiny", "--json").json()["tests"][0]["results"]
    assert {r["check"]: r["verdict"] for r in results} == dict.fromkeys(("contract", "metric", "parity"), "passed")
    assert not list((tiny.folder / ".mlops-ci").glob("endpoints*/*/*"))
    assert tiny.changes() == []
    assert "Batch" in tiny.run("status").out

    tiny.replace("candidates/low.yaml", "0.2", "0.5")
    tiny.push("raise the cut")
    tiny.run("run")
    assert tiny.environment_of("production")["version"] == 2
    tiny.run("test", "staging")
    assert tiny.run("gate", "production").code == 0
    tiny.run("rollback", "production", "tiny", "--to", "v1")
    assert tiny.environment_of("production")["version"] == 1

    # a model that shall answer requests gets its endpoints, and loses them when it becomes batch again
    tiny.replace("model.yaml", "kind: batch", "kind: realtime")
    tiny.push("realtime")
    # a rolled back package opens another contest: it is not promoted again by itself
    assert {action for action, _ in tiny.changes()} == {"promote", "redeploy"}
    tiny.run("run")
    assert tiny.ask("staging")[2] == "tiny/v2"
    tiny.replace("model.yaml", "kind: realtime", "kind: batch")
    tiny.push("batch again")
    assert {action for action, _ in tiny.changes()} >= {"redeploy"}
    tiny.run("run")
    assert tiny.environment_of("staging")["state"] == "Batch"
    assert not list((tiny.folder / ".mlops-ci").glob("endpoints*/*/*"))
    assert tiny.changes() == []
    assert tiny.attempts() == 3


def test_requirements_are_there_in_training_serving_and_metrics_and_are_built_once(tiny: Tiny, tmp_path: Path) -> None:
    needs = wheel(tmp_path / "wheels", "cutting", "FACTOR = 1.0\n\n\ndef cut(x):\n    return x * FACTOR\n")
    tiny.write("needs.txt", needs)
    for name in ("low", "middle"):
        tiny.write(f"candidates/{name}.yaml", tiny.read(f"candidates/{name}.yaml") + "requirements: needs.txt\n")
    tiny.write("src/train/fit.py", TRAIN.replace("given.cut}", "cutting.cut(given.cut)}").replace(
        "import csv\n", "import csv\nimport cutting\n"))  # fmt: skip
    tiny.write("src/serve/inference.py", SERVE.replace("import csv\n", "import csv\nimport cutting\n").replace(
        "value > cut ", "value > cutting.cut(cut) "))  # fmt: skip
    tiny.write("src/metrics/hits.py", "import cutting\n\n\ndef hits(rows):\n    return cutting.cut(len(rows))\n")
    text = tiny.read("model.yaml").replace("  metrics: [recall]\n", (
        "  metrics: [recall, hits]\n  custom: {hits: {function: 'hits:hits'}}\n"))  # fmt: skip
    tiny.write("model.yaml", text)
    tiny.push("a requirement")
    tiny.run("run")
    assert tiny.ask("production") == (200, "[1.0]", "tiny/v1")
    assert ["cutting", "1.0"] in tiny.run("show", "tiny", "--json").json()["image"]["packages"]
    built = sorted((tiny.folder / ".mlops-ci/environments").glob("*/ready.json"))
    assert len(built) == 1
    assert tiny.changes() == []

    (tmp_path / "wheels/cutting-1.0-py3-none-any.whl").unlink()  # whatever is built from now on would fail
    tiny.replace("candidates/low.yaml", "0.2", "0.3")
    tiny.push("raise the cut")
    tiny.run("run")
    assert tiny.attempts() == 3
    assert sorted((tiny.folder / ".mlops-ci/environments").glob("*/ready.json")) == built

    tiny.write("needs.txt", needs.replace("1.0", "2.0"))
    tiny.push("a version that is nowhere")
    assert [a for a, _ in tiny.changes()] == ["retrain", "retrain"]
    done = tiny.run("run", code=69)
    assert "cutting==2.0" in done.err
    assert tiny.ask("production")[2] == "tiny/v1"


TELL = """
import sys

config = os.environ["SM_INPUT_CONFIG_DIR"]
told = {
    "arguments": sys.argv[1:],
    "variables": dict(os.environ),
    "hyperparameters": json.load(open(os.path.join(config, "hyperparameters.json"))),
    "resources": json.load(open(os.path.join(config, "resourceconfig.json"))),
    "folder": os.getcwd(),
    "opt": sorted(os.listdir("/opt/ml")) if os.path.isdir("/opt/ml") else [],
}
with open(os.path.join(os.environ["SM_OUTPUT_DATA_DIR"], "told.json"), "w") as out:
    json.dump(told, out)
print("TOLD", json.dumps(told))
print("loss=0.5;")
print("loss=0.25;")
"""

CANDIDATE = """\
format: 1
script: src/train/fit.py
hyperparameters:
  cut: 0.45
  depth: 7
  name: two words
  text_number: "012"
  is_wide: true
  is_deep: false
  rate: 1e-3
seed: 42
environment: {MOOD: calm, LEVEL: 3}
metric_definitions:
  - {name: train:loss, regex: 'loss=([0-9.]+);'}
  - {name: rows, regex: 'train:rows=([0-9]+)'}
"""


def test_a_training_script_is_told_what_sagemaker_tells_it(tiny: Tiny) -> None:
    tiny.write("model.yaml", TRAINED)
    tiny.write("candidates/middle.yaml", CANDIDATE)
    tiny.write("src/train/fit.py", TRAIN.replace("parse_args()", "parse_known_args()[0]") + TELL)
    slow = "format: 1\nscript: src/train/slow.py\nresources: {max_runtime: 1}\n"
    tiny.write("candidates/slow.yaml", slow)
    tiny.write("src/train/slow.py", "import time\n\nprint('begun', flush=True)\ntime.sleep(600)\n")
    tiny.push("tell")
    tiny.environment["AWS_SECRET_ACCESS_KEY"] = "not-for-jobs"  # noqa: S105 - nobody's
    done = tiny.run("train", "-k", code=1)
    assert "begun" in done.err  # the end of the log of the one that took too long
    assert "1 s" in done.err
    assert "begun" in tiny.run("logs", "tiny").out
    line = next(x for x in tiny.run("logs", "tiny", "--candidate", "middle").out.splitlines() if x.startswith("TOLD "))
    told = json.loads(line.removeprefix("TOLD "))
    expected = {
        "cut": "0.45", "depth": "7", "name": "two words", "text_number": "012", "is_wide": "true",
        "is_deep": "false", "rate": "0.001", "seed": "42",
    }  # fmt: skip
    assert told["hyperparameters"] == expected
    pairs = dict(zip(told["arguments"][::2], told["arguments"][1::2], strict=True))
    assert pairs == {f"--{name}": value for name, value in expected.items()}
    variables = told["variables"]
    assert {
        "SM_MODEL_DIR", "SM_CHANNEL_TRAIN", "SM_CHANNEL_VALIDATION", "SM_CHANNELS", "SM_HPS", "SM_HP_DEPTH",
        "SM_OUTPUT_DATA_DIR", "SM_INPUT_DIR", "SM_INPUT_CONFIG_DIR", "SM_HOSTS", "SM_CURRENT_HOST", "SM_NUM_CPUS",
        "SM_NUM_GPUS", "SM_LOG_LEVEL", "TRAINING_JOB_NAME", "TRAINING_JOB_ARN", "AWS_REGION",
    } <= {*variables}  # fmt: skip
    assert "SM_CHANNEL_TEST" not in variables
    assert (variables["MOOD"], variables["LEVEL"]) == ("calm", "3")
    assert json.loads(variables["SM_HPS"])["is_wide"] is True
    assert "AWS_SECRET_ACCESS_KEY" not in variables
    assert told["resources"]["current_host"] == "algo-1"
    if variables["SM_MODEL_DIR"] == "/opt/ml/model":  # where the system allows namespaces
        assert told["folder"] == "/opt/ml/code"
        assert {"code", "input", "model", "output"} <= {*told["opt"]}

    (tiny.folder / "pipelines/tiny/candidates/slow.yaml").unlink()
    tiny.push("without the slow one")
    tiny.run("run")
    tiny.replace("src/train/fit.py", "import argparse\n", "import argparse\n\nprint('anew')\n")
    tiny.push("anew")
    tiny.run("run")
    shown = tiny.run("show", "tiny").out
    assert "train:loss" in shown
    assert "0.25" in shown
    assert tiny.attempts() == 5

    tiny.replace("candidates/middle.yaml", "seed: 42", "seed: 43")
    assert tiny.changes()[0] == ("retrain", "middle")
    tiny.replace("candidates/middle.yaml", "seed: 43", "seed: 42")
    tiny.replace("candidates/middle.yaml", "MOOD: calm", "MOOD: tense")
    assert tiny.changes()[0] == ("retrain", "middle")
    tiny.replace("candidates/middle.yaml", "MOOD: tense", "MOOD: calm")
    text = tiny.read("candidates/middle.yaml").replace("name: rows", "name: lines")
    tiny.write("candidates/middle.yaml", text + "resources: {max_runtime: 60, instance: ml.m5.xlarge}\n")
    assert {action for action, _ in tiny.changes()} == {"metadata"}
