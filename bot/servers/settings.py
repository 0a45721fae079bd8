"""What a server has set for itself, in one place. Pure."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from bot.errors import BadSetting, SettingsRefused
from bot.servers.tiers import Tier, best_tier

Credits = Annotated[int, Field(ge=0, le=1_000_000_000)]


class ServerSettings(BaseModel):
    """A server's settings; the defaults are what a server has that never set anything.

    Attributes:
        allowed_channels: where requests may be made; empty for anywhere.
        moderators_channel: where moderators are told and asked; None while there is none.
        quote_above: a price (credits) above which a quote is shown first; None never asks.
        approve_everything: whether every request waits for a moderator.
        approve_first: how many of a member's first requests wait for a moderator.
        approve_above: a price (credits) above which a request waits for a moderator; None for no price.
        tiers: by role, the best first; a member who has none of the roles gets the plain tier.
        budget: credits the server may spend a month (UTC); None for no limit.
        jobs_at_once: open requests of the whole server; None for no limit.
        gallery_channel: where starred videos are shown; None while there is none.
        gallery_stars: stars of different members that show a video there.
        language: the language of public cards; None for the server's own.
        paused: whether new requests are refused for now.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    allowed_channels: tuple[int, ...] = ()
    moderators_channel: int | None = None
    quote_above: Credits | None = None
    approve_everything: bool = False
    approve_first: Annotated[int, Field(ge=0, le=100)] = 0
    approve_above: Credits | None = None
    tiers: tuple[Tier, ...] = ()
    budget: Credits | None = None
    jobs_at_once: Annotated[int, Field(ge=1, le=100_000)] | None = None
    gallery_channel: int | None = None
    gallery_stars: Annotated[int, Field(ge=1, le=1000)] = 3
    language: str | None = None
    paused: bool = False

    @model_validator(mode="after")
    def _somebody_can_approve(self) -> "ServerSettings":
        asks = self.approve_everything or self.approve_first or self.approve_above is not None
        if asks and self.moderators_channel is None:
            # Caught where settings are changed: `change` turns it into a `BadSetting`.
            raise PydanticCustomError("nobody-to-ask", "requests wait, and there is no moderators' channel")
        return self

    def tier_for(self, role_ids: tuple[int, ...]) -> Tier:
        """The tier that counts for a member with these roles."""
        return best_tier(self.tiers, role_ids)


M = TypeVar("M", bound=BaseModel)


def change(before: M, changes: Mapping[str, Any]) -> M:
    """The settings (or the tier) with these fields changed.

    Raises:
        SettingsRefused: the result would not make sense; with every problem.
    """
    try:
        return type(before).model_validate({**before.model_dump(), **changes})
    except ValidationError as error:
        problems = [_problem(detail) for detail in error.errors(include_url=False)]
    raise SettingsRefused(problems)


def _problem(detail: Any) -> BadSetting:
    bounds = detail.get("ctx") or {}
    limit = next((bounds[name] for name in ("ge", "le", "max_length", "min_length") if name in bounds), None)
    kind = str(detail["type"])
    # Every way of not being a number is one to whoever typed it.
    code = "int_parsing" if kind.startswith("int_") else kind
    return BadSetting(str(detail["loc"][0]) if detail["loc"] else "", code, limit)
