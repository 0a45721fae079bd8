"""The errors a member, a moderator or the operator can meet.

Errors carry data; the words are made where they are shown (`bot/locale`).

ShowreelError
├── SettingsInvalid           settings are missing or malformed (every problem at once)
├── CatalogInvalid            a model or price file cannot be used
├── RequestRefused            a request is refused before anything is spent
│   ├── InvalidRequest        options or attachments break the model's rules (every problem at once)
│   ├── InsufficientCredits   the member's balance is too low
│   ├── LimitReached          one of the server's limits (every one that applies, at once)
│   ├── BudgetExhausted       the server's monthly budget has too little left
│   ├── PromptFiltered        the server's filter does not let the prompt through
│   ├── QuoteGone             the quote was used, given up, or is too old
│   ├── InputsGone            the files of an earlier request are not there any more
│   ├── VideoGone             the server has no such posted video, or none any more
│   ├── ModelGone             the operator has taken the model out of the catalogue
│   ├── PressedAlready        the same button is being answered for the same member
│   ├── SettingsRefused       a server's settings would not make sense (every problem at once)
│   ├── NotPermitted          the member lacks a Discord permission for this
│   └── CannotPostHere        the bot lacks permissions in the channel
├── MediaError                a file could not be used
│   ├── DownloadRefused       the address is not one we fetch from
│   ├── DownloadFailed        the host did not deliver the file
│   ├── MediaTooLarge         the file is larger than its cap
│   └── MediaUnreadable       the bytes are not the media they claim to be
├── RunComfyError             RunComfy's API answered with an error, or not at all
│   ├── Transient             worth asking again later
│   ├── Rejected              the request itself was refused; asking again changes nothing
│   ├── Unauthorised          the token is missing, wrong or expired
│   ├── OutOfFunds            no balance left at RunComfy
│   ├── RequestNotFound       the request is unknown, deleted or expired
│   └── AmbiguousSubmit       a submit whose outcome is unknown: it may be running and billed
├── StoreError                the store refused a write
│   ├── StoreInUse            another process works on this store
│   ├── StoreUnavailable      the store cannot be used now (locked, full, gone)
│   ├── StoreMissing          there is no store yet, or not one of this version
│   ├── CopyRefused           a copy of a store cannot be made there, or not be used
│   ├── ReferenceTaken        the reference of a transfer was used for another one
│   ├── StaleJob              the job moved on or belongs to another worker: drop it
│   └── InvalidTransition     the state diagram has no such arrow
├── TokenRefused              Discord does not accept the bot's token
└── DeliveryError             Discord would not take a message
    ├── ChannelUnavailable    the channel is gone or closed to the bot
    ├── UploadTooLarge        the file is over the server's upload limit
    ├── InteractionOver       nothing can be answered to the interaction any more
    └── DiscordUnavailable    Discord did not answer; worth trying again
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.catalog.problems import Problem


class ShowreelError(Exception):
    """The root of the tree; never raised itself."""


# --- the operator's files -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """One setting that cannot be used: its environment name and what is wrong, never its value."""

    name: str
    problem: str


class SettingsInvalid(ShowreelError):
    """Settings are missing or malformed."""

    def __init__(self, problems: Sequence[SettingProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{item.name}: {item.problem}" for item in self.problems))


class CatalogInvalid(ShowreelError):
    """A model file or price file cannot be used; `source` names it."""

    def __init__(self, source: str, problem: str) -> None:
        self.source = source
        self.problem = problem
        super().__init__(f"{source}: {problem}")


# --- a request is refused before anything is spent --------------------------------------------------


class RequestRefused(ShowreelError):
    """A request was refused, and nothing was spent."""


class InvalidRequest(RequestRefused):
    """Options or attachments break the model's rules."""

    def __init__(self, problems: "Sequence[Problem]") -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class InsufficientCredits(RequestRefused):
    """The balance (credits) does not cover what is needed (credits)."""

    def __init__(self, *, needed: int, available: int) -> None:
        self.needed = needed
        self.available = available
        super().__init__(f"{needed} credits needed, {available} available")


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit that a request meets.

    Attributes:
        code: a token for words: `paused`, `blocked`, `channel`, `model`, `resolution`, `duration`,
            `member-jobs`, `server-jobs`, `cooldown`.
        limit: what is allowed, where there is a figure or a name to tell.
        until: when it ends (milliseconds since the epoch), where it does by itself.
    """

    code: str
    limit: int | str | None = None
    until: int | None = None


class LimitReached(RequestRefused):
    """Limits of the server that the request meets."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self.limits = tuple(limits)
        super().__init__(", ".join(limit.code for limit in self.limits))


class BudgetExhausted(RequestRefused):
    """The server's budget has `left` credits this month, and `needed` are asked for."""

    def __init__(self, *, needed: int, left: int) -> None:
        self.needed = needed
        self.left = left
        super().__init__(f"{needed} credits needed, {left} left in the budget")


class PromptFiltered(RequestRefused):
    """The server's filter does not let the prompt through; which entry did is for moderators to know."""


class QuoteGone(RequestRefused):
    """The quote was used, given up, or is too old."""


class InputsGone(RequestRefused):
    """The files of an earlier request are not there any more: its card, which carried them, was deleted."""


class VideoGone(RequestRefused):
    """The server has no such posted video, or none any more."""


class ModelGone(RequestRefused):
    """The operator has taken the model out of the catalogue."""


class PressedAlready(RequestRefused):
    """The same button is being answered for the same member at this moment."""


class NotPermitted(RequestRefused):
    """The member lacks a Discord permission for this; `permission` is discord.py's name of it."""

    def __init__(self, permission: str) -> None:
        self.permission = permission
        super().__init__(permission)


class CannotPostHere(RequestRefused):
    """The bot lacks permissions in the channel; `missing` are Discord's permission names."""

    def __init__(self, missing: Sequence[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(", ".join(self.missing))


# --- media ------------------------------------------------------------------------------------------


#: The `reason` of a file that there was no room for: the disk is full, read-only or gone.
DISK = "disk"


class MediaError(ShowreelError):
    """A file could not be used. `reason` is a short token for logs and for choosing words."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class DownloadRefused(MediaError):
    """The address is not one we fetch from (host, scheme, port, private address, redirect)."""


class DownloadFailed(MediaError):
    """The host did not deliver the file; `permanent` when asking again cannot help (404, 410)."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        self.permanent = permanent
        super().__init__(reason)


class MediaTooLarge(MediaError):
    """The file is larger than its cap (bytes)."""

    def __init__(self, *, limit_bytes: int, found_bytes: int | None = None) -> None:
        self.limit_bytes = limit_bytes
        self.found_bytes = found_bytes
        super().__init__(f"over {limit_bytes} bytes")


class MediaUnreadable(MediaError):
    """The bytes are not the media they claim to be, or looking at them took too much."""


# --- RunComfy ---------------------------------------------------------------------------------------


class RunComfyError(ShowreelError):
    """RunComfy's API answered with an error, or not at all.

    Attributes:
        code: RunComfy's `error_code` (a number), where it gave one.
        http_status: the answer's HTTP status, where there was an answer.
        reason: RunComfy's text, shortened; for staff and logs, never quoted to a channel unescaped.
    """

    def __init__(self, reason: str, *, code: int | None = None, http_status: int | None = None) -> None:
        self.reason = reason
        self.code = code
        self.http_status = http_status
        super().__init__(f"{reason} (code {code}, HTTP {http_status})")


class Transient(RunComfyError):
    """Worth asking again later; `retry_after_s` (seconds) where RunComfy said when."""

    def __init__(
        self,
        reason: str,
        *,
        code: int | None = None,
        http_status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(reason, code=code, http_status=http_status)


class Rejected(RunComfyError):
    """The request itself was refused; asking again changes nothing."""


class Unauthorised(RunComfyError):
    """The token is missing, wrong or expired, or the request belongs to another account."""


class OutOfFunds(RunComfyError):
    """No balance left at RunComfy."""


class RequestNotFound(RunComfyError):
    """The request is unknown, deleted or expired."""


class AmbiguousSubmit(RunComfyError):
    """A submit whose outcome is unknown: it may be running and billed, so it is never repeated."""


# --- the store --------------------------------------------------------------------------------------


class StoreError(ShowreelError):
    """The store refused a write."""


class StoreInUse(StoreError):
    """Another process works on this store; `path` is the lock it holds."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


class StoreUnavailable(StoreError):
    """The store cannot be used now: locked, full, gone. The transaction is to be counted as unknown."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class StoreMissing(StoreError):
    """There is no store at `path` yet, or it is not of this version: it has to be migrated."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


class CopyRefused(StoreError):
    """A copy of a store cannot be made there, or not be used; `reason` for the operator. Nothing changed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class ReferenceTaken(StoreError):
    """The reference was used before, for another amount (credits) or account: nothing was written."""

    def __init__(self, reference: str, *, account: str, amount: int) -> None:
        self.reference = reference
        self.account = account
        self.amount = amount
        super().__init__(f"{reference}: {amount} credits to {account}")


class StaleJob(StoreError):
    """The job moved on or belongs to another worker: the caller drops it and writes nothing."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(job_id)


class InvalidTransition(StoreError):
    """The state diagram has no such arrow."""

    def __init__(self, before: str, after: str) -> None:
        self.before = before
        self.after = after
        super().__init__(f"{before} -> {after}")


# --- servers ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BadSetting:
    """One setting of a server that cannot be as asked for.

    Attributes:
        name: the field of `ServerSettings` or `Tier`; empty where several together do not make sense.
        code: a token for words, such as `greater_than_equal` or `nobody-to-ask`.
        limit: the bound that was met, where there is one.
    """

    name: str
    code: str
    limit: int | str | None = None


class SettingsRefused(RequestRefused):
    """A server's settings would not make sense; nothing was changed."""

    def __init__(self, problems: Sequence[BadSetting]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{item.name}: {item.code}" for item in self.problems))


# --- Discord ----------------------------------------------------------------------------------------


class TokenRefused(ShowreelError):
    """Discord does not accept the bot's token."""


class DeliveryError(ShowreelError):
    """Discord would not take a message; `reason` is a short token for logs."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class ChannelUnavailable(DeliveryError):
    """The channel is gone or closed to the bot."""


class UploadTooLarge(DeliveryError):
    """The file is over the server's upload limit."""


class InteractionOver(DeliveryError):
    """Nothing can be answered to the interaction any more: it came too late, or its token has run out."""


class DiscordUnavailable(DeliveryError):
    """Discord did not answer, or asked to come back later."""
