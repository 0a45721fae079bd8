"""Why a job ended without a delivered video. Each has its words under `failure-<value>`."""

from enum import StrEnum


class Failure(StrEnum):
    """Reasons, as they are kept in `jobs.failure`."""

    REFUSED = "refused"  # RunComfy refused the request
    SENSITIVE = "sensitive"  # RunComfy's content filter refused the pictures, the video or the sound
    RENDER_FAILED = "render-failed"  # RunComfy tried and failed
    STOPPED = "stopped"  # RunComfy cancelled it without being asked by us
    NO_VIDEO = "no-video"  # RunComfy says it succeeded, and names no video
    REQUEST_GONE = "request-gone"  # RunComfy does not know the request any more
    VIDEO_GONE = "video-gone"  # the file could not be fetched
    NOT_A_VIDEO = "not-a-video"  # the file is something else
    UNCERTAIN = "uncertain"  # nobody knows whether RunComfy took the request
    TIMED_OUT = "timed-out"  # not finished in the time the operator allows
    TIMED_OUT_WAITING = "timed-out-waiting"  # the same, and RunComfy had not begun
    MODEL_GONE = "model-gone"  # the operator took the model out before the request was submitted
    CANNOT_POST = "cannot-post"  # the channel is gone or closed to the bot
    UPLOAD_TOO_LARGE = "upload-too-large"  # over the server's upload limit
    CANCELLED = "cancelled"  # called off by the member or a moderator
    NOT_APPROVED = "not-approved"  # no moderator answered in time
    RESTORED = "restored"  # the store was restored from a copy: what became of it since is not known
    WITHHELD = "withheld"  # made, or being made, and kept back by a moderator


#: What RunComfy's upstream writes when its content filter refuses something.
_FILTER_MARKS = ("sensitivecontentdetected", "sensitive content", "moderation")


def failure_of(error: str | None) -> Failure:
    """Tell a refusal by the content filter from any other failure, by RunComfy's error text."""
    folded = (error or "").casefold()
    return Failure.SENSITIVE if any(mark in folded for mark in _FILTER_MARKS) else Failure.RENDER_FAILED
