# Every target sets up what it needs: from a fresh clone, python3.11+ and make are enough.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# The same program with its hot path compiled: a wheel, unpacked apart from the sources that one edits.
COMPILED := build/compiled
SOURCES := $(shell find streams schemas -name '*.py')
WHEEL := $(BIN)/pip wheel --no-deps --wheel-dir dist build/source
ON_COMPILED := PYTHONSAFEPATH=1 PYTHONPATH=$(CURDIR)/$(COMPILED):$(CURDIR)

.DEFAULT_GOAL := help
.PHONY: help demo test test-compiled test-kafka lint schemas compile bench bench-flat bench-timers up clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/embedded.stamp ## Run the whole system on this machine with made-up live traffic (Ctrl-C ends it)
	$(BIN)/milepost demo $(ARGS)

test: $(VENV)/dev.stamp ## Run every test that needs no service (embedded broker, embedded ClickHouse)
	$(BIN)/pytest -m "not kafka" -n 4 --dist loadgroup $(ARGS)

test-compiled: $(VENV)/dev.stamp $(COMPILED).stamp ## Run the tests of what is compiled once more, on what came of it
	$(ON_COMPILED) $(BIN)/pytest -n 2 -o pythonpath="$(COMPILED) ." tests/properties tests/golden/test_golden.py \
		tests/unit/engine tests/unit/decoding tests/unit/explain tests/unit/test_state_cache.py tests/unit/test_replay.py $(ARGS)

test-kafka: $(VENV)/dev.stamp ## Run the tests that need Apache Kafka (fetched by Maven; skipped where it cannot be)
	$(BIN)/pytest -m kafka -n 2 --maxschedchunk 1 $(ARGS)

lint: $(VENV)/dev.stamp ## Check style, types and the shipped definitions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/milepost check deploy/definitions/*.yml deploy/definitions/gallery/*.yml

schemas: $(VENV)/dev.stamp ## Write anew what is made from code: published schemas, dashboard, reference tables
	$(BIN)/python -m tests.contract.publish
	$(BIN)/python -m tests.generators

compile: $(COMPILED).stamp ## Build a wheel with the hot path compiled into dist (takes a C compiler and a minute)

bench: $(VENV)/dev.stamp $(COMPILED).stamp ## Measure the worker beside a bare consumer and a tutorial-style app
	$(ON_COMPILED) $(BIN)/python -m tests.benchmarks $(ARGS)

bench-timers: $(VENV)/dev.stamp $(COMPILED).stamp ## Measure what a million pending timers cost beside other work
	$(ON_COMPILED) $(BIN)/python -m tests.benchmarks.timers $(ARGS)

bench-flat: $(VENV)/dev.stamp $(COMPILED).stamp ## Measure an event after long histories and beside many definitions
	$(ON_COMPILED) $(BIN)/python -m tests.benchmarks.flat $(ARGS)

bench-warehouse: $(VENV)/dev.stamp ## Measure dashboards, funnels and KPIs on 100 million rows of activity in ClickHouse
	$(BIN)/python -m tests.benchmarks.warehouse $(ARGS)

up: ## Start Kafka, ClickHouse, worker, sink, Prometheus and Grafana in containers
	docker compose up --build --wait $(ARGS)

clean: ## Remove the virtual environment and what tools left behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov .coverage build dist

$(VENV)/python.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Milepost needs Python 3.11 or newer: make PYTHON=/path/to/python3.12 ..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/embedded.stamp: pyproject.toml | $(VENV)/python.stamp
	$(BIN)/pip install --quiet --editable '.[embedded]'
	@touch $@

# The development extras hold the embedded ones: a machine that has them needs nothing for the demo.
$(VENV)/dev.stamp: pyproject.toml | $(VENV)/python.stamp
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $(VENV)/embedded.stamp $@

# From a copy, as the build leaves what it compiled beside its sources, where Python would find it.
$(COMPILED).stamp: $(SOURCES) pyproject.toml | $(VENV)/python.stamp
	@rm -rf build dist && mkdir -p build/source
	@cp -r pyproject.toml README.md LICENSE schemas streams deploy build/source
	@echo "compiling the hot path: about a minute"
	@HATCH_BUILD_HOOKS_ENABLE=1 $(WHEEL) >build/compile.log 2>&1 || { \
		echo "cannot compile here, going on interpreted; build/compile.log says why" >&2; \
		$(WHEEL) --quiet; }
	@$(BIN)/pip install --quiet --no-deps --target $(COMPILED) dist/*.whl
	@touch $@
