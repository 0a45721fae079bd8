"""Everything the bot says: one Fluent file a language, English where a language has no words yet."""

from functools import cache
from importlib.resources import files

from fluent.runtime import FluentBundle, FluentResource

#: The language every message exists in.
DEFAULT_LOCALE = "en"


class MessageMissing(LookupError):
    """A message the code asks for is not in the English file, or lacks one of its arguments."""


class Words:
    """The words of one language."""

    def __init__(self, locale: str) -> None:
        """`locale` is Discord's name of the language (`en-US`, `it`); an unknown one gets English."""
        own = _bundle(_known(locale))
        default = _bundle(DEFAULT_LOCALE)
        self._bundles = (own,) if own is default else (own, default)

    def __call__(self, message_id: str, **arguments: str | float) -> str:
        """The message in this language, else in English.

        Raises:
            MessageMissing: there is no such message, or an argument it needs was not given.
        """
        for bundle in self._bundles:
            if bundle.has_message(message_id):
                return _format(bundle, message_id, arguments)
        raise MessageMissing(message_id)


def known_locales() -> tuple[str, ...]:
    """The languages there is a file for."""
    names = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".ftl") for name in names if name.endswith(".ftl")))


def _known(locale: str) -> str:
    for candidate in (locale, locale.split("-", maxsplit=1)[0]):
        if candidate in known_locales():
            return candidate
    return DEFAULT_LOCALE


@cache
def _bundle(locale: str) -> FluentBundle:
    # No isolation marks around arguments: Discord shows them as boxes in some clients.
    bundle = FluentBundle([locale], use_isolating=False)
    bundle.add_resource(FluentResource(files(__name__).joinpath(f"{locale}.ftl").read_text("utf-8")))
    return bundle


def _format(bundle: FluentBundle, message_id: str, arguments: dict[str, str | float]) -> str:
    pattern = bundle.get_message(message_id).value
    if pattern is None:
        raise MessageMissing(message_id)
    text, errors = bundle.format_pattern(pattern, arguments)
    if errors:
        raise MessageMissing(f"{message_id}: {errors[0]}")
    return str(text)
