# syntax=docker/dockerfile:1

# Build: the compiler, and the tools better-sqlite3 needs where no prebuilt binary can be fetched.
FROM node:24-bookworm-slim AS build
WORKDIR /app
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 make g++ \
 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json nest-cli.json ormconfig.ts ./
COPY scripts/build.mjs scripts/bundle.mjs ./scripts/
COPY migrations ./migrations
COPY src ./src
# What only a build needs goes: typescript stays after the prune as an optional peer, better-sqlite3 carries its sources.
RUN npm run build \
 && npm prune --omit=dev \
 && rm -rf node_modules/typescript node_modules/.cache \
      node_modules/better-sqlite3/deps node_modules/better-sqlite3/src node_modules/better-sqlite3/build/Release/obj*

# Run: production packages and the compiled service, nothing to compile with, no root.
FROM node:24-bookworm-slim AS run
ENV NODE_ENV=production \
    DATA_DIR=/data
WORKDIR /app
# A named volume mounted here takes over this owner. No VOLUME line: Railway refuses images that have one.
RUN install -d -o node -g node -m 0700 /data
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
USER node
EXPOSE 3000
# `live`, not `/health`: a database that is away for a while is no reason to kill the process.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node itself as process 1, without npm between: SIGTERM reaches it and the shutdown is graceful.
# Young objects get room: a message makes many, and all of them are gone before the next. Of the few that get old, garbage
# may be half as much as what is alive: V8 by itself now and then lets it become three times as much.
CMD ["node", "--enable-source-maps", "--max-semi-space-size=32", "--heap-growing-percent=50", "dist/src/main.js"]
