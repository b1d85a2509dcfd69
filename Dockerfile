# The images of both services: docker build --target api . (or worker). Plain syntax, which every builder knows: no BuildKit needed.
FROM node:24-bookworm-slim AS node
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]

# The manifests alone: as long as they stay the same, so do the packages that are installed by them, whatever else changes.
FROM node AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json -delete; find . -type d -empty -delete

# The packages that each service needs to run. Types and source maps are for compilers and debuggers, typeorm/browser for browsers.
FROM node AS packages
COPY --from=manifests /app /api
COPY --from=manifests /app /worker
# Optional is what is native: the decoders, which the API must not have.
RUN cd /api; npm ci --workspace services/api --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund; \
    cd /worker; npm ci --workspace services/worker --omit=dev --ignore-scripts --no-audit --no-fund
RUN find api worker -type f -not -path '*/node_modules/*' -delete; \
    find api worker -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete; \
    rm -rf {api,worker}/node_modules/{.bin,.package-lock.json,typeorm/browser}; \
    find api worker -type d -empty -delete; \
    find api worker -exec touch -h -d @0 {} +

# The code of each service and of the rooms that it stands on, without what only specs need.
FROM node AS code
WORKDIR /app
COPY --from=manifests /app .
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.base.json .
COPY packages packages
COPY services services
RUN node_modules/.bin/tsc -b services/api services/worker; \
    rm -rf {packages,services}/*/dist/{spec,specs,testing}; \
    find {packages,services}/*/dist -type f \( -name '*spec.js*' -o -name '*.d.ts*' -o -name .tsbuildinfo \) -delete; \
    for service in api worker; do \
      mkdir -p /code/$service; \
      cp -r --parents {packages/{jobs,metrics,operations,outbound,platform,storage,tracing},services/$service}/{package.json,dist} \
        packages/operations/{fonts,presets} /code/$service; \
    done; \
    find /code -exec touch -h -d @0 {} +

# The image of Node.js without npm.
FROM debian:bookworm-slim AS runtime
COPY --from=node /usr/local/bin/node /usr/local/bin/
ENV NODE_ENV=production
WORKDIR /app
ENTRYPOINT ["node", "--enable-source-maps"]

FROM runtime AS api
COPY --from=packages /api .
COPY --from=code /code/api .
USER 65532:65532
EXPOSE 8080
CMD ["services/api/dist/main.js"]
ARG VERSION
ARG REVISION
ARG CREATED
LABEL org.opencontainers.image.title="Tintype API" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED"

FROM runtime AS worker
# With it, the processes that decode images hold half the memory.
RUN apt-get update -q && apt-get install -qy --no-install-recommends libjemalloc2 \
 && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/*
ENV LD_PRELOAD=libjemalloc.so.2
COPY --from=packages /worker .
COPY --from=code /code/worker .
USER 65532:65532
EXPOSE 9091
CMD ["services/worker/dist/main.js"]
ARG VERSION
ARG REVISION
ARG CREATED
LABEL org.opencontainers.image.title="Tintype worker" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED"
