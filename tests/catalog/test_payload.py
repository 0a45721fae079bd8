"""What is sent to RunComfy, and what it costs."""

import pytest

from bot.catalog import Catalogue, Value


def test_a_payload_states_every_value_it_knows(catalogue: Catalogue) -> None:
    assert catalogue["seedance-2-pro"].payload({"prompt": "A kite."}, {}) == {
        "prompt": "A kite.",
        "aspect_ratio": "adaptive",
        "duration": 5,
        "resolution": "720p",
        "generate_audio": True,
        "tools": False,
    }
    assert catalogue["seedance-1-5-pro"].payload(
        {"prompt": "A kite.", "sound": False}, {"image": "https://cdn.example/a"}
    ) == {
        "prompt": "A kite.",
        "first_frame_image_url": "https://cdn.example/a",
        "resolution": "480p",
        "ratio": "adaptive",
        "duration": 5,
        "generate_audio": False,
        "camera_fixed": True,
    }


def test_media_keep_the_order_of_the_options_and_gaps_are_closed(catalogue: Catalogue) -> None:
    media = {
        "image9": "https://i/9",
        "video2": "https://v/2",
        "image2": "https://i/2",
        "image1": "https://i/1",
    }
    payload = catalogue["seedance-2-pro"].payload({"prompt": "A kite."}, media)
    assert payload["images"] == ["https://i/1", "https://i/2", "https://i/9"]
    assert payload["videos"] == ["https://v/2"]
    assert "audios" not in payload


def test_a_seed_is_stated_where_it_was_given_or_the_schema_has_a_default(catalogue: Catalogue) -> None:
    assert "seed" not in catalogue["seedance-2-pro"].payload({"prompt": "A kite."}, {})
    assert catalogue["seedance-1-0-lite"].payload({"prompt": "A kite."}, {})["seed"] == 53154020
    for command in ("seedance-1-0-lite", "seedance-2-pro"):
        assert catalogue[command].payload({"prompt": "A kite.", "seed": 0}, {})["seed"] == 0


def test_the_lite_model_calls_its_prompt_text(catalogue: Catalogue) -> None:
    payload = catalogue["seedance-1-0-lite"].payload({"prompt": "A kite."}, {"image1": "https://i/1"})
    assert payload["text"] == "A kite."
    assert "prompt" not in payload


def test_a_payload_for_the_alias_leaves_out_tools_and_may_say_4k(catalogue: Catalogue) -> None:
    model = catalogue["seedance-2-pro"]
    values: dict[str, Value] = {"prompt": "A kite.", "web_search": True, "resolution": "4k"}
    payload = model.payload(values, {}, model_id="bytedance/seedance-2.0/pro")
    assert "tools" not in payload
    assert payload["resolution"] == "4k"
    assert model.payload(values, {}, model_id="bytedance/seedance-v2/pro")["tools"] is True
    with pytest.raises(KeyError):
        model.payload(values, {}, model_id="bytedance/seedance-9/pro")


def test_the_alias_is_a_variant_with_its_own_options(catalogue: Catalogue) -> None:
    model = catalogue["seedance-2-pro"]
    variant = model.variant("bytedance/seedance-2.0/pro")
    assert not model.validate({"prompt": "A kite.", "resolution": "4k"}, {}).ok
    assert variant.validate({"prompt": "A kite.", "resolution": "4k"}, {}).ok
    assert {o.name for o in model.options} - {o.name for o in variant.options} == {"web_search"}
    assert model.variant(model.model_id) is model


def test_a_model_is_found_by_its_id_and_by_its_alias(catalogue: Catalogue) -> None:
    model = catalogue["seedance-2-pro"]
    assert catalogue.by_model_id("bytedance/seedance-v2/pro") is model
    assert catalogue.by_model_id("bytedance/seedance-2.0/pro") is model
    assert catalogue.by_model_id("bytedance/seedance-9/pro") is None


def test_completing_fills_in_defaults_and_drops_what_the_model_does_not_know(catalogue: Catalogue) -> None:
    completed = catalogue["seedance-1-0-pro"].complete({"prompt": "A kite.", "duration": 9, "sparkle": 1})
    assert completed == {"prompt": "A kite.", "resolution": "480p", "duration": 9, "ratio": "adaptive"}


def test_prices_are_whole_credits_rounded_up(catalogue: Catalogue) -> None:
    assert catalogue["seedance-1-0-lite"].price({"resolution": "480p", "duration": 5}) == 5
    assert catalogue["seedance-1-0-lite"].price({"resolution": "720p", "duration": 3}) == 6
    pro = catalogue["seedance-2-pro"]
    assert pro.price({"resolution": "720p", "duration": 5, "sound": True}) == 23
    assert pro.price({"resolution": "720p", "duration": 5, "sound": False}) == 18
    assert catalogue["seedance-1-0-pro"].price({"resolution": "720p", "duration": 10}) == 22


def test_the_usual_time_grows_with_duration_from_a_base(catalogue: Catalogue) -> None:
    model = catalogue["seedance-1-0-lite"]
    assert model.usual_seconds({"resolution": "480p", "duration": 5}) == pytest.approx(35)
    assert model.usual_seconds({"resolution": "480p", "duration": 10}) == pytest.approx(55)


def test_words_come_in_the_members_language_or_in_english(catalogue: Catalogue) -> None:
    model = catalogue["seedance-1-0-pro"]
    assert model.description("it") != model.description("en-GB") == model.description("ja")
    assert model.options[0].description("it-IT") == model.options[0].description("it")
    assert model.title("fr") == "Seedance 1.0 Pro"
    assert model.help("it") != model.help("fr")
