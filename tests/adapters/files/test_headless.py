"""Rows as SageMaker's built-in algorithms read them: no header, the label first, classes as numbers."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.adapters.files.datasets import LocalDatasets
from mlops_ci.errors import ProviderError
from mlops_ci.model import Data, Problem
from mlops_ci.ports.datasets import Dataset
from mlops_ci.ports.jobs import Input
from tests.adapters.files.sample import CHANNELS, CSV, named, tree

PROBLEM = Problem.BINARY


def made(datasets: LocalDatasets, data: Data, problem: Problem) -> tuple[Dataset, dict[str, Input]]:
    dataset = datasets.materialize(data, named(), "m", ("region",), CSV)
    return dataset, {given.name: given for given in datasets.headless(dataset, data, problem)}


def rows(given: Input) -> list[list[str]]:
    with Path(given.location, f"{given.name}.csv").open(newline="") as file:
        return list(csv.reader(file))


def test_the_label_is_first_and_the_other_columns_keep_the_order_of_a_request(datasets: LocalDatasets) -> None:
    dataset, found = made(datasets, replace(CHANNELS, positive="yes"), PROBLEM)
    assert dataset.features == ("a", "b")
    assert rows(found["train"]) == [["1", "2", "3"], ["0", "5", "6"]]
    assert rows(found["validation"]) == [["0", "7", "8"], ["1", "9", "9"]]
    assert {given.content_type for name, given in found.items() if name in {"train", "validation"}} == {CSV}


def test_without_a_positive_class_it_is_the_last_of_the_labels_as_in_evaluation(datasets: LocalDatasets) -> None:
    _, found = made(datasets, CHANNELS, PROBLEM)
    assert [row[0] for row in rows(found["train"])] == ["1", "0"]
    _, other = made(datasets, replace(CHANNELS, positive="no"), PROBLEM)
    assert [row[0] for row in rows(other["train"])] == ["0", "1"]


def test_what_scripts_see_and_channels_that_are_no_side_stay_as_they_are(datasets: LocalDatasets) -> None:
    dataset, found = made(datasets, CHANNELS, PROBLEM)
    held = {given.name: given for given in dataset.channels}
    assert found["words"] == held["words"]
    assert rows(held["train"])[0] == ["a", "b", "left"]


def test_it_is_written_once(datasets: LocalDatasets) -> None:
    _, first = made(datasets, CHANNELS, PROBLEM)
    place = Path(first["train"].location, "train.csv")
    before = place.stat().st_ino
    _, second = made(datasets, CHANNELS, PROBLEM)
    assert second == first
    assert place.stat().st_ino == before


def test_classes_of_many_are_whole_numbers_from_0_or_refused(datasets: LocalDatasets) -> None:
    data = Data(label="c", channels=CHANNELS.channels[:2])

    def read(labels: str) -> list[list[str]]:
        table = "a,c\n" + "".join(f"{at}.5,{label}\n" for at, label in enumerate(labels.split()))
        dataset = datasets.materialize(data, tree(tr__csv=table, te__csv=table), "m", (), CSV)
        return rows(datasets.headless(dataset, data, Problem.MULTICLASS)[0])

    assert read("0 2 1 2") == [["0", "0.5"], ["2", "1.5"], ["1", "2.5"], ["2", "3.5"]]
    with pytest.raises(ProviderError, match="whole numbers from 0"):
        read("1 2 3")
    with pytest.raises(ProviderError, match="whole numbers from 0"):
        read("red green")


def test_a_regression_has_its_numbers(datasets: LocalDatasets) -> None:
    data = Data(label="y", channels=CHANNELS.channels[:2])
    table = "a,y,b\n1,-2.5,3\n"
    dataset = datasets.materialize(data, tree(tr__csv=table, te__csv=table), "m", (), CSV)
    assert rows(datasets.headless(dataset, data, Problem.REGRESSION)[0]) == [["-2.5", "1", "3"]]
