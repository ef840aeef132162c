"""`aws` in a build of the loopback, on a machine that has none: the two commands that every image build begins with."""

from __future__ import annotations

import json
import os
import sys


def main(words: list[str]) -> int:
    """Do what an `aws` command line asks, as far as the stand-in can."""
    from mlops_ci.testing.aws.clients import client

    region = words[words.index("--region") + 1] if "--region" in words else os.environ["AWS_REGION"]
    match words[:2]:
        case ["ecr", "get-login-password"]:
            print("loopback")  # noqa: T201 - it is a command
            return 0
        case ["sts", "get-caller-identity"]:
            answer = client("sts", region).get_caller_identity()
            answer.pop("ResponseMetadata")
            wanted = words[words.index("--query") + 1] if "--query" in words else ""
            print(answer[wanted] if wanted in answer else json.dumps(answer))  # noqa: T201
            return 0
        case _:
            print(  # noqa: T201
                "loopback: this machine has no `aws`; the stand-in has `ecr get-login-password` and "
                "`sts get-caller-identity` only",
                file=sys.stderr,
            )
            return 252


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
