"""The catalogue's models, as the stand-in offers them."""

from collections.abc import Mapping
from typing import Any

from bot.catalog import Catalogue


def catalogue_schemas(catalogue: Catalogue) -> dict[str, Mapping[str, Any]]:
    """Return the input schema of every model by its id, and of its variants by theirs."""
    return {
        model_id: model.variant(model_id).input_schema
        for model in catalogue.values()
        for model_id in (model.model_id, *model.aliases)
    }
