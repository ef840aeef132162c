"""A batch transform: the model's own container, asked with every object below an address."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from mlops_ci.testing.aws.buckets import Object
from mlops_ci.testing.aws.containers.serving import ServingContainer
from mlops_ci.testing.aws.failure import Failure
from mlops_ci.testing.aws.jobs.asking import Client, Refused
from mlops_ci.testing.aws.jobs.channels import objects_of
from mlops_ci.testing.aws.jobs.engine import Job, finish
from mlops_ci.testing.aws.jobs.record import now
from mlops_ci.testing.aws.jobs.records import MEGABYTE, assembled, requests
from mlops_ci.testing.aws.logs import Follower

_LOOK = 0.05
"""Seconds between two looks at the log, and for a wish to stop."""


def transform(job: Job) -> None:
    """Run a batch transform to its end."""
    request, record = job.request, job.record
    objects = objects_of(job.buckets, request["TransformInput"]["DataSource"]["S3DataSource"])
    limit, workers = request.get("MaxPayloadInMB", 6), request.get("MaxConcurrentTransforms") or 1
    strategy = request.get("BatchStrategy", "MultiRecord")
    instance = f"i-{hashlib.sha256(record.arn.encode()).hexdigest()[:17]}"
    stream, data_log = job.stream(instance), job.stream(instance, part="/data-log")
    said = "MULTI_RECORD" if strategy == "MultiRecord" else "SINGLE_RECORD"
    data_log.write(
        [f"[sagemaker logs]: MaxConcurrentTransforms={workers}, MaxPayloadInMB={limit}, BatchStrategy={said}"]
    )
    # The container goes first: who waits for its answer is then done waiting.
    with ThreadPoolExecutor(workers) as pool, _serving(job, stream) as (container, follower):
        record.set(TransformStartTime=now())
        client = _client(request, container.url)
        for found in objects:
            content = job.buckets.read(found.bucket, found.key)
            if request["TransformInput"].get("CompressionType") == "Gzip":
                content = gzip.decompress(content)
            bodies = requests(
                content,
                split=request["TransformInput"].get("SplitType", "None"),
                strategy=strategy,
                limit=limit * MEGABYTE,
            )
            try:
                answers = _attended(job, follower, [pool.submit(client.ask, body) for body in bodies])
            except Refused as refused:
                data_log.write(_told(found, refused))
                who = "ClientError" if refused.status < 500 else "AlgorithmError"
                raise Failure(f"{who}: See job logs for more information") from refused
            sink = request["TransformOutput"]
            uri = f"{sink['S3OutputPath'].rstrip('/')}/{found.place}.out"
            job.buckets.put(uri, assembled(answers, assemble=sink.get("AssembleWith", "None")))
    finish(record, "Completed")


@contextmanager
def _serving(job: Job, stream: Any) -> Iterator[tuple[ServingContainer, Follower]]:  # noqa: ANN401
    """Give the model's container, which serves, and what moves its log; both end with the job."""
    model = job.backend.describe_model(job.request["ModelName"])
    about: dict[str, Any] = model.primary_container or next(iter(model.containers), {})
    archive = job.folder / "model.tar.gz"
    job.buckets.fetch(about["ModelDataUrl"], archive)
    batch = {"SAGEMAKER_BATCH": "true"}
    environment = batch | (about.get("Environment") or {}) | (job.request.get("Environment") or {})
    folder = job.folder / "container"
    container = ServingContainer(job.loopback, archive, environment, folder, image=about.get("Image", ""))
    follower = Follower(folder, stream)
    try:
        job.check()
        try:
            container.start()
        except Failure as failure:
            stream.write([f"mlops-ci: {failure}"])
            raise Failure(f"AlgorithmError: See job logs for more information: {failure}") from failure
        yield container, follower
    finally:
        container.kill()
        follower.finish()


def _attended(job: Job, follower: Follower, asked: list[Future[bytes]]) -> list[bytes]:
    """Return the answers, in the order of the requests.

    Raises:
        Refused: one is an error; what has not been asked yet is not asked any more.
        StopAsked: somebody wants the job to end.

    """
    waiting = set(asked)
    try:
        while waiting:
            done, waiting = wait(waiting, timeout=_LOOK)
            follower.follow()
            job.check()
            for future in done:
                future.result()
    except BaseException:
        for future in asked:
            future.cancel()
        raise
    return [future.result() for future in asked]


def _client(request: dict[str, Any], url: str) -> Client:
    config = request.get("ModelClientConfig") or {}
    headers = {
        "Content-Type": request["TransformInput"].get("ContentType", ""),
        "Accept": request["TransformOutput"].get("Accept", ""),
    }
    return Client(
        url,
        tuple((name, value) for name, value in headers.items() if value),
        timeout=config.get("InvocationsTimeoutInSeconds", 600),
        retries=config.get("InvocationsMaxRetries", 3),
    )


def _told(found: Object, refused: Refused) -> list[str]:
    """Return what SageMaker writes into the data log about an answer."""
    where = f"[sagemaker logs]: {found.bucket}/{found.key}:"
    lines = [f"Bad HTTP status received from algorithm: {refused.status}", "", "Message:", *str(refused).splitlines()]
    return [f"{where} {line}" for line in lines]
