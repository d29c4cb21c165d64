"""Writes a small encoder's weights as `torch.save` does, in today's zip format and in the one before it.

Usage: python torch_bin.py ENCODER OUTPUT
ENCODER holds `model.safetensors`; OUTPUT gets `zip/pytorch_model.bin` and `legacy/pytorch_model.bin`.
"""
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

encoder, output = map(Path, sys.argv[1:])
tensors = load_file(encoder / "model.safetensors")
for name, today in (("zip", True), ("legacy", False)):
    (output / name).mkdir(parents=True, exist_ok=True)
    torch.save(tensors, output / name / "pytorch_model.bin", _use_new_zipfile_serialization=today)
