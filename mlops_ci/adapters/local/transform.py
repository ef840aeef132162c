"""Batch transforms: rows through the serving code of a package, as a process of this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.adapters.local.jobs import LocalJobs
from mlops_ci.adapters.local.work import Claim, Product, Work
from mlops_ci.adapters.local.workshop import Workshop
from mlops_ci.errors import ProviderError
from mlops_ci.ports.jobs import TransformJob

_PREDICTIONS = "out/predictions.jsonl"


def local_transformer(
    workshop: Workshop,
    unpack: Callable[[TransformJob], tuple[Path, Path]],
    *,
    module: str = "mlops_ci.runtime.transform",
) -> LocalJobs[TransformJob]:
    """Return the `Transformer` that runs jobs here.

    `unpack` gives the folder of a job's package and the interpreter of its environment; `module` is what runs
    there.
    """
    return LocalJobs(workshop, _Transform(unpack, module))


@dataclass(frozen=True, slots=True)
class _Transform:
    unpack: Callable[[TransformJob], tuple[Path, Path]]
    module: str

    def __call__(self, job: TransformJob, claim: Claim) -> Work:
        package, python = self.unpack(job)
        rows = Path(job.rows).resolve()
        if not rows.is_file():
            raise ProviderError(f"there are no rows at `{job.rows}`", hint="`mlops-ci evaluate` makes them again")
        (claim.draft / _PREDICTIONS).parent.mkdir()
        options = {
            "--package": package.resolve(),
            "--rows": rows,
            "--content-type": job.content_type,
            "--batch": job.batch,
            "--out": claim.folder / _PREDICTIONS,
        }
        words = (str(word) for option in options.items() for word in option)
        return Work(
            # -P: a file of the user's beside the rows must not stand in for a module of ours.
            command=(str(python), "-P", "-m", self.module, *words),
            cwd=str(claim.folder),
            contract=(),
            environment=(),
            max_runtime=job.max_runtime,
            products=(Product("predictions", _PREDICTIONS),),
        )
