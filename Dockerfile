# Slipway itself, one image for both processes: web by default, and the worker with the command
#   node --enable-source-maps dist/worker/main.js

FROM node:22-bookworm-slim AS build
WORKDIR /slipway
# By themselves, so that a change in the sources does not install the packages again.
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY app app
COPY bin bin
COPY queue queue
COPY worker worker
# Types are for the compiler only, and more than half of what the packages weigh.
RUN npx tsc \
 && npm prune --omit=dev --no-audit --no-fund \
 && find node_modules -name '*.d.ts' -delete -o -name '*.d.[cm]ts' -delete

FROM node:22-bookworm-slim
# git checks commits out, the certificates are for GitHub and the registries; tini takes what a git
# that was stopped leaves behind, which node as the first process would keep as zombies.
RUN apt-get update \
 && apt-get install -y --no-install-recommends git git-lfs ca-certificates tini \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /slipway
COPY --from=build /slipway/package.json ./
COPY --from=build /slipway/node_modules node_modules
COPY --from=build /slipway/dist dist
# What the GitHub App has to have, which dist/bin/doctor.js compares.
COPY app.yml ./
RUN mkdir /data && chown node:node /data
# The default of HOST is this machine only, which in a container is the container.
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
VOLUME /data
EXPOSE 3000
USER node
# No npm in between: tini hands signals to the process itself, which then stops in good order.
ENTRYPOINT ["tini", "--"]
CMD ["node", "--enable-source-maps", "dist/app/main.js"]
