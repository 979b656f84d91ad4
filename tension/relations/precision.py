"""In which number format matrices are multiplied: the fastest one of the device that keeps the scores (benchmarks/throughput.py)."""

from typing import Literal, get_args

import torch

from tension.errors import OptionError

Precision = Literal["auto", "float32", "bfloat16"]


def resolve_precision(precision: Precision, device: torch.device) -> torch.dtype:
    """The torch type of a precision; `auto` takes bfloat16 where the device has instructions for it.

    Raises
    ------
    OptionError
        If the name is unknown.
    """
    if precision not in get_args(Precision):
        raise OptionError.of("precision", precision, get_args(Precision))
    if precision == "auto":
        return torch.bfloat16 if has_bfloat16(device) else torch.float32
    return getattr(torch, precision)


def has_bfloat16(device: torch.device) -> bool:
    """Whether a device multiplies bfloat16 matrices in hardware, faster than float32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    probes = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return device.type == "cpu" and any(probe() for probe in probes if probe)
