"""A BERT encoder read straight from a Hugging Face folder: the same vectors as through transformers, without its three seconds of import.

`tests/relations/test_model.py` holds the two equal. Other architectures go through `huggingface.py`.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch.nn import functional

from tension.relations.encoder import MAX_TOKENS, Encoder, Tokens
from tension.relations.layers import Layer, Packing, Prepared, Weights

_FILES = ("config.json", "tokenizer.json", "tokenizer_config.json")


class BertEncoder(Prepared, Encoder):
    """BERT (Devlin et al. 2019) in inference: post-norm layers, learned positions, GELU.

    Parameters
    ----------
    folder
        A Hugging Face folder with `config.json`, `model.safetensors` and `tokenizer.json`.
    """

    def __init__(self, folder: Path):
        super().__init__()
        self.folder = folder
        self.config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.dim, self.heads = self.config["hidden_size"], self.config["num_attention_heads"]
        self.longest, self.pad = (
            min(MAX_TOKENS, self.config["max_position_embeddings"]),
            self.config.get("pad_token_id") or 0,
        )
        self.eps = self.config["layer_norm_eps"]
        stored = {
            name.removeprefix("bert."): tensor for name, tensor in load_file(folder / "model.safetensors").items()
        }
        self.names = {name.replace(".", "_"): name for name, tensor in stored.items() if tensor.is_floating_point()}
        for key, name in self.names.items():
            self.register_parameter(key, torch.nn.Parameter(stored[name].float(), requires_grad=False))
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(self.longest)
        self.tokenizer.no_padding()

    @staticmethod
    def reads(folder: Path) -> bool:
        """Whether a folder holds a model of this architecture."""
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        plain = config.get("position_embedding_type", "absolute") == "absolute" and config.get("hidden_act") == "gelu"
        return config.get("model_type") == "bert" and plain and (folder / "tokenizer.json").is_file()

    def tokenise(self, sentences: list[str]) -> tuple[Tokens, Tokens]:
        encodings = self.tokenizer.encode_batch(sentences)
        return [np.array(e.ids) for e in encodings], [np.array(e.offsets, dtype=np.int32) for e in encodings]

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        packing = Packing(mask)
        words, positions = packing.pack(ids), packing.pack(torch.arange(ids.shape[1], device=ids.device).expand_as(ids))
        placed = self._of("embeddings.position_embeddings")[: ids.shape[1]] + self._of("embeddings.token_type_embeddings")[0]
        vectors = self._of("embeddings.word_embeddings").index_select(0, words) + placed.index_select(0, positions)
        hidden = functional.layer_norm(vectors, (self.dim,), *self._affine("embeddings.LayerNorm"), self.eps)
        for layer in self.layers():
            hidden = layer(hidden, packing.runs)
        return packing.unpack(hidden)

    def make_layers(self, dtype: torch.dtype | None) -> list[Layer]:
        return [
            Layer(self._weights(f"encoder.layer.{i}"), self.heads, self.eps, dtype)
            for i in range(self.config["num_hidden_layers"])
        ]

    def _weights(self, layer: str) -> Weights:
        qkv = [self._affine(f"{layer}.attention.self.{part}") for part in ("query", "key", "value")]
        return Weights(
            tuple(torch.cat(parts) for parts in zip(*qkv, strict=True)),
            self._affine(f"{layer}.attention.output.dense"),
            self._affine(f"{layer}.intermediate.dense"),
            self._affine(f"{layer}.output.dense"),
            self._affine(f"{layer}.attention.output.LayerNorm"),
            self._affine(f"{layer}.output.LayerNorm"),
        )

    def _affine(self, name: str) -> tuple[torch.Tensor, torch.Tensor]:
        return self._of(name), self._of(name, "bias")

    def _of(self, name: str, kind: str = "weight") -> torch.Tensor:
        return getattr(self, f"{name}.{kind}".replace(".", "_"))

    def save_pretrained(self, folder: Path) -> None:
        for name in _FILES:
            if (self.folder / name).is_file() and self.folder.resolve() != folder.resolve():
                shutil.copyfile(self.folder / name, folder / name)
        weights = {name: getattr(self, key).detach().bfloat16().contiguous().cpu() for key, name in self.names.items()}
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
