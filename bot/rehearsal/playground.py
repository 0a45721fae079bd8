"""The playground: the bot on its stand-ins, with a browser page to type commands into."""

import asyncio

from rich.console import Console

from bot.rehearsal.stage import Stage


async def play(stage: Stage, console: Console, stop: asyncio.Event, *, port: int | None = None) -> None:
    """Serve a channel of a simulated Discord on loopback until `stop` is set."""
    guild = stage.env.create_guild("Film club")
    channel = guild.create_text_channel("studio")
    member = guild.add_member(stage.env.create_user("member"))
    async with stage.env.preview(channel, viewers=[member], layout="channel", port=port) as preview:
        console.print(f"\nOpen [bold]{preview.url}[/] in a browser and type a command, such as")
        console.print("  /seedance-1-5-pro prompt: The tide comes in  image: (any picture over 300 px)")
        console.print("Everything is simulated; nothing is spent. End it with Ctrl-C.\n")
        await stop.wait()
