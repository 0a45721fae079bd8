FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

# The packages first: they change less often than the code, so this layer is kept.
WORKDIR /usr/src/showreel
COPY requirements/run.lock requirements/run.lock
RUN pip install --require-hashes -r requirements/run.lock

COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY cogs cogs
COPY migrations migrations
RUN pip install --no-deps --no-build-isolation .

# The store and the files beside it are the only things written: by default below the working directory, in data/.
RUN useradd --create-home --uid 10001 showreel && install --directory --owner=showreel /srv/showreel /srv/showreel/data
USER showreel
WORKDIR /srv/showreel
VOLUME ["/srv/showreel/data"]

ENTRYPOINT ["showreel"]
CMD ["run"]
