# `make demo` and `make test` each set up everything they need, in a virtual environment inside the checkout.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Commands are started by the hundred here, and measured: what they import is compiled once, as it is for a user.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo demo-aws oracle stop test lint unit e2e soak format bench clean

$(VENV)/.installed-%: setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "mlops-ci needs Python 3.11 or later: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	PYTHON=$(BIN)/python sh .ci/install '.[$(subst -,$(comma),$*)]'
	@touch $@
comma := ,

test: lint unit

lint: $(VENV)/.installed-dev-examples
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.installed-dev-examples
	$(BIN)/python -m pytest -n 2 --dist worksteal -q

soak: $(VENV)/.installed-dev-examples
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m soak tests

format: $(VENV)/.installed-dev-examples
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

DEMO := build/demo
DEMO_CI := $(BIN)/mlops-ci -C $(DEMO)

demo: $(VENV)/.installed-examples
	@VENV=$(VENV) DEMO=$(DEMO) sh docs/demo.sh

demo-aws: $(VENV)/.installed-aws-examples-loopback
	@VENV=$(VENV) DEMO=build/demo-aws sh docs/demo-aws.sh

# What the SageMaker SDK sends for the same jobs, written down for a test. It wants 1.2 GB of its own.
oracle:
	@test -x build/oracle/bin/python || $(PYTHON) -m venv build/oracle
	build/oracle/bin/python -m pip install --quiet 'sagemaker>=3,<4' 'moto[server]==5.2.5'
	build/oracle/bin/python tests/adapters/aws/oracle/capture.py

stop:
	@test -d $(DEMO) || { echo "no demo was started"; exit 0; }; \
	for place in staging production; do $(DEMO_CI) destroy $$place --all --yes; done

bench: $(VENV)/.installed-dev-examples
	$(BIN)/python -m bench

clean:
	rm -rf build $(VENV) *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
