"""Endpoints of SageMaker: made once, updated in place, and told by their configs and tags alone.

Nothing is remembered but what this process asked for: an endpoint that it touched is asked for directly, since the
search that tells of all others learns of a change only some seconds later. What AWS cannot do at once, because an
endpoint is just being changed, waits here until a `describe` finds that it can.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.endpoints import asking, describing, ending, logs, watching
from mlops_ci.adapters.aws.endpoints.changing import Touched, finish, go, is_stale
from mlops_ci.adapters.aws.endpoints.models import Models
from mlops_ci.adapters.aws.refusals import unless_missing
from mlops_ci.adapters.aws.requests import endpoints as requests
from mlops_ci.errors import ProviderError
from mlops_ci.plan.deployed import Deployed, EndpointState
from mlops_ci.ports.endpoints import Answer, EndpointSpec

FRESH = 5.0
"""Seconds for which what was said of endpoints is believed that nothing is asked of any more."""
KNOWN = 1.0
"""Seconds for which an endpoint is believed to serve what it served, when it is asked for predictions."""
LAST_WORDS = 30
"""Lines of its log that tell why an endpoint did not come up."""

_UNDER_WAY = frozenset({EndpointState.CREATING, EndpointState.UPDATING})


@dataclass(slots=True)
class SageMakerEndpoints:
    """Implements `ports.endpoints.EndpointHost`. `models` makes a package a model of SageMaker."""

    account: Account
    models: Models
    _touched: dict[str, Touched] = field(default_factory=dict)
    _deleted: set[str] = field(default_factory=set)
    _searched: tuple[float, list[dict[str, Any]]] = (0.0, [])
    _serving: dict[str, tuple[float, str]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def describe(self) -> tuple[Deployed, ...]:
        """Return every endpoint there is, sorted by environment and model; see the port."""
        base = describing.url(self.account)
        found = [self._now(name, base) for name in sorted({*self._touched, *self._deleted})]
        others = (r for r in self._records() if r["EndpointName"] not in {*self._touched, *self._deleted})
        found += [describing.deployed(record, describing.tags_in(record), base) for record in others]
        return describing.in_order(one for one in found if one is not None)

    def apply(self, spec: EndpointSpec) -> None:
        """Start making the endpoint so; see the port.

        Raises:
            IntegrityError: an archive of the package has other bytes than its digest says; what served goes on.

        """
        name, target = self._name(spec.environment, spec.model), self.account.target
        wish = requests.wish(
            spec,
            name,
            model=self.models.made(spec, name),
            capture_to=self.account.place("capture"),
            tags=self.account.tags,
            volume_key=target.volume_kms_key,
            capture_key=target.kms_key,
        )
        with self._lock:
            self._serving.pop(wish.name, None)
            self._deleted.discard(wish.name)
            touched = self._touched[wish.name] = Touched(wish)
            self._go(touched, self._asked(wish.name))

    def invoke(self, environment: str, model: str, body: bytes, content_type: str, accept: str) -> Answer:
        """Return what the endpoint answers; the version is empty while another one takes over.

        Raises:
            ProviderError: nothing answers.

        """
        name = self._name(environment, model)
        return asking.ask(self.account, name, lambda: self._version(name), body, content_type, accept)

    def ping(self, environment: str, model: str) -> int:
        """Return 200 where the endpoint is in service, and 503 where it is not: nobody sees its own `/ping`.

        Raises:
            ProviderError: there is none.

        """
        name = self._name(environment, model)
        record = self._asked(name)
        if not record:
            raise ProviderError(f"`{model}` has no endpoint on `{environment}`", hint=f"mlops-ci deploy {environment}")
        return 200 if record["EndpointStatus"] in {"InService", "Updating", "SystemUpdating", "RollingBack"} else 503

    def delete(self, environment: str, model: str) -> None:
        """End the endpoint, and all that was made for it; see `ending.end`."""
        name = self._name(environment, model)
        with self._lock:
            ending.end(self.account, name)
            self._touched.pop(name, None)
            self._serving.pop(name, None)
            self._deleted.add(name)

    def logs(self, environment: str, model: str, *, tail: int) -> tuple[str, ...]:
        """Return the last lines of the endpoint's log."""
        return logs.tail(self.account, self._name(environment, model), tail)

    def _name(self, environment: str, model: str) -> str:
        return requests.endpoint_name(str(self.account.address), environment, model)

    def _records(self) -> list[dict[str, Any]]:
        at, found = self._searched
        if not at or time.monotonic() - at > FRESH:
            found = describing.records(self.account)
            self._searched = (time.monotonic(), found)
        return found

    def _asked(self, name: str) -> dict[str, Any]:
        """Return what AWS says of an endpoint now; empty where there is none."""
        call = self.account.clients.of("sagemaker").describe_endpoint
        return unless_missing(self.account, "sagemaker:DescribeEndpoint", name, call, EndpointName=name)

    def _version(self, name: str) -> str:
        """Return what answers for an endpoint, such as `churn/v3`; empty while that is not one version."""
        at, known = self._serving.get(name, (0.0, ""))
        if at and time.monotonic() - at < KNOWN:
            return known
        began, record, known = time.monotonic(), self._asked(name), ""
        if record.get("EndpointStatus") == "InService":
            key = requests.tag_of(record["EndpointConfigName"], name)
            known = f"{self._tags(record).get(requests.MODEL, '')}/v{describing.version_of(key)}"
        if self._serving.get(name, (0.0, ""))[0] <= began:  # else somebody asked later, and knows better
            self._serving[name] = (began, known)
        return known

    def _tags(self, record: dict[str, Any]) -> dict[str, str]:
        """Return the tags of an endpoint; asked for once, as long as they tell of the config that serves."""
        name = record["EndpointName"]
        touched = self._touched.get(name)
        if touched and requests.tag_of(record["EndpointConfigName"], name) in touched.tags:
            return touched.tags
        client, arn = self.account.clients.of("sagemaker"), record["EndpointArn"]
        with self.account.asked("sagemaker:ListTags", arn):
            pages = client.get_paginator("list_tags").paginate(ResourceArn=arn)
            found = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
        if touched:
            touched.tags = found
        return found

    def _now(self, name: str, base: str) -> Deployed | None:
        """Return what an endpoint that we touched is now, having asked for what can be asked for now."""
        with self._lock:
            touched = self._touched.get(name)
            if touched is not None and touched.settled and time.monotonic() - touched.settled[0] < FRESH:
                return touched.settled[1]  # others are waited for: it is not asked for once more with each of them
            record = self._asked(name)
            self._serving.pop(name, None)
            if touched is None:
                return describing.deployed(record, self._tags(record), base) if record else None
            if touched.is_pending:
                self._go(touched, record)
                record = self._asked(name)
            if not record or record["EndpointStatus"] == describing.DELETING:
                return _awaited(touched, base)
            found = describing.deployed(record, self._tags(record), base)
            if found is None:
                return None
            if touched.is_pending or found.state in _UNDER_WAY or is_stale(touched, record):
                state = EndpointState.CREATING if found.state is EndpointState.CREATING else EndpointState.UPDATING
                return replace(found, state=state, detail="", patience=_patience(touched))
            if found.state is EndpointState.IN_SERVICE and not found.detail:
                finish(self.account, touched, record)
                found = replace(found, autoscaling=touched.tags.get(requests.SCALING, ""))
                touched.settled = (time.monotonic(), found)
                self._serving[name] = (time.monotonic(), f"{found.model}/v{found.version}")
                return found
        return self._explained(name, record, found)

    def _go(self, touched: Touched, record: dict[str, Any]) -> None:
        if record:
            touched.tags = self._tags(record)
        go(self.account, touched, record)

    def _explained(self, name: str, record: dict[str, Any], found: Deployed) -> Deployed:
        """Return what did not come up with the reason: the alarm that rolled it back, or the last words of its log."""
        alarm = watching.raised(self.account, name, str(record.get("FailureReason") or ""))
        words = () if alarm else logs.tail(self.account, name, LAST_WORDS)
        return replace(found, alarm=alarm, detail="\n".join((found.detail, *words)))


def _awaited(touched: Touched, base: str) -> Deployed:
    """Return the endpoint that is asked for, where AWS does not know of it yet or ends the one before."""
    spec, url = touched.wish.spec, f"{base}/{touched.wish.name}"
    state, patience = EndpointState.CREATING, _patience(touched)
    return Deployed(spec.environment, spec.model, state, 0, "", 0, batching=False, url=url, patience=patience)


def _patience(touched: Touched) -> float:
    """Return how long what is under way may take; twice that, where another change must end before."""
    return float(requests.patience(touched.wish.spec.rollout) * (2 if touched.is_pending else 1))
