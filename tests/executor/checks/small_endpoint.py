"""A small real endpoint, its well-behaved model, and the subject that a test run of it has."""

from __future__ import annotations

import csv
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from mlops_ci.adapters.files.clock import SystemClock
from mlops_ci.errors import ProviderError
from mlops_ci.executor.checks import Batch, Live, Subject
from mlops_ci.executor.checks.subject import Service
from mlops_ci.judging.scores import Measurement, Scores
from mlops_ci.model import Checks, Data, Environment, Evaluation, Json, Latency, Model, Problem, Serving, ServingKind
from mlops_ci.ports.endpoints import Answer

FEATURES = ("minutes", "plan")
ROWS = tuple(f"{at * 7 % 200},{'no' if at % 3 else 'yes'}" for at in range(130))
PATIENCE = 5.0
LIMIT = 6 * 2**20


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    body: bytes
    content_type: str
    accept: str | None


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered; None as a body ends the connection without a word."""

    status: int
    body: bytes | None
    content_type: str = "application/json"
    version: str = "churn/v3"


Behaviour = Callable[[Request], Response]


def predict(minutes: float) -> dict[str, Json]:
    """Return what the model says of a row."""
    yes = minutes / 200
    return {"label": "yes" if yes >= 0.5 else "no", "probabilities": {"no": 1 - yes, "yes": yes}}


RECORDED: tuple[Json, ...] = tuple(predict(float(row.split(",")[0])) for row in ROWS)
LABELS = tuple("yes" if at * 7 % 200 >= 90 else "no" for at in range(130))


def well(request: Request) -> Response:
    """Return what a good endpoint answers: predictions, or a 4xx with the reason."""
    if request.path == "/ping":
        return Response(200, b"")
    if len(request.body) > LIMIT:
        return refused(413, "too large")
    try:
        text = request.body.decode()
        match request.content_type:
            case "text/csv":
                rows = list(csv.reader(text.splitlines()))
            case "application/jsonlines":
                rows = [[json.loads(line)[name] for name in FEATURES] for line in text.splitlines()]
            case "application/json":
                rows = json.loads(text)
            case _:
                return refused(415, "not known")
    except (ValueError, KeyError, TypeError) as error:
        return refused(400, str(error))
    if not rows or any(len(row) != len(FEATURES) for row in rows):
        return refused(400, "columns do not fit")
    try:
        found = [predict(float(row[0])) for row in rows]
    except ValueError as error:
        return refused(500, str(error))
    return Response(200, json.dumps(found).encode())


def refused(status: int, why: str) -> Response:
    """Return a refusal with its reason."""
    return Response(status, json.dumps({"error": why}).encode())


def rewriting(change: Callable[[list[Json]], object]) -> Behaviour:
    """Return a good endpoint whose predictions are changed on their way out."""

    def answer(request: Request) -> Response:
        good = well(request)
        if good.status != 200 or not good.body:
            return good
        return replace(good, body=json.dumps(change(json.loads(good.body))).encode())

    return answer


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[str]:
    """Serve on a free port of loopback, keeping connections alive; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.answer(b"")

        def do_POST(self) -> None:
            self.answer(self.rfile.read(int(self.headers.get("content-length") or 0)))

        def answer(self, body: bytes) -> None:
            headers = self.headers
            said = behaviour(Request(self.path, body, headers.get("content-type", ""), headers.get("accept")))
            if said.body is None:
                self.close_connection = True
                return
            self.send_response(said.status)
            self.send_header("content-type", said.content_type)
            self.send_header("content-length", str(len(said.body)))
            self.send_header("x-mlops-ci-version", said.version)
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def live(url: str) -> Live:
    """Return the way to an endpoint over HTTP, one connection a request."""

    def ask(method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
        try:
            connection.request(method, path, body=body, headers=headers)
            got = connection.getresponse()
            version = got.getheader("x-mlops-ci-version", "")
            return Answer(got.status, got.read(), got.getheader("content-type", ""), version, 0.0)
        except (OSError, http.client.HTTPException) as cause:
            raise ProviderError(f"{url} does not answer: {cause}") from cause
        finally:
            connection.close()

    def invoke(body: bytes, content_type: str, accept: str) -> Answer:
        return ask(
            "POST", "/invocations", body, {"Content-Type": content_type} | ({"Accept": accept} if accept else {})
        )

    return Live(url, invoke, lambda: ask("GET", "/ping", b"", {}).status)


def batch(change: Callable[[list[Json]], list[Json]] = list) -> Batch:
    """Return batch runs of the good model, whose predictions are changed on their way out."""
    return Batch(lambda rows: tuple(change([predict(float(row.split(",")[0])) for row in rows])))


def accuracy(predictions: tuple[Json, ...]) -> Scores:
    """Return the share of rows whose label is the true one."""
    labels = [value["label"] if isinstance(value, dict) else value for value in predictions]
    value = sum(a == b for a, b in zip(labels, LABELS, strict=True)) / len(LABELS)
    return Scores("accuracy", len(labels), (Measurement("accuracy", value, len(labels)),))


def subject(service: Service, checks: Checks | None = None) -> Subject:
    """Return the subject of a test run of version 3 of churn."""
    model = Model(
        name="churn",
        folder="pipelines/churn",
        problem=Problem.BINARY,
        data=Data(label="churn", path="data/churn.csv", positive="yes"),
        evaluation=Evaluation(metric="accuracy"),
        candidates=(),
        serving=Serving(
            script="src/serve/inference.py",
            kind=ServingKind.BATCH if isinstance(service, Batch) else ServingKind.REALTIME,
        ),
        tests=checks or Checks(latency=Latency(max_ms=30_000, requests=120)),
        environments=(Environment("staging"),),
    )
    return Subject(
        model=model,
        environment="staging",
        version=3,
        service=service,
        rows=ROWS,
        labels=LABELS,
        features=FEATURES,
        recorded=RECORDED,
        scores=accuracy(RECORDED),
        judge=accuracy,
        clock=SystemClock(),
    )
