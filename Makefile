# Each verb installs what it needs. uv is taken from PATH or, failing that, put into .uv/.
PYTHON ?= python3
SHELL := /bin/bash
export PYTHONPATH := $(CURDIR)
export NO_MKDOCS_2_WARNING := 1
export UV_PROJECT_ENVIRONMENT := $(CURDIR)/.venv
export UV_PYTHON := $(PYTHON)
UV_VERSION := 0.13.8
UV := $(shell command -v uv || echo $(CURDIR)/.uv/bin/uv)
export PATH := $(CURDIR)/.venv/bin:$(dir $(UV)):$(PATH)
PORT ?= 8000
SITE_URL ?= http://127.0.0.1:$(PORT)/
export SITE_URL

.PHONY: serve test update catalogue diagnose charts matrix build canary bench mutants steady lint clean

serve: .venv/docs.stamp  ## the site, with live reload
	@python -m greenlit.site.serve $(PORT)

test: .venv/all.stamp  ## prove everything
	@python -m pytest $(if $(ONLY),-k "$(ONLY)")

update: .venv/all.stamp  ## run every snippet and write down what it did
	@python -m greenlit.proof.shared
	@python -m pytest tests/test_snippets.py --record $(if $(ONLY),-k "$(ONLY)")
	@$(if $(ONLY),,python -m pytest tests/toolkit/test_examples.py --update-examples -k aiosqlite)
	@python -m greenlit.site.generated

catalogue: .venv/docs.stamp  ## the doctor and its catalogue, the calculator
	@python -m greenlit.site.generated

diagnose: .venv/all.stamp  ## what is wrong: FILE=trace.txt, or FILE=- for standard input
	@python -m greenlit.doctor.diagnose "$(FILE)"

matrix: .venv/all.stamp  ## the same on older release lines
	@python -m greenlit.proof.releases $(if $(CHECK),--check) $(ONLY)

charts: .venv/all.stamp  ## measure the pool guide's charts anew, on this machine
	@python -m greenlit.proof.charts

build: .venv/docs.stamp  ## the site, strictly, into site/
	@python -m greenlit.site.build

canary: .venv/all.stamp  ## does Zensical build the same pages?
	@python -m greenlit.site.canary

bench: .venv/all.stamp  ## what the proof costs, what a page weighs
	@python -m greenlit.proof.bench $(ONLY)

mutants: .venv/all.stamp  ## the faults of the doctor and the calculator that no test notices: ONLY=search.mjs
	@python -m greenlit.proof.mutants $(ONLY)

steady: .venv/all.stamp  ## does .ci/run pass beside busy loops, in the background, and alone? ROUNDS=1 for the first
	@python -m greenlit.proof.steady $(ROUNDS)

lint: .venv/all.stamp
	@ruff check && ruff format --check && mypy && codespell

clean:
	rm -rf .venv .uv .cache site greenlit.db*

# What is installed is what the lock says; the stamps make a second run start at once.
.venv/docs.stamp: uv.lock pyproject.toml | $(UV)
	@$(UV) sync --quiet --frozen --inexact --no-default-groups --group docs
	@touch $@

.venv/all.stamp: uv.lock pyproject.toml | $(UV)
	@$(UV) sync --quiet --frozen --all-groups
	@touch $@ .venv/docs.stamp

$(CURDIR)/.uv/bin/uv:
	@$(PYTHON) -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
