"""A store on S3 seen by forked children: a connection that the parent has is not theirs."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from mlops_ci.adapters.aws.store.bucket import Bucket, Connection
from mlops_ci.adapters.aws.store.layout import Layout
from mlops_ci.adapters.aws.store.records import S3Records
from mlops_ci.adapters.local.spreading import WORTH, spread
from tests.loopback import Loopback

MODELS = tuple(f"m{number:02}" for number in range(2 * WORTH))


def filled(bucket: Bucket) -> S3Records:
    records = S3Records(Layout(bucket))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda model: records.put(f"{model}/seen/1", model.encode()), MODELS))
    return records


def test_children_read_by_connections_of_their_own_what_their_parent_did_not(s3: Loopback, bucket: Bucket) -> None:
    own = Bucket(bucket.address, connection=Connection())
    filled(own)
    records = S3Records(Layout(own))
    assert records.get("m00/seen/1") == b"m00"  # the parent has a connection, which stays open

    def look(model: str) -> tuple[int, object, bytes | None]:
        return os.getpid(), records.names(f"{model}/"), records.get(f"{model}/seen/1")

    found = spread(look, MODELS, cores=3)
    assert len({process for process, _, _ in found}) == 3
    assert [content for _, _, content in found] == [model.encode() for model in MODELS]
    assert [names for _, names, _ in found] == [records.names(f"{model}/") for model in MODELS]


def test_what_the_parent_read_of_many_models_its_children_do_not_ask_for(s3: Loopback, bucket: Bucket) -> None:
    filled(bucket)
    read = S3Records(Layout(bucket)).loaded(MODELS)
    s3.calls.clear()
    found = spread(lambda model: (os.getpid(), list(read.scan(f"{model}/")), read.names(f"{model}/")), MODELS, cores=2)
    assert len({process for process, _, _ in found}) == 2
    assert [contents for _, contents, _ in found] == [[(f"{model}/seen/1", model.encode())] for model in MODELS]
    assert s3.calls == []
