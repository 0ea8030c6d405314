# One image: the program with the web app inside. docs/container.md says how to run it.

# --- The web app ------------------------------------------------------------------------------------------------------
FROM node:22.20.0-bookworm-slim AS web
WORKDIR /source/web
# What changes seldom comes first, so that it is not fetched again for every change of the app.
COPY web/package.json web/package-lock.json ./
RUN npm ci --ignore-scripts --include=dev --no-audit --no-fund
COPY web ./
RUN node node_modules/vite/bin/vite.js build --emptyOutDir --logLevel warn --outDir /web

# --- The program ------------------------------------------------------------------------------------------------------
FROM rust:1.95.0-slim-bookworm AS program
WORKDIR /source
COPY . .
COPY --from=web /web /web
ENV COLLOQUY_WEB_DIST=/web
# The caches are the builder's and no part of the image; what is kept of them is copied out.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/source/target \
    cargo build --release --locked --package server --bin colloquy \
    && cp target/release/colloquy /colloquy \
    && mkdir /data

# --- What runs --------------------------------------------------------------------------------------------------------
FROM debian:12.12-slim
# Certificates, for model providers and mail servers; nothing else is needed.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin colloquy
COPY --from=program /colloquy /usr/local/bin/colloquy
COPY --from=program --chown=10001:10001 /data /data
USER 10001:10001
# A colloquy.toml that is mounted here is read.
WORKDIR /data
ENV COLLOQUY_DATA_DIR=/data COLLOQUY__SERVER__LISTEN=0.0.0.0:3000
VOLUME /data
EXPOSE 3000
# The program asks itself: there is no other client in the image.
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s --retries=3 CMD ["colloquy", "health"]
ENTRYPOINT ["colloquy"]
