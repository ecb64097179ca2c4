# Two stages: the first installs, the second runs. No compiler, no pip cache, no root in what is shipped.
FROM python:3.11-slim AS build

WORKDIR /build
RUN python -m venv /opt/vacds
COPY requirements.lock .
RUN /opt/vacds/bin/pip install --no-cache-dir --require-hashes --only-binary :all: --requirement requirements.lock \
    && /opt/vacds/bin/pip uninstall --yes pip setuptools


FROM python:3.11-slim

LABEL org.opencontainers.image.title="Vertebral Augmentation CDS" \
      org.opencontainers.image.licenses="Apache-2.0"

ENV PATH="/opt/vacds/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VACDS_HOST=0.0.0.0 \
    VACDS_PORT=8000 \
    VACDS_DATABASE_URL=sqlite:////var/lib/vacds/vacds.sqlite3

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin vacds \
    && install --directory --owner=vacds --mode=0750 /var/lib/vacds

COPY --from=build /opt/vacds /opt/vacds
WORKDIR /srv
COPY LICENSE pyproject.toml ./
COPY clinical clinical
COPY guidelines guidelines
COPY fhir_mapping fhir_mapping
COPY cards cards
COPY hooks hooks
COPY app app

USER 10001
VOLUME /var/lib/vacds
EXPOSE 8000

# The mode is not set here: the service's own default, production, refuses to start without trusted clients.
HEALTHCHECK --interval=15s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['VACDS_PORT'] + '/livez', timeout=2)"]

CMD ["python", "-m", "app"]
