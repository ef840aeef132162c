"""What every `EndpointHost` promises; an implementation subclasses the class and gives `artifacts` and `host`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from mlops_ci.errors import IntegrityError, ProviderError
from mlops_ci.model import Rollout
from mlops_ci.ports.endpoints import Answer, Deployed, EndpointHost, EndpointSpec, EndpointState, Package
from mlops_ci.ports.stores import ArtifactStore
from tests.load import Clients
from tests.packages import LOAD, SCALE, a_package

PLACE = ("staging", "churn")
AT_ONCE = Rollout(bake=0)
UNDER_WAY = {EndpointState.CREATING, EndpointState.UPDATING}

RAISES_ON_REQUEST = SCALE + "def output_fn(prediction, accept):\n    raise KeyError('a fault of the user')\n"
TELLS_ITS_PROCESS = LOAD + "def transform_fn(model, data, content_type, accept):\n    return str(os.getpid())\n"

DO_NOT_COME_UP = (
    ("import no_such_module\n", "no_such_module"),
    ("def model_fn(model_dir):\n    raise RuntimeError('no weights')\n", "no weights"),
    ("x = 1\n", "model_fn"),
    ("def model_fn(model_dir:\n", "SyntaxError"),
    ("import os\nprint('last words', flush=True)\nos._exit(3)\n", "last words"),
)
CANNOT_BE_SERVED: tuple[tuple[str | bytes, str, int, str], ...] = (
    ("1,2\n3", "text/csv", 400, "row 2 has 1 columns, expected 2"),
    ("", "text/csv", 400, "empty"),
    (b"1,\xff", "text/csv", 400, "UTF-8"),
    ('1,2\n3,"4', "text/csv", 400, "row 2 is not CSV"),
    ('{"a": 1, "b": 2}\n{"a": 1}', "application/jsonlines", 400, "row 2 lacks `b`"),
    ("[[1, 2], [3]]", "application/json", 400, "row 2 has 1 columns"),
    ("[[1,", "application/json", 400, "not JSON"),
    (b"\x93NUMPY", "application/x-npy", 400, "NumPy"),
    ("1,2", "", 415, "Content-Type"),
    (b"1" * (6 * 2**20 + 1), "text/csv", 413, "bytes"),
)


def spec(package: Package, version: int = 1, *, model: str = "churn", workers: int = 1) -> EndpointSpec:
    """Return what `staging` shall serve."""
    return EndpointSpec("staging", model, version, package, workers=workers, instance="ml.m5.large", rollout=AT_ONCE)


def settled(host: EndpointHost, model: str = "churn") -> Deployed:
    """Return the endpoint once nothing is under way; a minute is more than any package of these tests needs."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        now = next(d for d in host.describe() if d.model == model)
        if now.state not in UNDER_WAY:
            return now
        time.sleep(0.02)
    raise AssertionError(f"{model} did not settle: {now}")


def sent(host: EndpointHost, body: str | bytes = "1,2", content_type: str = "text/csv", accept: str = "") -> Answer:
    """Return what the endpoint answers to a body."""
    return host.invoke(*PLACE, body.encode() if isinstance(body, str) else body, content_type, accept)


class EndpointsContract:
    cannot_be_served = CANNOT_BE_SERVED
    swaps = 20
    """Versions that follow each other while clients ask; fewer where a swap and a request take long."""

    def clients(self, host: EndpointHost, url: str) -> Clients:
        """Return clients that load the endpoint of `PLACE`, as its users ask it."""
        return Clients(url, b"1,2", clients=8)

    def damage(self, artifacts: ArtifactStore, digest: str) -> None:
        """Change a byte of an artifact where it is kept."""
        file = artifacts.fetch(digest)
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.chmod(0o644)
        file.write_bytes(content)

    @pytest.fixture
    def artifacts(self) -> ArtifactStore:
        raise NotImplementedError

    @pytest.fixture
    def host(self, artifacts: ArtifactStore) -> EndpointHost:
        raise NotImplementedError

    @pytest.fixture
    def package(self, artifacts: ArtifactStore) -> Callable[..., Package]:
        return lambda *code, **about: a_package(artifacts, *code, **about)

    @pytest.fixture(autouse=True)
    def _ended(self, host: EndpointHost) -> Iterator[None]:
        yield
        for endpoint in host.describe():
            host.delete(endpoint.environment, endpoint.model)

    def test_where_nothing_was_applied_nothing_is_described(self, host: EndpointHost) -> None:
        assert host.describe() == ()

    def test_an_applied_package_answers_under_its_version(
        self, host: EndpointHost, package: Callable[..., Package]
    ) -> None:
        first = package(scale=3)
        host.apply(spec(first, 7))
        now = settled(host)
        assert (now.state, now.version, now.package) == (EndpointState.IN_SERVICE, 7, first.digest)
        answer = sent(host, "1,2\n3,4")
        assert (answer.status, answer.version, answer.content_type) == (200, "churn/v7", "application/json")
        assert json.loads(answer.body) == [9, 21]

    def test_right_after_apply_it_is_under_way_and_never_taken_for_served(
        self, host: EndpointHost, package: Callable[..., Package]
    ) -> None:
        host.apply(spec(package(scale=1), 1))
        assert host.describe()[0].state is EndpointState.CREATING
        settled(host)
        host.apply(spec(package(scale=2), 2))
        now = host.describe()[0]
        assert (now.state, now.version) == (EndpointState.UPDATING, 1)

    def test_applying_the_same_again_starts_no_process(
        self, host: EndpointHost, package: Callable[..., Package]
    ) -> None:
        host.apply(spec(package(TELLS_ITS_PROCESS)))
        settled(host)
        before = sent(host).body
        host.apply(spec(package(TELLS_ITS_PROCESS)))
        assert settled(host).state is EndpointState.IN_SERVICE
        assert sent(host).body == before

    def test_a_new_version_takes_over_at_the_same_url(
        self, host: EndpointHost, package: Callable[..., Package]
    ) -> None:
        host.apply(spec(package(scale=1), 1))
        url = settled(host).url
        host.apply(spec(package(scale=2), 2))
        now = settled(host)
        assert (now.version, now.url) == (2, url)
        assert sent(host).version == "churn/v2"

    def test_where_it_runs_is_told_as_it_was_asked_for(
        self, host: EndpointHost, package: Callable[..., Package]
    ) -> None:
        host.apply(replace(spec(package()), instance="ml.c5.large", count=2))
        now = settled(host)
        assert (now.instance, now.count) == ("ml.c5.large", 2)

    def test_a_package_that_does_not_come_up_leaves_the_old_one_serving_and_says_why(
        self, host: EndpointHost, package: Callable[..., Package]
    ) -> None:
        good = package()
        host.apply(spec(good, 1))
        settled(host)
        for version, (code, reason) in enumerate(DO_NOT_COME_UP, 2):
            host.apply(spec(package(code), version))
            now = settled(host)
            assert (now.state, now.version, now.package) == (EndpointState.IN_SERVICE, 1, good.digest)
            assert f"churn/v{version} did not come up" in now.detail
            assert reason in now.detail
            assert sent(host).status == 200

    def test_a_first_package_that_does_not_come_up_is_failed_until_a_good_one_comes(
        self, host: EndpointHost, package: Callable[..., Package]
    ) -> None:
        host.apply(spec(package("import no_such_module\n"), 1))
        now = settled(host)
        assert now.state is EndpointState.FAILED
        assert "no_such_module" in now.detail
        with pytest.raises(ProviderError):
            sent(host)
        host.apply(spec(package(), 2))
        assert settled(host).state is EndpointState.IN_SERVICE
        assert sent(host).status == 200

    def test_of_two_that_are_applied_at_once_the_later_wins(
        self, host: EndpointHost, package: Callable[..., Package]
    ) -> None:
        for version in (1, 2, 3):
            host.apply(spec(package(scale=version), version))
        assert settled(host).version == 3
        assert sent(host).version == "churn/v3"

    def test_two_models_are_served_side_by_side(self, host: EndpointHost, package: Callable[..., Package]) -> None:
        host.apply(spec(package(), model="churn"))
        host.apply(spec(package(), model="fraud"))
        assert settled(host, "churn").url != settled(host, "fraud").url
        assert [d.model for d in host.describe()] == ["churn", "fraud"]
        host.delete("staging", "fraud")
        assert [d.model for d in host.describe()] == ["churn"]
        assert sent(host).status == 200

    def test_an_exception_in_user_code_is_500_with_an_id_that_the_log_knows_and_kills_nobody(
        self, host: EndpointHost, package: Callable[..., Package]
    ) -> None:
        host.apply(spec(package(RAISES_ON_REQUEST)))
        settled(host)
        answers = [sent(host) for _ in range(3)]
        assert [a.status for a in answers] == [500, 500, 500]
        name = json.loads(answers[-1].body)["id"]
        log, until = "", time.monotonic() + 30
        while f"error {name}" not in log or "a fault of the user" not in log.rpartition(name)[2]:  # it may come later
            assert time.monotonic() < until, log
            log = "\n".join(host.logs(*PLACE, tail=200))
            time.sleep(0.02)
        assert settled(host).state is EndpointState.IN_SERVICE

    def test_a_request_that_cannot_be_served_is_told_why(
        self, host: EndpointHost, package: Callable[..., Package]
    ) -> None:
        host.apply(spec(package()))
        settled(host)
        for body, content_type, status, words in self.cannot_be_served:
            answer = sent(host, body, content_type)
            assert (answer.status, answer.version) == (status, "churn/v1"), answer
            assert words in json.loads(answer.body)["error"]
        assert sent(host).status == 200

    def test_the_package_s_environment_variables_and_folders_are_there(
        self, host: EndpointHost, package: Callable[..., Package]
    ) -> None:
        code = LOAD + (
            "def transform_fn(model, data, content_type, accept):\n"
            "    return json.dumps([os.environ['FLAVOUR'], os.listdir(os.environ['SM_MODEL_DIR']), os.listdir('.')])\n"
        )
        host.apply(spec(package(code, environment={"FLAVOUR": "sweet"})))
        settled(host)
        flavour, model, code_folder = json.loads(sent(host).body)
        assert flavour == "sweet"
        assert "model.json" in model
        assert code_folder == ["inference.py"]

    def test_a_changed_byte_in_an_archive_is_refused_and_the_old_one_serves(
        self, host: EndpointHost, package: Callable[..., Package], artifacts: ArtifactStore
    ) -> None:
        host.apply(spec(package(scale=1), 1))
        settled(host)
        damaged = package(scale=2)
        self.damage(artifacts, damaged.model)
        with pytest.raises(IntegrityError):
            host.apply(spec(damaged, 2))
        assert settled(host).version == 1
        assert sent(host).status == 200

    def test_what_is_deleted_is_gone_and_deleting_it_again_is_fine(
        self, host: EndpointHost, package: Callable[..., Package]
    ) -> None:
        host.apply(spec(package()))
        settled(host)
        host.delete(*PLACE)
        assert host.describe() == ()
        with pytest.raises(ProviderError):
            sent(host)
        host.delete(*PLACE)

    def test_swaps_under_load_fail_no_request(self, host: EndpointHost, package: Callable[..., Package]) -> None:
        host.apply(spec(package(scale=1), 1))
        url = settled(host).url
        with self.clients(host, url) as clients:
            for version in range(2, self.swaps + 2):
                host.apply(spec(package(scale=version), version))
                assert settled(host).version == version
                assert {sent(host).version for _ in range(3)} == {f"churn/v{version}"}
        assert clients.failed == []
        answered = {json.loads(one.body)[0] / 3 for one in clients.seen}  # the scale of the package that answered
        assert set(range(2, self.swaps + 1)) <= answered
