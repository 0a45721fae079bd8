"""The id of a request that turned out to run after its job had been called uncertain."""

from sqlalchemy import Connection

from bot.database import Database
from bot.jobs import store
from bot.jobs.states import JobState
from tests.support.jobs import accepted


async def test_a_late_request_id_is_kept_for_staff_once_and_moves_nothing(database: Database) -> None:
    def story(connection: Connection) -> None:
        waiting = accepted(connection, at=1)
        sent = store.move(connection, waiting, JobState.SUBMITTING, at=2, submitted_at=2)
        store.move(connection, sent, JobState.UNCERTAIN, at=3)

        store.keep_request_id(connection, sent, request_id="late")
        store.keep_request_id(connection, sent, request_id="later")

        found = store.get(connection, sent.id)
        assert (found.state, found.request_id) == (JobState.UNCERTAIN, "late")

    await database.run(story)
