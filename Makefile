# make run    start Clutch Web (HOST and PORT may be set)
# make scaled the same with PostgreSQL, Redis, two web processes and two workers
# make test   everything the project promises, with the tools it needs
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv pip install --compile-bytecode --quiet --python $(BIN)/python

.PHONY: help run scaled test check lock bench clean

help:
	@grep -E '^# make' Makefile | sed 's/^# //'

.venv/run-ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Clutch Web needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Set PYTHON=python3.11 or newer.")'
	@echo "Installing what Clutch Web needs into .venv, once…" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.8
	@$(UV) --require-hashes -r requirements.txt
	@$(UV) --no-deps --no-build-isolation -e .
	@touch $@

.venv/test-ready: requirements-dev.txt .venv/run-ready
	@$(UV) --require-hashes -r requirements-dev.txt
	@touch $@

run: .venv/run-ready
	@$(BIN)/clutch serve

scaled: .venv/run-ready
	@$(BIN)/clutch scaled --install

test: .venv/test-ready check
	@$(BIN)/python -m tests.system_packages
	@$(BIN)/pytest -n 2 --dist worksteal

check: .venv/test-ready
	@$(BIN)/ruff format --check --quiet . || { echo "Run: .venv/bin/ruff format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@CLUTCH_HOME=$$(mktemp -d) $(BIN)/python manage.py makemigrations --check --dry-run

# The short list of what we use stands in pyproject.toml; these files pin all of it with hashes.
lock: .venv/run-ready
	@$(BIN)/uv pip compile pyproject.toml --group build --generate-hashes --no-header --universal --python-version 3.11 --quiet -o requirements.txt
	@$(BIN)/uv pip compile pyproject.toml --group test -c requirements.txt --generate-hashes --no-header --universal --python-version 3.11 --quiet -o requirements-dev.txt

bench: .venv/test-ready
	@$(BIN)/python -m benchmarks

clean:
	rm -rf .venv staticfiles
