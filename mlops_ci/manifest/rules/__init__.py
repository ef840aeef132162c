"""What a schema cannot say: one rule a file, each in this list."""

from mlops_ci.manifest.rules import (
    candidates,
    columns,
    criteria,
    data_source,
    data_version,
    environments,
    files,
    frameworks,
    hyperparameters,
    labels,
    log_metrics,
    metrics,
    names,
    paths,
    processing,
    rollout,
    search,
    serving,
    sources,
    spot,
    targets,
    threshold,
    tie_break,
    variables,
)
from mlops_ci.manifest.rules.context import Context, ProjectContext, ProjectRule, Rule

RULES: tuple[Rule, ...] = (
    names.check,
    data_source.check,
    data_version.check,
    paths.check,
    files.check,
    columns.check,
    labels.check,
    processing.check,
    metrics.check,
    threshold.check,
    criteria.check,
    tie_break.check,
    candidates.check,
    frameworks.check,
    sources.check,
    hyperparameters.check,
    search.check,
    variables.check,
    spot.check,
    log_metrics.check,
    serving.check,
    environments.check,
    rollout.check,
)

PROJECT_RULES: tuple[ProjectRule, ...] = (targets.check,)

__all__ = ["PROJECT_RULES", "RULES", "Context", "ProjectContext", "ProjectRule", "Rule"]
