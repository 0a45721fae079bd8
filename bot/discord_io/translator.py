"""Names and descriptions of commands in the languages there are words for, as Discord's own localisations."""

import discord
from discord import app_commands


class CatalogueTranslator(app_commands.Translator):
    """Gives Discord the translations that a `locale_str` carries with it, by Discord's language code."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        _context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """The string in this language; None leaves the English one."""
        found = string.extras.get(locale.value)
        return found if isinstance(found, str) else None
