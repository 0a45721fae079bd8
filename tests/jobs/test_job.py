"""A job as a value."""

from bot.database import Database
from bot.jobs.job import InputFile, new_job_id, with_attached
from bot.jobs.states import AT_RUNCOMFY, ENDED
from tests.support.jobs import REACHABLE, accepted, in_state, new_job

PICTURE = InputFile("image1", "image1.png", "image", "https://cdn.example/a.png", 10)
SOUND = InputFile("audio1", "audio1.mp3", "audio", "https://cdn.example/b.mp3", 20)


def test_ids_are_short_readable_and_do_not_repeat() -> None:
    ids = {new_job_id() for _ in range(10_000)}

    assert len(ids) == 10_000
    assert {len(job_id) for job_id in ids} == {10}
    assert not set("ilou") & set("".join(ids))


async def test_what_was_asked_for_comes_back_from_the_store_as_it_was(database: Database) -> None:
    new = new_job(inputs=(PICTURE, SOUND), options={"prompt": "Käse → 🧀", "seed": 7, "sound": True})
    job = await database.run(accepted, new, at=5)

    kept = set(new.__slots__) & set(job.__slots__)
    assert set(new.__slots__) - kept <= {"role_ids", "parent_channel_id"}
    for field in kept:
        assert getattr(job, field) == getattr(new, field)
    assert job.prompt == "Käse → 🧀"
    assert (job.created_at, job.updated_at, job.due_at, job.fence) == (5, 5, 5, 0)


async def test_attaching_marks_the_inputs_that_the_card_carries(database: Database) -> None:
    job = await database.run(accepted, new_job(inputs=(PICTURE, SOUND)), at=1)

    assert [item.attached for item in with_attached(job, {"audio1"}).inputs] == [False, True]


async def test_a_job_knows_whether_it_has_ended_and_takes_a_place(database: Database) -> None:
    for state in REACHABLE:
        job = await database.run(in_state, state, at=1)

        assert job.ended == (state in ENDED)
        assert job.at_runcomfy == (state in AT_RUNCOMFY)
