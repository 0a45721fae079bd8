"""Why there is no video: read from what RunComfy wrote."""

import pytest

from bot.jobs.failures import Failure, failure_of


@pytest.mark.parametrize(
    "error",
    [
        "OutputVideoSensitiveContentDetected: held back",
        "InputImageSensitiveContentDetected.PrivacyInformation",
        "outputaudiosensitivecontentdetected",
        "the text may contain sensitive content",
        "stopped by moderation",
    ],
)
def test_the_content_filter_is_recognised_whatever_it_refused(error: str) -> None:
    assert failure_of(error) is Failure.SENSITIVE


@pytest.mark.parametrize("error", [None, "", "out of memory", "InternalError"])
def test_anything_else_is_a_failed_render(error: str | None) -> None:
    assert failure_of(error) is Failure.RENDER_FAILED
