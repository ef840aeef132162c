"""Where rows come from: named channels of every kind, and a processing script before and after."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path

import pytest

from tests.e2e.tiny import TRAIN, TRAINED, Tiny, table, wheel

pytestmark = pytest.mark.e2e

CHANNELS = """\
data:
  channels:
    train: data/train.csv
    validation: data/valid
    test: ../../datasets/test.csv
    words: data/words
  label: large
  positive: "yes"
  drop: [id]
"""

TELL = """
for name in json.loads(os.environ["SM_CHANNELS"]):
    print("channel", name, sorted(os.listdir(os.environ["SM_CHANNEL_" + name.upper()])))
print("words:", open(os.path.join(os.environ.get("SM_CHANNEL_WORDS", "/"), "deep", "words.txt")).read().strip())
"""

PREPARE = """\
import argparse
import csv
import os

import telling

parser = argparse.ArgumentParser()
parser.add_argument("--test-from", type=int)
given = parser.parse_args()
root = os.environ["SM_PROCESSING_DIR"]  # /opt/ml/processing, where the system lets a job have its own
with open(f"{root}/input/data/tiny.csv") as source:
    rows = list(csv.DictReader(source))
print(telling.said(), len(rows), os.environ["TONE"])
sides = {"test": rows[given.test_from:], "validation": rows[:10], "train": rows[10:given.test_from]}
for name, part in sides.items():
    with open(f"{root}/{name}/{name}.csv", "w", newline="") as out:
        table = csv.DictWriter(out, ["x", "side", "large"], extrasaction="ignore")
        table.writeheader()
        table.writerows(part)
"""

REPORT = """\
import json
import os

import telling

root = os.environ["SM_PROCESSING_DIR"]
folder = f"{root}/input/predictions"
[name] = os.listdir(folder)
rows = [json.loads(line) for line in open(os.path.join(folder, name))]
wrong = [row for row in rows if row["label"] != row["prediction"]]
with open(f"{root}/report/wrong.json", "w") as out:
    json.dump({"said": telling.said(), "rows": len(rows), "wrong": len(wrong), "keys": sorted(rows[0])}, out)
"""


def part(start: int, end: int) -> str:
    header, *rows = table().splitlines()
    return "\n".join((header, *rows[start:end])) + "\n"


def with_channels(tiny: Tiny) -> None:
    text = re.sub(r"data:\n(  .*\n)+", CHANNELS, TRAINED, count=1)
    tiny.write("model.yaml", text)
    (tiny.folder / ".gitignore").write_text(".mlops-ci/\n__pycache__/\npipelines/tiny/data/train.csv\n")
    tiny.write("data/train.csv", part(0, 100))
    tiny.write("data/valid/a.csv", part(100, 110))
    tiny.write("data/valid/b.csv", part(110, 120))
    tiny.write("data/words/deep/words.txt", "large small\n")
    tiny.write("../../datasets/test.csv", part(120, 200))
    tiny.git("rm", "-q", "--cached", "pipelines/tiny/data/tiny.csv")
    tiny.write("src/train/fit.py", TRAIN + TELL)
    tiny.push("channels")


def test_named_channels_reach_the_job_and_each_causes_what_it_should(tiny: Tiny) -> None:
    with_channels(tiny)
    tiny.run("run")
    log = tiny.run("logs", "tiny", "--candidate", "low").out
    assert "channel train ['train.csv']" in log
    assert "channel words ['deep']" in log
    assert "words: large small" in log
    assert "channel test" not in log
    assert tiny.champion()["candidate"] == "middle"
    assert tiny.changes() == []

    tiny.write("data/train.csv", part(0, 99))  # git ignores it: only its bytes tell
    assert tiny.git("status", "--porcelain") == ""
    plan = tiny.run("plan", "--json").json()
    assert [(c["action"], c["subject"]) for c in plan["changes"]] == [("retrain", "low"), ("retrain", "middle")]
    assert [reason["field"] for reason in plan["changes"][0]["reasons"]] == ["data.train"]
    tiny.run("run")
    assert tiny.attempts() == 4
    assert tiny.changes() == []

    tiny.write("../../datasets/test.csv", part(121, 200))
    assert "after merge" in tiny.run("plan").out  # data outside of the model's folder counts as the model's
    tiny.push("other test rows")
    assert {action for action, _ in tiny.changes()} == {"re-evaluate"}
    tiny.run("run")
    assert tiny.attempts() == 4

    tiny.write("data/words/deep/words.txt", "large small middling\n")
    tiny.push("more words")
    assert {action for action, _ in tiny.changes()} == {"retrain"}

    tiny.write("data/words/deep/words.txt", "large small\n")
    tiny.git("mv", "datasets", "tables")
    tiny.replace("model.yaml", "datasets/test.csv", "tables/test.csv")
    tiny.push("the same bytes at another place")
    assert {action for action, _ in tiny.changes()} <= {"metadata"}


def with_processing(tiny: Tiny, tmp_path: Path) -> None:
    section = (
        "processing:\n  script: src/process/prepare.py\n  arguments: [--test-from, '120']\n"
        "  requirements: src/process/needs.txt\n  environment: {TONE: calm}\n"
        "  post:\n    script: src/report/report.py\n    sources: [src/report/**]\n"
        "    requirements: src/report/needs.txt\nevaluation:\n"
    )
    text = TRAINED.replace("  key: [id]\n", "").replace("  split: {train: 0.5, validation: 0.1, test: 0.4}\n", "")
    tiny.write("model.yaml", text.replace("evaluation:\n", section))
    tiny.write("src/process/prepare.py", PREPARE)
    tiny.write("src/report/report.py", REPORT)
    needs = wheel(tmp_path / "wheels", "telling", "def said():\n    return 'told once'\n")
    tiny.write("src/process/needs.txt", needs)
    tiny.write("src/report/needs.txt", needs)
    tiny.push("processing")


def test_processing_makes_the_channels_and_reads_the_predictions(tiny: Tiny, tmp_path: Path) -> None:
    with_processing(tiny, tmp_path)
    tiny.run("run")
    assert tiny.changes() == []
    shown = tiny.run("show", "tiny", "--json").json()
    [evaluated] = shown["evaluations"]
    [[name, digest]] = evaluated["reports"]
    assert name == "report"
    assert evaluated["scores"]["rows"] == 80
    assert f"report (after evaluation) `{digest[:12]}`" in " ".join(tiny.run("show", "tiny").out.split())
    assert digest[:12] in tiny.run("show", "tiny", "--md").out
    kept = tiny.folder / ".mlops-ci/store/artifacts/sha256" / digest[:2] / digest
    with tarfile.open(kept) as archive:
        member = archive.extractfile("wrong.json")
        assert member is not None
        report = json.load(member)
    assert (report["said"], report["rows"]) == ("told once", 80)
    assert {"label", "prediction", "side"} <= {*report["keys"]}

    # the report's script lies outside of the processing's sources: it is evaluated anew, nothing is processed for it
    tiny.write("src/report/report.py", REPORT + "# again\n")
    tiny.push("another report")
    assert {action for action, _ in tiny.changes()} == {"re-evaluate"}
    needs = tiny.read("src/report/needs.txt")
    tiny.write("src/report/needs.txt", needs + "# no more\n")
    tiny.push("other requirements of the report")
    tiny.run("run")
    assert tiny.attempts() == 2
    assert tiny.changes() == []

    tiny.write("src/report/report.py", "import sys\n\nsys.exit('the printer is out of paper')\n")
    tiny.push("a report that fails")
    assert "the printer is out of paper" in tiny.run("run", code=1).err
    tiny.write("src/report/report.py", REPORT)

    tiny.replace("src/process/prepare.py", "rows[:10]", "rows[:11]")
    tiny.push("another split")
    # the test rows follow from it, so the champion is evaluated on them too
    assert tiny.changes() == [("retrain", "low"), ("retrain", "middle"), ("re-evaluate", "champion")]
    tiny.run("run")
    assert tiny.attempts() == 4
    assert tiny.changes() == []

    tiny.replace("src/process/prepare.py", '"large"]', '"id"]')
    tiny.push("a processing that loses the label")
    assert "`large`" in tiny.run("run", code=65).err

    tiny.write("src/process/prepare.py", "import sys\n\nsys.exit('there is no column `y`')\n")
    tiny.push("a processing that fails")
    done = tiny.run("run", code=1)
    assert "there is no column `y`" in done.out + done.err
    assert "there is no column `y`" in tiny.run("logs", "tiny").out
    assert tiny.attempts() == 4
    assert tiny.champion()["version"] >= 1
