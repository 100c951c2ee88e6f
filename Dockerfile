# syntax=docker/dockerfile:1
# Pages' scripts and styles
FROM node:20.19-bookworm-slim AS assets
WORKDIR /app/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

# Virtual environment with pinned, hashed dependencies
FROM python:3.11.13-slim-bookworm AS packages
WORKDIR /app
RUN python -m venv /opt/venv
COPY requirements.lock ./
RUN /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
COPY api ./api
COPY pipelines ./pipelines
COPY --from=assets /app/api/static ./api/static
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11.13-slim-bookworm
# Pango lays out PDFs; it brings no fonts.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
        fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin map \
    && install --directory --owner=10001 --mode=0700 /data/directory
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    EXCLUSION_MAP_HOST=0.0.0.0 \
    EXCLUSION_MAP_PORT=8000 \
    EXCLUSION_MAP_PROCESSED_DIR=/data/processed \
    EXCLUSION_MAP_DATABASE_URL=sqlite:////data/directory/exclusion-map.db
USER 10001
EXPOSE 8000
# Editions are mounted read-only: the service never writes to them. What people write is apart.
VOLUME /data/processed /data/directory
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
ENTRYPOINT ["exclusion-map"]
CMD ["serve"]
