# One image for every service and for the command line: the command chooses, for example
#   docker run opsdesk services/triage/src/main.ts
#   docker run opsdesk apps/opsdesk/src/main.ts migrate
# Node runs the TypeScript sources as they are, so the image is the workspace with its production packages and nothing
# is compiled or bundled: stack traces name real files, and services share their packages' layer. Node strips types
# only outside node_modules, which is why the workspace's links are kept and `pnpm deploy` is not used.
#
# The tag is exact; its digest cannot be looked up where this file is checked. Pin it where images are built:
#   docker build --build-arg NODE_IMAGE=node:24.21.0-trixie-slim@sha256:… .
ARG NODE_IMAGE=node:24.21.0-trixie-slim

FROM ${NODE_IMAGE} AS workspace
ENV CI=true
RUN npm install --global --no-audit --no-fund pnpm@10.34.8
WORKDIR /opsdesk
# The lock file alone says what to download: this layer is kept until it changes.
COPY pnpm-lock.yaml pnpm-workspace.yaml ./
COPY patches ./patches
RUN pnpm fetch --prod
COPY . .
# Linked anew: what was fetched holds the bundler too, which only a checkout uses.
RUN rm -rf node_modules && pnpm install --offline --frozen-lockfile --prod --no-optional --filter "@opsdesk/opsdesk..."
# Nothing here reads the packages' source maps: 44 of 208 MB.
RUN find node_modules -name "*js.map" -delete -o -name "*ts.map" -delete

FROM ${NODE_IMAGE} AS opsdesk
LABEL org.opencontainers.image.title="OpsDesk" org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production \
    NODE_OPTIONS="--disable-warning=ExperimentalWarning" \
    HOST=0.0.0.0 \
    PORT=4100
# A named volume that is mounted here begins with this folder's owner.
RUN mkdir -p /var/lib/opsdesk/blobs && chown -R 1000:1000 /var/lib/opsdesk
WORKDIR /opsdesk
# Owned by root: the services can read what they run and cannot change it.
COPY --from=workspace /opsdesk ./
USER 1000:1000
EXPOSE 4100
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 CMD ["node", "deploy/image/healthcheck.mjs"]
ENTRYPOINT ["node"]
CMD ["apps/opsdesk/src/main.ts", "--help"]
