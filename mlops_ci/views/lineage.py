"""Lineage, told three ways: a version back to its code and data, and a commit forward to what serves."""

from __future__ import annotations

from mlops_ci.judging.scores import Measurement
from mlops_ci.model import Json
from mlops_ci.model.effects import plain
from mlops_ci.records.history import told, told_of, worst
from mlops_ci.records.ledger import Attempt
from mlops_ci.records.lineage import Trace, Uses
from mlops_ci.views.document import document
from mlops_ci.views.outline import Outline, Section, outline_markdown, outline_text
from mlops_ci.views.terminal import Ink, duration, moment, number

SHOWN = 12
"""Digits of a digest that people see; JSON has all."""


def trace_text(trace: Trace, *, ink: Ink = Ink.PLAIN) -> str:
    """Return where a version comes from, for a terminal."""
    return outline_text(_trace(trace), ink=ink)


def trace_markdown(trace: Trace) -> str:
    """Return where a version comes from, as Markdown."""
    return outline_markdown(_trace(trace))


def uses_text(uses: Uses, *, ink: Ink = Ink.PLAIN) -> str:
    """Return what came of a commit, for a terminal."""
    return outline_text(_uses(uses), ink=ink)


def uses_markdown(uses: Uses) -> str:
    """Return what came of a commit, as Markdown."""
    return outline_markdown(_uses(uses))


def _trace(trace: Trace) -> Outline:
    rows: list[tuple[str, str]] = [("package", f"`{trace.package}`"), ("candidate", f"`{trace.candidate}`")]
    rows.append(("serves in", ", ".join(f"`{name}`" for name in trace.serves_in) or "nowhere now"))
    rows += [("promoted", f"{moment(p.at)} by `{p.commit[:SHOWN]}`: {p.sentence}") for p in trace.promotions]
    rows += [("served", f"{moment(s.at)} in `{s.environment}`: {s.why}") for s in trace.served]
    proof = [("gate", f"{moment(g.at)} `{g.environment}` {g.verdict}: {told(g)}") for g in trace.gates]
    proof += [("approval", f"{moment(a.at)} `{a.environment}` {told_of(a)}: {a.why}") for a in trace.approvals]
    for run in trace.tests:
        proof.append(("tests", f"{moment(run.at)} `{run.environment}` {worst(run)}"))
        proof += [("", f"`{r.check}` {r.verdict}: {r.evidence} ({duration(r.seconds)})") for r in run.results]
    scores: list[tuple[str, str]] = []
    for made in trace.evaluations:
        scores.append(("evaluation", f"`{made.evaluation[:SHOWN]}` {moment(made.at)} on {made.scores.rows} rows"))
        scores += [
            (_metric(m), number(m.value) + (f" ({m.reason})" if m.reason else "")) for m in made.scores.measurements
        ]
        scores.append(("predictions", f"`{made.predictions[:SHOWN]}`"))
        scores += [(f"{name} (after evaluation)", f"`{digest[:SHOWN]}`") for name, digest in made.reports]
    contests = [("contest", f"{moment(c.at)} {c.outcome}: {c.sentence}") for c in trace.contests]
    return Outline(
        f"{trace.model} v{trace.version}",
        (
            Section("version", tuple(rows)),
            Section("evidence", tuple(proof)),
            Section("accuracy", (*contests, *scores)),
            Section("training", tuple(_training(trace))),
            Section("hyperparameters", trace.origin.hyperparameters),
            Section("training code", _blobs(trace.origin.code)),
            Section("serving code", _blobs(trace.serving)),
            Section("data", _blobs(trace.origin.data)),
        ),
    )


def _training(trace: Trace) -> list[tuple[str, str]]:
    attempt = trace.training
    if attempt is None:
        return [("job", "no training of this package is on record")]
    rows = [
        ("fingerprint", f"`{attempt.intent.fingerprint}`"),
        ("attempt", f"{attempt.intent.attempt} of {trace.attempts}"),
        ("commit", _commit(attempt.intent.commit)),
    ]
    if attempt.finished:
        end = attempt.finished
        rows += [("started", moment(end.started_at)), ("took", duration(end.seconds))]
        rows += [("billed", duration(end.billed_seconds))] if end.billed_seconds is not None else []
        rows += [(f"{name} artifact", f"`{digest[:SHOWN]}`") for name, digest in end.artifacts]
        rows += [(f"{name} (from the log)", number(value)) for name, value in end.metrics]
        rows += [(f"{name} rows", str(count)) for name, count in end.rows]
    return [*rows, *_image(trace.image)]


def _image(image: Json) -> list[tuple[str, str]]:
    """Return the software a job ran in: each key that holds one value, and packages as `name version`."""
    if not isinstance(image, dict):
        return []
    rows = [
        (key, str(value))
        for key, value in image.items()
        if isinstance(value, (str, int)) and value and "\n" not in str(value)
    ]
    packages = image.get("packages")
    pairs = packages.items() if isinstance(packages, dict) else packages if isinstance(packages, list) else ()
    said = ", ".join(f"{pair[0]} {pair[1]}" for pair in pairs if isinstance(pair, (list, tuple)) and len(pair) == 2)
    return [*rows, ("packages", said)] if said else rows


def _metric(measurement: Measurement) -> str:
    return measurement.metric + (f" where {measurement.slice}={measurement.of}" if measurement.slice else "")


def _blobs(blobs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((path, f"`{digest[:SHOWN]}`") for path, digest in blobs)


def _commit(commit: str) -> str:
    if not commit:
        return "none: nothing was committed"
    dirty = " with files that differed from it" if commit.endswith("+") else ""
    return f"`{commit.removesuffix('+')[:SHOWN]}`{dirty}"


def _uses(uses: Uses) -> Outline:
    commits = [("commit", f"`{commit}`") for commit in uses.commits] or [("commit", "no record names it")]
    if len(uses.commits) > 1:
        commits.append(("note", "more than one commit starts so; what follows is of all of them"))
    jobs = [(f"{a.intent.model} {a.intent.work}", _job(a)) for a in uses.attempts]
    scores = [
        (f"{e.model} {e.candidate}", f"`{e.scores.metric}` {number(e.scores.value(e.scores.metric))} ({moment(e.at)})")
        for e in uses.evaluations
    ]
    versions = [(f"{p.model} v{p.version}", f"{moment(p.at)} `{p.candidate}`: {p.sentence}") for p in uses.promotions]
    served = [(f"{s.model} v{s.version}", f"{moment(s.at)} in `{s.environment}`: {s.why}") for s in uses.served]
    now = [(f"{model} v{version}", f"`{environment}`") for model, environment, version in uses.serves_in]
    return Outline(
        f"commit {uses.commits[0] if len(uses.commits) == 1 else uses.asked}",
        (
            Section("recorded as", tuple(commits)),
            Section("jobs", tuple(jobs)),
            Section("accuracy", tuple(scores)),
            Section("promoted", tuple(versions)),
            Section("served", tuple(served)),
            Section("serves now", tuple(now)),
        ),
    )


def _job(attempt: Attempt) -> str:
    start, end = attempt.intent, attempt.finished
    name = f"`{start.candidate}` " if start.candidate else ""
    said = f"{end.outcome} in {duration(end.seconds)}" if end else "has not ended"
    dirty = ", with files that differed from the commit" if start.commit.endswith("+") else ""
    return f"{name}attempt {start.attempt} {said} (`{start.fingerprint[:SHOWN]}`{dirty})"


def trace_json(trace: Trace) -> str:
    """Return where a version comes from, as JSON with every digest in full."""
    data = plain(trace)
    assert isinstance(data, dict)  # noqa: S101 - a dataclass is an object
    origin: dict[str, Json] = {
        "code": dict(trace.origin.code),
        "data": dict(trace.origin.data),
        "hyperparameters": dict(trace.origin.hyperparameters),
    }
    return document(data | {"serving": dict(trace.serving), "origin": origin, "image": trace.image})


def uses_json(uses: Uses) -> str:
    """Return what came of a commit, as JSON with every digest in full."""
    data = plain(uses)
    assert isinstance(data, dict)  # noqa: S101 - a dataclass is an object
    places: list[Json] = [{"model": m, "environment": e, "version": v} for m, e, v in uses.serves_in]
    return document(data | {"serves_in": places})
