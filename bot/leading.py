"""Leading: of several processes on one store, one does what would only be done twice by two.

It shows ends that nobody showed, tells moderators, tidies up. A lease in the store says which one; it runs
out by itself where its holder dies, and a holder that was only paused finds that it has run out.
"""

import secrets

from sqlalchemy import Connection, delete, update

from bot.clock import Now
from bot.database import Database
from bot.insertion import insert_missing
from bot.schema import leases

#: There is one lead.
_NAME = "lead"
#: A lease is renewed when this share of it has passed.
_RENEWED_AT = 0.3


class Leadership:
    """This process's part in it. `lease_s`: how long (seconds) a silent process goes on leading."""

    def __init__(self, database: Database, *, now: Now, lease_s: float) -> None:
        self._database = database
        self._now = now
        self._lease_ms = int(lease_s * 1000)
        self._until = 0
        self._look_again_at = 0
        self.holder = f"process-{secrets.token_hex(6)}"

    def leads(self) -> bool:
        """Whether this process leads, right now."""
        return self._now() < self._until

    async def look(self) -> bool:
        """Take or keep the lead, where it is free or this process's own; whether this process leads.

        Raises:
            StoreUnavailable: the store cannot be used now; a lead that is held lasts until its lease ends.
        """
        at = self._now()
        if at >= self._look_again_at:
            until = at + self._lease_ms
            taken = await self._database.run(take, self.holder, at=at, until=until)
            self._until = until if taken else 0
            self._look_again_at = at + int(self._lease_ms * _RENEWED_AT)
        return self.leads()

    async def give_up(self) -> None:
        """Let another process lead at once.

        Raises:
            StoreUnavailable: then the lease runs out by itself.
        """
        if self._until:
            self._until = 0
            await self._database.run(drop, self.holder)


def take(connection: Connection, holder: str, *, at: int, until: int) -> bool:
    """Take or prolong the lead (both times in ms); False where somebody else has it."""
    insert_missing(connection, leases, [{"name": _NAME, "holder": holder, "until": at}])
    free = (leases.c.holder == holder) | (leases.c.until <= at)
    changed = update(leases).where(leases.c.name == _NAME, free).values(holder=holder, until=until)
    return connection.execute(changed).rowcount == 1


def drop(connection: Connection, holder: str) -> None:
    """The holder does not lead any more."""
    connection.execute(delete(leases).where(leases.c.name == _NAME, leases.c.holder == holder))


def drop_all(connection: Connection) -> None:
    """Nobody leads. Only for a process that knows it is the only one."""
    connection.execute(delete(leases))
