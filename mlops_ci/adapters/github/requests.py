"""Pull requests, those of others and our own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mlops_ci.adapters.github.asking import Api, Unsure, settled
from mlops_ci.adapters.github.refusals import explained, refused
from mlops_ci.ports.reviews import Proposal, Request

_READ, _WRITE = "pull-requests: read", "pull-requests: write"

Pull = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Requests:
    """The pull requests of a repository."""

    api: Api

    def request(self, number: int) -> Request:
        """Return one, as the port says."""
        return _request(self.api.get(self.api.path(f"/pulls/{number}"), f"read pull request {number}", _READ))

    def requests_of(self, commit: str) -> tuple[Request, ...]:
        """Return the open ones whose head this is.

        GitHub tells those of a commit that it has in this repository. The head of a fork is none of those, so where it
        knows of no open one, the open ones are looked through.
        """
        asked = f"read the pull requests of `{commit[:12]}`"
        answer = self.api.answer("GET", self.api.path(f"/commits/{quote(commit, safe='')}/pulls?per_page=100"), asked)
        if answer.status == 200:
            if found := _heads(answer.said or (), commit):
                return found
        elif answer.status not in {404, 409, 422}:  # the ways to say that there is no such commit
            raise refused(answer, asked, _READ)
        path = self.api.path("/pulls?state=open&sort=updated&direction=desc&per_page=100")
        return _heads(self.api.pages(path, "read the open pull requests", _READ), commit)

    def propose(self, proposal: Proposal) -> Request:
        """Have one, as the port says."""
        tried = 0
        while True:
            try:
                found = self._open(proposal)
                if found is None:
                    found = self._create(proposal)
                elif (found["title"], _plain(found["body"])) != (proposal.title, _plain(proposal.body)):
                    found = self._update(found, proposal)
            except Unsure as unsure:
                settled(self.api, unsure, tried)
                tried += 1
                continue
            if found is not None:
                return _request(found)

    def _open(self, proposal: Proposal) -> Pull | None:
        head, base = quote(f"{self.api.owner}:{proposal.branch}", safe=""), quote(proposal.base, safe="")
        path = self.api.path(f"/pulls?state=open&head={head}&base={base}&per_page=100")
        every = self.api.pages(path, "read the open pull requests", _READ)
        # Looked at again: a filter that GitHub does not understand it leaves out.
        fits = (p for p in every if (p["head"]["ref"], p["base"]["ref"]) == (proposal.branch, proposal.base))
        return next((dict(pull) for pull in fits if not _is_fork(pull)), None)

    def _create(self, proposal: Proposal) -> Pull | None:
        """Return the new one; None where somebody opened one since we looked."""
        asked = f"open a pull request from `{proposal.branch}` into `{proposal.base}`"
        body = {"title": proposal.title, "body": proposal.body, "head": proposal.branch, "base": proposal.base}
        answer = self.api.answer("POST", self.api.path("/pulls"), asked, body)
        if answer.status == 422 and any("already exists" in line for line in explained(answer.said)):
            return None
        if answer.status >= 300:
            raise refused(answer, asked, _WRITE)
        return dict(answer.said)

    def _update(self, pull: Pull, proposal: Proposal) -> Pull:
        path, asked = self.api.path(f"/pulls/{pull['number']}"), f"change pull request {pull['number']}"
        body = {"title": proposal.title, "body": proposal.body}
        return dict(self.api.change("PATCH", path, body, asked, _WRITE))


def _heads(pulls: Any, commit: str) -> tuple[Request, ...]:  # noqa: ANN401 - JSON of any form
    return tuple(_request(p) for p in pulls if p["head"]["sha"] == commit and p["state"] == "open")


def _is_fork(pull: Pull) -> bool:
    """Return whether the head is in another repository; one whose repository is gone was such."""
    return bool(_home(pull) != pull["base"]["repo"]["full_name"])


def _home(pull: Pull) -> str:
    return str((pull["head"].get("repo") or {}).get("full_name", ""))


def _request(pull: Pull) -> Request:
    return Request(
        number=int(pull["number"]),
        url=str(pull.get("html_url", "")),
        commit=str(pull["head"]["sha"]),
        branch=str(pull["head"]["ref"]),
        labels=tuple(str(label["name"]) for label in pull.get("labels", ())),
        is_fork=_is_fork(pull),
        is_open=pull["state"] == "open",
        home=_home(pull),
    )


def _plain(body: str | None) -> str:
    return (body or "").replace("\r\n", "\n").rstrip()
