"""`showreel health`: whether this machine's bot is alive and well."""

import typer

from bot import alive
from bot.errors import SettingsInvalid
from bot.settings import PlaceSettings, load_settings

_UNWELL = 1


def health() -> int:
    """Say in a line how it is; 0 where all is well, 1 otherwise."""
    try:
        trouble = alive.trouble(load_settings(PlaceSettings).data_dir)
    except SettingsInvalid as error:
        trouble = f"the settings need attention: {', '.join(problem.name for problem in error.problems)}"
    typer.echo(trouble or "alive and well")
    return 0 if trouble is None else _UNWELL
