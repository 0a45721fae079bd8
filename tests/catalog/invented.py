"""A model file for a model that does not exist, different from the real ones in every way it can be."""

import json
from pathlib import Path
from typing import Any, TypeAlias

Tree: TypeAlias = dict[str, Any]


def write_json(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def rule(name: str, value: float) -> Tree:
    return {"validation_rule": name, "validation_value": value}


def option(name: str, fills: str, **more: object) -> Tree:
    return {"name": name, "property": fills, "description": {"en": f"What {name} does."}, **more}


def invented_file() -> Tree:
    return {
        "command": "lantern-3",
        "model_id": "acme/lantern-3/morph",
        "aliases": [
            {"model_id": "acme/lantern-3.1/morph", "adds_choices": {"fps": [120]}, "lacks": ["loop"]},
        ],
        "title": {"en": "Lantern 3"},
        "description": {"en": "Morphs one picture into another.", "it": "Trasforma un'immagine in un'altra."},
        "help": {"en": "Give two pictures or more."},
        "input_schema": _schema(),
        "options": _options(),
        "clip_seconds": 8,
        "prices": {"basis": "operator-weights", "credits_per_second": {"*": 0.3}},
        "usual_seconds": {"basis": "prior", "base": 10, "per_second": {"*": 2}},
    }


def _schema() -> Tree:
    return {
        "type": "object",
        "required": ["stills", "wish"],
        "properties": {
            "loop": {"type": "boolean", "default": False},
            "wish": {"type": "string", "maxLength": 200},
            "stills": {
                "type": "array",
                "items": {"type": "string", "format": "image_uri"},
                "minItems": 2,
                "maxItems": 3,
            },
            "clips": {
                "type": "array",
                "items": {"type": "string", "format": "video_uri"},
                "minItems": 2,
                "maxItems": 3,
            },
            "fps": {"type": "integer", "enum": [24, 30, 60], "default": 30},
            "strength": {"type": "integer", "enum": [3, 1, 2], "default": 2},
            "tune": {"type": "string", "format": "audio_uri"},
        },
    }


def _options() -> list[Tree]:
    return [
        option("loop", "loop"),
        option(
            "still",
            "stills",
            description={"en": "Picture {n}.", "it": "Immagine {n}."},
            media={"kind": "image", "formats": ["png"], "validations": [rule("file_size_mb<", 2.5)]},
        ),
        option(
            "clip",
            "clips",
            media={"kind": "video", "formats": ["mp4"], "validations": [rule("file_size_mb<", 50)]},
        ),
        option("prompt", "wish", recommended_length={"limit": 5, "unit": "words"}),
        option("fps", "fps"),
        option("strength", "strength"),
        option(
            "tune",
            "tune",
            media={"kind": "audio", "formats": ["wav"], "validations": [rule("file_size_mb<", 1)]},
        ),
    ]
