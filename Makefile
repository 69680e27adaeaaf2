# Two commands for a newcomer: `make demo` and `make test`. Everything else serves them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export OMP_NUM_THREADS ?= 1

.PHONY: help install demo test lint parity matrix bench clean

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /	/' | expand -t 10

install: $(STAMP) ## the development environment in .venv (quick when up to date)

$(STAMP): pyproject.toml constraints.txt hatch_build.py $(wildcard unisnn/core/engines/csrc/*.[chi]*)
	@echo "Installing unisnn and what developing it needs into $(VENV): torch first, a few minutes the first time."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=24"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $(STAMP)

demo: install ## train, move between libraries, prove, report (build/demo/report.html)
	$(BIN)/python examples/demo.py

test: install ## everything, with the upstream libraries fetched as oracles
	$(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 1

lint: install ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

parity: install ## the whole parity sweep over all editions
	$(BIN)/unisnn parity --html build/parity/report.html --json build/parity/report.json --junit build/parity/junit.xml

matrix: install ## regenerate compat_matrix/ from a full parity run
	$(BIN)/unisnn matrix

bench: install ## ratios against upstream, in one run
	$(BIN)/python -m benchmarks

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache
