"""RunComfy's Model API: the client, and the shapes of its answers. Nothing else knows a RunComfy URL."""

from bot.runcomfy.answers import CancelOutcome, LiveModel, RequestResult, RequestStatus
from bot.runcomfy.client import RUNCOMFY_BASE, RunComfyClient, open_client
from bot.runcomfy.phases import Phase
from bot.runcomfy.retry import RetryPolicy
from bot.runcomfy.wire import Timeouts

__all__ = [
    "RUNCOMFY_BASE",
    "CancelOutcome",
    "LiveModel",
    "Phase",
    "RequestResult",
    "RequestStatus",
    "RetryPolicy",
    "RunComfyClient",
    "Timeouts",
    "open_client",
]
