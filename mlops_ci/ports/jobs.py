"""Jobs: training, processing and transforms, as a provider runs them.

The same protocol serves all three, so the executor waits for each in one way. Nothing here waits: `submit` with a
key that is known gives the same job (it is adopted, never started twice), and `status` answers at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias, TypeVar

from mlops_ci.model import Framework, MetricDefinition, ProcessingResources, Resources, TransformResources

_PROCESSING = ProcessingResources()
_TRANSFORM = TransformResources()


@dataclass(frozen=True, slots=True)
class Image:
    """The software a job or an endpoint runs in.

    Locally: the interpreter's `python` version, the resolved `packages` (name, version) and the text of the
    `requirements` that were put on top. For a container: its `reference`, with a digest.
    """

    python: str = ""
    packages: tuple[tuple[str, str], ...] = ()
    requirements: str = ""
    reference: str = ""
    framework: Framework | None = None


@dataclass(frozen=True, slots=True)
class Software:
    """What a manifest asks for, to train in and to serve with: a framework, an algorithm, an image, or none of them.

    `requirements` is the text of what is put on top. `instance` is what a job runs on, `served_on` what endpoints do: a
    provider may have another image for machines with GPUs.
    """

    framework: Framework | None = None
    image: str = ""
    requirements: str = ""
    algorithm: Framework | None = None
    instance: str = ""
    served_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A file of a job's code folder: its path there, the path in the project, and its git blob id."""

    path: str
    origin: str
    blob: str


@dataclass(frozen=True, slots=True)
class Code:
    """Files to copy to a job, sorted by path, and the digest of exactly these."""

    files: tuple[CodeFile, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Input:
    """A named input folder: `location` is a path or `s3://` address whose files the job sees.

    `content_type` is told to what trains without a script, which must be told.
    """

    name: str
    location: str
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """What a training job is given; `entry` is the script's path in the code folder."""

    model: str
    candidate: str
    image: Image
    code: Code
    entry: str
    channels: tuple[Input, ...]
    hyperparameters: tuple[tuple[str, str], ...]
    environment: tuple[tuple[str, str], ...]
    resources: Resources
    metric_definitions: tuple[MetricDefinition, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessingJob:
    """What a processing job is given: inputs below /opt/ml/processing/input, outputs below /opt/ml/processing."""

    model: str
    subject: str
    image: Image
    code: Code
    entry: str
    arguments: tuple[str, ...]
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    max_runtime: int
    resources: ProcessingResources = _PROCESSING


@dataclass(frozen=True, slots=True)
class TransformJob:
    """Rows through the serving code of a package, as batch transform does.

    `rows` is a file without header and label; `batch` rows go in one call. The output `predictions` holds one JSON
    value a row, in order, as JSON Lines.
    """

    model: str
    subject: str
    package: str
    rows: str
    content_type: str
    max_runtime: int = 3600
    batch: int = 500
    resources: TransformResources = _TRANSFORM


class FailureCause(Enum):
    """Why a job did not succeed."""

    EXIT = "exited non-zero"
    MAX_RUNTIME = "ran longer than max_runtime"
    OUT_OF_MEMORY = "out of memory"
    LOST = "its runner disappeared"
    ENVIRONMENT = "its environment could not be built"
    OUTPUT = "its output is missing or wrong"
    NOT_STARTED = "it could not begin"


@dataclass(frozen=True, slots=True)
class Running:
    """Submitted and not ended."""


@dataclass(frozen=True, slots=True)
class Succeeded:
    """Ended well. Times are UTC, ISO 8601; `seconds` is wall time of the user's process."""

    started_at: str
    ended_at: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """Ended without success; `detail` is one line (the job's own `output/failure`, or what happened)."""

    cause: FailureCause
    detail: str
    started_at: str
    ended_at: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Stopped:
    """Somebody stopped it."""

    started_at: str
    ended_at: str
    seconds: float


JobStatus: TypeAlias = Running | Succeeded | Failed | Stopped


@dataclass(frozen=True, slots=True)
class Output:
    """An artifact of a job, by then in the artifact store: `digest` is its sha256, `size` in bytes."""

    name: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a job that succeeded left behind: artifacts (`model`, `log` ...), numbers from its log, its true image.

    `billed_seconds` are those that the provider asks to be paid, where it says so: of all instances together.
    """

    artifacts: tuple[Output, ...]
    metrics: tuple[tuple[str, float], ...] = ()
    image: Image | None = None
    billed_seconds: float | None = None

    def digest(self, name: str) -> str | None:
        """Return the sha256 of the artifact of that name, or None."""
        return next((o.digest for o in self.artifacts if o.name == name), None)


JobT_contra = TypeVar("JobT_contra", contravariant=True)


class Jobs(Protocol[JobT_contra]):
    """Runs jobs of one kind. Implementations pass `tests/contracts/jobs.py`."""

    def submit(self, job: JobT_contra, *, key: str) -> None:
        """Start the job, or adopt the one that has this key.

        Raises:
            InputsMoved: the code's bytes are no longer those of its digest.
            ProviderError: it could not be started.

        """
        ...

    def status(self, key: str) -> JobStatus | None:
        """Return what is known now; None where no job has this key."""
        ...

    def collect(self, key: str) -> Outputs:
        """Return the outputs of a job that ended, having put them into the artifact store; repeatable.

        A failed job's log is collected too.
        """
        ...

    def logs(self, key: str, *, start: int) -> Iterator[str]:
        """Return the log's lines known now, from line `start` (negative: that many from the end)."""
        ...

    def stop(self, key: str) -> None:
        """Ask the job to end (SIGTERM, then SIGKILL); does nothing where it has ended."""
        ...


Trainer: TypeAlias = Jobs[TrainingJob]
Processor: TypeAlias = Jobs[ProcessingJob]
Transformer: TypeAlias = Jobs[TransformJob]


class Images(Protocol):
    """Says which software a candidate will run in, without building it."""

    def resolve(self, asked: Software) -> Image | CannotRun:
        """Return the image that this resolves to, or why it cannot run here."""
        ...

    def serving(self, asked: Software) -> str | CannotRun:
        """Return the reference, with a digest, of the image that answers requests; empty: the one that trains."""
        ...

    def tags(self, asked: Software) -> tuple[str, ...]:
        """Return the references without a digest that it is resolved from: somebody may move them at any time."""
        ...

    def digests(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Return where these references lead now, empty where nowhere; one command asks for each once.

        Asked for many at once, it costs one request a repository.
        """
        ...


@dataclass(frozen=True, slots=True)
class CannotRun:
    """Why something cannot run on this target, and what to do. `absent` names an image that is not there (yet)."""

    summary: str
    hint: str
    absent: str = ""
