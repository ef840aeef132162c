"""Files that jobs read: what is sent has the bytes of its digest."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.adapters.aws.jobs.inputs import Inputs
from mlops_ci.adapters.aws.store.bucket import PART
from mlops_ci.errors import InputsMoved
from mlops_ci.model.address import Address
from mlops_ci.ports.jobs import Input
from mlops_ci.testing.aws.loopback import Loopback
from tests.adapters.aws.jobs.sites import a_place
from tests.adapters.local.workplace import tree


def test_a_file_that_goes_in_parts_and_changed_meanwhile_is_left_where_nobody_takes_it(
    aws: Loopback, tmp_path: Path
) -> None:
    place = a_place(tmp_path, {})
    table = tmp_path / "train.csv"
    with table.open("wb") as stream:
        stream.truncate(PART + 1)
    given, inputs = Input("train", str(table)), Inputs(place.site.bucket, lambda: tree({}))
    inputs.placed(given)
    before = table.stat()
    with table.open("r+b") as stream:
        stream.write(b"other")
    os.utime(table, ns=(before.st_atime_ns, before.st_mtime_ns))  # as if it were written while it is sent
    elsewhere = replace(inputs, bucket=replace(place.site.bucket, address=Address(place.account.address.bucket, "b/")))
    with pytest.raises(InputsMoved, match=r"train\.csv"):
        elsewhere.placed(given)
    assert [found.size for found in elsewhere.bucket.list("inputs/")] == [0]
