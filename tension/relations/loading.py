"""A folder -> an encoder."""

from pathlib import Path

from tension.errors import ModelDamagedError, ModelError, ModelNotFoundError
from tension.relations.bert import BertEncoder
from tension.relations.encoder import Encoder


def load_encoder(folder: Path) -> Encoder:
    """Read the encoder of a Hugging Face folder, without network, in single precision.

    Raises
    ------
    ModelNotFoundError
        If `config.json` or `model.safetensors` is missing.
    ModelDamagedError
        If a file cannot be read.
    """
    for name in ("config.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise ModelNotFoundError(
                f"{folder} has no {name}: it is not a Hugging Face folder with safetensors weights"
            )
    try:
        if BertEncoder.reads(folder):
            return BertEncoder(folder).eval()
        from tension.relations.huggingface import HuggingFaceEncoder

        return HuggingFaceEncoder.from_pretrained(folder)
    except ModelError:
        raise
    except Exception as error:  # safetensors, tokenizers and transformers raise many kinds for a broken file
        raise ModelDamagedError(f"{folder} cannot be read as a Hugging Face model: {error}") from error
