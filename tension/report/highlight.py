"""Sentences with the words that carried their events, as HTML for a notebook or a page."""

from dataclasses import dataclass
from html import escape

import pandas as pd

from tension.errors import InputError

_FOR, _AGAINST = "214,90,49", "78,121,167"
_STRONG = 2.0  # nats at which a word has its full colour


@dataclass(frozen=True, slots=True)
class Highlight:
    """HTML that a notebook shows as it is; `html` is its text."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


def highlight(events: pd.DataFrame, words: pd.DataFrame) -> Highlight:
    """The sentences of events with their words coloured: orange spoke for the event, blue against it, the stronger the deeper.

    Parameters
    ----------
    events, words
        Rows of an events frame, and `Scorer.words` of them.

    Raises
    ------
    InputError
        If the words are of other events.

    Examples
    --------
    >>> import tension
    >>> scorer = tension.Scorer()
    >>> events = scorer.score("Japan condemned the shelling of a village by Chad.", date="2019-01-24")
    >>> "condemned" in highlight(events, scorer.words(events)).html
    True
    """
    if unknown := set(words["event"]) - set(events.index):
        raise InputError(f"these words are of other events: row {sorted(unknown)[0]} is not in the frame")
    blocks = [_block(row, words[words["event"] == row.Index]) for row in events.itertuples()]
    return Highlight('<div style="font:15px/1.9 system-ui,sans-serif">' + "".join(blocks) + "</div>")


def _block(row: tuple, words: pd.DataFrame) -> str:
    parts, done = [], 0
    for word in words.sort_values("start").itertuples():
        parts += [escape(row.text[done : word.start]), _coloured(row.text[word.start : word.end], word.weight)]
        done = word.end
    label = f"{row.source} → {row.target} · {row.root} · {row.status}"
    return f"<p><small>{escape(label)}</small><br>{''.join(parts)}{escape(row.text[done:])}</p>"


def _coloured(word: str, weight: float) -> str:
    depth = min(1.0, abs(weight) / _STRONG)
    if depth < 0.05:
        return escape(word)
    colour = _FOR if weight > 0 else _AGAINST
    return f'<span title="{weight:+.2f}" style="background:rgba({colour},{depth:.2f});border-radius:3px">{escape(word)}</span>'
