"""A media slot: where a model takes images, videos or audios, and what it accepts there."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.catalog.media import MediaFacts, MediaKind
from bot.catalog.problems import Problem, ProblemCode


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSlot:
    """One input property that takes media, filled by one option or by several numbered ones.

    Attributes:
        name: the options' common name (`image` for `image1`, `image2`, ...).
        property: the input schema's property.
        is_list: the property takes a list of URLs; otherwise a single one.
        kind: what the files must be.
        formats: accepted formats, in the names of `MediaFacts.format`.
        max_bytes: a file must be smaller than this (bytes, exclusive).
        minimum: fewest files, if any are given or the property is required.
        maximum: most files.
        min_width, max_width, min_height, max_height: pixels, exclusive; None where there is no rule.
        min_ratio, max_ratio: width divided by height, exclusive; None where there is no rule.
        min_duration_s, max_duration_s: seconds, inclusive; None where there is no rule.
    """

    name: str
    property: str
    is_list: bool
    kind: MediaKind
    formats: tuple[str, ...]
    max_bytes: int
    minimum: int
    maximum: int
    min_width: float | None = None
    max_width: float | None = None
    min_height: float | None = None
    max_height: float | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None
    min_duration_s: float | None = None
    max_duration_s: float | None = None

    def problems(self, option: str, facts: MediaFacts) -> Iterator[Problem]:
        """Every rule the file given for `option` breaks; a fact nobody knows breaks none."""
        if not self._is_accepted(facts):
            accepted = ", ".join(self.formats)
            yield Problem(option, ProblemCode.WRONG_FORMAT, accepted, facts.format or facts.kind)
        if facts.size_bytes >= self.max_bytes:
            yield Problem(option, ProblemCode.TOO_LARGE, self.max_bytes, facts.size_bytes, "B")
        yield from self._shape_problems(option, facts)
        yield from self._duration_problems(option, facts.duration_s)

    def _is_accepted(self, facts: MediaFacts) -> bool:
        right_kind = facts.kind is None or facts.kind is self.kind
        return right_kind and (facts.format is None or facts.format in self.formats)

    def _shape_problems(self, option: str, facts: MediaFacts) -> Iterator[Problem]:
        width, height = facts.width, facts.height
        if width is not None:
            if self.min_width is not None and width <= self.min_width:
                yield Problem(option, ProblemCode.WIDTH_TOO_SMALL, self.min_width, width, "px")
            if self.max_width is not None and width >= self.max_width:
                yield Problem(option, ProblemCode.WIDTH_TOO_LARGE, self.max_width, width, "px")
        if height is not None:
            if self.min_height is not None and height <= self.min_height:
                yield Problem(option, ProblemCode.HEIGHT_TOO_SMALL, self.min_height, height, "px")
            if self.max_height is not None and height >= self.max_height:
                yield Problem(option, ProblemCode.HEIGHT_TOO_LARGE, self.max_height, height, "px")
        if width and height:
            ratio = width / height
            if self.min_ratio is not None and ratio <= self.min_ratio:
                yield Problem(option, ProblemCode.RATIO_TOO_NARROW, self.min_ratio, ratio)
            if self.max_ratio is not None and ratio >= self.max_ratio:
                yield Problem(option, ProblemCode.RATIO_TOO_WIDE, self.max_ratio, ratio)

    def _duration_problems(self, option: str, seconds: float | None) -> Iterator[Problem]:
        if seconds is None:
            return
        if self.min_duration_s is not None and seconds < self.min_duration_s:
            yield Problem(option, ProblemCode.TOO_SHORT, self.min_duration_s, seconds, "s")
        if self.max_duration_s is not None and seconds > self.max_duration_s:
            yield Problem(option, ProblemCode.LASTS_TOO_LONG, self.max_duration_s, seconds, "s")
