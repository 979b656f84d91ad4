import pytest

from tension.actors.discourse import Discourse
from tension.actors.dyads import candidates, clause_candidates
from tension.actors.gazetteer import Gazetteer
from tension.actors.mentions import MentionFinder, People
from tension.actors.telling import tell
from tension.records import Article, Clause
from tension.relations.asking import default_finder
from tension.text.sentences import split_sentences


def pairs_by_sentence(text: str, **options) -> list[set[tuple[str, str, str]]]:
    finder, people, discourse, result = MentionFinder(Gazetteer.default()), People(), Discourse(), []
    for sentence in split_sentences(Article("x", text)):
        mentions, places = finder.find(sentence.text, None, people)
        found = candidates(sentence.text, mentions, places, discourse, **options)
        discourse.read(sentence.text, mentions)
        result.append({(c.source, c.target, c.resolved) for c in found})
    return result


def test_both_orders_of_every_named_pair():
    (found,) = pairs_by_sentence("Kenya and Uganda urge Tanzania to talk.")
    assert {(a, b) for a, b, _ in found} == {
        (a, b) for a in ("KEN", "UGA", "TZA") for b in ("KEN", "UGA", "TZA") if a != b
    }


def test_what_the_article_said_last_goes_before_a_sentence():
    *_, told = tell(Article("a", "Chad and Mali met. Peru accused Mali. It rained. The charge was denied."), default_finder())
    assert [part.text for part in told.before] == ["Peru accused Mali.", "It rained."]
    assert [m.state for part in told.before for m in part.mentions] == ["PER", "MLI"]
    (clause,) = told.clauses
    assert clause.needs_article


def test_the_parts_of_a_sentence_need_the_article_or_not():
    parts = clauses_of(
        "Chad expelled an envoy of Cuba, but both sides said that talks would go on.", "Chad and Cuba met."
    )
    assert [part.needs_article for part in parts] == [False, True]


def test_a_title_that_the_text_repeats_counts_once():
    discourse, finder = Discourse(), MentionFinder(Gazetteer.default())
    for sentence in ("Peru accused Mali.", "Peru accused Mali.", "Mali was angry."):
        discourse.read(sentence, finder.find(sentence, None, People())[0])
    assert discourse.weights == {"PER": 2.0, "MLI": 3.0}
    assert [sentence.text for sentence in discourse.said] == ["Peru accused Mali.", "Mali was angry."]


def test_an_article_about_many_states_is_about_no_pair():
    named = "Peru and Mali met. Chad voted. Cuba voted. Oman voted. Fiji voted. Togo voted."
    assert pairs_by_sentence(f"{named} It was denied.")[-1] == set()
    assert pairs_by_sentence("Peru and Mali met. Chad voted. It was denied.")[-1] != set()


def test_a_newcomer_faces_only_the_chief_states_of_an_article():
    found = pairs_by_sentence(
        "Peru and Mali met. Chad and Mali met. Mali and Chad met again. Cuba objected. Chad objected."
    )
    assert {state for pair in found[3] for state in pair[:2]} == {"CUB", "MLI"}
    assert {state for pair in found[4] for state in pair[:2]} == {"TCD", "MLI", "PER"}


def test_a_pair_that_the_sentence_names_does_not_need_the_article():
    *_, told = tell(Article("a", "Peru accused Mali. Mali thanked Chad."), default_finder())
    assert [clause.needs_article for clause in told.clauses] == [False]


def test_the_two_countries_are_the_active_pair():
    found = pairs_by_sentence(
        "Japan and China met. The two countries agreed, while China fights over tariffs with the United States."
    )
    assert ("CHN", "JPN", "context") in found[1]
    assert ("CHN", "USA", "named") in found[1]
    assert not any({"JPN", "USA"} == {a, b} for a, b, _ in found[1])


def test_a_one_sided_sentence_takes_the_other_member():
    assert pairs_by_sentence("Japan and China met. Beijing objected strongly.")[1] == {
        ("CHN", "JPN", "context"),
        ("JPN", "CHN", "context"),
    }


def test_a_sentence_that_names_no_state_may_tell_of_the_article_s_pair():
    found = pairs_by_sentence(
        "Peru sent a note to Mali. The note was returned unread. Mali and Chad are neighbours. It rained."
    )
    assert found[1] == {("PER", "MLI", "context"), ("MLI", "PER", "context")}
    assert found[3] == {("PER", "MLI", "context"), ("MLI", "PER", "context")}


def test_the_pair_of_an_article_may_be_named_apart():
    found = pairs_by_sentence(
        "Peru has closed its embassy. The step was taken after a threat from Mali. It was denied."
    )
    assert found[2] == {("PER", "MLI", "context"), ("MLI", "PER", "context")}


@pytest.mark.parametrize(
    "sentence",
    [
        "Peru and Chile condemned the attack.",
        "Both Peruvian and Chilean officials condemned it.",
        "Peru, as well as Chile, was angry.",
        "The ambassadors of Peru and Chile were summoned.",
    ],
)
def test_states_that_are_listed_alone_are_one_side(sentence):
    found = pairs_by_sentence(f"Oman bombed a market. {sentence}")[1]
    assert {pair for pair in found if pair[2] == "context"} == {
        pair for state in ("PER", "CHL") for pair in ((state, "OMN", "context"), ("OMN", state, "context"))
    }


@pytest.mark.parametrize(
    "sentence",
    [
        "Peru condemned Chile.",
        "Peru told Chile and Fiji to wait.",
        "Peru and Chile condemned Fiji.",
        "Talks between Peru and Chile collapsed.",
        "Clashes among Peru, Chile and Fiji began.",
        "Peru and Chile fought, and Peru said that Chile began it.",
    ],
)
def test_states_that_are_not_one_list_face_only_each_other(sentence):
    found = pairs_by_sentence(f"Oman bombed a market. {sentence}")[1]
    assert not any("OMN" in pair for pair in found)


def test_a_town_stands_for_its_state():
    assert pairs_by_sentence("Russian missiles hit Odesa.") == [{("RUS", "UKR", "locality"), ("UKR", "RUS", "locality")}]
    found = pairs_by_sentence("Russia began a new attack. Twenty drones hit Odesa.")
    assert found[1] == {("RUS", "UKR", "context"), ("UKR", "RUS", "context")}


def test_the_members_of_one_side_face_the_same_states():
    text = "Peru attacked Mali. Chad and Cuba accused Peru of lying to Mali. Mali thanked Chad and Cuba."
    found = pairs_by_sentence(f"{text} Cuba and Oman condemned the attack.")[-1]
    assert {b for a, b, _ in found if a == "OMN"} == {"CUB"} | {b for a, b, _ in found if a == "CUB"} - {"OMN"}


@pytest.mark.parametrize("opening", ["Osaka summit opens.", "BLAST IN OSAKA KILLS FIVE.", "An Osaka court sat."])
def test_a_town_does_not_lead(opening):
    found = pairs_by_sentence(f"{opening} Peru accused Mali of spying. The charge was denied.")[-1]
    assert found == {("PER", "MLI", "context"), ("MLI", "PER", "context")}


def test_a_town_is_not_the_ministry_and_pushes_no_pair_out_of_what_was_said():
    discourse, finder = Discourse(), MentionFinder(Gazetteer.default())
    for sentence in ("Peru accused Mali.", "Talks were held in Osaka.", "No date was set."):
        discourse.read(sentence, finder.find(sentence, None, People())[0])
    assert discourse.subject == "PER"
    assert [said.text for said in discourse.said] == ["Peru accused Mali.", "No date was set."]


def test_a_town_takes_no_sentence_from_the_article_s_pair():
    found = pairs_by_sentence("Peru accused Mali of spying. Talks were held in Osaka. The ministers met in Shanghai.")
    assert found[1] == found[2] == {("PER", "MLI", "context"), ("MLI", "PER", "context")}


def test_both_sides_may_face_a_third_state_that_is_named_alone():
    found = pairs_by_sentence("Greece and Turkey met. The American president telephoned both capitals.")[1]
    assert {("USA", "GRC", "context"), ("TUR", "USA", "context"), ("GRC", "TUR", "context")} <= found


def test_an_office_or_pronoun_is_the_state_that_acted_last():
    lead = "Ghana and Togo are at odds over a dam. Togo sent engineers to the site. "
    assert pair_of(lead + "The ministry summoned the ambassador.") == ("TGO", "GHA", "The ministry", "")
    assert pair_of(lead + "“It is our water,” he said.") == ("TGO", "GHA", "he", "")
    assert pair_of(lead + "He accused Benin of meddling.") == ("TGO", "BEN", "He", "Benin")
    assert pair_of(lead + "It was a cold day.") is None
    assert pair_of(lead + "The ministry of Togo is closed.") == ("TGO", "GHA", "Togo", "")
    assert pair_of(lead + "Prices fell.") is None
    assert pair_of("The ministry summoned the ambassador.") is None


def pair_of(text: str) -> tuple[str, str, str, str] | None:
    """The first pair of the last sentence whose source has words there, with the words of both sides."""
    finder, people, discourse = MentionFinder(Gazetteer.default()), People(), Discourse()
    for sentence in split_sentences(Article("x", text)):
        mentions, places = finder.find(sentence.text, None, people)
        clauses = clause_candidates(sentence.text, mentions, places, discourse)
        discourse.read(sentence.text, mentions)
    first = next((c for clause in clauses for c in clause.pairs if c.source_spans), None)
    if first is None:
        return None
    words = (
        "".join(sentence.text[slice(*span)] for span in spans) for spans in (first.source_spans, first.target_spans)
    )
    return first.source, first.target, *words


def test_a_state_named_alone_may_face_those_named_most_but_not_one_named_in_passing():
    found = pairs_by_sentence("Japan and China met. France held an election. Beijing objected. Paris was calm.")
    assert {(a, b) for a, b, _ in found[1]} == {("FRA", "JPN"), ("JPN", "FRA"), ("FRA", "CHN"), ("CHN", "FRA")}
    assert {(a, b) for a, b, _ in found[2]} == {("CHN", "JPN"), ("JPN", "CHN")}
    assert not any({a, b} == {"CHN", "JPN"} for a, b, _ in found[3])


def test_a_bare_extra_mention_changes_no_other_sentence():
    text = "Japan and China met in Osaka. {} The two countries agreed to meet again. Beijing objected strongly."
    plain, extra = (
        pairs_by_sentence(text.format("It rained.")),
        pairs_by_sentence(text.format("Brazil rained on China.")),
    )
    assert plain[2:] == extra[2:]


def test_a_disputed_place_brings_its_claimants():
    (found,) = pairs_by_sentence("Soldiers exchanged fire across the Line of Control.")
    assert found == {("IND", "PAK", "place"), ("PAK", "IND", "place")}
    assert pairs_by_sentence("Soldiers exchanged fire across the Line of Control.", use_places=False) == [set()]


def test_a_claimant_alone_at_a_place_that_several_claim_faces_the_one_that_holds_it():
    text = "{} patrol ships circled the Senkaku Islands."
    assert pairs_by_sentence(text.format("Chinese")) == [{("CHN", "JPN", "place"), ("JPN", "CHN", "place")}]
    assert pairs_by_sentence(text.format("Taiwanese")) == [{("TWN", "JPN", "place"), ("JPN", "TWN", "place")}]
    assert pairs_by_sentence(text.format("Japanese")) == [set()]
    assert pairs_by_sentence(text.format("Peruvian")) == [set()]
    assert pairs_by_sentence(text.format("The")) == [set()]


def test_the_article_says_which_claimants_are_meant_before_the_holder_does():
    before = "China and Vietnam met in Hanoi. The two countries agreed to meet again. "
    found = pairs_by_sentence(before + "Patrol ships circled Scarborough Shoal and the Paracel Islands.")[-1]
    assert {frozenset(pair[:2]) for pair in found} == {frozenset({"CHN", "VNM"})}


def test_whoever_holds_a_place_claims_it():
    places = [alias for alias in Gazetteer.default() if alias.held_by]
    assert {"JPN", "CHN", "TWN", "GBR"} <= {alias.held_by for alias in places}
    assert all(alias.kind == "place" and alias.held_by in alias.states for alias in places)


def test_no_context_without_a_pair_before():
    assert pairs_by_sentence("The two countries agreed. Beijing objected.") == [set(), set()]


def test_swapping_two_names_swaps_the_pair():
    a = {(s, t) for s, t, _ in pairs_by_sentence("Ghana condemns Togo over the border.")[0]}
    b = {(t, s) for s, t, _ in pairs_by_sentence("Togo condemns Ghana over the border.")[0]}
    assert a == b


def test_a_line_in_which_a_newspaper_speaks_of_itself_tells_of_no_pair():
    before = "Chad accused Mali."
    assert not clauses_of("By subscribing, you can help us get the story right.", before)
    assert clauses_of("Mali's subscription to the fund was cancelled.", before)


def test_a_line_of_sources_tells_of_no_pair():
    before = "Chad accused Mali."
    assert not clauses_of("(Chad Tribune), (AP via The Age).", before)
    assert clauses_of("(Reuters) The charge was denied.", before)


def clauses_of(text: str, before: str = "") -> list[Clause]:
    finder, discourse = MentionFinder(Gazetteer.default()), Discourse()
    for sentence in (before, text):
        mentions, places = finder.find(sentence, None, People())
        parts = clause_candidates(sentence, mentions, places, discourse)
        discourse.read(sentence, mentions)
    return parts


def parts_of(text: str, before: str = "") -> list[tuple[str, set[tuple[str, str]]]]:
    parts = clauses_of(text, before)
    return [(text[part.start : part.end].strip(), {(c.source, c.target) for c in part.pairs}) for part in parts]


def test_each_clause_has_its_own_pair():
    first, second, across = parts_of("Kenya thanked Oman for the loan, while Qatar accused Chad of a breach.")
    assert first == ("Kenya thanked Oman for the loan, while", {("KEN", "OMN"), ("OMN", "KEN")})
    assert second == ("Qatar accused Chad of a breach.", {("QAT", "TCD"), ("TCD", "QAT")})
    assert ("KEN", "TCD") in across[1]
    assert ("KEN", "OMN") not in across[1]


def test_a_clause_about_the_two_countries_is_theirs():
    before = "Japan and China met in Osaka."
    parts = parts_of(
        "The two countries agreed to trade more, while China is in a tariff dispute with the United States.", before
    )
    assert [pairs for _, pairs in parts] == [{("CHN", "JPN"), ("JPN", "CHN")}, {("CHN", "USA"), ("USA", "CHN")}]


def test_spans_of_a_clause_count_from_its_start():
    text = "It rained in Peru; Ghana condemned Togo."
    finder = MentionFinder(Gazetteer.default())
    mentions, places = finder.find(text, None, People())
    for clause in clause_candidates(text, mentions, places):
        for c in clause.pairs:
            for a, b in (*c.source_spans, *c.target_spans):
                assert text[clause.start : clause.end][a:b] in ("Peru", "Ghana", "Togo")


def test_one_sided_words_leave_the_named_side_where_it_is():
    lead = "Ghana and Togo are at odds. "
    assert pair_of(lead + "Ghana accused the other side of lying.") == ("GHA", "TGO", "Ghana", "the other side")
    assert pair_of(lead + "It accused its neighbour of shelling.") == ("GHA", "TGO", "It", "its neighbour")


@pytest.mark.parametrize(
    "text",
    [
        "Peru and Mali said the two countries would trade more.",
        "Peru pledged aid to its ally Mali.",
        "Police shot the two gunmen in Peru.",
        "The two-day visit to Peru ended.",
        "Peruvians love one another.",
        "It is unclear whether Peru will join.",
        "The official death toll in Peru rose.",
        "The president, Vladimir Putin, rejected the claim.",
    ],
)
def test_words_of_others_do_not_bring_in_the_article_s_pair(text):
    found = pairs_by_sentence(f"Ghana and Togo are at odds. {text}")[1]
    assert not any({a, b} == {"GHA", "TGO"} for a, b, _ in found)
