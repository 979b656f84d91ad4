"""How much work a run makes, in numbers that no machine changes: a change here is a change of speed."""

import tension

COPIES = [
    {"id": f"{i}", "date": "2019-01-24", "text": "Kenya thanked Norway for its help. It rained. Norway and Kenya will hold talks in June."}
    for i in range(20)
]  # fmt: skip


def counts(articles) -> dict[str, int]:
    scorer = tension.Scorer(device="cpu")
    scorer.score(articles)
    tally = scorer.tally
    return {name: getattr(tally, name) for name in ("sentences", "gated", "clauses", "pairs", "encoded", "tokens")}


def test_wire_copies_are_encoded_once():
    one = counts(COPIES[:1])
    many = counts(COPIES)
    assert (many["sentences"], many["clauses"]) == (20 * one["sentences"], 20 * one["clauses"])
    assert (many["encoded"], many["tokens"]) == (one["encoded"], one["tokens"])


def test_only_sentences_that_may_relate_two_states_are_encoded():
    assert counts(COPIES[:1]) == {"sentences": 3, "gated": 3, "clauses": 3, "pairs": 6, "encoded": 2, "tokens": 29}


def test_the_example_article_costs_this_much(article):
    assert counts(article) == {"sentences": 15, "gated": 14, "clauses": 17, "pairs": 34, "encoded": 9, "tokens": 623}
