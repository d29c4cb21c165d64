"""Loads model folders that Ballast wrote with transformers' Auto classes and compares logits and label names.

Usage: python reload.py FOLDER
Each folder in FOLDER holds `model/`, `labels.txt`, and `logits.safetensors` with `ids` and `mask` (as f32, [rows, length]) and
`logits` (flat, as Ballast computed them). Exits with an error when a logit differs by more than 1e-4 of the largest, a tensor
is missing or left over, a label is lost, or the tokenizer fails.
"""
import os
import sys

import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer


def check(folder):
    model_folder = os.path.join(folder, "model")
    labels = open(os.path.join(folder, "labels.txt"), encoding="utf-8").read().split("\n")
    config = AutoConfig.from_pretrained(model_folder)
    token = config.architectures[0].endswith("TokenClassification")
    auto = AutoModelForTokenClassification if token else AutoModelForSequenceClassification
    model, report = auto.from_pretrained(model_folder, output_loading_info=True)
    assert not any(report[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")), report
    names = [config.id2label[i] for i in range(config.num_labels)]
    expected = ["O"] + [f"{tag}-{label}" for label in labels for tag in "BI"] if token else labels
    assert names == expected, (names, expected)
    tensors = load_file(os.path.join(folder, "logits.safetensors"))
    with torch.no_grad():
        logits = model.eval()(input_ids=tensors["ids"].long(), attention_mask=tensors["mask"].long()).logits
    keep = tensors["mask"].bool() if token else torch.ones(len(logits), dtype=torch.bool)
    ours = tensors["logits"].view_as(logits)
    apart = ((ours - logits)[keep].abs().max() / logits[keep].abs().max()).item()
    assert len(AutoTokenizer.from_pretrained(model_folder)("Chest pain since the morning.")["input_ids"]) > 2
    print(f"{os.path.basename(folder)}: {config.architectures[0]}, logits within {apart:.1e}, {len(names)} labels", flush=True)
    assert apart <= 1e-4, apart


folders = sorted(os.scandir(sys.argv[1]), key=lambda entry: entry.name)
for entry in folders:
    check(entry.path)
print(f"{len(folders)} model folders load and agree")
