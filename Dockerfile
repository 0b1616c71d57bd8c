# syntax=docker/dockerfile:1
# One image for all of them: docker-compose.yml says which runs what.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_PYTHON=/opt/clutch/bin/python
WORKDIR /app
RUN python -m venv --without-pip /opt/clutch
COPY requirements.txt ./
RUN pip install --require-hashes --only-binary=:all: -r requirements.txt
COPY pyproject.toml manage.py LICENSE ./
COPY clutchweb ./clutchweb
COPY orchestrator ./orchestrator
COPY static ./static
COPY templates ./templates
RUN pip install --no-deps --no-build-isolation --editable . \
 && pip uninstall --yes hatchling editables

FROM python:3.11-slim-bookworm
RUN pip uninstall --yes --root-user-action=ignore setuptools wheel pip \
 && groupadd --gid 10001 clutch \
 && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin clutch \
 && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=build /opt/clutch /opt/clutch
COPY --from=build /app /app
ENV PATH=/opt/clutch/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CLUTCH_HOME=/data \
    PORT=8760
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8760
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-m", "clutchweb.probe"]
CMD ["clutch", "serve", "--host", "0.0.0.0", "--public", "--no-browser"]
