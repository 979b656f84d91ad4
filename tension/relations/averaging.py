"""Models of one line of weights -> one model with their mean, calibrated anew: so the shipped weights were put together.

    python -m tension.relations.averaging pupil:0.5 epoch:0.375 earlier:0.125 --shared ../shared --out models/mine

Each is a folder and its share. Models of one line were trained on from the same weights; the mean of others is worse than each of them.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from tension.errors import ModelError
from tension.relations.datasets import load_examples
from tension.relations.loading import load_encoder
from tension.relations.model import RelationModel
from tension.relations.regularise import meet
from tension.relations.train import base_folder, finish, options, write_metrics


def mean_of(models: Sequence[RelationModel], shares: Sequence[float] = ()) -> RelationModel:
    """A model whose weights are the mean of the models', equal or by shares; the first becomes it.

    Raises
    ------
    ModelError
        If a model has other layers than the first.
    """
    first, *others = models
    shapes = [parameter.shape for parameter in first.parameters()]
    for other in others:
        if [parameter.shape for parameter in other.parameters()] != shapes:
            raise ModelError(f"{other.label} has other layers than {first.label}; only models of one line have a mean")
    meet(*(model.parameters() for model in models), shares=shares)
    for part in (first.encoder, first.head):
        part.eval()  # what was made of the weights before is made anew
    return first


def _with_share(text: str) -> tuple[Path, float]:
    folder, _, share = text.rpartition(":")
    try:
        found = float(share)
    except ValueError:
        found = 0.0
    if not folder or found <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder and its share, such as out/model:0.5")
    return Path(folder), found


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("models", type=_with_share, nargs="+", help="FOLDER:SHARE of each")
    arguments = parser.parse_args()
    folders, shares = zip(*arguments.models, strict=True)
    model = mean_of([RelationModel.from_pretrained(folder) for folder in folders], shares)
    _, held_out = load_examples(arguments.shared)
    base = load_encoder(base_folder())
    measured = finish(model, base, arguments.out, arguments.version, held_out, arguments.shared)
    of = {folder.name: share for folder, share in arguments.models}
    write_metrics(arguments.out, {"mean_of": of, "held_out": measured})


if __name__ == "__main__":
    main()
