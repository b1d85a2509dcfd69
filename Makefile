# The front door: `make` lists the verbs. Every verb works on a bare checkout and does what it needs first.

# Options: make test ARGS=packages/jobs, make run ONCE=1, API_PORT=8090 make run, make images IMAGE_TAG=1.2.0
ARGS ?=
IMAGE_TAG ?= dev
DOCKER_BUILD_FLAGS ?=

BIN := node_modules/.bin
TOOLING := node --enable-source-maps packages/tooling/dist
JEST := node --enable-source-maps node_modules/jest/bin/jest.js
EMBEDDED := node --enable-source-maps packages/embedded/dist
INSTALLED := node_modules/.installed
# The same for the same commit, so that the images are.
IMAGE_FACTS = --build-arg VERSION=$(shell sed -n 's/^  "version": "\(.*\)",/\1/p' package.json) \
  --build-arg REVISION=$(shell git rev-parse HEAD) --build-arg CREATED=$(shell git log -1 --format=%cI)

.DEFAULT_GOAL := help
.PHONY: help setup run dev build test test/s3 lint fmt generate verify bench images clean clean-data node redis versitygw

help: ## List the verbs
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9\/%-]+:.*## / { sub("%", "NAME", $$1); printf "  make %-14s %s\n", $$1, $$2 }' Makefile

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

test/s3: build versitygw ## Run the tests of the storage against a real S3 server
	@$(JEST) --config jest.s3.config.mjs $(ARGS)

lint: build ## Check types, code, import directions and formatting
	@$(BIN)/oxlint
	@$(BIN)/oxlint --config .oxlint-rooms.mjs packages services cdk8s
	@$(BIN)/prettier --check --log-level warn .

fmt: $(INSTALLED) ## Format everything
	@$(BIN)/oxlint --fix || true
	@$(BIN)/prettier --write --log-level warn .

# The operations' index comes first: one that names a deleted operation does not compile.
generate: $(INSTALLED) ## Write every generated file anew
	@node packages/operations/generate.mjs
	@$(MAKE) --no-print-directory build
	@$(TOOLING)/generate.js

generate/%: build ## Write one of docs/reference, schema or chart: make generate/chart
	@$(TOOLING)/generate.js $*

verify: build ## Fail if a generated file is not what `make generate` would write
	@node packages/operations/generate.mjs --check
	@$(TOOLING)/generate.js --verify

verify/%: build ## Verify one of them
	@$(TOOLING)/generate.js --verify $*

bench: build ## Measure the image operations
	@node --enable-source-maps packages/bench/dist/main.js $(ARGS)

images: ## Build the container images tintype/api and tintype/worker (IMAGE_TAG, DOCKER_BUILD_FLAGS)
	docker build $(DOCKER_BUILD_FLAGS) $(IMAGE_FACTS) --target api --tag tintype/api:$(IMAGE_TAG) .
	docker build $(DOCKER_BUILD_FLAGS) $(IMAGE_FACTS) --target worker --tag tintype/worker:$(IMAGE_TAG) .

clean: ## Remove what the build wrote
	@rm -rf packages/*/dist services/*/dist cdk8s/dist out

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

versitygw:
	@command -v versitygw >/dev/null || { echo 'The S3 tests need versitygw, an S3 server, in PATH: https://github.com/versity/versitygw/releases' >&2; exit 1; }
