"""The way to the API: redirects, proxies, certificates, and where the token goes."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mlops_ci.adapters.github.reviews import GitHubReviews, github_reviews
from mlops_ci.adapters.github.wire import Wire
from mlops_ci.errors import ProviderError
from tests.github import GitHubPlace, Time

MARKER = "<!-- mlops-ci:churn -->"
Answer = tuple[int, dict[str, str], bytes]
Seen = tuple[str, str, str]


@contextmanager
def serving(
    answer: Callable[[str, str], Answer], context: ssl.SSLContext | None = None
) -> Iterator[tuple[str, list[Seen]]]:
    """Give a server's address, and the (method, target, token) that it was asked."""
    asked: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.append((self.command, self.path, self.headers.get("authorization", "")))
            status, headers, body = answer(self.command, self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PATCH = do_GET  # noqa: N815 - the names are the standard library's

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"{'http' if context is None else 'https'}://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def reviews_at(root: str, **environment: str) -> GitHubReviews:
    time = Time()
    return github_reviews(Wire(root, "secret", environment), "octo/models", now=lambda: time.now, sleep=time.sleep)


def test_a_renamed_repository_is_followed_with_the_same_method_and_body(github_place: GitHubPlace) -> None:
    number = github_place.open("feature").number
    reviews = github_place.reviews()
    new = f"{github_place.name}-new"
    github_place.github.rename(github_place.name, new)
    token = github_place.github.token(new)
    reviews = github_place.with_token(token)
    assert reviews.comment(number, MARKER, f"{MARKER}\none").action == "created"
    assert github_place.github.comments(number, new) == [f"{MARKER}\none"]


def test_a_redirect_to_another_host_is_refused_and_the_token_stays_here() -> None:
    with (
        serving(lambda *_: (200, {}, b"[]")) as (elsewhere, seen),
        serving(lambda _, target: (301, {"Location": f"{elsewhere}{target}"}, b"")) as (root, _),
    ):
        with pytest.raises(ProviderError, match="leads to another host"):
            reviews_at(root).request(1)
        assert seen == []


def test_a_next_page_on_another_host_is_refused_and_the_token_stays_here() -> None:
    with (
        serving(lambda *_: (200, {}, b"[]")) as (elsewhere, seen),
        serving(lambda *_: (200, {"Link": f'<{elsewhere}/more>; rel="next"'}, b"[]")) as (root, _),
    ):
        with pytest.raises(ProviderError, match="leads to another host"):
            reviews_at(root).comment(1, MARKER, MARKER)
        assert seen == []


def test_redirects_without_an_end_are_told() -> None:
    with serving(lambda _, target: (302, {"Location": target}, b"")) as (root, seen):
        with pytest.raises(ProviderError, match="from one address to the next"):
            reviews_at(root).request(1)
        assert len(seen) == 4


def test_an_answer_that_is_not_the_api_is_told() -> None:
    with serving(lambda *_: (200, {"Content-Type": "text/html"}, b"<html>log in</html>")) as (root, _):
        with pytest.raises(ProviderError, match="what answers is not GitHub's API") as refused:
            reviews_at(root).request(1)
        assert "proxy" in refused.value.hint


def test_nothing_listens_is_told_after_several_tries() -> None:
    with serving(lambda *_: (200, {}, b"[]")) as (root, _):
        pass
    with pytest.raises(ProviderError, match="does not answer") as refused:
        reviews_at(root).comment(1, MARKER, MARKER)
    assert "GITHUB_API_URL" in refused.value.hint


def test_the_proxy_of_the_environment_is_used_and_what_it_is_not_for_is_asked_directly() -> None:
    with serving(lambda *_: (404, {}, b'{"message": "Not Found"}')) as (proxy, seen):
        with pytest.raises(ProviderError):
            reviews_at("http://github.example", http_proxy=proxy).request(1)
        assert [target for _, target, _ in seen] == ["http://github.example/repos/octo/models/pulls/1"]
        seen.clear()
        with pytest.raises(ProviderError, match="does not answer"):
            reviews_at("http://github.invalid", HTTP_PROXY=proxy, no_proxy=".invalid").request(1)
        with serving(lambda *_: (404, {}, b"{}")) as (root, direct):
            with pytest.raises(ProviderError):
                reviews_at(root, HTTP_PROXY=proxy).request(1)
            assert len(direct) == 1
        assert seen == []


def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_token_is_sent_until_the_hint_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate)]
    words += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1"]
    subprocess.run(["openssl", *words], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with serving(lambda *_: (200, {}, b"[]"), context) as (root, seen):
        with pytest.raises(ProviderError, match="is not to be trusted") as refused:
            reviews_at(root).approvers("7")
        assert "SSL_CERT_FILE" in refused.value.hint
        assert seen == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert reviews_at(root).approvers("7") == ()
        assert [token for _, _, token in seen] == ["Bearer secret"]


def test_every_request_names_the_version_it_is_written_in(github_place: GitHubPlace) -> None:
    wire = Wire(github_place.github.url, "secret")
    assert wire._headers()["X-GitHub-Api-Version"] == "2022-11-28"
    assert "secret" not in repr(wire)
    assert "secret" not in repr(github_place.with_token("secret"))


def test_a_token_that_the_other_side_says_back_is_not_told_on() -> None:
    body = b'{"message": "no user has secret", "errors": ["secret is wrong"]}'
    for status in (400, 401, 403, 404, 422, 429, 502):
        with serving(lambda *_, status=status: (status, {}, body)) as (root, _):
            with pytest.raises(Exception, match=r"GitHub|token") as refused:
                reviews_at(root).request(1)
            assert "secret" not in f"{refused.value} {vars(refused.value)}", status
