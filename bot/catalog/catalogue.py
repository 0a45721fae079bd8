"""Every model the bot offers, read from files."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bot.catalog.build import build_model, read_model_file
from bot.catalog.file_format import ModelFile
from bot.catalog.tariff import read_prices
from bot.catalog.video_model import VideoModel, retired_model
from bot.errors import CatalogInvalid, ModelGone

_MODELS: Final = Path(__file__).parent / "models"


class Catalogue(Mapping[str, VideoModel]):
    """The models by command name, in alphabetical order."""

    def __init__(self, models: Mapping[str, VideoModel]) -> None:
        self._models = dict(sorted(models.items()))
        self._by_id = {
            model_id: model
            for model in self._models.values()
            for model_id in (model.model_id, *model.aliases)
        }

    @classmethod
    def load(
        cls, *, directory: Path | None = None, extra: Path | None = None, prices_file: Path | None = None
    ) -> "Catalogue":
        """Reads every `*.json` of `directory` (else the bot's own models) and of `extra`.

        Args:
            directory: where the models are.
            extra: a directory of the operator's own models, in addition.
            prices_file: the operator's own prices (see `bot.catalog.tariff.read_prices`).

        Raises:
            CatalogInvalid: a file cannot be used; it names the file and everything wrong with it.
        """
        files: dict[str, ModelFile] = {}
        for folder in (directory or _MODELS, extra):
            for path in _model_paths(folder) if folder else ():
                file = read_model_file(path)
                _check_unique(file, files, path)
                files[file.command] = file
        if prices_file is not None:
            files = _repriced(files, prices_file)
        return cls({command: build_model(file) for command, file in files.items()})

    def by_model_id(self, model_id: str) -> VideoModel | None:
        """The model with this RunComfy id or alias."""
        return self._by_id.get(model_id)

    def offered(self, command: str) -> VideoModel:
        """The model behind a command, to ask for a video.

        Raises:
            ModelGone: the operator has taken it out of the catalogue.
        """
        model = self._models.get(command)
        if model is None:
            raise ModelGone
        return model

    def entry(self, command: str) -> VideoModel:
        """The model behind a command, to show and watch what was asked for when it was offered."""
        return self._models.get(command) or retired_model(command)

    def offers(self, command: str, model_id: str) -> bool:
        """Whether a request for this command and RunComfy id can still be submitted."""
        model = self._models.get(command)
        return model is not None and model_id in (model.model_id, *model.aliases)

    def __getitem__(self, command: str) -> VideoModel:
        return self._models[command]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)


def _model_paths(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise CatalogInvalid(str(folder), "is not a directory")
    return sorted(folder.glob("*.json"))


def _check_unique(file: ModelFile, others: Mapping[str, ModelFile], path: Path) -> None:
    problems = []
    if file.command in others:
        problems.append(f"command: another model is called {file.command} too")
    taken = {model_id for other in others.values() for model_id in _ids(other)}
    own: set[str] = set()
    for model_id in _ids(file):
        if model_id in taken or model_id in own:
            problems.append(f"model_id: {model_id} is there twice")
        own.add(model_id)
    if problems:
        raise CatalogInvalid(str(path), "; ".join(problems))


def _ids(file: ModelFile) -> list[str]:
    return [file.model_id, *(alias.model_id for alias in file.aliases)]


def _repriced(files: Mapping[str, ModelFile], prices_file: Path) -> dict[str, ModelFile]:
    prices = read_prices(prices_file)
    problems = [f"{command}: no such model" for command in prices if command not in files]
    problems += [
        f"{command}.{resolution}: no such resolution is offered"
        for command, rates in prices.items()
        if command in files
        for resolution in rates
        if resolution not in files[command].prices.credits_per_second
    ]
    if problems:
        raise CatalogInvalid(str(prices_file), "; ".join(problems))
    return {command: file.with_rates(prices.get(command, {})) for command, file in files.items()}
