"""Any encoder that transformers reads: for training, and for architectures other than BERT."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from tension.errors import ModelDamagedError, OptionError
from tension.relations.encoder import MAX_TOKENS, Encoder, Tokens


class HuggingFaceEncoder(Encoder):
    """A transformer encoder and its fast tokenizer, as transformers gives them."""

    def __init__(self, model: torch.nn.Module, tokenizer):
        super().__init__()
        self.model = model
        self.tokenizer = tokenizer
        self.dim = model.config.hidden_size
        self.longest = min(MAX_TOKENS, getattr(model.config, "max_position_embeddings", MAX_TOKENS))
        self.pad = tokenizer.pad_token_id or 0

    @classmethod
    def from_pretrained(cls, folder: Path) -> "HuggingFaceEncoder":
        """Read an encoder from a folder, without network, in single precision."""
        verbosity = transformers_logging.get_verbosity()
        transformers_logging.set_verbosity_error()
        transformers_logging.disable_progress_bar()
        try:
            model = AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True, dtype=torch.float32)
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        finally:
            transformers_logging.set_verbosity(verbosity)
        if not tokenizer.is_fast:
            raise ModelDamagedError(
                f"{folder} has no fast tokenizer (tokenizer.json), which gives the characters of each token"
            )
        return cls(model.eval(), tokenizer)

    def keep_layers(self, numbers: Sequence[int]) -> None:
        """Keep only some of BERT's layers, by their numbers from 1."""
        layers = self.model.encoder.layer
        if strange := [number for number in numbers if not 1 <= number <= len(layers)]:
            raise OptionError(f"there is no layer {strange[0]}; choose from 1 to {len(layers)}")
        self.model.encoder.layer = torch.nn.ModuleList(layers[number - 1] for number in numbers)
        self.model.config.num_hidden_layers = len(numbers)

    def tokenise(self, sentences: list[str]) -> tuple[Tokens, Tokens]:
        encoded = self.tokenizer(sentences, truncation=True, max_length=self.longest, return_offsets_mapping=True)
        offsets = [np.array(spans, dtype=np.int32) for spans in encoded["offset_mapping"]]
        return [np.array(ids) for ids in encoded["input_ids"]], offsets

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.model(input_ids=ids, attention_mask=mask).last_hidden_state

    def save_pretrained(self, folder: Path) -> None:
        weights = {
            name: tensor.bfloat16() if tensor.is_floating_point() else tensor
            for name, tensor in self.model.state_dict().items()
        }
        self.model.save_pretrained(folder, state_dict=weights, safe_serialization=True)
        self.tokenizer.save_pretrained(folder)
