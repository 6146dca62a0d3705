# `make demo` needs Python 3.11 or later and nothing else; `make check test` is what a change has to pass.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export PYTHONUNBUFFERED = 1

.PHONY: demo demo-reset test check bench browser clean

demo: $(VENV)/.demo
	@$(BIN)/python -m demo

demo-reset: $(VENV)/.demo
	@$(BIN)/python -m demo --reset

test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n 2 --dist loadgroup tests

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy config deployments sandbox demo tests
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m demo.checkdeploy

bench: $(VENV)/.dev
	@for file in bench/*.py; do case $$file in *__init__.py) ;; *) $(BIN)/python $$file || exit 1 ;; esac; done

browser: $(VENV)/.dev
	@TEALGATE_REQUIRE_ALL=1 $(BIN)/python -m pytest tests/browser

clean:
	rm -rf .demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache staticfiles build

$(VENV)/.dev: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tealgate needs Python 3.11 or later; set PYTHON=python3.11 (or later).")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(VENV)/.dev $(VENV)/.demo

$(VENV)/.demo: requirements.txt requirements-demo.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tealgate needs Python 3.11 or later; set PYTHON=python3.11 (or later).")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the demo needs (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-demo.txt
	@touch $(VENV)/.demo
