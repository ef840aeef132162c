"""Requests a second of the churn boosting model, one CSV row a request, eight keep-alive clients, rounds in turn.

Compared in one run, so that a busy machine slows all alike: ours, ours with batching, a bare uvicorn app that does
`read_csv` and predict, and with `--mlflow` also `mlflow models serve`. All have the same model file, one worker and one
thread for its sums, which is our default: with two, every one of them would be waiting for threads on a shared machine.
What only the others need is installed into `build/bench-*`.

    python -m bench.serving [--rounds N] [--seconds S] [--mlflow]
"""

from __future__ import annotations

import argparse
import csv
import http.client
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.clients import Round, load
from bench.installing import installed
from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.local.endpoints import LocalEndpoints
from mlops_ci.ports.endpoints import EndpointSpec, EndpointState, Package
from mlops_ci.ports.jobs import Image
from mlops_ci.runtime.listening import listen, port_of

TOP = Path(__file__).resolve().parents[1]
CHURN = TOP / "pipelines/churn"
DROPPED = {"total_day_charge", "total_eve_charge", "total_night_charge", "total_intl_charge"}
CLIENTS = 8

BARE = """
import io, json, os, sys
import joblib
import pandas as pd
model = joblib.load(os.environ["MODEL"])
names = model["encoder"].columns
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    body, more = b"", scope["method"] == "POST"
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    answer = b"[]"
    if body:
        frame = pd.read_csv(io.BytesIO(body), header=None, names=names, keep_default_na=False)
        shares = model["estimator"].predict_proba(model["encoder"].matrix(frame.to_numpy().tolist()))
        answer = json.dumps([dict(zip(model["classes"], row)) for row in shares.tolist()]).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
"""

MLFLOW = """
import sys
import joblib
import mlflow.pyfunc
class Churn(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.model = joblib.load(context.artifacts["model"])
    def predict(self, context, model_input, params=None):
        rows = self.model["encoder"].matrix(model_input.to_numpy().tolist())
        return self.model["estimator"].predict_proba(rows)
mlflow.pyfunc.save_model(sys.argv[2], python_model=Churn(), artifacts={"model": sys.argv[1]}, code_paths=sys.argv[3:])
"""


@dataclass(frozen=True, slots=True)
class Contender:
    """A server under test: what it is called, where its predictions are, and the body of one request."""

    name: str
    port: int
    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Trained:
    """The model file, its columns and one row."""

    model: Path
    columns: tuple[str, ...]
    row: str


def train(folder: Path) -> Trained:
    """Return the churn boosting model, trained by its own script as a job would."""
    with (CHURN / "data/churn.csv").open(encoding="utf-8", newline="") as lines:
        rows = [{k: v for k, v in row.items() if k not in DROPPED} for row in csv.DictReader(lines)]
    channel = folder / "train"
    channel.mkdir(parents=True, exist_ok=True)
    with (channel / "train.csv").open("w", encoding="utf-8", newline="") as sink:
        writer = csv.DictWriter(sink, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    sources = os.pathsep.join(str(CHURN / "src" / name) for name in ("train", "shared"))
    environment = {**os.environ, "PYTHONPATH": sources, "OMP_NUM_THREADS": "1"}
    environment |= {"SM_MODEL_DIR": str(folder), "SM_CHANNEL_TRAIN": str(channel)}
    subprocess.run([sys.executable, str(CHURN / "src/train/boosting.py")], env=environment, check=True)
    columns = tuple(name for name in rows[0] if name != "churn")
    return Trained(folder / "model.joblib", columns, ",".join(rows[0][name] for name in columns))


def package(artifacts: FolderArtifacts, trained: Trained) -> Package:
    """Return the package that would be released."""
    from tests.packages import archive

    code = {name: (CHURN / "src" / name).read_bytes() for name in ("serve/inference.py", "shared/features.py")}
    return Package(
        digest="bench",
        model=artifacts.put(archive({"model.joblib": trained.model.read_bytes()})),
        code=artifacts.put(archive({Path(name).name: content for name, content in code.items()})),
        entry="inference.py",
        image=Image(),
        environment=(),
        features=trained.columns,
    )


@contextmanager
def ours(folder: Path, trained: Trained) -> Iterator[tuple[Contender, Contender]]:
    """Serve the package twice: one call a request, and with batching."""
    artifacts = FolderArtifacts(folder / "store")
    host = LocalEndpoints(folder / "endpoints", artifacts, lambda _: Path(sys.executable))
    released = package(artifacts, trained)
    names = {"ours": "ours", "batching": "ours, batching"}
    try:
        for model in names:
            host.apply(EndpointSpec("bench", model, 1, released, batching=model == "batching"))
        _wait(lambda: all(d.state is EndpointState.IN_SERVICE for d in host.describe()))
        ports = {d.model: int(d.url.rpartition(":")[2]) for d in host.describe()}
        body = trained.row.encode()
        first, second = (Contender(names[model], ports[model], "/invocations", body) for model in names)
        yield first, second
    finally:
        for model in names:
            host.delete("bench", model)


@contextmanager
def served(name: str, command: list[str], port: int, environment: dict[str, str], body: bytes) -> Iterator[Contender]:
    """Run somebody else's server."""
    # The sources come by PYTHONPATH, as the model file names `features`.
    process = subprocess.Popen(
        command,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        _wait(lambda: _answers(port))
        yield Contender(name, port, "/invocations", body)
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)


@contextmanager
def bare(folder: Path, trained: Trained) -> Iterator[Contender]:
    """Serve a uvicorn app as one writes it in five minutes."""
    python = installed(TOP / "build/bench-bare", "pandas", "scikit-learn", "uvicorn", "httptools", "uvloop")
    (folder / "bare.py").write_text(BARE)
    port = _free()
    command = [str(python), "-m", "uvicorn", "bare:app", "--port", str(port), "--no-access-log"]
    environment = {"MODEL": str(trained.model), "PYTHONPATH": f"{folder}{os.pathsep}{CHURN / 'src/shared'}"}
    with served("bare uvicorn", command, port, environment, trained.row.encode()) as contender:
        yield contender


@contextmanager
def mlflow(folder: Path, trained: Trained) -> Iterator[Contender]:
    """Serve the model with MLflow; its CSV wants a header line."""
    python = installed(TOP / "build/bench-mlflow", "mlflow", "scikit-learn")
    shared = str(CHURN / "src/shared/features.py")
    saving = [str(python), "-c", MLFLOW, str(trained.model), str(folder / "mlflow"), shared]
    subprocess.run(saving, check=True, env={**os.environ, "PYTHONPATH": str(CHURN / "src/shared")})
    port = _free()
    command = [str(python), "-m", "mlflow", "models", "serve", "-m", str(folder / "mlflow"), "-p", str(port)]
    body = f"{','.join(trained.columns)}\n{trained.row}\n".encode()
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    with served("mlflow", [*command, "--env-manager", "local"], port, {"PATH": path}, body) as contender:
        yield contender


def compare(contenders: list[Contender], *, rounds: int, seconds: float) -> dict[str, list[Round]]:
    """Return every round of every contender; one round of each, then the next, after one that does not count."""
    found: dict[str, list[Round]] = {contender.name: [] for contender in contenders}
    for number, contender in itertools.product(range(rounds + 1), contenders):
        seen = load(contender.port, contender.path, contender.body, clients=CLIENTS, seconds=seconds if number else 1.0)
        if number:
            found[contender.name].append(seen)
    return found


def table(found: dict[str, list[Round]], *, base: str) -> str:
    """Return the medians over the rounds and their ratio to `base`, as a Markdown table."""
    rates = {name: statistics.median(r.requests / r.seconds for r in rounds) for name, rounds in found.items()}
    lines = ["| server | requests/s | of bare | p50 ms | p99 ms | failed |", "|---|---|---|---|---|---|"]
    for name, rounds in found.items():
        middle, slow = (statistics.median(r.quantile(q) for r in rounds) * 1000 for q in (0.5, 0.99))
        failed = sum(r.failed for r in rounds)
        ratio = rates[name] / rates[base]
        lines.append(f"| {name} | {rates[name]:.0f} | {ratio:.2f} | {middle:.1f} | {slow:.1f} | {failed} |")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench.serving")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--mlflow", action="store_true")
    options = parser.parse_args(arguments)
    import tempfile

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        trained = train(folder)
        contenders = [*stack.enter_context(ours(folder, trained)), stack.enter_context(bare(folder, trained))]
        if options.mlflow:
            contenders.append(stack.enter_context(mlflow(folder, trained)))
        found = compare(contenders, rounds=options.rounds, seconds=options.seconds)
    print(
        f"{CLIENTS} keep-alive clients, one row a request, {os.cpu_count()} cores, medians of {options.rounds} rounds"
    )
    print(table(found, base="bare uvicorn"))
    path = TOP / "build/bench-serving.json"
    path.parent.mkdir(exist_ok=True)
    rates = {name: [round(r.requests / r.seconds, 1) for r in rounds] for name, rounds in found.items()}
    path.write_text(json.dumps(rates, indent=1))
    return 0


def _free() -> int:
    with listen(0) as held:
        return port_of(held)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError, http.client.HTTPException):
        return False


def _wait(claim: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not claim():
        if time.monotonic() > until:
            raise SystemExit("a server did not come up within two minutes")
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
