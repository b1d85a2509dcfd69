# The front door: `make` lists the verbs. Every verb works on a bare checkout and does what it needs first.

# Options: make test ARGS=packages/jobs, make run ONCE=1, API_PORT=8090 make run
ARGS ?=

BIN := node_modules/.bin
TOOLING := node --enable-source-maps packages/tooling/dist
JEST := node --enable-source-maps node_modules/jest/bin/jest.js
EMBEDDED := node --enable-source-maps packages/embedded/dist
INSTALLED := node_modules/.installed

.DEFAULT_GOAL := help
.PHONY: help setup run dev build test lint fmt generate verify bench clean clean-data node redis

help: ## List the verbs
	@awk 'BEGIN { FS = ":.*## " } /^[a-z\/%-]+:.*## / { sub("%", "NAME", $$1); printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup: $(INSTALLED) redis ## Install the packages, and redis-server for the tests

run: build ## Run it all here: PostgreSQL, API and worker; process a sample picture; serve until Ctrl-C
	@$(EMBEDDED)/run.js

dev: build ## Like run, and restart on every change of the source
	@$(EMBEDDED)/dev.js

build: $(INSTALLED) ## Compile and type-check everything
	@$(BIN)/tsc -b
	@$(TOOLING)/prune-dist.js

test: build redis ## Run the tests (ARGS: folders or options of Jest)
	@$(JEST) $(ARGS)

lint: build ## Check types, code, import directions and formatting
	@$(BIN)/oxlint
	@$(BIN)/oxlint --config .oxlint-rooms.mjs packages services
	@$(BIN)/prettier --check --log-level warn .

fmt: $(INSTALLED) ## Format everything
	@$(BIN)/oxlint --fix || true
	@$(BIN)/prettier --write --log-level warn .

# The operations' index comes first: one that names a deleted operation does not compile.
generate: $(INSTALLED) ## Write every generated file anew
	@node packages/operations/generate.mjs
	@$(MAKE) --no-print-directory build
	@$(TOOLING)/generate.js

generate/%: build ## Write one of docs/reference, or schema: make generate/metrics
	@$(TOOLING)/generate.js $*

verify: build ## Fail if a generated file is not what `make generate` would write
	@node packages/operations/generate.mjs --check
	@$(TOOLING)/generate.js --verify

verify/%: build ## Verify one of them
	@$(TOOLING)/generate.js --verify $*

bench: build ## Measure the image operations
	@node --enable-source-maps packages/bench/dist/main.js $(ARGS)

clean: ## Remove what the build wrote
	@rm -rf packages/*/dist services/*/dist out

clean-data: build ## Stop the embedded PostgreSQL and remove its data and the stored images
	@$(EMBEDDED)/clean-data.js

$(INSTALLED): package-lock.json | node
	@echo 'Installing the packages ...'
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

node:
	@command -v node >/dev/null || { echo 'Tintype needs Node.js 20.19 or newer, and there is none: https://nodejs.org/en/download' >&2; exit 1; }
	@node packages/tooling/check-node.cjs
	@command -v npm >/dev/null || { echo 'Tintype needs npm, which comes with Node.js (Debian: apt-get install npm).' >&2; exit 1; }

redis:
	@command -v redis-server >/dev/null || sh packages/tooling/install-redis.sh
