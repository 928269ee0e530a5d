PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.set-up
PAGES := src/docstage/pages/index.html
PAGE_SOURCES := $(shell find frontend -path frontend/node_modules -prune -o -type f ! -name schema.d.ts -print)
# Folders of tests that are long by nature: real processes die, attackers try everything, batches live at random.
SLOW := tests/faults tests/hostile tests/attack tests/model
TYPED := src tests samples frontend hatch_build.py $(if $(wildcard benchmarks/*.py),benchmarks)

.DEFAULT_GOAL := help
.PHONY: help setup pages demo serve test test-slow test-browser torture check bench lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) $(PAGES) ## Create .venv with docstage and all that its development needs

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "docstage needs Python 3.11 or later: make PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

pages: $(PAGES) ## Build the web pages, if their sources have changed

$(PAGES): $(STAMP) $(PAGE_SOURCES) hatch_build.py
	$(BIN)/python hatch_build.py
	@touch $@

demo: $(STAMP) ## Run a batch over the sample documents with the simulator
	$(BIN)/docstage demo

serve: $(STAMP) $(PAGES) ## Start the web pages and the engine
	$(BIN)/docstage serve

test: $(STAMP) ## Run the tests, but for the slow ones and those in a browser
	$(BIN)/pytest -n 2 --dist worksteal $(or $(TESTS),$(patsubst %,--ignore %,tests/browser $(SLOW)))

test-slow: $(STAMP) ## Run the tests that kill, attack and live at random
	$(BIN)/pytest -n 2 --dist worksteal $(or $(TESTS),$(SLOW))

test-browser: $(STAMP) $(PAGES) ## Run the tests in a browser (needs chromium)
	$(BIN)/pytest -n 2 $(or $(TESTS),tests/browser)

torture: $(STAMP) ## Kill, race and compare with the model, hundreds of times; takes two hours
	$(BIN)/pytest -n 2 -m torture -s $(SLOW)
	$(BIN)/python -m tests.attack.oversized
	$(BIN)/python -m tests.attack.crowds
	$(BIN)/python -m tests.faults.rough --calls 5000
	$(BIN)/python -m tests.faults.torture --moments 200
	$(BIN)/python -m tests.model.torture --sequences 1000

check: $(STAMP) $(PAGES) ## Lint, check the format, the types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --explicit-package-bases $(TYPED)
	$(BIN)/lint-imports --no-logo
	$(BIN)/python frontend/generate_types.py
	$(BIN)/node frontend/node_modules/typescript/bin/tsc --noEmit --project frontend

bench: $(STAMP) ## Measure what the documentation claims
	$(BIN)/python -m benchmarks

lock: ## Choose the versions of all dependencies anew (needs uv)
	uv pip compile --universal --python-version 3.11 --group dev pyproject.toml --no-header --no-annotate -o requirements.lock

clean: ## Remove what was built, but not .venv
	rm -rf build dist src/docstage/pages .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks samples -name __pycache__ -type d -prune -exec rm -rf {} +
