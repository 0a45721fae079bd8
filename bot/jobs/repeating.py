"""Asking for a video again: the same request, or the same with another prompt, as a new request."""

import secrets

from bot.catalog import Option, VideoModel
from bot.errors import InputsGone
from bot.jobs.inspection import Attached
from bot.jobs.job import Job, OptionValue
from bot.jobs.poster import Poster

_SEED = "seed"
#: Seeds are drawn from 0 to here where the model names no bounds: more than 31 bits some models refuse.
_LARGEST_SEED = 2**31 - 1


def again(job: Job, model: VideoModel) -> dict[str, OptionValue]:
    """The options of the same request; with a new seed, where the model has one, for another video."""
    values = _still_known(job, model)
    seed = next((option for option in model.options if option.name == _SEED), None)
    return values if seed is None else values | {_SEED: _random_seed(seed)}


def edited(job: Job, model: VideoModel, prompt: str) -> dict[str, OptionValue]:
    """The same request with another prompt; the seed stays, so that what changes is the prompt's doing."""
    return _still_known(job, model) | {"prompt": prompt}


async def inputs_again(job: Job, poster: Poster) -> dict[str, Attached]:
    """The files of the request, under links that work now.

    Raises:
        InputsGone: the card that carried them is gone.
        DeliveryError: Discord did not show the card.
    """
    links = await poster.input_links(job)
    if any(item.attached and item.option not in links for item in job.inputs):
        raise InputsGone
    return {item.option: Attached(links.get(item.option, item.url), item.size_bytes) for item in job.inputs}


def _still_known(job: Job, model: VideoModel) -> dict[str, OptionValue]:
    """The operator may have changed the model's file since."""
    names = {option.name for option in model.options}
    return {name: value for name, value in job.options.items() if name in names}


def _random_seed(option: Option) -> int:
    lowest = 0 if option.minimum is None else option.minimum
    highest = _LARGEST_SEED if option.maximum is None else option.maximum
    return lowest + secrets.randbelow(highest - lowest + 1)
