"""What is known of a piece of media: facts for validation, whoever found them out."""

from dataclasses import dataclass
from enum import StrEnum


class MediaKind(StrEnum):
    """The three kinds of attachment a model can take."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """Facts about one file. `None` means: nobody has looked yet.

    Attributes:
        size_bytes: length of the file in bytes.
        kind: image, video or audio, by content.
        format: short lower-case name of the format by content: `jpeg png webp bmp tiff gif`,
            `mp4 mov`, `wav mp3`, or another name where the content is something else.
        width: pixels as shown (after any rotation stored in the file).
        height: pixels as shown.
        duration_s: seconds, for video and audio.
    """

    size_bytes: int
    kind: MediaKind | None = None
    format: str | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
