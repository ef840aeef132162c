#!/bin/sh
# The whole loop on one machine, in a scratch project with a git of its own. Called by `make demo`.
set -eu
mlops="$PWD/$VENV/bin/mlops-ci"
python="$PWD/$VENV/bin/python"
project="$DEMO"

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }
if [ -n "${NO_COLOR:-}" ] || [ ! -t 1 ]; then say() { printf '\n$ %s\n' "$*"; }; fi

# A machine on which git does not know who commits can play too; nothing outside of the demo learns of this.
if ! git var GIT_COMMITTER_IDENT >/dev/null 2>&1; then
    export GIT_AUTHOR_NAME=demo GIT_AUTHOR_EMAIL=demo@localhost GIT_COMMITTER_NAME=demo GIT_COMMITTER_EMAIL=demo@localhost
fi

if [ ! -e "$project/.git" ]; then
    mkdir -p "$project"
    git -c init.defaultBranch=main init --quiet "$project"
    say "mlops-ci init --example churn"
    "$mlops" -C "$project" -q init --example churn
    git -C "$project" add --all
    git -C "$project" commit --quiet --message "Start with mlops-ci"
fi

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
say "a row for production"
"$python" - "$project" "$mlops" <<'PY'
import glob, json, subprocess, sys, urllib.request
project, mlops = sys.argv[1:]
status = json.loads(subprocess.check_output([mlops, "-C", project, "status", "--json"]))
url = status["models"][0]["environments"]["production"]["url"]
with open(glob.glob(f"{project}/.mlops-ci/datasets/*/test/rows.csv")[0]) as rows:
    row = next(rows).strip()
request = urllib.request.Request(url + "/invocations", row.encode(), {"Content-Type": "text/csv"})
with urllib.request.urlopen(request) as answer:
    print(f"curl -H 'Content-Type: text/csv' -d '{row}' {url}/invocations")
    print(answer.headers["x-mlops-ci-version"], answer.read().decode().strip())
PY
printf '\nstaging and production go on serving; `make stop` ends them. The project is in %s.\n' "$project"
