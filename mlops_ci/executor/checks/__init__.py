"""What is tested on an environment, one file a check, and the run over all of them."""

from mlops_ci.executor.checks.running import run_checks
from mlops_ci.executor.checks.subject import Batch, Live, Subject

__all__ = ["Batch", "Live", "Subject", "run_checks"]
