"""An article sentence by sentence: whom each names, and which of its clauses may relate pairs of states."""

from collections.abc import Iterator

from tension.actors.discourse import Discourse
from tension.actors.dyads import clause_candidates
from tension.actors.mentions import MentionFinder, People
from tension.records import Article, Told
from tension.text.sentences import split_sentences


def tell(
    article: Article,
    finder: MentionFinder,
    context: bool = True,
    places: bool = True,
    discourse: Discourse | None = None,
) -> Iterator[Told]:
    """The sentences of an article.

    Parameters
    ----------
    article, finder
        The article, and who finds the states that a sentence names.
    context, places
        Whether a side may be known from the article alone, and whether disputed places bring their claimants.
    discourse
        What is known of the article before it begins; None: nothing.
    """
    people, discourse = People(), discourse or Discourse()
    if article.title:
        discourse.read(article.title, finder.find(article.title, article.date, people)[0])
    for sentence in split_sentences(article):
        mentions, disputed = finder.find(sentence.text, article.date, people)
        clauses = clause_candidates(sentence.text, mentions, disputed, discourse if context else None, places)
        before = discourse.said
        discourse.read(sentence.text, mentions)
        yield Told(sentence, tuple(mentions), tuple(clauses), before)
