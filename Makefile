# make example   builds the example notes into a browsable site
# make test      runs the tests
# Both set up what they need in .venv. See docs/contributing for the rest.

PYTHON ?= python3
VENV ?= .venv
EXTRAS ?= test
# By file: what the tests of a file share is made once.
PYTEST ?= -q -n auto --dist loadscope
SPHINXOPTS ?=

BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help example docs test lint clean

help:
	@sed -n '1,3s/^# //p' Makefile

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "This Python cannot make environments; on Debian and Ubuntu install python3-venv."; exit 1; }

# One stamp per set of extras, so that a second run installs nothing.
comma := ,
stamp = $(VENV)/.installed-$(subst $(comma),-,$(1))

$(VENV)/.installed-%: $(BIN)/python pyproject.toml
	@echo "Setting up $(VENV) ..."
	@$(INSTALL) --editable ".[$(subst -,$(comma),$*)]"
	@touch $@

example: $(call stamp,example)
	@$(BIN)/python -m sphinx -q -j auto -b html $(SPHINXOPTS) example_project example_project/_build/html
	@echo "The example notes are built. Open example_project/_build/html/index.html"

docs: $(call stamp,docs)
	@$(BIN)/python -m sphinx -q -j auto -b html $(SPHINXOPTS) docs docs/_build/html
	@echo "The documentation is built. Open docs/_build/html/index.html"

test: $(call stamp,$(EXTRAS))
	$(BIN)/python -m pytest $(PYTEST)

lint: $(call stamp,lint)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf example_project/_build docs/_build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
