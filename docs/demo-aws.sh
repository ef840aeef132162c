#!/bin/sh
# The whole loop through boto3, in a loopback AWS whose jobs and endpoints really run. Called by `make demo-aws`.
set -eu
mlops="$PWD/$VENV/bin/mlops-ci"
python="$PWD/$VENV/bin/python"
project="$DEMO"
aws="$DEMO.aws"

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }
if [ -n "${NO_COLOR:-}" ] || [ ! -t 1 ]; then say() { printf '\n$ %s\n' "$*"; }; fi

if ! git var GIT_COMMITTER_IDENT >/dev/null 2>&1; then
    export GIT_AUTHOR_NAME=demo GIT_AUTHOR_EMAIL=demo@localhost GIT_COMMITTER_NAME=demo GIT_COMMITTER_EMAIL=demo@localhost
fi

# A demo from before has its account in a server that is gone: it begins anew.
rm -rf "$project" "$aws"
mkdir -p "$project" "$aws"

say "mlops-ci testing aws start &"
"$mlops" testing aws start --root "$aws/root" > "$aws/environment" 2> "$aws/log" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true' EXIT INT TERM
until grep -q AWS_ENDPOINT_URL "$aws/environment" 2>/dev/null; do
    kill -0 "$server" 2>/dev/null || { cat "$aws/log" >&2; exit 69; }
    sleep 0.2
done
cat "$aws/environment"
. "$aws/environment"

say "a bucket and a role    # an account has them; the loopback's is empty"
"$python" - <<'PY'
import json, boto3
boto3.client("s3").create_bucket(Bucket="my-bucket")
trust = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
role = boto3.client("iam").create_role(RoleName="mlops-ci", AssumeRolePolicyDocument=json.dumps(trust))
print("s3://my-bucket", role["Role"]["Arn"], sep="\n")
PY

git -c init.defaultBranch=main init --quiet "$project"
say "mlops-ci init --example churn"
"$mlops" -C "$project" -q init --example churn
git -C "$project" add --all
git -C "$project" commit --quiet --message "Start with mlops-ci"
say "git diff    # the account, and one line: target: aws"
"$python" - "$project/mlops-ci.yaml" <<'PY'
import pathlib, sys
path = pathlib.Path(sys.argv[1])
text = path.read_text()
for line in ("aws:", "  kind: aws", "  store: s3://my-bucket/my-project", "  role: arn:aws:iam::123456789012:role/mlops-ci"):
    assert f"  # {line}\n" in text, line
    text = text.replace(f"  # {line}\n", f"  {line}\n")
path.write_text(text.replace("\ntarget: local\n", "\ntarget: aws\n"))
PY
git -C "$project" --no-pager diff --unified=0 | sed -n 's/^[-+]\([^-+].*\)/&/p'
git -C "$project" commit --quiet --all --message "Train and serve in our account"

say "mlops-ci plan"
"$mlops" -C "$project" plan
say "mlops-ci run"
"$mlops" -C "$project" run
say "git log --oneline"
git -C "$project" log --oneline | cat
say "mlops-ci run    # again: nothing changed, so nothing is done"
"$mlops" -C "$project" run
say "mlops-ci status"
"$mlops" -C "$project" status
say "what stands in the account now, as boto3 tells it"
"$python" - <<'PY'
import boto3
sagemaker = boto3.client("sagemaker")
for job in sagemaker.list_training_jobs()["TrainingJobSummaries"]:
    print("training ", job["TrainingJobName"], job["TrainingJobStatus"])
for job in sagemaker.list_transform_jobs()["TransformJobSummaries"]:
    print("transform", job["TransformJobName"], job["TransformJobStatus"])
for endpoint in sagemaker.list_endpoints()["Endpoints"]:
    print("endpoint ", endpoint["EndpointName"], endpoint["EndpointStatus"])
PY
say "a row for production"
"$python" - "$project" <<'PY'
import glob, sys
import boto3
with open(glob.glob(f"{sys.argv[1]}/.mlops-ci/datasets/*/test/rows.csv")[0]) as rows:
    row = next(rows).strip()
names = [e["EndpointName"] for e in boto3.client("sagemaker").list_endpoints()["Endpoints"]]
name = next(name for name in names if name.startswith("production-"))
answer = boto3.client("sagemaker-runtime").invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=row)
print(f"invoke_endpoint(EndpointName={name!r}, ContentType='text/csv', Body={row!r})")
print(answer["InvokedProductionVariant"], answer["Body"].read().decode().strip())
PY
say "mlops-ci destroy production --all --yes, and staging"
for place in production staging; do "$mlops" -C "$project" destroy "$place" --all --yes; done
"$python" - <<'PY'
import boto3
print("endpoints left:", len(boto3.client("sagemaker").list_endpoints()["Endpoints"]))
PY
printf '\nthe loopback AWS ends with this demo; the project is in %s.\n' "$project"
