"""What to type after `init --ci`: two commands, and what must be known before they work."""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

from mlops_ci.model.project import Target

OTHERS = ("gitlab.com", "bitbucket.org", "dev.azure.com", "codeberg.org")
"""Places that are surely not GitHub; another name may be a GitHub of one's own."""


def github_commands(git: str, commit: str, remote: str, branch: str, address: str | None) -> tuple[str, ...]:
    """Return the lines; `commit` is the command that commits, empty where nothing is to be committed."""
    told = [f"hint: {commit}"] if commit else []
    host = urlsplit(address).hostname if address else ""
    if address is None:
        told.append("note: the repository has no remote yet; make an empty one on GitHub (https://github.com/new)")
        told.append(f"hint: {git} remote add {shlex.quote(remote)} https://github.com/OWNER/NAME.git")
    elif not host or host in OTHERS:
        what = f"`{host}`" if host else "a folder of this machine"
        told.append(f"warning: `{remote}` is {what}, and nobody but GitHub reads these files")
    told.append(f"hint: {git} push -u {shlex.quote(remote)} {shlex.quote(branch)}")
    return tuple(told)


def codebuild_commands(
    git: str, commit: str, remote: str, branch: str, address: str | None, template: str, target: Target | None
) -> tuple[str, ...]:
    """Return the lines; see `github_commands`. `template` is the path of the pipeline's, as it is to be typed."""
    told = [f"hint: {commit}"] if commit else []
    if address is None:
        told.append(f"hint: {git} remote add {shlex.quote(remote)} https://github.com/OWNER/NAME.git")
    told.append(f"hint: {git} push -u {shlex.quote(remote)} {shlex.quote(branch)}")
    told.append(f"hint: {deploying(template, address or '', target)}")
    return tuple(told)


def deploying(template: str, address: str, target: Target | None) -> str:
    """Return the command that makes the pipeline; what the project does not say stands in capitals to be filled in."""
    path = urlsplit(address).path.strip("/").removesuffix(".git")
    bucket, _, prefix = (target.store if target else "").partition("://")[2].partition("/")
    known = {
        "ConnectionArn": "CONNECTION_ARN",
        "Repository": path if path.count("/") == 1 else "OWNER/NAME",
        "StoreBucket": bucket or "BUCKET",
        "StorePrefix": prefix.strip("/") or "PREFIX",
        "JobRoleArn": (target.role if target else "") or "ROLE_ARN",
    }
    given = " ".join(shlex.quote(f"{name}={value}") for name, value in known.items())
    return (
        f"aws cloudformation deploy --stack-name models --template-file {shlex.quote(template)} "
        f"--capabilities CAPABILITY_IAM --parameter-overrides {given}"
    )
