# Base images are pinned to a version. Only a registry knows a digest; for a release, give it too:
#   docker buildx imagetools inspect python:3.11.14-slim-bookworm     # tells the digest
#   docker build --build-arg PYTHON_IMAGE=python:3.11.14-slim-bookworm@sha256:... .
# Without an engine, scripts/container_steps.py does these steps in a throw-away root.
ARG NODE_IMAGE=node:20.19.5-bookworm-slim
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

# Pages' scripts and styles, and those of maps that open without a network
FROM ${NODE_IMAGE} AS assets
WORKDIR /app/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci
COPY web ./
RUN npm run build

# The wheel, as it is released
FROM ${PYTHON_IMAGE} AS wheel
WORKDIR /app
RUN python -m venv /opt/build
COPY requirements-build.lock ./
RUN /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
COPY api ./api
COPY pipelines ./pipelines
COPY --from=assets /app/api/static ./api/static
COPY --from=assets /app/src/exclusion_map/maps/assets ./src/exclusion_map/maps/assets
RUN /opt/build/bin/python -m hatchling build -t wheel -d /dist

# An environment with pinned, hashed packages and nothing that installs or builds
FROM ${PYTHON_IMAGE} AS packages
WORKDIR /app
RUN python -m venv /opt/tools && python -m venv --without-pip /opt/venv
COPY requirements.lock ./
RUN /opt/tools/bin/pip --python /opt/venv install --no-cache-dir --require-hashes -r requirements.lock
COPY --from=wheel /dist /dist
RUN /opt/tools/bin/pip --python /opt/venv install --no-cache-dir --no-deps /dist/*.whl

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="Exclusion Map" \
      org.opencontainers.image.licenses="MIT"
# Pango lays out PDFs; it brings no fonts. Debian keeps one version of a package at a time, so that
# naming versions would break the build with each security fix.
# hadolint ignore=DL3008
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
        fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 map \
    && useradd --no-log-init --uid 10001 --gid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin map \
    && install --directory --mode=0755 /data/processed \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data/directory
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    EXCLUSION_MAP_HOST=0.0.0.0 \
    EXCLUSION_MAP_PORT=8000 \
    EXCLUSION_MAP_PROCESSED_DIR=/data/processed \
    EXCLUSION_MAP_DATABASE_URL=sqlite:////data/directory/exclusion-map.db
WORKDIR /data
# A number, so that a cluster that forbids root can tell.
USER 10001:10001
EXPOSE 8000
# Editions are mounted read-only: the service never writes to them. What people write is apart. All
# else may be read-only but /tmp, where PDFs and lists to import wait.
VOLUME ["/data/processed", "/data/directory"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as ask; ask.urlopen(f'http://127.0.0.1:{os.environ[\"EXCLUSION_MAP_PORT\"]}/readyz', timeout=4)"]
ENTRYPOINT ["exclusion-map"]
CMD ["serve"]
