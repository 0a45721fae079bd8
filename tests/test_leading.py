"""Of several processes on one store one leads, until its lease runs out or it gives up."""

import asyncio

from bot import leading
from bot.database import Database
from bot.leading import Leadership
from bot.schema import leases
from tests.support.clock import Clock

LEASE_S = 30.0


def process(database: Database, clock: Clock) -> Leadership:
    return Leadership(database, now=clock, lease_s=LEASE_S)


async def test_the_first_leads_and_the_others_do_not(database: Database, clock: Clock) -> None:
    processes = [process(database, clock) for _ in range(5)]

    leads = await asyncio.gather(*(one.look() for one in processes))

    assert sorted(leads) == [False, False, False, False, True]
    assert [one.leads() for one in processes] == leads


async def test_who_leads_goes_on_leading(database: Database, clock: Clock) -> None:
    first, second = process(database, clock), process(database, clock)
    await first.look()

    for _ in range(20):
        clock.advance(LEASE_S / 2)
        assert await first.look()
        assert not await second.look()


async def test_one_that_falls_silent_is_followed_when_its_lease_ends_and_knows_it(
    database: Database, clock: Clock
) -> None:
    first, second = process(database, clock), process(database, clock)
    await first.look()
    clock.advance(LEASE_S - 1)
    assert first.leads()
    assert not await second.look()

    clock.advance(LEASE_S)

    assert not first.leads()
    assert await second.look()
    assert not await first.look()


async def test_one_that_gives_up_is_followed_at_once(database: Database, clock: Clock) -> None:
    first, second = process(database, clock), process(database, clock)
    await first.look()

    await first.give_up()

    assert not first.leads()
    assert await second.look()


async def test_giving_up_what_one_does_not_have_takes_it_from_nobody(
    database: Database, clock: Clock
) -> None:
    first, second = process(database, clock), process(database, clock)
    await first.look()
    await second.look()

    await second.give_up()

    clock.advance(LEASE_S / 2)
    assert await first.look()


async def test_looking_often_writes_rarely(database: Database, clock: Clock) -> None:
    first = process(database, clock)
    await first.look()
    held = await database.run(lambda connection: connection.execute(leases.select()).one())

    for _ in range(100):
        clock.advance(LEASE_S / 500)
        assert await first.look()

    assert await database.run(lambda connection: connection.execute(leases.select()).one()) == held


async def test_a_process_that_is_alone_starts_with_nobody_leading(database: Database, clock: Clock) -> None:
    dead = process(database, clock)
    await dead.look()

    await database.run(leading.drop_all)

    assert await process(database, clock).look()
