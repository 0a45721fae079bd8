"""Discord's refusals: HTTP status, error code and message."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

JsonObject = dict[str, Any]


class Refusal(Enum):
    """(HTTP status, Discord's error code, Discord's message)."""

    NOT_FOUND = (404, 0, "404: Not Found")
    UNAUTHORISED = (401, 0, "401: Unauthorized")
    UNKNOWN_CHANNEL = (404, 10003, "Unknown Channel")
    UNKNOWN_GUILD = (404, 10004, "Unknown Guild")
    UNKNOWN_MEMBER = (404, 10007, "Unknown Member")
    UNKNOWN_MESSAGE = (404, 10008, "Unknown Message")
    UNKNOWN_USER = (404, 10013, "Unknown User")
    UNKNOWN_WEBHOOK = (404, 10015, "Unknown Webhook")
    UNKNOWN_INTERACTION = (404, 10062, "Unknown interaction")
    UNKNOWN_COMMAND = (404, 10063, "Unknown application command")
    TOO_LARGE = (413, 40005, "Request entity too large")
    ALREADY_ACKNOWLEDGED = (400, 40060, "Interaction has already been acknowledged.")
    MISSING_ACCESS = (403, 50001, "Missing Access")
    NOT_YOUR_MESSAGE = (403, 50005, "Cannot edit a message authored by another user")
    EMPTY_MESSAGE = (400, 50006, "Cannot send an empty message")
    CANNOT_DM = (403, 50007, "Cannot send messages to this user")
    NO_MUTUAL_GUILD = (403, 50278, "Cannot send messages to this user")
    MISSING_PERMISSIONS = (403, 50013, "Missing Permissions")
    INVALID_TOKEN = (401, 50027, "Invalid Webhook Token")
    INVALID_FORM = (400, 50035, "Invalid Form Body")
    INVALID_JSON = (400, 50109, "The request body contains invalid JSON.")
    NO_HISTORY = (400, 160002, "You cannot reply without permission to read message history")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a body, and where in it."""

    location: tuple[str | int, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A request body that Discord would not have taken."""

    method: str
    path: str
    location: tuple[str | int, ...]
    problem: str


class ApiError(Exception):
    """An answer that refuses the request."""

    def __init__(self, refusal: Refusal, problems: Sequence[Problem] = ()) -> None:
        self.status, self.code, self.message = refusal.value
        self.problems = tuple(problems)
        super().__init__(f"{self.code} {self.message}")

    @property
    def is_violation(self) -> bool:
        """Whether the client broke a rule it could have known."""
        return False

    def payload(self) -> JsonObject:
        payload: JsonObject = {"message": self.message, "code": self.code}
        if self.problems:
            payload["errors"] = _nested(self.problems)
        return payload


class InvalidForm(ApiError):
    """The body breaks Discord's rules: collected as a violation."""

    def __init__(self, problems: Sequence[Problem], refusal: Refusal = Refusal.INVALID_FORM) -> None:
        super().__init__(refusal, problems)

    @property
    def is_violation(self) -> bool:
        return True


def _nested(problems: Sequence[Problem]) -> JsonObject:
    """Discord's tree of `_errors`, keyed by the path into the body."""
    tree: JsonObject = {}
    for item in problems:
        node = tree
        for step in item.location:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": "INVALID", "message": item.problem})
    return tree
