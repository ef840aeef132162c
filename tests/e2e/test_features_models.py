"""Models that were not trained here, problems of other kinds, and metrics of the user's own."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from tests.e2e.tiny import CANDIDATE, SHARED, TRAINED, Tiny

pytestmark = pytest.mark.e2e


def packed(cut: float) -> bytes:
    """Return a model.tar.gz as SageMaker leaves it."""
    made = io.BytesIO()
    content = json.dumps({"cut": cut}).encode()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        member = tarfile.TarInfo("model.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


def test_models_trained_elsewhere_compete_win_and_serve(tiny: Tiny) -> None:
    tiny.write("candidates/file.yaml", "format: 1\nartifact: vendor/model.json\n")
    tiny.write("vendor/model.json", '{"cut": 0.48}')
    tiny.write("candidates/archive.yaml", "format: 1\nartifact: ../../bought/model.tar.gz\n")
    bought = tiny.folder / "bought/model.tar.gz"
    bought.parent.mkdir()
    bought.write_bytes(packed(0.5))
    with (tiny.folder / ".gitignore").open("a") as ignored:
        ignored.write("bought/\n")  # too large for git
    tiny.push("two models from elsewhere")
    assert {("new", "archive"), ("new", "file"), ("new", "low"), ("new", "middle")} == {*tiny.changes()}
    tiny.run("run")
    board = tiny.run("leaderboard", "--json").json()["models"][0]
    values = {e["candidate"]: e["metrics"]["accuracy"]["value"] for e in board["entries"]}
    assert values["archive"] == 1.0
    assert values["file"] > values["middle"] > values["low"]
    assert tiny.champion()["candidate"] == "archive"
    assert tiny.ask("production", "0.499,left")[1:] == ("[0.0]", "tiny/v1")
    assert tiny.changes() == []
    assert "archive" in tiny.run("show", "tiny").out

    bought.write_bytes(packed(0.49))
    assert tiny.changes() == [("retrain", "archive")]
    tiny.run("run")
    assert tiny.champion()["candidate"] == "archive"  # the former archive's package: the new one is worse

    bought.unlink()
    bought.mkdir()
    (bought / "model.json").write_text("{}")
    assert "bought/model.tar.gz" in tiny.run("plan", code=65).err
    (bought / "model.json").unlink()
    bought.rmdir()
    bought.write_bytes(packed(0.5))  # a project that is wrong cannot end its endpoints


COST = """\
from numbers_of import first  # what is shared is at hand


def per_row(rows):
    assert first(["1.0"]) == 1.0
    assert {"label", "prediction", "probabilities", "side"} <= {*rows[0]}
    missed = sum(row["label"] == "yes" and row["prediction"] == "no" for row in rows)
    wrong = sum(row["label"] == "no" and row["prediction"] == "yes" for row in rows)
    return (5 * missed + wrong) / len(rows)
"""


def test_a_metric_of_ones_own_decides_and_slices_are_required(tiny: Tiny) -> None:
    text = TRAINED.replace("  metric: accuracy\n  metrics: [recall]\n", (
        "  metric: cost\n  metrics: [accuracy, recall, roc_auc]\n"
        "  custom: {cost: {function: 'cost:per_row', goal: minimize}}\n"
    )).replace("{metric: accuracy, min: 0.6}", "{metric: accuracy, slice: side, value: left, min: 0.9}")  # fmt: skip
    tiny.write("model.yaml", text)
    tiny.write("src/metrics/cost.py", COST)
    tiny.write("candidates/high.yaml", CANDIDATE.format(cut=0.51))  # more accurate, but each miss costs five
    tiny.push("cost decides")
    tiny.run("run")
    board = tiny.run("leaderboard", "--json").json()["models"][0]
    assert (board["metric"], board["champion"]) == ("cost", "middle")
    found = {e["candidate"]: {k: v["value"] for k, v in e["metrics"].items()} for e in board["entries"]}
    assert {"cost", "accuracy", "recall", "roc_auc"} <= {*found["high"]}
    assert found["middle"]["cost"] < found["high"]["cost"]
    assert found["high"]["accuracy"] > found["middle"]["accuracy"]
    shown = tiny.run("show", "tiny").out
    assert "side=left" in shown
    assert tiny.changes() == []

    tiny.replace("src/metrics/cost.py", "5 * missed", "0.5 * missed")
    tiny.push("misses cost less")
    assert {action for action, _ in tiny.changes()} == {"re-evaluate"}
    tiny.run("run")
    assert tiny.attempts() == 3
    assert tiny.champion()["candidate"] == "high"

    tiny.replace("model.yaml", "slice: side, value: left, min: 0.9", "min: 0.9999")
    tiny.push("nobody is that good")
    assert [action for action, _ in tiny.changes()] == ["promote"]
    done = tiny.run("run")  # the champion stays
    assert "stays" in done.out + done.err
    assert tiny.champion()["candidate"] == "high"

    tiny.replace("src/metrics/cost.py", "return (", "raise KeyError('price') if rows else (")
    tiny.push("a metric that fails")
    failing = tiny.start("run")  # what is told is the traceback of the user's own code
    said = failing.communicate(timeout=60)[1]
    assert failing.returncode == 1
    assert "metric `cost:per_row` failed: KeyError: 'price'" in said


OTHER = """\
format: 1
name: {name}
problem: {problem}
data:
  path: data/rows.csv
  label: y
  split: {{train: 0.5, validation: 0.1, test: 0.4}}
evaluation:
{evaluation}
serving:
  script: src/serve/inference.py
  content_type: application/jsonlines
{serving}
tests: {{latency: {{max_ms: 5000, requests: 120, concurrency: 2}}}}
environments: {{staging: {{}}}}
"""

SLOPE = """\
import argparse
import json
import os

parser = argparse.ArgumentParser()
parser.add_argument("--slope", type=float)
with open(os.path.join(os.environ["SM_MODEL_DIR"], "model.json"), "w") as out:
    json.dump(parser.parse_args().slope, out)
"""

LINES = """\
import json
import os


def model_fn(folder):
    with open(os.path.join(folder, "model.json")) as text:
        return json.load(text)


def input_fn(data, content_type):
    text = data.decode() if isinstance(data, bytes) else data
    if content_type == "application/jsonlines":
        return [float(json.loads(line)["x"]) for line in text.splitlines() if line.strip()]
    if content_type == "application/json":
        return [float(row["x"] if isinstance(row, dict) else row[0]) for row in json.loads(text)]
    return [float(line.split(",")[0]) for line in text.splitlines() if line.strip()]


def predict_fn(values, slope):
    return [{answer} for x in values]


def output_fn(prediction, accept):
    return json.dumps(prediction), "application/json"
"""


def another(
    tiny: Tiny, name: str, *, problem: str, evaluation: str, serving: str, answer: str, rows: list[str]
) -> None:
    """Write another model beside `tiny`: y follows from x by a slope."""
    at = f"../{name}/"
    tiny.write(at + "model.yaml", OTHER.format(name=name, problem=problem, evaluation=evaluation, serving=serving))
    for candidate, slope in (("flat", 1.5), ("steep", 2.0)):
        text = f"format: 1\nscript: src/train/slope.py\nhyperparameters: {{slope: {slope}}}\n"
        tiny.write(f"{at}candidates/{candidate}.yaml", text)
    tiny.write(at + "src/train/slope.py", SLOPE)
    tiny.write(at + "src/serve/inference.py", LINES.replace("{answer}", answer))
    tiny.write(at + "src/shared/numbers_of.py", SHARED)
    tiny.write(at + "data/rows.csv", "\n".join(["x,y", *rows]) + "\n")


def test_regression_and_many_classes_are_judged_by_what_is_answered(tiny: Tiny) -> None:
    another(
        tiny, "houses", problem="regression", evaluation="  metric: rmse\n  metrics: [mae, mape, r2]", serving="",
        answer="x * slope", rows=[f"{n},{2 * n + n % 3}" for n in range(1, 121)],
    )  # fmt: skip
    kind = "'small' if x * slope < 60 else 'middle' if x * slope < 120 else 'large'"
    another(
        tiny, "kinds", problem="multiclass_classification",
        evaluation="  metric: accuracy\n  metrics: [f1, roc_auc, log_loss]",
        serving="  output: {label: kind, probabilities: shares}", answer=f'{{"kind": {kind}}}',
        rows=[f"{x},{'small' if x < 30 else 'middle' if x < 60 else 'large'}" for x in range(1, 121)],
    )  # fmt: skip
    tiny.push("two models of other kinds")
    tiny.run("run", "houses", "kinds")
    boards = {board["model"]: board for board in tiny.run("leaderboard", "--json").json()["models"]}
    houses, kinds = boards["houses"], boards["kinds"]
    assert (houses["metric"], houses["champion"]) == ("rmse", "steep")
    steep = next(e for e in houses["entries"] if e["candidate"] == "steep")["metrics"]
    assert 0 < steep["rmse"]["value"] < 2
    assert 0.9 < steep["r2"]["value"] <= 1
    assert kinds["champion"] == "steep"
    best = next(e for e in kinds["entries"] if e["candidate"] == "steep")["metrics"]
    assert best["accuracy"]["value"] == best["f1"]["value"] == 1.0
    assert best["roc_auc"]["value"] is None
    assert "probabilit" in best["roc_auc"]["reason"]
    assert "probabilit" in tiny.run("show", "kinds").out
    tests = tiny.run("show", "houses", "--json").json()["tests"]
    assert {r["verdict"] for r in tests[0]["results"]} == {"passed"}
    assert tiny.run("plan", "houses", "kinds", "--json").json()["changes"] == []

    # a metric that needs probabilities and decides: nobody has a score, which is a no and not a crash
    tiny.write("../kinds/model.yaml", tiny.read("../kinds/model.yaml").replace("metric: accuracy", "metric: roc_auc"))
    tiny.push("roc_auc decides")
    done = tiny.run("run", "kinds", code=None)
    assert done.code in {0, 1}
    assert "roc_auc" in done.out + done.err
    assert "probabilit" in tiny.run("leaderboard", "kinds").out
