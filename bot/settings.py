"""Settings, read once from the environment and a `.env` file.

Every field is the environment variable of the same name in capitals; `.env.example` explains each.
A variable of the environment wins over the file; an empty one counts as unset.
"""

from pathlib import Path
from typing import Annotated, Literal, TypeVar

from dotenv.parser import parse_stream
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from yarl import URL

from bot.errors import SettingProblem, SettingsInvalid
from bot.settings_values import (
    SQLITE_PREFIX,
    directory,
    existing_file,
    from_text,
    guild_ids,
    hosts,
    http_url,
    store_url,
    token,
    websocket_url,
)

#: Windows editors like to begin a file with a byte order mark, so it is skipped.
ENV_FILE_ENCODING = "utf-8-sig"

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
HttpUrl = Annotated[URL, from_text(http_url)]
WebSocketUrl = Annotated[URL, from_text(websocket_url)]
Token = Annotated[SecretStr, from_text(token)]
# NoDecode: pydantic-settings would read collections as JSON.
Hosts = Annotated[tuple[str, ...], NoDecode, from_text(hosts)]


class PlaceSettings(BaseSettings):
    """What a command needs that only looks at files.

    Attributes:
        data_dir: absolute directory of what the bot keeps beside its store; it may not exist yet.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        env_file_encoding=ENV_FILE_ENCODING,
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
    )

    data_dir: Annotated[Path, from_text(directory)] = Field(default_factory=lambda: directory("data"))

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unset(cls, values: dict[str, object]) -> dict[str, object]:
        return {
            name: value
            for name, value in values.items()
            if not (isinstance(value, str) and not value.strip())
        }


class StoreSettings(PlaceSettings):
    """What a command needs that only touches the store.

    Attributes:
        database_url: SQLAlchemy's URL with an absolute path; secret, for one may carry a password.
        starting_credits: credits a member gets on first use.
        prices_file: absolute path of the operator's own prices; None for the catalogue's.
        log_level: the least severe level that is logged.
    """

    database_url: Annotated[SecretStr, from_text(store_url)] = Field(
        default_factory=lambda: SecretStr(store_url(f"{SQLITE_PREFIX}data/showreel.db"))
    )
    starting_credits: int = Field(default=100, ge=0, le=1_000_000_000)
    prices_file: Annotated[Path, from_text(existing_file)] | None = None
    log_level: Annotated[LogLevel, BeforeValidator(lambda text: text.strip().upper())] = "INFO"


class Settings(StoreSettings):
    """What the bot needs to run.

    Attributes:
        discord_token: the bot's token.
        discord_guild_ids: servers the bot answers in; None for every server it is invited to.
        discord_api_base: Discord's HTTP API, or a proxy that shares its rate limit.
        discord_gateway_url: a gateway proxy; None for the gateway that Discord names.
        attachment_hosts: hosts that members' attachments are fetched from.
        runcomfy_api_token: RunComfy's API token.
        runcomfy_api_base: RunComfy's Model API.
        runcomfy_output_hosts: hosts that finished videos are fetched from.
        max_active_requests: most requests at RunComfy at once.
        job_timeout_s: seconds after which a job that RunComfy has not finished expires.
        keep_videos_days: days for which a video that could not be posted can still be had.
        lease_s: seconds after which the jobs of a process that has gone silent are taken over.

    Hosts are written `host`, `host:port`, or `.suffix` for every host below it.
    """

    discord_token: Token
    discord_guild_ids: Annotated[frozenset[int] | None, NoDecode, from_text(guild_ids)]
    discord_api_base: HttpUrl = URL("https://discord.com/api/v10")
    discord_gateway_url: WebSocketUrl | None = None
    attachment_hosts: Hosts = ("cdn.discordapp.com", "media.discordapp.net")
    runcomfy_api_token: Token
    runcomfy_api_base: HttpUrl = URL("https://model-api.runcomfy.net/v1")
    runcomfy_output_hosts: Hosts = (".runcomfy.net", ".runcomfy.com")
    max_active_requests: int = Field(default=4, ge=1, le=1000)
    job_timeout_s: int = Field(default=1800, ge=1, le=86_400)
    keep_videos_days: int = Field(default=7, ge=1, le=365)
    lease_s: int = Field(default=30, ge=2, le=600)

    def secrets(self) -> tuple[str, ...]:
        """The tokens and the store's password in clear, for the log's mask and nothing else."""
        from sqlalchemy.engine import make_url  # noqa: PLC0415 - the health check has no use for a store

        tokens = (self.discord_token.get_secret_value(), self.runcomfy_api_token.get_secret_value())
        password = make_url(self.database_url.get_secret_value()).password
        return (*tokens, password) if password else tokens


class FixedSettings(Settings):
    """Settings given in code, for rehearsals and tests: neither the environment nor a file is read."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings passes it by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - left out on purpose
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - left out on purpose
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - left out on purpose
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what the caller gave."""
        return (init_settings,)


S = TypeVar("S", bound=PlaceSettings)


def load_settings(cls: type[S], *, env_file: Path = Path(".env")) -> S:
    """Read the settings from the environment and `env_file`, which need not exist.

    Raises:
        SettingsInvalid: with every problem at once, and no value in it.
    """
    problems = _malformed_lines(env_file)
    try:
        settings = cls(_env_file=env_file)
    except ValidationError as error:
        problems += [_problem(detail) for detail in error.errors(include_url=False, include_input=False)]
    # Raised out here so that the validation error, which knows the values, is not its context.
    if problems:
        raise SettingsInvalid(problems)
    return settings


def _malformed_lines(env_file: Path) -> list[SettingProblem]:
    """The lines that would be skipped without a word. A file that cannot be read ends it here."""
    problem = None
    lines: list[int] = []
    try:
        if env_file.is_file():
            with env_file.open(encoding=ENV_FILE_ENCODING) as stream:
                lines = [binding.original.line for binding in parse_stream(stream) if binding.error]
        elif env_file.is_dir():
            problem = "is a directory, not a file"
    except UnicodeDecodeError:
        problem = "is not UTF-8 text"
    except OSError:
        problem = "cannot be read"
    if problem:
        raise SettingsInvalid([SettingProblem(env_file.name, problem)])
    return [SettingProblem(env_file.name, f"line {line} is not NAME=value") for line in lines]


def _problem(detail: ErrorDetails) -> SettingProblem:
    """Our own words for pydantic's: its messages may quote the value."""
    limits = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            words = "is required"
        case "value_error":
            words = str(limits["error"])
        case "greater_than_equal":
            words = f"must be at least {limits['ge']}"
        case "less_than_equal":
            words = f"must be at most {limits['le']}"
        case "literal_error":
            words = f"must be one of {limits['expected']}"
        case kind if kind.startswith("int_"):
            words = "must be a whole number"
        case _:
            words = "cannot be used"
    return SettingProblem(str(detail["loc"][0]).upper(), words)
