"""Every table, once. Both engines and the migrations read it; the rules that must hold live here too.

Times are milliseconds since the epoch (`bot.clock`), credits are whole numbers, ids of Discord are integers.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)

#: Constraints get names by rule: an unnamed CHECK would vanish when SQLite recreates a table in a migration.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)

#: SQLite only counts an INTEGER PRIMARY KEY up by itself.
_Counter = BigInteger().with_variant(Integer(), "sqlite")


class Prose(TypeDecorator[str]):
    """What others wrote, such as a reason or an error's text, without what no engine can keep.

    PostgreSQL takes no NUL, and neither engine half of a surrogate pair.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        """The text as it is kept."""
        return None if value is None else value.replace("\0", "").encode(errors="replace").decode()


accounts = Table(
    "accounts",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("balance", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint("balance >= 0 OR id = 'world'", name="balance_not_negative"),
)

transfers = Table(
    "transfers",
    metadata,
    Column("id", _Counter, primary_key=True, autoincrement=True),
    # What makes a repeat harmless: `opening:<server>:<user>`, `hold:<job>`, ...
    Column("reference", String(120), nullable=False, unique=True),
    Column("source", String(80), ForeignKey("accounts.id"), nullable=False, index=True),
    Column("destination", String(80), ForeignKey("accounts.id"), nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    CheckConstraint("amount > 0", name="amount_positive"),
    CheckConstraint("source <> destination", name="two_accounts"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(16), primary_key=True),
    # The request's key: an interaction delivered twice is the same job.
    Column("interaction_id", BigInteger, nullable=False, unique=True),
    # Where it was asked for, and by whom.
    Column("guild_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("locale", String(16), nullable=False),
    # What was asked for.
    Column("model", String(32), nullable=False),
    Column("model_id", String(120), nullable=False),
    Column("options", JSON, nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("price", BigInteger, nullable=False),
    # Higher goes first; from the member's tier at the time of asking.
    Column("priority", Integer, nullable=False, server_default=text("0")),
    # Why a moderator has to say yes first; NULL where nobody has to.
    Column("approval_reason", String(40), nullable=True),
    Column("approval_message_id", BigInteger, nullable=True),
    # Where it stands.
    Column("state", String(20), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    # When somebody has to look again; NULL: the job has ended. While a worker holds the job this is the
    # end of its lease.
    Column("due_at", BigInteger, nullable=True),
    # Who holds the job; once it has ended, the worker that ended it.
    Column("worker", String(64), nullable=True),
    # Counts claims and outside interventions; a write that carries an old fence changes nothing.
    Column("fence", BigInteger, nullable=False, server_default=text("0")),
    Column("cancel_requested_at", BigInteger, nullable=True),
    # A moderator wants it not to be posted even where it can no longer be stopped.
    Column("withhold", Boolean, nullable=False, server_default=false()),
    # RunComfy's side.
    Column("request_id", String(200), nullable=True, unique=True),
    Column("submitted_at", BigInteger, nullable=True),
    Column("started_at", BigInteger, nullable=True),
    Column("rendered_at", BigInteger, nullable=True),
    Column("video_url", Prose, nullable=True),
    Column("cost_microusd", BigInteger, nullable=True),
    # Discord's side.
    Column("card_message_id", BigInteger, nullable=True),
    # When the card showed how the job ended: until then a restart shows it again.
    Column("card_closed_at", BigInteger, nullable=True),
    Column("posting_since", BigInteger, nullable=True),
    Column("result_message_id", BigInteger, nullable=True),
    # How it ended.
    Column("ended_at", BigInteger, nullable=True),
    Column("failure", String(40), nullable=True),
    Column("failure_detail", Prose, nullable=True),
    # After the end: staff settled an uncertain submit; the video was taken down, shown in the gallery.
    Column("reconciled_at", BigInteger, nullable=True),
    Column("taken_down_at", BigInteger, nullable=True),
    Column("gallery_message_id", BigInteger, nullable=True),
    CheckConstraint("price >= 0", name="price_not_negative"),
    CheckConstraint("(due_at IS NULL) = (ended_at IS NOT NULL)", name="ended_is_not_due"),
    # Claims ask for a few states and due_at <= now; a partial index would not be used with bound values.
    Index("ix_jobs_state_due_at", "state", "due_at"),
    Index("ix_jobs_card_closed_at", "card_closed_at"),
    # A star or a button is on a message: whose video is it?
    Index("ix_jobs_result_message_id", "result_message_id"),
    Index("ix_jobs_guild_id_user_id", "guild_id", "user_id"),
)

job_events = Table(
    "job_events",
    metadata,
    Column("id", _Counter, primary_key=True, autoincrement=True),
    Column("job_id", String(16), ForeignKey("jobs.id"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    # NULL for the first event: before it there was no job.
    Column("before", String(20), nullable=True),
    Column("after", String(20), nullable=False),
    Column("detail", JSON, nullable=False),
)

command_scopes = Table(
    "command_scopes",
    metadata,
    # Discord counts commands per application and server; scope 0 stands for every server.
    Column("application_id", BigInteger, primary_key=True),
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
)

server_settings = Table(
    "server_settings",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    # See `bot.servers.settings.ServerSettings`.
    Column("settings", JSON, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

allowances = Table(
    "allowances",
    metadata,
    # One row a member and period: a refill is given once, even where the wallet was full.
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("period", String(16), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

blocks = Table(
    "blocks",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    # NULL: until somebody unblocks.
    Column("until", BigInteger, nullable=True),
    Column("reason", Prose, nullable=False),
    Column("by", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

filters = Table(
    "filters",
    metadata,
    Column("id", _Counter, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("text", String(200), nullable=False),
    Column("action", String(10), nullable=False),
    Column("by", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    UniqueConstraint("guild_id", "kind", "text"),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", _Counter, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    # 0: the bot itself.
    Column("actor_id", BigInteger, nullable=False),
    Column("action", String(40), nullable=False),
    Column("target_id", BigInteger, nullable=True),
    Column("job_id", String(16), nullable=True),
    Column("detail", JSON, nullable=False),
    # When it was shown in the moderators' channel (or there was none to show it in).
    Column("told_at", BigInteger, nullable=True),
    Index("ix_audit_entries_guild_id_at", "guild_id", "at"),
    Index("ix_audit_entries_told_at", "told_at"),
)

quotes = Table(
    "quotes",
    metadata,
    Column("interaction_id", BigInteger, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    # The request as it was checked: see `bot.jobs.quotes`.
    Column("request", JSON, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
)

stars = Table(
    "stars",
    metadata,
    Column("job_id", String(16), ForeignKey("jobs.id"), primary_key=True),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
)

reports = Table(
    "reports",
    metadata,
    Column("job_id", String(16), ForeignKey("jobs.id"), primary_key=True),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Prose, nullable=False),
    Column("at", BigInteger, nullable=False),
)

circuit_breakers = Table(
    "circuit_breakers",
    metadata,
    # One row a circuit, made when it is first needed; see `bot.jobs.circuit.Circuit`.
    Column("name", String(20), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("cause", String(20), nullable=True),
    Column("lost", Integer, nullable=False),
    Column("probe_at", BigInteger, nullable=True),
    Column("changed_at", BigInteger, nullable=False),
    Column("notice", String(20), nullable=True),
    Column("told", JSON, nullable=False),
    CheckConstraint("lost >= 0", name="lost_not_negative"),
    CheckConstraint("(state = 'open') = (probe_at IS NOT NULL)", name="open_is_probed"),
    CheckConstraint("(state = 'closed') = (cause IS NULL)", name="closed_without_cause"),
)
