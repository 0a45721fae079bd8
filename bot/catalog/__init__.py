"""What can be asked for: models as data, their options, rules, payloads and prices.

Neither network nor database is touched here.
"""

from bot.catalog.catalogue import Catalogue
from bot.catalog.json_file import JSON
from bot.catalog.media import MediaFacts, MediaKind
from bot.catalog.options import Option, OptionKind, Value
from bot.catalog.problems import Problem, ProblemCode
from bot.catalog.slots import MediaSlot
from bot.catalog.validation import Validation
from bot.catalog.video_model import VideoModel

__all__ = [
    "JSON",
    "Catalogue",
    "MediaFacts",
    "MediaKind",
    "MediaSlot",
    "Option",
    "OptionKind",
    "Problem",
    "ProblemCode",
    "Validation",
    "Value",
    "VideoModel",
]
