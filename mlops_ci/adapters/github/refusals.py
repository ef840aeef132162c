"""What GitHub refuses, as our errors: what was asked, which permission is missing, and what to do next."""

from __future__ import annotations

from typing import Any

from mlops_ci.adapters.github.wire import Answer
from mlops_ci.errors import ProviderError

_SETTINGS = "Settings > Actions > General > Workflow permissions"


def refused(answer: Answer, asked: str, right: str) -> ProviderError:
    """Return the error that an answer is. `asked` says what was to be done; `right` is the permission it needs."""
    said, status = answer.message, answer.status
    detail = f"{status}: {said}" if said else str(status)
    match status:
        case 401:
            summary = f"GitHub does not know the token, so it cannot {asked}"
            hint = "export GITHUB_TOKEN with one that has not ended; in a workflow: `GITHUB_TOKEN: ${{ github.token }}`"
        case 403 if "not permitted to create or approve pull requests" in said:
            summary = f"GitHub Actions may not {asked} in this repository"
            hint = f"allow it in {_SETTINGS}: `Allow GitHub Actions to create and approve pull requests`"
        case 403 if "authenticate via a GitHub App" in said:
            summary = f"only a GitHub App, such as GitHub Actions, may {asked}"
            hint = "use the token of a workflow or of an App, not one of a person"
        case 403 if "locked" in said:
            summary = f"GitHub does not {asked}: the conversation is locked"
            hint = "unlock it on its page, then type the command again"
        case 403 if said and "not accessible" not in said:
            summary = f"GitHub does not let the token {asked}: {said}"
            hint = f"the token needs `{right}`; where an organisation demands it, also its leave (SSO)"
        case 403:
            summary = f"the token may not {asked}: it lacks `{right}`"
            hint = f"add `{right}` to the job's `permissions`, or to the token; "
            hint += "a pull request from a fork gets a token that may only read"
        case 404 | 410:
            summary = f"GitHub finds nothing where it should {asked}, or the token may not see it"
            hint = f"look at GITHUB_REPOSITORY and at the number; the token needs `{right}`"
        case 422 | 400:
            summary = f"GitHub does not {asked}: {'; '.join(explained(answer.said)) or said or detail}"
            hint = "correct what it names, then type the command again"
        case _ if status >= 500:
            summary = f"GitHub fails to {asked}, also when asked again"
            hint = "look at https://www.githubstatus.com, then type the command again: it goes on where it stopped"
        case _:
            summary = f"GitHub does not {asked}: {detail}"
            hint = "look at GITHUB_API_URL, then type the command again"
    return ProviderError(summary, hint=hint, detail=detail)


def explained(said: Any) -> tuple[str, ...]:  # noqa: ANN401 - JSON of any form
    """Return what GitHub's `errors` say, a line each; what has a message says it, else what is wrong with which field.

    https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed
    """
    errors = said.get("errors") if isinstance(said, dict) else None
    if isinstance(errors, str):
        return (_line(errors),)
    if not isinstance(errors, list):
        return ()
    return tuple(_explained(error) for error in errors)


def _explained(error: object) -> str:
    if not isinstance(error, dict):
        return _line(error)
    if error.get("message"):
        return _line(error["message"])
    codes = {
        "missing": "does not exist", "missing_field": "is missing", "invalid": "is not valid",
        "already_exists": "exists already", "unprocessable": "cannot be processed",
    }  # fmt: skip
    what = ".".join(str(error[key]) for key in ("resource", "field") if error.get(key))
    code = str(error.get("code", ""))
    return _line(f"`{what}` {codes.get(code, code)}")


def _line(said: object) -> str:
    return " ".join(str(said).split())[:300]
