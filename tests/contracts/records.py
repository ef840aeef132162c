"""What every `RecordStore` promises; an implementation subclasses `RecordsContract` and gives `records`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlops_ci.errors import ProviderError
from mlops_ci.ports.stores import RecordStore


class RecordsContract:
    @pytest.fixture
    def records(self, tmp_path: Path) -> RecordStore:
        raise NotImplementedError

    def test_what_was_put_is_there_under_its_name(self, records: RecordStore) -> None:
        assert records.put("churn/attempts/ab-1/intent", b"{}")
        assert records.get("churn/attempts/ab-1/intent") == b"{}"

    def test_what_was_never_put_is_none(self, records: RecordStore) -> None:
        assert records.get("churn/attempts/ab-1/intent") is None

    def test_a_name_that_only_holds_other_names_is_none(self, records: RecordStore) -> None:
        records.put("churn/attempts/ab-1/intent", b"{}")
        assert records.get("churn/attempts") is None
        assert records.get("churn/attempts/ab-1/intent/more") is None

    def test_the_first_content_of_a_name_stays(self, records: RecordStore) -> None:
        assert records.put("a", b"first")
        assert not records.put("a", b"second")
        assert records.get("a") == b"first"

    def test_of_sixteen_who_put_one_name_at_once_one_wins_and_its_content_stays(self, records: RecordStore) -> None:
        contents = [b"%d" % number * 5000 for number in range(16)]
        with ThreadPoolExecutor(16) as pool:
            won = list(pool.map(lambda content: records.put("race/intent", content), contents))
        assert won.count(True) == 1
        assert records.get("race/intent") == contents[won.index(True)]

    def test_a_scan_gives_names_and_contents_sorted_by_name(self, records: RecordStore) -> None:
        names = ["b/2", "a/b/1", "a-b/1", "a/a", "a.b", "a/b-1", "b/10"]
        for name in names:
            records.put(name, name.encode())
        assert list(records.scan("")) == [(name, name.encode()) for name in sorted(names)]

    @pytest.mark.parametrize(
        ("prefix", "expected"),
        [
            ("churn/", ["churn/attempts/ab-1/intent", "churn/attempts/ac-1/intent", "churn/seen/s"]),
            ("churn/attempts/a", ["churn/attempts/ab-1/intent", "churn/attempts/ac-1/intent"]),
            ("churn/attempts/ab-1/", ["churn/attempts/ab-1/intent"]),
            ("chur", ["churn/attempts/ab-1/intent", "churn/attempts/ac-1/intent", "churn/seen/s", "churning/seen/s"]),
            ("nobody/", []),
            ("churn/seen/s/", []),
        ],
    )
    def test_a_scan_gives_exactly_the_names_with_the_prefix(
        self, records: RecordStore, prefix: str, expected: list[str]
    ) -> None:
        for name in ("churn/attempts/ac-1/intent", "churn/attempts/ab-1/intent", "churning/seen/s", "churn/seen/s"):
            records.put(name, b"{}")
        assert [name for name, _ in records.scan(prefix)] == expected

    def test_a_scan_of_an_empty_store_gives_nothing(self, records: RecordStore) -> None:
        assert list(records.scan("")) == []
        assert records.names("") == ()
        assert records.listed("") == records.listed("nobody/") == ()

    @pytest.mark.parametrize("prefix", ["", "churn/", "churn/attempts/a", "churn/seen/s", "chur", "nobody/"])
    def test_names_are_those_of_a_scan_with_a_stamp_that_stays(self, records: RecordStore, prefix: str) -> None:
        for name in ("churn/attempts/ab-1/intent", "churning/seen/s", "churn/seen/s"):
            records.put(name, name.encode())
        found = records.names(prefix)
        assert [name for name, _ in found] == [name for name, _ in records.scan(prefix)]
        assert all(stamp for _, stamp in found)
        assert records.listed(prefix) == tuple(name for name, _ in found)
        records.put("later/one", b"{}")
        assert records.names(prefix) == found or not prefix

    @pytest.mark.parametrize(
        "name",
        ["", "/etc/passwd", "../outside", "a/../../b", "a//b", "a/", "a/.hidden", "a\0b", "a\\b", "a~b", "a/b~c"],
    )
    def test_a_name_that_could_leave_the_store_is_refused(self, records: RecordStore, name: str) -> None:
        with pytest.raises(ProviderError):
            records.put(name, b"{}")
        with pytest.raises(ProviderError):
            records.get(name)
