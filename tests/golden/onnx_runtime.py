"""Runs an ONNX file in ONNX Runtime on the CPU, to compare with Ballast's own answers.

    python tests/golden/onnx_runtime.py MODEL.onnx TEXTS.json

`TEXTS.json` is a list of batches, each a list of texts, each {"ids": [...], "segments": [...]}. A batch is padded to its
longest text with id 0. Prints one JSON list with the logits of each batch, flattened.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime

MODEL, TEXTS = sys.argv[1:3]
onnx.checker.check_model(MODEL, full_check=True)
session = onnxruntime.InferenceSession(MODEL, providers=["CPUExecutionProvider"])


def padded(texts, key, length):
    return np.array([text[key] + [0] * (length - len(text[key])) for text in texts], dtype=np.int64)


answers = []
for batch in json.load(open(TEXTS, encoding="utf-8")):
    length = max(len(text["ids"]) for text in batch)
    for text in batch:
        text["mask"] = [1] * len(text["ids"])
    logits = session.run(
        ["logits"],
        {
            "input_ids": padded(batch, "ids", length),
            "attention_mask": padded(batch, "mask", length),
            "token_type_ids": padded(batch, "segments", length),
        },
    )[0]
    answers.append([float(value) for value in logits.reshape(-1)])
print(json.dumps(answers))
