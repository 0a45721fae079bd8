# The packages are installed here; only what they come to goes into the image.
FROM python:3.11-slim AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/showreel

# The packages first: they change less often than the code, so this layer is kept.
WORKDIR /usr/src/showreel
COPY requirements/run.lock requirements/run.lock
RUN /opt/showreel/bin/pip install --require-hashes -r requirements/run.lock

COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY cogs cogs
COPY migrations migrations
RUN /opt/showreel/bin/pip install --no-deps --no-build-isolation .
# Nothing is installed from now on.
RUN /opt/showreel/bin/pip uninstall --yes setuptools pip


FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PATH=/opt/showreel/bin:$PATH
COPY --from=build /opt/showreel /opt/showreel

# The store and the files beside it are the only things written: by default below the working directory, in data/.
RUN useradd --create-home --uid 10001 showreel && install --directory --owner=showreel /srv/showreel /srv/showreel/data
USER showreel
WORKDIR /srv/showreel
VOLUME ["/srv/showreel/data"]

# A sign of life is renewed every few seconds; before the first one Discord has to be reached.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["showreel", "health"]
STOPSIGNAL SIGTERM

ENTRYPOINT ["showreel"]
CMD ["run"]
