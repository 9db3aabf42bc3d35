import json

import pytest

from repsense.errors import CatalogueError
from repsense.exercises.recognition import MODEL_FILE, load_model, model_text, parse_model


def test_writing_and_reading_a_model_changes_nothing() -> None:
    text = model_text(load_model())

    assert model_text(parse_model(text)) == text


@pytest.mark.parametrize("key", ["names", "worn", "free", "made_by"])
def test_a_model_without_one_of_its_parts_is_refused(key: str) -> None:
    facts = json.loads(model_text(load_model()))
    del facts[key]

    with pytest.raises(CatalogueError, match=MODEL_FILE):
        parse_model(json.dumps(facts))


def test_a_model_cut_short_is_refused_with_the_way_to_make_it_again() -> None:
    with pytest.raises(CatalogueError, match="make_recognition_model"):
        parse_model(model_text(load_model())[:5000])


def test_arrays_that_do_not_fit_together_are_refused() -> None:
    facts = json.loads(model_text(load_model()))
    facts["free"]["mean"] += " 1.0"

    with pytest.raises(CatalogueError, match="do not fit"):
        parse_model(json.dumps(facts))


def test_the_unknown_stands_last() -> None:
    facts = json.loads(model_text(load_model()))
    facts["names"] = facts["names"][::-1]

    with pytest.raises(CatalogueError, match="last name"):
        parse_model(json.dumps(facts))
