# syntax=docker/dockerfile:1
# The server with the built pane. Build: docker build -t sundial .
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# The optional packages are a Node for machines without one; this image is one.
RUN npm ci --include=dev --omit=optional --no-audit --no-fund
COPY webpack.config.js tsconfig.json ./
COPY addin ./addin
COPY server ./server
RUN npx webpack --mode production

FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production SUNDIAL_MODE=production DATA_DIR=/data
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json manifest.xml LICENSE ./
COPY addin/icons ./addin/icons
COPY server ./server
COPY --from=build /app/dist ./dist
# Only for the embedded database and its keys; with DATABASE_URL and SUNDIAL_KEYS nothing is written.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 3000 2525
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=16", "server/main.ts"]
