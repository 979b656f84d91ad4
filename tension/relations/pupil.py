"""A smaller model, taught by a larger one: it begins as some of its layers, and learns labels, what the larger one says, and its vectors.

    python -m tension.relations.pupil --shared ../shared --layers 1 3 4 6 --out models/tension-minilm-small

Which layers to begin with is as in DistilBERT (Sanh et al. 2019); that a small model learns faster from the token vectors of a large one
than from its answers alone, as in TinyBERT (Jiao et al. 2020). News lines that no one labelled are learned as the larger one reads them.
"""

import copy
from dataclasses import asdict, replace

from tension.relations.datasets import load_examples, plain_examples
from tension.relations.fitting import settle
from tension.relations.huggingface import HuggingFaceEncoder
from tension.relations.loading import load_encoder
from tension.relations.model import RelationModel
from tension.relations.teachers import taught_by
from tension.relations.train import Recipe, base_folder, finish, options, train, write_metrics
from tension.resources import model_path

PUPIL = Recipe(
    epochs=3, encoder_rate=1.5e-4, head_rate=5e-4, warmup=0.03, settled_after=-1, anchor=0.0, seed=20190126
)  # its teacher settles the labels; its vectors hold it near the base encoder


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--teacher", default=None, help="a shipped name or a folder; without it the default model")
    parser.add_argument("--layers", type=int, nargs="+", default=[1, 3, 4, 6], help="layers to begin with, from 1")
    parser.add_argument("--seed", type=int, default=PUPIL.seed)
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    teacher = RelationModel.from_pretrained(arguments.teacher, arguments.device)
    encoder = HuggingFaceEncoder.from_pretrained(model_path(arguments.teacher))
    encoder.keep_layers(arguments.layers)
    labelled, held_out = load_examples(arguments.shared)
    labelled = settle(labelled, teacher)
    examples, teaching = taught_by([teacher], [*labelled, *plain_examples(arguments.shared, labelled)])
    teaching = replace(teaching, encoder=teacher.encoder)
    recipe = replace(PUPIL, seed=arguments.seed)
    head = copy.deepcopy(teacher.head)  # the teacher's own stays as it is
    model = train(examples, encoder, recipe, arguments.device, head=head, teaching=teaching)
    base = load_encoder(base_folder())
    measured = finish(model, base, arguments.out, arguments.version, held_out, arguments.shared)
    metrics = {
        "teacher": teacher.label,
        "layers": arguments.layers,
        "recipe": asdict(recipe),
        "training_sentences": len(examples),
        "held_out": measured,
    }
    write_metrics(arguments.out, metrics)


if __name__ == "__main__":
    main()
