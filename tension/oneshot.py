"""The one-shot functions: the verbs of `Scorer`, on a scorer that is made at the first call and kept."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from tension.scorer import Scorer
from tension.text.articles import Articles


@cache
def _scorer(model: str | Path | None) -> Scorer:
    return Scorer(model)


def embed(sentences: Sequence[str], *, model: str | Path | None = None) -> np.ndarray:
    """Sentence embeddings.

    Parameters
    ----------
    sentences
        One or more sentences.
    model
        A shipped model's name or a folder (any Hugging Face encoder will do); None for the shipped default.

    Returns
    -------
    ndarray
        (n, dim) float32, rows of unit length: a product of two is their cosine.

    Examples
    --------
    >>> import tension
    >>> tension.embed(["Talks were held.", "The two sides met."]).shape
    (2, 384)
    """
    return _scorer(model).embed(sentences)


def classify(
    sentences: Sequence[str],
    source: Sequence[str] | str | None = None,
    target: Sequence[str] | str | None = None,
    *,
    model: str | Path | None = None,
) -> pd.DataFrame:
    """What is said to have happened, in each sentence as a whole or between two spans of it; see `Scorer.classify`.

    Examples
    --------
    >>> import tension
    >>> table = tension.classify("China lifted its ban on Japanese seafood.", source="China", target="Japanese")
    >>> table.loc[0, ["quad", "root"]].tolist()
    ['MCOOP', 'RETREAT']
    """
    return _scorer(model).classify(sentences, source, target)


def score(
    articles: Articles, date: object = None, *, model: str | Path | None = None, progress: bool | None = False
) -> pd.DataFrame:
    """Events of articles: the events frame; see `Scorer.score`.

    Examples
    --------
    >>> import tension
    >>> events = tension.score("Indian and Pakistani troops exchanged fire across the Line of Control.", date="2016-09-30")
    >>> sorted(zip(events["source"], events["target"], events["root"]))
    [('IND', 'PAK', 'ASSAULT'), ('PAK', 'IND', 'ASSAULT')]
    """
    return _scorer(model).score(articles, date, progress=progress)
