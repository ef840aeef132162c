"""What S3 refuses, as errors with the next thing to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.adapters.aws.store.layout import Layout
from mlops_ci.adapters.aws.store.offered import offers, own_bucket, stamp
from mlops_ci.adapters.aws.store.records import S3Records
from mlops_ci.errors import ProviderError
from mlops_ci.model.address import Address, address_of, wrong_with
from tests.loopback import Fault, Loopback

CODES = {
    "redirect": "PermanentRedirect",
    "header": "AuthorizationHeaderMalformed",
    "ended": "ExpiredToken",
    "wrong": "InvalidAccessKeyId",
    "clock": "RequestTimeTooSkewed",
    "odd": "SomethingNew",
}


class Refusing(BaseHTTPRequestHandler):
    """Answers every request with the code that the bucket's name ends in, as S3 does."""

    def do_GET(self) -> None:
        status, code = self.path.split("/")[1].split("-", 2)[1:]
        body = f"<Error><Code>{CODES[code]}</Code><Message>as S3 says it</Message></Error>".encode()
        self.send_response(int(status))
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
        pass


@pytest.fixture
def refusing(s3: Loopback, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_address[1]}")
        yield
        server.shutdown()


@pytest.mark.parametrize(
    ("bucket", "said", "hint"),
    [
        ("say-301-redirect", "the bucket is in another region", "AWS_REGION"),
        ("say-400-header", "the bucket is in another region", "get-bucket-location --bucket say-400-header"),
        ("say-400-ended", "the credentials ended", "aws sso login"),
        ("say-403-wrong", "the credentials are wrong", "AWS_ACCESS_KEY_ID"),
        ("say-403-clock", "this machine's clock is wrong", "set the clock"),
        ("say-400-odd", "SomethingNew: as S3 says it", "look the code up"),
    ],
)
def test_a_refusal_names_action_place_and_the_next_step(refusing: None, bucket: str, said: str, hint: str) -> None:
    with pytest.raises(ProviderError) as caught:
        S3Records(Layout(Bucket(Address(bucket, "a/")))).get("m/1")
    assert caught.value.summary.startswith(f"`s3:GetObject` on `s3://{bucket}/")
    assert said in caught.value.summary
    assert hint in caught.value.hint


def test_a_bucket_that_is_not_there_is_a_provider_error(bucket: Bucket) -> None:
    nowhere = S3Records(Layout(replace(bucket, address=Address("nobodys-bucket", ""))))
    for ask in (lambda: nowhere.get("a/1"), lambda: nowhere.put("a/1", b"{}"), lambda: nowhere.names("a/")):
        with pytest.raises(ProviderError, match="there is no such bucket") as caught:
            ask()
        assert "aws s3 mb s3://nobodys-bucket" in caught.value.hint


def test_a_missing_right_names_action_object_and_what_aws_says(s3: Loopback, bucket: Bucket) -> None:
    records = S3Records(Layout(bucket))
    records.put("a/0", b"{}")
    s3.fail("PUT", Fault.DENIED)
    with pytest.raises(ProviderError, match="access is denied") as caught:
        records.put("a/1", b"{}")
    assert f"`s3:PutObject` on `arn:aws:s3:::{bucket.address.bucket}/team/churn/records/a/1`" in caught.value.hint
    assert caught.value.detail == "AccessDenied: as told"


def test_a_profile_that_is_not_there_is_a_provider_error(s3: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(ProviderError, match="nobody"):
        S3Records(Layout(Bucket(Address("bucket", "")))).get("a/1")


@pytest.mark.parametrize(
    ("store", "bucket", "prefix"),
    [
        ("s3://abc", "abc", ""),
        ("s3://abc/", "abc", ""),
        ("s3://a.b-c/x/y", "a.b-c", "x/y/"),
        ("s3://abc/x/", "abc", "x/"),
    ],
)
def test_an_address_is_a_bucket_and_a_prefix(store: str, bucket: str, prefix: str) -> None:
    found = address_of(store)
    assert found == Address(bucket, prefix)
    assert str(found) == store.rstrip("/")


@pytest.mark.parametrize(
    "store",
    [
        "s3://",
        "s3://ab",
        "s3://A-b",
        "s3://a..b",
        "s3://1.2.3.4",
        "s3://abc//x",
        "s3://abc/../x",
        "gs://abc",
        "s3://abc/\n",
    ],
)
def test_what_is_no_address_is_told(store: str) -> None:
    assert address_of(store) is None
    assert wrong_with(store)


def test_each_pull_request_offers_its_own_and_one_with_a_huge_record_does_not(
    s3: Loopback, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlops_ci.adapters.aws.store.offered.LARGEST_RECORD", 100)
    before = stamp(bucket)
    for number, size in (("7", 2), ("8", 101), ("12", 3)):
        S3Records(Layout(own_bucket(bucket, number))).put("a/1", b" " * size)
    S3Records(Layout(bucket)).put("a/2", b"{}")
    found = offers(bucket, tmp_path)
    assert [(offer.pull_request, list(offer.records.scan(""))) for offer in found] == [
        ("12", [("a/1", b"   ")]),
        ("7", [("a/1", b"  ")]),
    ]
    after = stamp(bucket)
    assert after != before
    S3Records(Layout(bucket)).put("a/3", b"{}")
    assert stamp(bucket) == after
