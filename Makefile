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
SHOP := snippets/application/shop
SITE_URL ?= http://127.0.0.1:$(PORT)/
export SITE_URL
# Where the project is kept, such as https://github.com/someone/greenlit: without it, a page links to no source.
REPO_URL ?=
export REPO_URL
export EDIT_URL ?= $(if $(REPO_URL),$(REPO_URL)/edit/main/docs/{path})

.PHONY: help serve test new update matrix bump catalogue inventory charts census lint again lowest mutants forms steady build canary diagnose bench clean

# Each verb and what it does, from the comments of this file.
help:
	@awk '/^##@/ { group = $$2 } \
	  /^[a-z]+:.*##/ { split($$0, part, " *## "); sub(/:.*/, "", part[1]); \
	    printf "%-9s make %-10s%s\n", group, part[1], part[2]; group = "" }' $(MAKEFILE_LIST)

serve: .venv/docs.stamp  ## the site on http://127.0.0.1:8000, live (PORT=8001)
	@python -m greenlit.site.serve $(PORT)

test: .venv/all.stamp  ## prove everything; ONLY=expiry/read_after_commit is one page, in seconds
	@python -m pytest $(if $(ONLY),-k "$(ONLY)")

##@ write
new: .venv/all.stamp  ## a pair of snippets and their page: PAGE=errors/some_error IDEA=some_idea
	@python -m greenlit.new "$(PAGE)" "$(IDEA)" "$(UNDER)"

update: .venv/all.stamp  ## run every snippet (or ONLY=...) and write down what it did
	@python -m greenlit.proof.shared
	@python -m pytest tests/test_snippets.py --update $(if $(ONLY),-k "$(ONLY)")
	@$(if $(ONLY),,python -m pytest tests/toolkit/test_examples.py --update-examples -k aiosqlite)
	@python -m greenlit.site.generated
	@python -m greenlit.census.inventory $(if $(ONLY),--snippets)

matrix: .venv/all.stamp  ## the same on older release lines; NEXT=1 reports on pre-releases
	@python -m greenlit.proof.releases $(if $(CHECK),--check) $(if $(NEXT),--on next) $(ONLY)
	@$(if $(CHECK)$(NEXT),,python -m greenlit.site.generated)

bump: .venv/all.stamp  ## move the lock, record anew, and say what changed by kind
	@python -m greenlit.proof.bump

catalogue: .venv/docs.stamp  ## the doctor's catalogue, after a change to an error page
	@python -m greenlit.site.generated

inventory: .venv/all.stamp  ## what the proof consists of, after adding or removing tests
	@python -m greenlit.census.inventory

charts: .venv/all.stamp  ## measure the pool guide's charts anew, on this machine
	@python -m greenlit.proof.charts

##@ prove
census: .venv/all.stamp  ## the rules over all files, with nothing run: 5 s
	@python -m greenlit.census

lint: .venv/all.stamp  ## ruff, mypy, codespell and proselint
	@ruff check && ruff format --check && mypy && codespell && python -m greenlit.census.prose
	@hadolint $(SHOP)/Dockerfile && check-jsonschema --quiet --builtin-schema vendor.compose-spec $(SHOP)/compose.yaml
	@check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@check-jsonschema --quiet --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*-*.yml
	@check-jsonschema --quiet --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml

again: .venv/all.stamp  ## every snippet once more, where runs have been before
	@python -m greenlit.proof.again $(ONLY)

lowest: .venv/all.stamp  ## do snippets run on the oldest versions that they allow?
	@python -m greenlit.proof.lowest

mutants: .venv/all.stamp  ## the faults of the doctor and the calculator that no test notices
	@python -m greenlit.proof.mutants $(ONLY)

forms: .venv/all.stamp  ## does the doctor know an error as rich, loguru and others print it?
	@python -m greenlit.proof.forms $(ONLY) && python -m greenlit.doctor.forms

steady: .venv/all.stamp  ## does .ci/run pass beside busy loops, and in the background? (ROUNDS=1)
	@python -m greenlit.proof.steady $(ROUNDS)

##@ show
build: .venv/docs.stamp  ## the site, strictly, into site/
	@python -m greenlit.site.build

canary: .venv/all.stamp  ## does Zensical build the same pages?
	@python -m greenlit.site.canary

diagnose: .venv/all.stamp  ## what an error is: FILE=trace.txt, or FILE=- for standard input
	@python -m greenlit.doctor.diagnose "$(FILE)"

##@ measure
bench: .venv/all.stamp  ## what the proof costs, what a page weighs
	@python -m greenlit.proof.bench $(ONLY)
	@$(if $(ONLY),,python -m greenlit.site.bench)

clean:  ## delete what the verbs above have made
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
