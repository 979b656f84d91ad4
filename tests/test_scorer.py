import json

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, event, frame_of

import tension
from tension.errors import DateError, InputError, MissingColumnError, OptionError
from tension.ontology import act_of
from tension.records import EVENT_DTYPES, as_events, validate_events

LINES = [
    {"id": "1", "date": "2013-05-01", "text": "China condemned Japan over the visit. Japan rejected the protest."},
    {"id": "2", "date": "2013-05-02", "text": "Kenya and Ethiopia signed an agreement on power lines in Nairobi."},
    {"id": "3", "date": "2013-05-03", "text": "It rained in Peru."},
]


@pytest.fixture(scope="module")
def article_events(scorer, article) -> pd.DataFrame:
    return scorer.score(article)


@pytest.fixture(scope="module")
def article_gold() -> dict[int, list[dict]]:
    lines = (ROOT / "seeds" / "japan_china_dialogue.gold.jsonl").read_text(encoding="utf-8").splitlines()
    return {int(row["uid"].rpartition(":")[2]): row["events"] for row in map(json.loads, lines)}


def _poles(rows) -> set[tuple[str, str, bool]]:
    return {(r["source"], r["target"], act_of(r["root"], r["quad"]).cooperative) for r in rows}


def test_example_article_precision_and_recall(article_events, article_gold):
    hit = missed = wrong = 0
    for sentence, events in article_gold.items():
        core = _poles(e for e in events if not e["optional"])
        optional = _poles(e for e in events if e["optional"])
        found = _poles(article_events[article_events["sentence"] == sentence].to_dict("records"))
        hit, missed, wrong = hit + len(core & found), missed + len(core - found), wrong + len(found - core - optional)
    assert hit / (hit + missed) >= 0.8
    assert hit / (hit + wrong) >= 0.8


def test_example_article_keeps_its_pairs_apart(article_events):
    pairs = {tuple(sorted(pair)) for pair in zip(article_events["source"], article_events["target"], strict=True)}
    assert pairs == {("CHN", "JPN"), ("CHN", "USA")}
    tariffs = article_events[article_events["target"].eq("USA") | article_events["source"].eq("USA")]
    assert tariffs["sentence"].unique().tolist() == [12]
    assert set(tariffs["quad"].str[1:]) == {"CONF"}


def test_example_article_has_both_poles(article_events):
    between = article_events[
        article_events["source"].isin(["CHN", "JPN"]) & article_events["target"].isin(["CHN", "JPN"])
    ]
    assert set(between["quad"].str[1:]) == {"COOP", "CONF"}
    conflict = between[between["quad"].str.endswith("CONF")]
    chinese = conflict[conflict["source"].eq("CHN") & conflict["target"].eq("JPN")]
    assert {3, 6, 7} <= set(chinese["sentence"])


def test_example_article_says_nothing_in_its_last_paragraph(article_events):
    assert article_events["sentence"].max() < 13


def test_the_frame_keeps_its_contract(article_events, article):
    validate_events(article_events)
    assert {name: str(dtype) for name, dtype in article_events.dtypes.items()} == EVENT_DTYPES
    for row in article_events.itertuples():
        assert article["text"][row.start : row.end] == row.text
    joint = article_events[article_events["joint"]]
    directions = set(zip(joint["sentence"], joint["source"], joint["target"], joint["root"], strict=True))
    assert directions == {(s, b, a, r) for s, a, b, r in directions}


def test_an_empty_result_keeps_its_columns_and_says_why(scorer):
    for text, why in [
        ("It rained.", "no state is named"),
        ("Peru held an election.", "none names or implies a pair"),
        ("   ", "empty text"),
        ("Le président a rencontré le ministre des affaires étrangères hier soir.", "language is fr"),
    ]:
        frame = scorer.score(text)
        assert frame.empty
        assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == EVENT_DTYPES
        assert why in frame.attrs["why_empty"]
    assert scorer.score([]).attrs["why_empty"] == "there was no article"


def test_bad_rows_are_listed_and_the_rest_is_scored(scorer):
    frame = pd.DataFrame(
        {
            "id": list("abcd"),
            "text": [LINES[0]["text"], None, "", LINES[1]["text"]],
            "date": ["2013-05-01", None, None, "not a date"],
        }
    )
    events = scorer.score(frame)
    assert set(events["article_id"]) == {"a"}
    assert [(s["row"], s["id"]) for s in events.attrs["skipped"]] == [(1, "b"), (2, "c"), (3, "d")]


def test_a_frame_without_text_and_a_bad_date_raise(scorer):
    with pytest.raises(MissingColumnError, match="body"):
        scorer.score(pd.DataFrame({"body": ["x"]}))
    with pytest.raises(DateError, match="tomorrowish"):
        scorer.score("Japan met China.", date="tomorrowish")


def test_emoji_and_control_characters(scorer):
    events = scorer.score("\x00🇯🇵 Japan\x07 condemned 🚀 North Korea\u200b for the launch 😡.\x1b", date="2017-08-29")
    assert ("JPN", "PRK") in set(zip(events["source"], events["target"], strict=True))


def test_a_five_megabyte_sentence_is_scored_in_bounded_pieces(scorer):
    text = "filler words without any end and " * 150_000 + "Japan condemned North Korea."
    events = scorer.score({"id": "big", "text": text, "date": "2017-08-29"})
    assert events["text"].str.len().max() < 1000
    assert (events["source"] == "JPN").any()


def test_stream_and_score_give_the_same_rows(scorer):
    whole = scorer.score(LINES)
    parts = pd.concat(scorer.stream(iter(LINES), chunk=1), ignore_index=True)
    pd.testing.assert_frame_equal(whole, parts, rtol=1e-3, check_exact=False)


def test_order_of_articles_changes_no_score(scorer):
    forward = scorer.score(LINES).sort_values(["article_id", "sentence", "source"], ignore_index=True)
    backward = scorer.score(LINES[::-1]).sort_values(["article_id", "sentence", "source"], ignore_index=True)
    pd.testing.assert_frame_equal(forward, backward, rtol=1e-3, check_exact=False)


def test_the_same_sentence_is_encoded_once(scorer):
    before = scorer.model.encoder_calls
    scorer.score([LINES[1]["text"]] * 5, date="2013-05-02")
    assert scorer.model.encoder_calls - before == 1


def test_only_sentences_with_a_pair_meet_the_encoder(scorer):
    before = scorer.model.encoder_calls
    scorer.score(["It rained in Peru.", "Peru held an election.", "Nothing happened anywhere."])
    assert scorer.model.encoder_calls == before


@pytest.mark.parametrize(("first", "second"), [("Ghana", "Togo"), ("Togo", "Ghana")])
def test_who_protests_hangs_on_what_was_said_before(scorer, first, second):
    text = f"{first} shelled villages in northern {second} on Sunday. The ambassador was summoned and handed a protest."
    events = scorer.score(text, date="1995-05-05")
    told = events[events["sentence"] == 1]
    codes = {"Ghana": "GHA", "Togo": "TGO"}
    assert list(zip(told["source"], told["target"], strict=True)) == [(codes[second], codes[first])]
    assert (told["resolved"] == "context").all()
    assert (told["p_conflict"] > 0.5).all()


@pytest.mark.parametrize(
    "quiet",
    [
        "Rice was cheap in the markets that winter.",
        "Schools will open again in September, the minister of education announced.",
        "It was a cold day.",
        "Voters in France go to the polls next week, and the franc fell.",
    ],
)
def test_what_was_said_before_is_not_told_again(scorer, quiet):
    for lead in ("Ghana and Togo agreed on Sunday to reopen their border.", "Ghana accused Togo of sheltering rebels."):
        events = scorer.score(f"{lead} {quiet}", date="1995-05-05")
        assert set(events["sentence"]) == {0}


def test_words_of_an_event_that_only_the_article_tells_stand_in_its_sentence(scorer):
    events = scorer.score("Ghana accused Togo of arming the rebels. The charge was denied by Togo.", date="1995-05-05")
    words = scorer.words(events[(events["resolved"] == "context") & (events["source"] == "TGO")])
    assert set(words["word"]) == {"The", "charge", "was", "denied", "by"}
    assert list(words["start"]) == sorted(words["start"])


def test_copies_share_a_story(scorer):
    text = "India summoned Pakistan's high commissioner on Tuesday and protested strongly against the shelling of border villages."
    events = scorer.score(
        [{"id": "x", "text": text, "date": "2019-01-01"}, {"id": "y", "text": text + " (PTI)", "date": "2019-01-01"}]
    )
    assert set(events["article_id"]) == {"x", "y"}
    assert set(events["story"]) == {"x@2019-01-01"}


def test_articles_that_share_an_id_or_a_text_are_not_one_story_half_a_year_apart(scorer):
    text = "India summoned Pakistan's high commissioner and protested."
    events = scorer.score([{"text": text, "date": "2019-01-05"}, {"text": text, "date": "2019-07-05"}])
    assert events["story"].nunique() == 2


def test_other_states_get_the_same_judgement(scorer):
    text = "{} condemned {} on Monday after {} jets entered {} airspace."
    cases = [("China", "Japan", "Chinese", "Japanese"), ("Peru", "Chad", "Peruvian", "Chadian")]
    one, other = (scorer.classify([text.format(*words)], [words[0]], [words[1]]) for words in cases)
    assert one.equals(other)


def test_classify_whole_sentences_and_spans(scorer):
    whole = scorer.classify(["The two countries signed a trade agreement.", "The army shelled the border town."])
    assert whole["p_cooperation"][0] > whole["p_conflict"][0]
    assert whole["p_conflict"][1] > whole["p_cooperation"][1]
    assert np.allclose(whole[["p_cooperation", "p_conflict", "p_none"]].sum(axis=1), 1, atol=1e-5)
    text = "Kenya praised Uganda for its help, while Rwanda condemned Burundi."
    asked = scorer.classify([text] * 2, source=["Kenya", "Rwanda"], target=["Uganda", "Burundi"])
    assert asked["p_cooperation"][0] > 0.5
    assert asked["p_conflict"][1] > 0.5


@pytest.mark.parametrize("sides", [("China", "Japan"), ("CHN", "JPN"), ("the People's Republic of China", "Japan")])
def test_classify_finds_a_state_however_the_sentence_names_it(scorer, sides):
    text = "Chinese patrol boats rammed a trawler at night, and Tokyo protested."
    spelt = scorer.classify(text, "Chinese", "Tokyo")
    assert scorer.classify(text, *sides).round(4).equals(spelt.round(4))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"source": "Japan"}, "both"),
        ({"source": "Japan", "target": "France"}, "France"),
        ({"source": ["Japan", "x"], "target": ["China", "y"]}, "one for each"),
    ],
)
def test_classify_explains_bad_spans(scorer, arguments, message):
    with pytest.raises(InputError, match=message):
        scorer.classify(["Japan met China."], **arguments)


@pytest.mark.parametrize("sentences", [[""], [None], ["good", 7]])
def test_bad_sentences_are_named(scorer, sentences):
    with pytest.raises(InputError, match="sentence"):
        scorer.embed(sentences)


def test_options_are_checked():
    with pytest.raises(OptionError, match="min_probability"):
        tension.Scorer(min_probability=2)
    with pytest.raises(OptionError, match="goldstein"):
        tension.Scorer(scale="tone")
    with pytest.raises(OptionError, match="chunk"):
        list(tension.Scorer().stream([], chunk=0))


def test_context_can_be_turned_off(scorer):
    text = "Japan and China met in Osaka. The two countries agreed to hold further talks."
    without = tension.Scorer(scorer.model, context=False).score(text, date="2019-01-01")
    assert "context" in set(scorer.score(text, date="2019-01-01")["resolved"])
    assert "context" not in set(without["resolved"])


def test_half_a_character_is_no_error_for_a_sentence(scorer):
    assert len(scorer.classify(["China \ud800condemned Japan."], ["China"], ["Japan"])) == 1
    assert scorer.embed(["China \udfff met Japan."]).shape[0] == 1


def test_a_bar_is_shown_where_asked_for_and_knows_its_total(scorer, capsys):
    scorer.score(["China condemned Japan."] * 3, date="2013-05-01", progress=True)
    assert "3/3" in capsys.readouterr().err
    scorer.score(["China condemned Japan."], date="2013-05-01", progress=None)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("word", ["FALSE", "false", "0", False])
def test_joint_is_read_as_spreadsheets_write_it(word):
    frame = frame_of(event())
    assert not as_events(frame.assign(joint=pd.Series([word], dtype=object)))["joint"].any()
    with pytest.raises(InputError, match="neither true nor false"):
        as_events(frame.assign(joint=pd.Series([None], dtype=object)))
