"""Relations between states from text: who acts on whom, how, and how tense it is over time.

    import tension

    events = tension.score("Japan has protested to China over ...", date="2019-01-24")
    series = tension.aggregate(events, freq="M")

Names are loaded at first use; `import tension` alone loads neither torch nor pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_HOMES = {
    "read": "readers.read",
    "embed": "oneshot",
    "classify": "oneshot",
    "score": "oneshot",
    "Scorer": "scorer",
    "RelationModel": "relations.model",
    "Gazetteer": "actors.gazetteer",
    "aggregate": "series.aggregate",
    "smooth": "series.smooth",
    "changes": "series.changes",
    "compare": "series.compare",
    "explain": "series.explain",
    "plot": "report.plots",
    "Store": "store.store",
    "TensionError": "errors",
}
__all__ = ["__version__", *_HOMES]

if TYPE_CHECKING:
    from tension.actors.gazetteer import Gazetteer as Gazetteer
    from tension.errors import TensionError as TensionError
    from tension.oneshot import classify as classify
    from tension.oneshot import embed as embed
    from tension.oneshot import score as score
    from tension.readers.read import read as read
    from tension.relations.model import RelationModel as RelationModel
    from tension.report.plots import plot as plot
    from tension.scorer import Scorer as Scorer
    from tension.series.aggregate import aggregate as aggregate
    from tension.series.changes import changes as changes
    from tension.series.compare import compare as compare
    from tension.series.explain import explain as explain
    from tension.series.smooth import smooth as smooth
    from tension.store.store import Store as Store


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'tension' has no attribute {name!r}")
    value = getattr(import_module(f"tension.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
