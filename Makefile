# qinggao: `make clean` cleans *documents*; `make tidy` removes build leavings.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RAW ?= data/raw
OUT ?= data/clean
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev clean notebooks notebook-pages test lint check format tidy lock bench bench-correct bench-restore bench-analyse bench-hostile bench-scale fuzz samples soak

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.ready-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.ready

$(VENV)/.ready-notebooks: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[notebooks]'
	@touch $@ $(VENV)/.ready

setup: $(VENV)/.ready  ## Prepare .venv with the pinned dependencies

setup-dev: $(VENV)/.ready-dev

clean: setup  ## Clean the documents of data/raw into data/clean
	@$(BIN)/qinggao clean $(RAW) --out $(OUT)

notebooks: $(VENV)/.ready-notebooks  ## Open the notebooks on the corpus of data/clean, cleaned first where there is none
	@[ -f $(OUT)/manifest.json ] || $(BIN)/qinggao clean $(RAW) --out $(OUT)
	@QINGGAO_CORPUS='$(abspath $(OUT))' $(BIN)/jupyter lab notebooks

notebook-pages: $(VENV)/.ready-notebooks  ## Run the notebooks on the corpus of data/clean; pages that open offline
	@[ -f $(OUT)/manifest.json ] || $(BIN)/qinggao clean $(RAW) --out $(OUT)
	@QINGGAO_CORPUS='$(abspath $(OUT))' $(BIN)/jupyter nbconvert --execute --to html --output-dir '$(abspath $(OUT))/notebooks' \
	    --HTMLExporter.require_js_url= --HTMLExporter.mathjax_url= notebooks/*.ipynb

test: setup-dev  ## Run the tests
	@$(BIN)/python -m pytest -n $(JOBS)

lint: setup-dev  ## Ruff with nearly everything on, and mypy strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

check: lint test  ## Lint and tests

format: setup-dev  ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --quiet .

samples: setup-dev  ## Write the samples (data/raw, tests/golden/spun/raw) anew from their clean originals
	@$(BIN)/python -m tests.damage.samples

bench: setup-dev  ## Speed of each stage, growth from 2 to 20 MB
	@$(BIN)/python benchmarks/bench_stages.py

bench-correct: setup-dev  ## Quality and speed of correction on the evaluation sets in ../shared
	@$(BIN)/python -m benchmarks.bench_correct

bench-restore: setup-dev  ## Quality and speed of restoring words, masks and marks, on samples and the sets in ../shared
	@$(BIN)/python -m benchmarks.bench_restore

bench-analyse: setup-dev  ## Quality and speed of the analysis, on the gold in ../shared and a big corpus (ARGS="--plans 100000")
	@$(BIN)/python -m benchmarks.bench_analyse $(ARGS)

bench-hostile: setup-dev  ## Growth of the time with the length of text made to be slow (ARGS="--size 250000")
	@$(BIN)/python -m benchmarks.bench_hostile $(ARGS)

fuzz: setup-dev  ## Fuzz all targets, guided by coverage; findings go to .fuzz (ARGS="--seconds 1200 whole html")
	@$(BIN)/python -m tests.fuzz.guided $(ARGS)

bench-scale: setup-dev  ## Speed, growth, Dask, kills, fuzzing and reruns of a big corpus (ARGS="--plans 1000 10000 --only speed growth")
	@$(BIN)/python -m benchmarks.bench_scale $(ARGS)

soak: setup-dev  ## Kill runs at random moments, compare what the same command then makes of them (ARGS="--trials 500"); fuzz
	@$(BIN)/python -m tests.soak $(ARGS)
	@$(BIN)/python -m tests.fuzz.guided

lock: setup-dev  ## Pin what is installed in constraints.txt
	@$(BIN)/python -m pip freeze --exclude-editable > constraints.txt

tidy:  ## Remove build leavings (never documents)
	@rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
