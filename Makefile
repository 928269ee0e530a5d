PYTHON ?= python3
PYTHON_FROM := $(origin PYTHON)
BIN := .venv/bin
PAGES := src/docstage/pages/index.html
PAGE_SOURCES := $(shell find frontend \( -path frontend/node_modules -o -path frontend/tests \) -prune -o -type f ! -name schema.d.ts -print)
# Folders of tests that are long by nature: real processes die, attackers try everything, batches live at random,
# servers of several versions run beside each other, environments are made.
# Files besides: every schema with every provider, schemas and worlds at random, every client behind real proxies
# and with each rehearsed fault.
SLOW := tests/faults tests/hostile tests/attack tests/model tests/processes tests/tools \
	tests/models/test_schema_matrix.py tests/models/test_schemas.py tests/models/test_network.py \
	tests/analysis/test_budget_property.py tests/simulator/test_kinds.py
TYPED := src tests samples frontend tools hatch_build.py $(if $(wildcard benchmarks/*.py),benchmarks)

# Random lives on each database, for `make model` and `make torture`.
SEQUENCES ?= 1000

.DEFAULT_GOAL := help
.PHONY: help setup runs serves develops local pages demo serve test test-slow test-pages test-browser torture model check bench lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: develops $(PAGES) ## Create .venv with docstage and all that its development needs

# Each looks by itself whether there is anything to do: times of files tell neither changed contents nor another Python.
runs serves develops:
	@$(PYTHON) -m tools.environment $($@_NEEDS) $(if $(filter file default undefined,$(PYTHON_FROM)),,--wanted)

runs_NEEDS := demo
serves_NEEDS := serve
develops_NEEDS := develop

pages: $(PAGES) ## Build the web pages, if their sources have changed

$(PAGES): $(PAGE_SOURCES) hatch_build.py | serves
	$(BIN)/python hatch_build.py
	@touch $@

local: ## Get a small real model for the demo, and llama.cpp which runs it, where that failed
	@$(PYTHON) -m tools.environment local $(if $(filter file default undefined,$(PYTHON_FROM)),,--wanted)

demo: runs ## Run a batch over the sample documents, with simulated models and a small real one
	$(BIN)/docstage demo

serve: serves $(PAGES) ## Start the web pages and the engine
	$(BIN)/docstage serve

test: develops ## Run the tests, but for the slow ones and those in a browser
	$(BIN)/pytest -n 2 --dist worksteal $(or $(TESTS),$(patsubst %,--ignore %,tests/browser $(SLOW)))

test-slow: develops ## Run the tests that kill, attack and live at random
	$(BIN)/pytest -n 2 --dist worksteal $(or $(TESTS),$(SLOW))

test-pages: serves $(PAGES) ## Run the tests of what the pages compute, in node
	LC_ALL=en_US.UTF-8 TZ=UTC $(BIN)/node --import ./frontend/tests/setup.ts --test "frontend/tests/**/*.test.ts"

test-browser: develops $(PAGES) ## Run the tests in a browser (needs chromium)
	$(BIN)/pytest -n 2 $(or $(TESTS),tests/browser)

torture: develops ## Kill, race and compare with the model, hundreds of times; takes two hours
	$(BIN)/pytest -n 2 -m torture -s $(SLOW)
	$(BIN)/python -m tests.attack.oversized
	$(BIN)/python -m tests.attack.crowds
	$(BIN)/python -m tests.faults.rough --calls 5000
	$(BIN)/python -m tests.faults.torture --moments 200
	$(BIN)/python -m tests.model.torture --sequences $(SEQUENCES)

model: develops ## Compare random lives with the model; SEQUENCES=100 for fewer on each database
	$(BIN)/python -m tests.model.torture --sequences $(SEQUENCES)

check: develops $(PAGES) ## Lint, check the format, the types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --explicit-package-bases $(TYPED)
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tools.typed_store
	$(BIN)/python -m tools.page_rules
	$(BIN)/python -m tools.house --check
	$(BIN)/python frontend/generate_types.py
	$(BIN)/node frontend/node_modules/typescript/bin/tsc --noEmit --project frontend

bench: develops ## Measure what the documentation claims
	$(BIN)/python -m benchmarks

lock: ## Choose the versions of all dependencies anew (needs uv)
	uv pip compile --universal --python-version 3.11 --all-extras --group dev pyproject.toml --no-header --no-annotate -o requirements.lock

clean: ## Remove what was built, but not .venv
	rm -rf build dist src/docstage/pages .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks samples -name __pycache__ -type d -prune -exec rm -rf {} +
