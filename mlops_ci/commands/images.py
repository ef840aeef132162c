"""What `image build` builds: the Dockerfiles of a model's candidates."""

from __future__ import annotations

from mlops_ci.diagnostics import has_errors
from mlops_ci.errors import ManifestError, UsageError
from mlops_ci.executor.building import building_of
from mlops_ci.executor.world import World
from mlops_ci.manifest import load
from mlops_ci.manifest.document import listed
from mlops_ci.ports.builds import Building


def buildings(world: World, name: str, candidate: str) -> tuple[Building, ...]:
    """Return what is to be built of a model, or of one candidate of it. No image is asked for.

    Raises:
        ManifestError: the model's files are wrong.
        UsageError: there is no such candidate, or no Dockerfile.

    """
    tree = world.repository.worktree()
    loaded = load(tree, world.schemas, select=(name,))
    if has_errors(loaded.diagnostics):
        raise ManifestError(loaded.diagnostics)
    models = [model for model in loaded.models if model.name == name]
    if not models:
        raise UsageError(f"`{name}` is no one model", hint="name it in full: mlops-ci image build MODEL")
    (model,) = models
    built = [one for one in model.candidates if one.dockerfile]
    wanted = [one for one in built if candidate in ("", one.name)]
    if not wanted:
        which = f"the candidate `{candidate}` of `{name}`" if candidate else f"`{name}`"
        hint = f"those with one: {listed([one.name for one in built])}" if built else "write `dockerfile: Dockerfile`"
        raise UsageError(f"{which} has no Dockerfile", hint=hint)
    return tuple(building_of(tree, model, one) for one in wanted)
