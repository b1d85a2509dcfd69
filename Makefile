# The front door: `make` lists the verbs. Every verb works on a bare checkout and does what it needs first.

# Options: make test ARGS=packages/jobs, make run ONCE=1, API_PORT=8090 make run, make images IMAGE_TAG=1.2.0,
# make up ARGS='--set worker.replicas=3', make logs ARGS=--since=1h, make grafana PORT=3001
ARGS ?=
IMAGE_TAG ?= dev
DOCKER_BUILD_FLAGS ?=

# The cluster of `make up`, and the charts that it has beside ours. An empty version means that of a directory, or the newest.
export CLUSTER ?= tintype
export KIND_CONFIG ?= kind-config.yaml
export KPS_CHART ?= oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack
export KPS_VERSION ?= 92.3.0
export TRAEFIK_CHART ?= oci://ghcr.io/traefik/helm/traefik
export TRAEFIK_VERSION ?= 41.6.0

BIN := node_modules/.bin
TOOLING := node --enable-source-maps packages/tooling/dist
JEST := node --enable-source-maps node_modules/jest/bin/jest.js
EMBEDDED := node --enable-source-maps packages/embedded/dist
KIND := node --enable-source-maps packages/kind/dist
INSTALLED := node_modules/.installed
# The same for the same commit, so that the images are.
IMAGE_FACTS = --build-arg VERSION=$(shell sed -n 's/^  "version": "\(.*\)",/\1/p' package.json) \
  --build-arg REVISION=$(shell git rev-parse HEAD) --build-arg CREATED=$(shell git log -1 --format=%cI)

.DEFAULT_GOAL := help
.PHONY: packages/kind/dist help setup run dev up status logs grafana prometheus alertmanager down build test test/s3 faults faults/full chaos watch/faults watch/calm docs/pictures test/pictures pictures e2e lint fmt generate verify bench images clean clean-data node redis promtool watchers curl versitygw

help: ## List the verbs
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9\/%-]+:.*## / { sub("%", "NAME", $$1); printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup: $(INSTALLED) redis promtool watchers curl ## Install the packages, and the programs that the tests need

run: build ## Run it all here: PostgreSQL, API and worker; process a sample picture; serve until Ctrl-C
	@$(EMBEDDED)/run.js

dev: build ## Like run, and restart on every change of the source
	@$(EMBEDDED)/dev.js

up: packages/kind/dist ## Run it all in a cluster on this machine (kind), with Prometheus, Grafana and Traefik; or bring that up to date
	@$(KIND)/up.js $(ARGS)

status: packages/kind/dist ## Show the nodes, releases and pods of the cluster, and what Prometheus scrapes
	@$(KIND)/status.js

logs: packages/kind/dist ## Follow the logs of API and workers in the cluster (ARGS: options of kubectl logs)
	@$(KIND)/logs.js $(ARGS)

grafana: packages/kind/dist ## Open a port to the Grafana of the cluster (PORT), and show the login
	@$(KIND)/forward.js grafana

prometheus: packages/kind/dist ## Open a port to the Prometheus of the cluster (PORT)
	@$(KIND)/forward.js prometheus

alertmanager: packages/kind/dist ## Open a port to the Alertmanager of the cluster (PORT)
	@$(KIND)/forward.js alertmanager

down: packages/kind/dist ## Delete the cluster
	@$(KIND)/down.js

# Alone, so that a cluster can be looked at and deleted whatever the rest of the checkout is like.
packages/kind/dist: $(INSTALLED)
	@$(BIN)/tsc -b packages/kind

build: $(INSTALLED) ## Compile and type-check everything
	@$(BIN)/tsc -b
	@$(TOOLING)/prune-dist.js

test: build redis promtool watchers curl ## Run the tests (ARGS: folders or options of Jest)
	@$(JEST) $(ARGS)

test/s3: build versitygw ## Run the tests of the storage against a real S3 server
	@$(JEST) --config packages/storage/jest.s3.config.mjs $(ARGS)

faults: build redis ## Kill and break everything that jobs need, in ten minutes (ARGS: names of files or -t F7, FAULTS_SEED=…)
	@$(JEST) --config packages/faults/jest.config.mjs $(ARGS)

faults/full: build redis versitygw ## The same in full size, for some hours, and on S3, too (versitygw)
	@FAULTS=full $(JEST) --config packages/faults/jest.config.mjs $(ARGS)

chaos: build redis ## 2,000 jobs while everything dies; writes the figures into docs/reliability.md
	@node --enable-source-maps packages/faults/dist/chaos.js

watch/faults: build redis watchers ## Break everything under Prometheus and Alertmanager: who is called, and how soon (ARGS: names of faults)
	@node --enable-source-maps packages/watched/dist/faults-main.js $(ARGS)

watch/calm: build redis watchers ## Half an hour of normal load under the alerts as they ship, none of which may fire (MINUTES)
	@node --enable-source-maps packages/watched/dist/calm-main.js

docs/pictures: pictures redis watchers ## Draw the dashboards as they look after some minutes of work, with Chromium (PROMETHEUS: of that server)
	@node --enable-source-maps packages/pictures/dist/main.js

test/pictures: pictures watchers ## Test, with Chromium, that an empty or broken panel is found
	@$(JEST) --config packages/pictures/jest.config.mjs $(ARGS)

# Its packages are hundreds, and nothing else needs them: they are none of the checkout's own.
pictures: build packages/pictures/node_modules/.installed
	@$(BIN)/tsc -b packages/pictures

packages/pictures/node_modules/.installed: packages/pictures/package-lock.json | node
	@echo 'Installing what the pictures need ...'
	@npm ci --prefix packages/pictures --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

e2e: build ## Bring the cluster up and check all of it there (ARGS: names of checks or options of Jest)
	@$(MAKE) --no-print-directory up ARGS=
	@$(JEST) --config e2e/jest.config.mjs $(ARGS)

lint: build ## Check types, code, import directions and formatting
	@$(BIN)/oxlint
	@$(BIN)/oxlint --config .oxlint-rooms.mjs packages services cdk8s e2e
	@$(BIN)/prettier --check --log-level warn .

fmt: $(INSTALLED) ## Format everything
	@$(BIN)/oxlint --fix || true
	@$(BIN)/prettier --write --log-level warn .

# The operations' index comes first: one that names a deleted operation does not compile.
generate: $(INSTALLED) ## Write every generated file anew
	@node packages/operations/generate.mjs
	@$(MAKE) --no-print-directory build
	@$(TOOLING)/generate.js

generate/%: build ## Write one of docs/reference, diagram, schema or chart: make generate/chart
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
	@rm -rf packages/*/dist services/*/dist cdk8s/dist e2e/dist out

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
	@sh packages/tooling/install-for-tests.sh redis-server

promtool:
	@sh packages/tooling/install-for-tests.sh promtool

# What watches the services in the tests; `prometheus` and `alertmanager` are those of the cluster.
watchers:
	@sh packages/tooling/install-for-tests.sh prometheus
	@sh packages/tooling/install-for-tests.sh alertmanager
	@sh packages/tooling/install-for-tests.sh amtool

curl:
	@sh packages/tooling/install-for-tests.sh curl

versitygw:
	@command -v versitygw >/dev/null || { echo 'The S3 tests need versitygw, an S3 server, in PATH: https://github.com/versity/versitygw/releases' >&2; exit 1; }
