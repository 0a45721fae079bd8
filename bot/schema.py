"""Every table, once. Both engines and the migrations read it; the rules that must hold live here too.

Times are milliseconds since the epoch (`bot.clock`), credits are whole numbers, ids of Discord are integers.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
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
    # Where it stands.
    Column("state", String(20), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    # When somebody has to look again; NULL: the job has ended. While a worker holds the job this is the
    # end of its lease.
    Column("due_at", BigInteger, nullable=True),
    Column("worker", String(64), nullable=True),
    # Counts claims and outside interventions; a write that carries an old fence changes nothing.
    Column("fence", BigInteger, nullable=False, server_default=text("0")),
    Column("cancel_requested_at", BigInteger, nullable=True),
    # RunComfy's side.
    Column("request_id", String(200), nullable=True, unique=True),
    Column("submitted_at", BigInteger, nullable=True),
    Column("started_at", BigInteger, nullable=True),
    Column("rendered_at", BigInteger, nullable=True),
    Column("video_url", Text, nullable=True),
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
    Column("failure_detail", Text, nullable=True),
    CheckConstraint("price >= 0", name="price_not_negative"),
    CheckConstraint("(due_at IS NULL) = (ended_at IS NOT NULL)", name="ended_is_not_due"),
    # Claims ask for a few states and due_at <= now; a partial index would not be used with bound values.
    Index("ix_jobs_state_due_at", "state", "due_at"),
    Index("ix_jobs_card_closed_at", "card_closed_at"),
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
