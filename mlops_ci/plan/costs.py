"""What endpoints cost while they are there, as far as it is known.

The prices are on-demand ones of real-time inference in us-east-1, in USD an hour and instance, from
https://aws.amazon.com/sagemaker/pricing/ as two or more public tables quote it and agree; looked up on 2026-11-24.
Other regions cost more, contracts less, and prices change: what is told says where it comes from.
"""

from __future__ import annotations

from mlops_ci.model import Environment

HOURLY = {
    "ml.m5.large": 0.115,
    "ml.m5.xlarge": 0.23,
    "ml.m5.2xlarge": 0.461,
    "ml.m5.4xlarge": 0.922,
    "ml.m5.12xlarge": 2.765,
    "ml.m5.24xlarge": 5.53,
    "ml.c5.large": 0.102,
    "ml.c5.xlarge": 0.204,
    "ml.c5.2xlarge": 0.408,
    "ml.c5.4xlarge": 0.816,
    "ml.c5.9xlarge": 1.836,
    "ml.g4dn.xlarge": 0.736,
    "ml.g4dn.2xlarge": 0.94,
    "ml.g4dn.4xlarge": 1.505,
    "ml.g4dn.8xlarge": 2.72,
    "ml.g4dn.12xlarge": 4.89,
    "ml.g4dn.16xlarge": 5.44,
    "ml.g5.xlarge": 1.408,
    "ml.g5.2xlarge": 1.515,
    "ml.g5.4xlarge": 2.03,
    "ml.g5.12xlarge": 7.09,
    "ml.g5.24xlarge": 10.18,
    "ml.g5.48xlarge": 20.36,
    "ml.p3.2xlarge": 3.825,
    "ml.p3.8xlarge": 14.688,
    "ml.p3.16xlarge": 28.152,
}


def running_cost(environment: Environment) -> str:
    """Return in a sentence what the endpoint of an environment costs while it is there."""
    instance, scaling = environment.resources.instance, environment.autoscaling
    least, most = (scaling.min, scaling.max) if scaling else (environment.resources.count,) * 2
    count = f"{least}" if least == most else f"{least} to {most}"
    price = HOURLY.get(instance)
    if price is None:
        return f"what `{environment.name}` costs an hour is unknown ({count} {instance}: no price of it is known here)"
    sums = " to ".join(f"{round(price * number, 3):g}" for number in dict.fromkeys((least, most)))
    return f"`{environment.name}` costs about {sums} USD an hour ({count} {instance}, us-east-1 list price)"
