# `make demo` needs Python 3.11 or later and nothing else; `make check test` is what a change has to pass.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TESTS ?= tests
export PYTHONUNBUFFERED = 1
# Tests start hundreds of processes; without bytecode on disk each of them would compile the project again.
unexport PYTHONDONTWRITEBYTECODE
BENCHES = lost_requests clicks told page api aws_calls against_peers image memory small_web palette suite

.PHONY: client demo demo-reset test test-contract test-infra test-image check lock vendor bench browser clean

demo: $(VENV)/.demo
	@$(BIN)/python -m demo

demo-reset: $(VENV)/.demo
	@$(BIN)/python -m demo --reset

# The command for terminals and pipelines, in one file.
client: $(VENV)/.demo
	@$(BIN)/python client/pyz.py build/tealgate.pyz && ls -l build/tealgate.pyz

# The stories wait for timers half of the time, so there are more of them at once than processors. A file's tests share a
# sandbox or a whole Tealgate, so they stay on one of them (groups do not: pytest-xdist cannot name them to pytest 9).
test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n 6 --dist loadfile --no-loadscope-reorder --durations 40 --durations-min 4 --ignore=tests/infra $(TESTS)

# Schemathesis holds the API against its description: half a minute, and nothing of it depends on the database.
test-contract: $(VENV)/.dev .venv-clients/.done
	@TEALGATE_REQUIRE_ALL=1 $(BIN)/python -m pytest -p no:randomly tests/contract

# Mostly waiting for load balancers, so all the long ones begin at once. What failed is kept beside what `make test`
# keeps, which may run at the same time.
test-infra: $(VENV)/.dev
	@$(BIN)/python -m pytest -n 9 --maxschedchunk 2 --timeout 1200 --durations 20 --durations-min 4 -o cache_dir=.pytest_cache/infra tests/infra

# Builds the images and runs them, as root: buildah, debootstrap, postgresql and redis-server have to be there.
test-image: $(VENV)/.dev
	@$(BIN)/python -m pytest -p no:randomly -p no:cacheprovider tests/image

check: $(VENV)/.dev
	$(BIN)/python .ci/scan_secrets.py
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/mypy --python-version 3.10 client
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python manage.py makemigrations --check --dry-run
	@echo "manage.py collectstatic and check --deploy, with production's settings"
	@export SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') ALLOWED_HOSTS=tealgate.example.com \
		DATABASE_URL=sqlite:////nonexistent/none.sqlite3 STATIC_ROOT=build/static \
		DJANGO_SETTINGS_MODULE=config.settings.production \
		&& $(BIN)/python manage.py collectstatic --noinput --clear --verbosity 0 \
		&& $(BIN)/python manage.py check --deploy --fail-level WARNING

# After a change of requirements.txt: what the image installs, with the hashes that PyPI publishes.
lock: $(VENV)/.dev
	@$(BIN)/python .ci/lock.py

# After a change of .ci/vendor/package-lock.json: what pages are given by others, which npm checks against the lock.
vendor:
	@$(PYTHON) .ci/vendor/bring.py

bench: $(VENV)/.dev .venv-clients/.done
	@for name in $(BENCHES) report; do $(BIN)/python -m bench.$$name || exit 1; done

browser: $(VENV)/.dev
	@TEALGATE_REQUIRE_ALL=1 $(BIN)/python -m pytest tests/browser

clean:
	rm -rf .demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache staticfiles build

# AWS clients that pin another botocore than ours, and schemathesis.
.venv-clients/.done: requirements-clients.txt
	@test -x .venv-clients/bin/python || $(PYTHON) -m venv .venv-clients
	@echo "Installing what the sandbox and the API are tested with (once) ..."
	@.venv-clients/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-clients.txt
	@touch .venv-clients/.done

$(VENV)/.dev: requirements.txt requirements-demo.txt requirements-dev.txt
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
