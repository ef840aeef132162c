"""The three kinds of jobs, and what differs in their names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`word` is what the API puts before `JobName`, `JobStatus` and the rest."""

    word: str
    order: str = "Ascending"
    """How lists are sorted where nobody says."""

    @property
    def noun(self) -> str:
        """Return it as messages have it."""
        return self.word.lower()

    @property
    def name(self) -> str:
        """Return the request's member that holds a job's name."""
        return f"{self.word}JobName"

    @property
    def status(self) -> str:
        """Return the member that holds a job's status."""
        return f"{self.word}JobStatus"

    @property
    def arn(self) -> str:
        """Return the member that holds a job's ARN."""
        return f"{self.word}JobArn"

    @property
    def start(self) -> str:
        """Return the member that says when its container started."""
        return f"{self.word}StartTime"

    @property
    def end(self) -> str:
        """Return the member that says when it ended."""
        return f"{self.word}EndTime"

    @property
    def log_group(self) -> str:
        """Return the log group of CloudWatch."""
        return f"/aws/sagemaker/{self.word}Jobs"

    @property
    def summaries(self) -> str:
        """Return the member of a list's answer."""
        return f"{self.word}JobSummaries"

    @property
    def detail_type(self) -> str:
        """Return the `detail-type` of its events."""
        return f"SageMaker {self.word} Job State Change"


TRAINING = Kind("Training")
PROCESSING = Kind("Processing")
TRANSFORM = Kind("Transform", order="Descending")
