"""Loads a model folder that Ballast wrote with transformers' Auto classes and compares logits and label names.

Usage: python reload.py MODEL_FOLDER LOGITS.safetensors LABEL...
LOGITS holds `ids` and `mask` (as f32, [rows, length]) and `logits` (flat, as Ballast computed them). Exits with 1 when a
logit differs by more than 1e-4 of the largest, a tensor is missing or left over, a label is lost, or the tokenizer fails.
"""
import sys

import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer

folder, file, *labels = sys.argv[1:]
config = AutoConfig.from_pretrained(folder)
token = config.architectures[0].endswith("TokenClassification")
auto = AutoModelForTokenClassification if token else AutoModelForSequenceClassification
model, report = auto.from_pretrained(folder, output_loading_info=True)
assert not any(report[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")), report
names = [config.id2label[i] for i in range(config.num_labels)]
expected = ["O"] + [f"{tag}-{label}" for label in labels for tag in "BI"] if token else labels
assert names == expected, (names, expected)
tensors = load_file(file)
with torch.no_grad():
    logits = model.eval()(input_ids=tensors["ids"].long(), attention_mask=tensors["mask"].long()).logits
keep = tensors["mask"].bool() if token else torch.ones(len(logits), dtype=torch.bool)
ours = tensors["logits"].view_as(logits)
apart = ((ours - logits)[keep].abs().max() / logits[keep].abs().max()).item()
pieces = AutoTokenizer.from_pretrained(folder)("Chest pain since the morning.")["input_ids"]
assert len(pieces) > 2
print(f"{config.architectures[0]}: logits within {apart:.1e}, {len(names)} labels")
sys.exit(0 if apart <= 1e-4 else 1)
