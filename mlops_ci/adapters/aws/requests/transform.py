"""`CreateTransformJob`: rows through a SageMaker model, one line an answer."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.adapters.aws.requests.terms import Request, Terms
from mlops_ci.ports.jobs import TransformJob

MAX_RUNTIME = "MLOPS_CI_MAX_RUNTIME"
"""A variable of the container that says how many seconds the job may take: SageMaker has no such bound, so who waits
for the job keeps it, and whoever adopts it must know it."""

ROWS = "MLOPS_CI_ROWS"
"""Another: how many rows were sent, so that whoever reads the answers can count them."""

_CALL_MB = 6
"""What one call may have: SageMaker's own default, and the bound of an endpoint."""
MOST_MB = 100
"""The largest call that SageMaker makes."""
_ANSWER_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Placed:
    """The SageMaker model, the folder of the rows on S3, how many these are, and the folder of the job.

    `whole_mb` is 0 where every line of the rows is a row of its own. Where cells hold line ends no line may be torn
    from its row, so a file goes in one call of up to so many MB.
    """

    model: str
    rows: str
    count: int
    output: str
    whole_mb: int = 0


def patience(job: TransformJob) -> int:
    """Return the seconds that the answer to one call may take."""
    return min(_ANSWER_SECONDS, job.max_runtime)


def transform_request(job: TransformJob, name: str, placed: Placed, terms: Terms) -> Request:
    """Return the request that starts a batch transform under a name.

    Lines that fit into a call go together; the answers of one file come back in one file, in the rows' order.
    """
    return {
        "TransformJobName": name,
        "ModelName": placed.model,
        "BatchStrategy": "SingleRecord" if placed.whole_mb else "MultiRecord",
        "MaxPayloadInMB": placed.whole_mb or _CALL_MB,
        "ModelClientConfig": {"InvocationsTimeoutInSeconds": patience(job)},
        "Environment": {MAX_RUNTIME: str(job.max_runtime), ROWS: str(placed.count)},
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": placed.rows}},
            "ContentType": job.content_type,
            "CompressionType": "None",
            "SplitType": "None" if placed.whole_mb else "Line",
        },
        "TransformOutput": {
            "S3OutputPath": f"{placed.output}output",
            "Accept": "application/json",
            "AssembleWith": "None" if placed.whole_mb else "Line",
            **terms.output_key(),
        },
        "TransformResources": {
            "InstanceType": job.resources.instance,
            "InstanceCount": job.resources.count,
            **terms.volume_key(),
        },
        "Tags": terms.tagged(model=job.model, subject=job.subject),
    }
