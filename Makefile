# Everything runs in .venv, which is made when it is first needed: nothing has to be activated.
PYTHON ?= python3
PYTEST_ARGS ?=
LOCK_ARGS ?=
KILLS ?= 200

BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help rehearse test check run playground lock crash pictures clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

rehearse: $(INSTALLED) ## Play the whole bot once, without any token, into rehearsal-out/
	$(BIN)/showreel rehearse --out rehearsal-out

playground: $(INSTALLED) ## Try the bot's commands yourself in a browser, without any token
	$(BIN)/showreel playground

run: $(INSTALLED) ## Run the bot with the settings in .env
	$(BIN)/showreel run

test: $(INSTALLED) ## Run the tests; PYTEST_ARGS="-k ledger" chooses some
	$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

check: $(INSTALLED) ## Lint, formatting, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# --no-emit-options and the relative names keep the locks free of this machine and of any package index.
LOCK := CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/pip-compile --quiet --no-config \
	--generate-hashes --allow-unsafe --strip-extras --no-emit-options $(LOCK_ARGS)
DEV_GROUP := $(BIN)/python -c 'import tomllib; \
	print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")'

lock: $(INSTALLED) ## Write requirements/*.lock anew; LOCK_ARGS=--upgrade takes newer versions
	$(LOCK) --build-deps-for wheel --output-file requirements/run.lock pyproject.toml
	$(DEV_GROUP) | $(LOCK) --extra rehearsal --constraint requirements/run.lock \
		--output-file requirements/dev.lock pyproject.toml -

crash: $(INSTALLED) ## Kill real processes again and again, alone and in a cluster, and compare what was seen with the books (KILLS=200)
	$(BIN)/python -m tests.crash --kills $(KILLS)

pictures: $(INSTALLED) ## Take the documentation's pictures anew (needs Debian's Chromium)
	$(BIN)/python docs/take_pictures.py

clean: ## Remove .venv, caches and rehearsal-out/; never data/
	rm -rf .venv rehearsal-out build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find bot cogs migrations tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in {(3, 11), (3, 12)})' || { \
		echo "The locked packages are for Python 3.11 and 3.12, and $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
		echo "Name another one: make PYTHON=python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "Making .venv"; $(PYTHON) -m venv .venv; }
	@echo "Installing $$(grep -c == requirements/dev.lock) packages into .venv (about half a minute)"
	@$(BIN)/python -m pip --disable-pip-version-check install -qq --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip --disable-pip-version-check install -qq --no-deps --no-build-isolation --editable .
	@touch $@
