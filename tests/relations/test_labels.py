"""A user's own labels: fitted on the pair's features, saved, evaluated, and by full fine-tuning."""

import numpy as np
import pandas as pd
import pytest

from tension.errors import InputError, MissingColumnError, ModelError
from tension.relations.asking import Pair
from tension.relations.labels import OwnLabels
from tension.relations.model import RelationModel

WATER = [
    "{} closed the sluices of the dam to {}.",
    "{} and {} quarrel over the river's water.",
    "{} built a canal that dries {}.",
]
FISH = ["{} seized three trawlers of {}.", "{} and {} share out the cod quota.", "{} banned the fishing boats of {}."]
STATES = [("Peru", "Chile"), ("Ghana", "Togo"), ("Japan", "China"), ("Iran", "Iraq")]


def frame(states: list[tuple[str, str]]) -> pd.DataFrame:
    rows = [
        {"text": text.format(a, b), "source": a, "target": b, "label": label}
        for label, texts in (("water", WATER), ("fish", FISH))
        for text in texts
        for a, b in states
    ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def model() -> RelationModel:
    return RelationModel.from_pretrained(device="cpu")


def test_own_labels_are_fitted_told_and_evaluated(model):
    fitted = model.fit(frame(STATES[:3]), "topic")
    assert model.labels == {}
    told = fitted.predict(frame(STATES[3:]), "topic")
    assert told.columns.tolist() == ["label", "fish", "water"]
    assert np.allclose(told[["fish", "water"]].sum(axis=1), 1)
    quality = fitted.evaluate(frame(STATES[3:]), "topic")
    assert quality.attrs["n"] == 6
    assert quality.attrs["accuracy"] > 0.8
    assert quality.loc["fish", "n"] == 3


def test_own_labels_are_saved_with_the_model(model, tmp_path):
    fitted = model.fit(frame(STATES[:2]), "topic")
    fitted.save_pretrained(tmp_path)
    again = RelationModel.from_pretrained(tmp_path, device="cpu")
    new = frame(STATES[2:])
    assert np.allclose(fitted.predict(new, "topic")["fish"], again.predict(new, "topic")["fish"], atol=0.02)


def test_whole_sentences_can_be_labelled(model):
    fitted = model.fit(frame(STATES[:3])[["text", "label"]])
    assert set(fitted.predict(frame(STATES[3:])[["text"]])["label"]) == {"water", "fish"}


def test_full_fine_tuning_learns_the_labels_and_keeps_the_acts(model):
    tuned = model.fit(frame(STATES[:2]), fine_tune=True, epochs=2)
    assert tuned.evaluate(frame(STATES[2:])).attrs["accuracy"] > 0.8
    text, pairs = ["Norway condemned Kenya."], [Pair(0, ((0, 6),), ((17, 22),))]
    assert tuned.judge(text, pairs).p_conflict()[0] == pytest.approx(model.judge(text, pairs).p_conflict()[0], abs=0.2)


def test_bad_labels_say_what_to_do(model):
    with pytest.raises(MissingColumnError, match="label"):
        model.fit(pd.DataFrame({"text": ["x"]}))
    with pytest.raises(InputError, match="two classes"):
        model.fit(pd.DataFrame({"text": ["x", "y"], "label": ["a", "a"]}))
    with pytest.raises(InputError, match="row 1 has no label"):
        model.fit(pd.DataFrame({"text": ["x", "y"], "label": ["a", None]}))
    with pytest.raises(ModelError, match="fit returns a new model"):
        model.predict(pd.DataFrame({"text": ["x"]}), "topic")
    with pytest.raises(InputError, match="none of those fitted"):
        model.fit(frame(STATES[:1])).evaluate(pd.DataFrame({"text": ["x"], "label": ["coal"]}))


def test_classes_that_a_line_parts_are_told_apart():
    x = np.random.default_rng(1).normal(size=(200, 3))
    labels = np.where(x @ [1.0, -2.0, 0.5] > 0.3, "up", "down").tolist()
    own = OwnLabels.fit(x[:150], labels[:150])
    assert (np.asarray(own.classes)[own.probabilities(x[150:]).argmax(1)] == labels[150:]).mean() > 0.9
