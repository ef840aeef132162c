"""What CreateHyperParameterTuningJob is asked for."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.adapters.aws.requests.terms import Request, Terms
from mlops_ci.adapters.aws.requests.training import kept, training_request
from mlops_ci.adapters.aws.requests.tuning import chosen, tuning_request
from mlops_ci.model import Budget, Goal, MetricDefinition, NumberType, Range, Resources, Scale, Strategy
from mlops_ci.ports.tuning import TuningJob
from tests.adapters.aws.requests.test_training import JOB, PLACED
from tests.adapters.aws.requests.valid import CLOSED, PLAIN, problems

LOSS = MetricDefinition("validation:loss", r"loss=([0-9.]+)")
RANGES = (
    Range("depth", 2, 64, Scale.LOG, NumberType.INTEGER),
    Range("kind", values=("gini", "true", "1")),
    Range("rate", 0.00001, 0.5, type=NumberType.FLOAT),
)
TUNING = TuningJob(
    replace(JOB, metric_definitions=(LOSS,)), RANGES, Strategy.BAYESIAN, Budget(20, 4), 20, 3, "validation:loss",
    Goal.MINIMIZE,
)  # fmt: skip


def request(job: TuningJob = TUNING, terms: Terms = PLAIN) -> Request:
    """Return the request, which SageMaker's model takes."""
    made = tuning_request(job, "search-1", PLACED, terms)
    assert problems("CreateHyperParameterTuningJob", made) == ()
    return made


def test_a_search_is_asked_for_with_its_ranges_budget_objective_and_seed() -> None:
    made = request()
    assert (made["HyperParameterTuningJobName"], made["Tags"]) == (
        "search-1", training_request(JOB, "x", PLACED, PLAIN)["Tags"],
    )  # fmt: skip
    assert made["HyperParameterTuningJobConfig"] == {
        "Strategy": "Bayesian",
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:loss"},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 4},
        "ParameterRanges": {
            "IntegerParameterRanges": [
                {"Name": "depth", "MinValue": "2", "MaxValue": "64", "ScalingType": "Logarithmic"}
            ],
            "CategoricalParameterRanges": [{"Name": "kind", "Values": ["gini", '"true"', "1"]}],
            "ContinuousParameterRanges": [
                {"Name": "rate", "MinValue": "1e-05", "MaxValue": "0.5", "ScalingType": "Linear"}
            ],
        },
        "TrainingJobEarlyStoppingType": "Off",
        "RandomSeed": 3,
    }


def test_its_trials_are_trained_as_a_candidate_is_but_for_checkpoints() -> None:
    resources = Resources("ml.g5.xlarge", 2, 100, 600, spot=True, max_wait=900, retries=2)
    job = replace(TUNING.training, resources=resources, environment=(("A", "b"),))
    alone = training_request(job, "search-1", PLACED, CLOSED)
    made = request(replace(TUNING, training=job), CLOSED)["TrainingJobDefinition"]

    assert made.pop("StaticHyperParameters") == alone.pop("HyperParameters")
    rest = {"TrainingJobName", "Tags", "CheckpointConfig"}
    assert made == {name: value for name, value in alone.items() if name not in rest}
    assert rest < set(alone)
    assert made["AlgorithmSpecification"]["MetricDefinitions"] == [{"Name": LOSS.name, "Regex": LOSS.regex}]


def test_a_grid_has_no_number_of_trials_and_a_time_limit_is_what_sagemaker_takes_at_least() -> None:
    grid = replace(TUNING, ranges=RANGES[1:2], strategy=Strategy.GRID, budget=Budget(None, 9, 60), trials=3)
    config = request(grid)["HyperParameterTuningJobConfig"]
    assert config["Strategy"] == "Grid"
    assert config["ResourceLimits"] == {"MaxParallelTrainingJobs": 3, "MaxRuntimeInSeconds": 120}
    longer = request(replace(TUNING, strategy=Strategy.RANDOM, budget=Budget(20, 1, 3600), goal=Goal.MAXIMIZE))
    config = longer["HyperParameterTuningJobConfig"]
    assert (config["Strategy"], config["ResourceLimits"]["MaxRuntimeInSeconds"]) == ("Random", 3600)
    assert config["HyperParameterTuningJobObjective"]["Type"] == "Maximize"


def test_what_the_toolkit_would_change_comes_back_as_the_manifest_says_it() -> None:
    for value in ("gini", "true", "1", "0.50", '"quoted"', "two\nlines", "[1, 2]", '"', ""):
        assert chosen(kept(value)) == value


def test_values_of_an_algorithm_are_sent_as_they_are() -> None:
    alone = replace(TUNING, training=replace(TUNING.training, entry=""))
    found = request(alone)["HyperParameterTuningJobConfig"]["ParameterRanges"]["CategoricalParameterRanges"]
    assert found == [{"Name": "kind", "Values": ["gini", "true", "1"]}]
