"""Words in several languages: a mapping from locale to text, always with English."""

from collections.abc import Mapping

DEFAULT_LOCALE = "en"


def localised(text: Mapping[str, str], locale: str) -> str:
    """The text for a Discord locale (`it`, `en-GB`): exact, else its language, else English."""
    language = locale.partition("-")[0]
    return text.get(locale) or text.get(language) or text[DEFAULT_LOCALE]
