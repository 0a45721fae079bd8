"""The operator is told by the real process, over real sockets, that nothing is submitted."""

from bot.rehearsal.runcomfy import StandIn
from tests.live.conftest import Start
from tests.loopback_discord import Channel, LoopbackDiscord, Member


async def test_an_empty_account_is_told_to_the_operator_once_and_the_card_says_so(
    start: Start,
    loopback_discord: LoopbackDiscord,
    runcomfy: StandIn,
    channel: Channel,
    member: Member,
) -> None:
    runcomfy.balance_usd *= 0
    bot = await start()
    letters = loopback_discord.dm(loopback_discord.world.operator)
    await loopback_discord.slash(member, channel, "seedance-2-pro", prompt="The sea.", duration=4)
    await loopback_discord.wait_for(lambda: letters.messages, timeout=30)
    await loopback_discord.wait_for(
        lambda: any("needs topping up" in message.text for message in channel.messages), timeout=30
    )
    assert "out of funds" in letters.messages[0].content
    await bot.terminate()
    await start()
    await loopback_discord.slash(member, channel, "seedance-2-pro", prompt="The land.", duration=4)
    await loopback_discord.wait_for(
        lambda: sum("needs topping up" in message.text for message in channel.messages) == 2, timeout=30
    )

    assert len(letters.messages) == 1
    assert runcomfy.calls["submit"] == 1
    assert "nothing is submitted until it is settled" in bot.printed
