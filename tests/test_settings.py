"""Settings: what is accepted, what is refused, and that no secret is ever told."""

import os
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from yarl import URL

from bot.errors import SettingsInvalid
from bot.settings import FixedSettings, Settings, StoreSettings, load_settings

REQUIRED = {
    "DISCORD_TOKEN": "discord-token",
    "DISCORD_GUILD_IDS": "*",
    "RUNCOMFY_API_TOKEN": "runcomfy-token",
}
NAMES = sorted(name.upper() for name in Settings.model_fields)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.upper() in NAMES:
            monkeypatch.delenv(name)


def load(**variables: str) -> Settings:
    with patch.dict(os.environ, REQUIRED | variables):
        return load_settings(Settings)


def problems(**variables: str) -> dict[str, str]:
    with pytest.raises(SettingsInvalid) as caught:
        load(**variables)
    return {problem.name: problem.problem for problem in caught.value.problems}


def test_the_three_required_settings_are_enough(tmp_path: Path) -> None:
    settings = load()

    assert settings.discord_token.get_secret_value() == "discord-token"
    assert settings.discord_guild_ids is None
    assert settings.discord_api_base == URL("https://discord.com/api/v10")
    assert settings.discord_gateway_url is None
    assert settings.attachment_hosts == ("cdn.discordapp.com", "media.discordapp.net")
    assert settings.runcomfy_api_base == URL("https://model-api.runcomfy.net/v1")
    assert settings.runcomfy_output_hosts == (".runcomfy.net", ".runcomfy.com")
    assert settings.database_url.get_secret_value() == f"sqlite+aiosqlite:///{tmp_path}/data/showreel.db"
    assert settings.data_dir == tmp_path / "data"
    assert (settings.starting_credits, settings.max_active_requests, settings.job_timeout_s) == (100, 4, 1800)
    assert settings.prices_file is None
    assert settings.log_level == "INFO"


def test_every_missing_setting_is_told_at_once() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(Settings)

    assert {(problem.name, problem.problem) for problem in caught.value.problems} == {
        (name, "is required") for name in REQUIRED
    }


def test_missing_and_malformed_settings_are_told_together() -> None:
    found = problems(DISCORD_TOKEN="", MAX_ACTIVE_REQUESTS="0", LOG_LEVEL="loud", DATABASE_URL="mysql://db")

    assert found.keys() == {"DISCORD_TOKEN", "MAX_ACTIVE_REQUESTS", "LOG_LEVEL", "DATABASE_URL"}


def test_the_store_needs_no_token() -> None:
    with patch.dict(os.environ, {"STARTING_CREDITS": "7"}):
        assert load_settings(StoreSettings).starting_credits == 7


def test_an_empty_or_blank_optional_setting_has_its_default() -> None:
    optional = {name: blank for blank in ("", "  ") for name in NAMES if name not in REQUIRED}

    assert load(**optional) == load()


@pytest.mark.parametrize("blank", ["", "   "])
def test_a_blank_token_counts_as_missing(blank: str) -> None:
    assert problems(RUNCOMFY_API_TOKEN=blank) == {"RUNCOMFY_API_TOKEN": "is required"}


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "zero\u200bwidth"])
def test_a_token_that_cannot_go_into_a_header_is_refused(token: str) -> None:
    assert problems(DISCORD_TOKEN=token).keys() == {"DISCORD_TOKEN"}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("*", None),
        ("123456789012345678", {123456789012345678}),
        (" 1, 2,\t2 ,", {1, 2}),
        (str(2**63 - 1), {2**63 - 1}),
    ],
)
def test_servers_are_ids_or_a_star(text: str, ids: set[int] | None) -> None:
    assert load(DISCORD_GUILD_IDS=text).discord_guild_ids == ids


@pytest.mark.parametrize("text", ["*,1", "my server", "0", "-1", "1.5", ",", str(2**63), "9" * 5000, "²"])
def test_anything_else_is_no_server(text: str) -> None:
    assert problems(DISCORD_GUILD_IDS=text).keys() == {"DISCORD_GUILD_IDS"}


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://proxy.example/api/v10/", "https://proxy.example/api/v10"),
        ("https://proxy.example", "https://proxy.example"),
        ("http://localhost:8080/api//", "http://localhost:8080/api"),
        ("http://127.3.2.1:8080", "http://127.3.2.1:8080"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
    ],
)
def test_service_addresses_lose_their_last_slash(text: str, url: str) -> None:
    assert str(load(DISCORD_API_BASE=text).discord_api_base).rstrip("/") == url
    assert str(load(RUNCOMFY_API_BASE=text).runcomfy_api_base / "models") == f"{url}/models"


@pytest.mark.parametrize(
    "text",
    [
        "http://proxy.example/api",
        "http://128.0.0.1/",
        "http://localhost.example/",
        "http://127.0.0.1.example/",
        "https://user@proxy.example/",
        "https://user:hunter2@proxy.example/",
        "https://proxy.example/?token=hunter2",
        "https://proxy.example/#part",
        "https://proxy.example:0/",
        "https://proxy.example:99999/",
        "https:///path",
        "ftp://proxy.example/",
        "wss://proxy.example/",
        "proxy.example",
        "https://proxy .example/",
        "https://[::1/",
    ],
)
def test_an_address_that_is_unsafe_or_malformed_is_refused(text: str) -> None:
    assert problems(RUNCOMFY_API_BASE=text).keys() == {"RUNCOMFY_API_BASE"}


def test_the_gateway_is_a_websocket() -> None:
    assert load(DISCORD_GATEWAY_URL="wss://gateway.example/").discord_gateway_url == URL(
        "wss://gateway.example"
    )
    assert load(DISCORD_GATEWAY_URL="ws://127.0.0.1:9000").discord_gateway_url == URL("ws://127.0.0.1:9000")
    assert problems(DISCORD_GATEWAY_URL="https://gateway.example").keys() == {"DISCORD_GATEWAY_URL"}
    assert problems(DISCORD_GATEWAY_URL="ws://gateway.example").keys() == {"DISCORD_GATEWAY_URL"}


def test_hosts_are_lower_case_and_keep_their_order() -> None:
    settings = load(
        ATTACHMENT_HOSTS=" CDN.example, .files.example:8443 ,127.0.0.1:9000,[::1]:9000,cdn.example"
    )

    assert settings.attachment_hosts == ("cdn.example", ".files.example:8443", "127.0.0.1:9000", "[::1]:9000")


@pytest.mark.parametrize(
    "text",
    [
        ",",
        ".com",
        "https://cdn.example",
        "cdn.example/path",
        "cdn.example:0",
        "cdn.example:70000",
        "cdn.example:",
        "*",
        "a..example",
        "-a.example",
        "user@cdn.example",
        "cdn example",
    ],
)
def test_anything_else_is_no_host(text: str) -> None:
    assert problems(RUNCOMFY_OUTPUT_HOSTS=text).keys() == {"RUNCOMFY_OUTPUT_HOSTS"}


def test_a_relative_database_starts_at_the_working_directory(tmp_path: Path) -> None:
    relative = load(DATABASE_URL="sqlite+aiosqlite:///here.db").database_url.get_secret_value()
    absolute = load(DATABASE_URL="sqlite+aiosqlite:////srv/there.db").database_url.get_secret_value()

    assert relative == f"sqlite+aiosqlite:///{tmp_path}/here.db"
    assert absolute == "sqlite+aiosqlite:////srv/there.db"


@pytest.mark.parametrize("scheme", ["postgresql+asyncpg", "postgresql", "postgres"])
def test_a_postgresql_database_is_named_as_other_programs_name_it(scheme: str) -> None:
    settings = load(DATABASE_URL=f"{scheme}://showreel:hunter2@db.example:5433/showreel?ssl=require")

    assert settings.database_url.get_secret_value() == (
        "postgresql+asyncpg://showreel:hunter2@db.example:5433/showreel?ssl=require"
    )
    assert "hunter2" in settings.secrets()
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///here.db",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///",
        "sqlite+aiosqlite:///:memory:",
        "sqlite+aiosqlite:///folder/",
        "sqlite+aiosqlite:///here.db?mode=ro",
        "sqlite+aiosqlite://user:hunter2@host/here.db",
        "postgresql+asyncpg://user:hunter2@host",
        "postgresql+asyncpg://user:hunter2@/showreel",
        "postgresql+psycopg://user:hunter2@host/showreel",
        "postgresql+asyncpg://user:hunter2@host:port/showreel",
        "postgresql+asyncpg://user:hunter2@host/showreel?options=-csearch_path",
        "mysql://user:hunter2@host/showreel",
    ],
)
def test_any_other_database_is_refused_without_its_password(url: str) -> None:
    found = problems(DATABASE_URL=url)

    assert found.keys() == {"DATABASE_URL"}
    assert "hunter2" not in found["DATABASE_URL"]


def test_files_and_directories_are_what_they_should_be(tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text("{}")

    assert load(PRICES_FILE="prices.json").prices_file == prices
    assert load(DATA_DIR="later").data_dir == tmp_path / "later"
    assert problems(PRICES_FILE="gone.json", DATA_DIR="prices.json").keys() == {"PRICES_FILE", "DATA_DIR"}
    assert problems(PRICES_FILE=str(tmp_path)).keys() == {"PRICES_FILE"}
    assert problems(PRICES_FILE="x" * 5000).keys() == {"PRICES_FILE"}


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("STARTING_CREDITS", 0, 1_000_000_000),
        ("MAX_ACTIVE_REQUESTS", 1, 1000),
        ("JOB_TIMEOUT_S", 1, 86_400),
    ],
)
def test_numbers_have_their_range(name: str, low: int, high: int) -> None:
    assert getattr(load(**{name: str(low)}), name.lower()) == low
    assert getattr(load(**{name: str(high)}), name.lower()) == high
    assert problems(**{name: str(low - 1)}) == {name: f"must be at least {low}"}
    assert problems(**{name: str(high + 1)}) == {name: f"must be at most {high}"}
    assert problems(**{name: "many"}) == {name: "must be a whole number"}


def test_the_log_level_is_read_in_any_case() -> None:
    assert load(LOG_LEVEL="debug").log_level == "DEBUG"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "STARTING_CREDITS=1\nMAX_ACTIVE_REQUESTS=9\nUNKNOWN_SETTING=x\n# a comment\n"
    )

    settings = load(STARTING_CREDITS="2")

    assert (settings.starting_credits, settings.max_active_requests) == (2, 9)


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("\N{BYTE ORDER MARK}STARTING_CREDITS=1\n".encode())

    assert load().starting_credits == 1


def test_a_malformed_line_is_told_by_its_number(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('STARTING_CREDITS=1\nDISCORD_TOKEN="never closed\nLOG_LEVEL=INFO\n')

    assert problems() == {".env": "line 2 is not NAME=value"}


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"DISCORD_TOKEN=\xff\xfe")
    assert problems() == {".env": "is not UTF-8 text"}

    (tmp_path / ".env").unlink()
    (tmp_path / ".env").mkdir()
    assert problems() == {".env": "is a directory, not a file"}


def test_settings_cannot_be_changed_and_do_not_show_a_token() -> None:
    settings = load()

    with pytest.raises(ValueError, match="frozen"):
        settings.starting_credits = 5  # type: ignore[misc]  # that it is frozen is what is tested
    assert "discord-token" not in repr(settings)
    assert "runcomfy-token" not in repr(settings)
    assert settings.secrets() == ("discord-token", "runcomfy-token")


def test_fixed_settings_read_neither_environment_nor_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("STARTING_CREDITS=1\n")
    with patch.dict(os.environ, {"MAX_ACTIVE_REQUESTS": "9"}):
        settings = FixedSettings(
            discord_token=SecretStr("a"),
            discord_guild_ids=frozenset({1}),
            runcomfy_api_token="b",
            runcomfy_api_base="http://127.0.0.1:1/v1",
        )

    assert (settings.starting_credits, settings.max_active_requests) == (100, 4)
    assert settings.runcomfy_api_base == URL("http://127.0.0.1:1/v1")
    assert settings.secrets() == ("a", "b")


SECRET = "correct-horse-battery"
in_environment = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
plausible = st.one_of(
    in_environment,
    in_environment.map(lambda text: text + SECRET),
    st.sampled_from(
        [
            f"https://{SECRET}@host",
            f"sqlite+aiosqlite://u:{SECRET}@h/d",
            f"https://h:{SECRET}",
            "*",
            "1",
            "[::",
        ]
    ),
)


def load_or_refuse(secret: str) -> None:
    try:
        settings = load_settings(Settings)
    except SettingsInvalid as refused:
        shown = f"{refused} {refused!r} {refused.problems} {refused.__context__!r} {refused.__cause__!r}"
        assert secret not in shown
    else:
        assert settings.discord_token.get_secret_value() not in repr(settings.discord_token)


@given(variables=st.dictionaries(st.sampled_from(NAMES), plausible))
def test_any_environment_gives_settings_or_one_error_without_a_secret(variables: dict[str, str]) -> None:
    with patch.dict(os.environ, variables):
        load_or_refuse(SECRET)


@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.dictionaries(st.sampled_from(NAMES), st.text(max_size=20).map(lambda text: text + SECRET)).map(
            lambda pairs: "\n".join(f"{name}={text}" for name, text in pairs.items()).encode(errors="replace")
        ),
    )
)
def test_any_env_file_gives_settings_or_one_error_without_a_secret(content: bytes) -> None:
    Path(".env").write_bytes(content)
    load_or_refuse(SECRET)
