# Tealgate: one image for the web server, the worker and one-off tasks; the command chooses.
#
#   web      (nothing: what stands in CMD)
#   worker   python manage.py worker
#   migrate  python manage.py migrate --noinput
#
# Any base with Python 3.11 or later will do, with its venv module: python's own images, or Debian 12 and later. A tag
# moves, so it is named by its digest too; docs/self-hosting.md says how to renew it.
ARG BASE_IMAGE=docker.io/library/python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d

FROM ${BASE_IMAGE} AS build
WORKDIR /app
COPY requirements.lock ./
# A private index or a folder of wheels: give a pip.conf as the secret `pip`; it stays out of the image.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    python3 -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --only-binary :all: \
        --require-hashes -r requirements.lock \
    && /opt/venv/bin/python -m pip uninstall --yes pip setuptools
COPY manage.py ./
COPY config config
COPY deployments deployments
COPY templates templates
# By whom the database is recognized, if its certificates were put there: certificates/README.md.
COPY certificates certificates
# Every file once more under its hash, and compressed by gzip and brotli. Key and database are for this command only.
RUN SECRET_KEY="$(python3 -c 'import secrets; print(secrets.token_urlsafe(50))')" ALLOWED_HOSTS=build \
    DATABASE_URL=sqlite:////nonexistent/none.sqlite3 DJANGO_SETTINGS_MODULE=config.settings.production PYTHONDONTWRITEBYTECODE=1 \
    /opt/venv/bin/python manage.py collectstatic --noinput \
    && /opt/venv/bin/python -m compileall -q /app \
    && chmod -R a+rX,go-w certificates

FROM ${BASE_IMAGE}
# Read by registries and `docker inspect`; a test holds the version to config/__init__.py.
LABEL org.opencontainers.image.title="Tealgate" \
    org.opencontainers.image.description="Release manager for Amazon ECS: web server, worker and one-off tasks" \
    org.opencontainers.image.version="1.0.0" \
    org.opencontainers.image.licenses="MIT"
RUN groupadd --gid 10001 tealgate \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tealgate \
    && install -d -o tealgate -g tealgate /run/tealgate
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    WEB_HEALTH_BIND=127.0.0.1:8001
WORKDIR /app
USER 10001:10001
# For a socket that nginx shares (WEB_BIND=unix:/run/tealgate/web.sock), and all else that is written while the root is
# read-only; volumes get these folders' owners and rights.
VOLUME ["/run/tealgate", "/tmp"]
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["gunicorn", "--config", "config/gunicorn.conf.py", "config.wsgi"]
