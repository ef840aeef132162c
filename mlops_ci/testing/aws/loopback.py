"""A loopback AWS that runs, as what fills its holes and what uses it know it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from mlops_ci.testing.aws.faults import Faults
from mlops_ci.testing.aws.traffic import Traffic

ACCOUNT = "123456789012"
"""moto's account: whatever credentials ask, it is theirs."""

REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user may want otherwise than AWS has it.

    `stop_grace` are the seconds between SIGTERM and SIGKILL when a job is stopped; `threads` is what each process of a
    job may use for numeric libraries. `speed` is how many of AWS's seconds pass in one of ours wherever AWS only waits:
    bake periods, the periods of alarms, the timeout of a build, the start of a notebook instance. `repositories` are
    paths of repositories of this machine by the location that stands for them, such as
    `https://github.com/owner/name.git`: builds clone those.
    """

    stop_grace: float = 120.0
    threads: int = 1
    speed: float = 1.0
    repositories: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Loopback:
    """A server that runs. `root` is a folder of its own: jobs and endpoints have their files below it."""

    url: str
    root: Path
    settings: Settings = Settings()
    traffic: Traffic = field(default_factory=Traffic, compare=False, repr=False)
    faults: Faults = field(default_factory=Faults, compare=False, repr=False)

    def environment(self) -> dict[str, str]:
        """Return what a process needs to see this AWS and no other."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "loopback",
            "AWS_SECRET_ACCESS_KEY": "loopback",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
