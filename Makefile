# make run    install what is missing, then database, demo and map on http://127.0.0.1:8000/
# make test   install what is missing, then all that CI runs
.NOTPARALLEL:
.PHONY: run test test-long lint web types lock screenshots

export PATH := $(CURDIR)/.venv/bin:$(PATH)

run:
	@bash .ci/install run
	@.venv/bin/jingtu up

test: lint
	@npm --prefix web test --silent
	@.venv/bin/pytest -n auto --dist loadfile --no-loadscope-reorder

# What takes minutes or heavy tools: faults, load, QGIS. docs/testing.md holds the last result.
test-long:
	@bash .ci/install long
	@.venv/bin/pytest -m long

lint:
	@bash .ci/install test
	@ruff check .
	@ruff format --check .
	@mypy
	@lint-imports --no-cache
	@python -m api.described >web/node_modules/.openapi.json
	@npm --prefix web run types --silent -- --check || { echo 'web/src/api/schema.d.ts: make types'; exit 1; }

web:
	@bash .ci/install web

# Write the page's types anew after a change of what /openapi.json says; `make lint` fails where they are not those.
types:
	@bash .ci/install test
	@python -m api.described >web/node_modules/.openapi.json
	@npm --prefix web run types --silent

# Renew the locks after a change of the dependencies in pyproject.toml.
lock:
	@pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-emit-index-url \
	  --no-emit-find-links --no-emit-trusted-host --no-emit-options --extra test --output-file .ci/requirements.lock pyproject.toml

# Pictures of every page and state, light and dark, on a desk and on a phone, into .screenshots/, to be looked at.
screenshots:
	@bash .ci/install test
	@.venv/bin/python -m tests.flows.pictures
