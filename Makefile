# What one does with a clone. `make help` lists it.

# The first Python here that is new enough; choose another with `make run PYTHON=/path/to/python3`.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run setup setup-test lint test test-long storm bench lock reference clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

run: setup ## set everything up and start Relance on http://127.0.0.1:8700
	@exec "$(BIN)/relance" up

setup: python ## .venv with the locked dependencies
	@"$(PYTHON)" scripts/setup.py

setup-test: python ## and what the tests need
	@"$(PYTHON)" scripts/setup.py --test

lint: setup-test ## style and types
	@"$(BIN)/ruff" check .
	@"$(BIN)/ruff" format --check .
	@"$(BIN)/mypy"

test: lint ## style, types and every test but the long ones
	@"$(BIN)/pytest"

test-long: lint ## the same with the long proofs
	@"$(BIN)/pytest" --long

MINUTES ?= 60
SEED ?= 7
storm: setup-test ## an hour of kills, cuts and full disks; MINUTES=60 SEED=7 (tests/storm/README.md)
	@"$(BIN)/python" -m tests.storm --minutes "$(MINUTES)" --seed "$(SEED)"

bench: setup-test ## measure; results are in benchmarks/RESULTS.md (`make bench ROWS="ingest --full"`)
	@"$(BIN)/python" -m benchmarks $(ROWS)

reference: setup ## write docs/reference anew from the code's declarations
	@"$(BIN)/python" scripts/reference.py

# A lock holds a hash for every platform's file and names no index. `make lock UPGRADE=--upgrade` takes newer versions.
COMPILE = "$$(command -v uv || echo $(BIN)/uv)" pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header $(UPGRADE)

lock: setup-test ## write requirements/ anew from pyproject.toml
	@$(COMPILE) pyproject.toml --output-file requirements/run.txt
	@$(COMPILE) pyproject.toml --group test --constraint requirements/run.txt --output-file requirements/test.txt
	@echo uv | $(COMPILE) - --output-file requirements/uv.txt

clean: ## remove what was made here, except the data folder
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis dist benchmarks/out
	find relance tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: python
python:
	@test -n "$(PYTHON)" || { \
		echo "Relance needs Python 3.11 or later, and there is none on the PATH." >&2; \
		echo "Install one (Debian: apt install python3 python3-venv), or name it: make run PYTHON=/path/to/python3" >&2; \
		exit 1; }
