"""The catalogue: models as data."""
