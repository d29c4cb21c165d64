"""Reference prediction: a Hugging Face encoder with a random two-label sequence head, f32, on the CPU.

Usage: python predict.py SENTENCES ENCODER REPEATS THREADS torch|onnx [sorted]
SENTENCES holds one sentence a line; batches of 32 in the file's order, or by length with `sorted`, are padded to the
longest sentence in the batch. `torch` is PyTorch in eager mode, `onnx` ONNX Runtime on the graph that torch.onnx.export
writes, once its logits are found to be PyTorch's.
Prints one line a pass over all the sentences and, last, the median pass and the peak resident memory. Tokenization is
not counted, and of `onnx` neither the export nor its memory: they belong to a process of their own.
"""
import statistics, sys, tempfile, time, warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

BATCH = 32


def tokenized(sentences, encoder, by_length):
    """Batches of (token ids, attention mask), each [sentences, tokens] as int64."""
    from transformers import AutoConfig, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(encoder)
    longest = AutoConfig.from_pretrained(encoder).max_position_embeddings
    lines = Path(sentences).read_text(encoding="utf-8").strip("\n").split("\n")
    # Padding and length are said here because an encoder's tokenizer.json may force its own.
    rows = tokenizer(lines, padding=False, truncation=True, max_length=longest)["input_ids"]
    if by_length:
        rows.sort(key=len)
    batches = []
    for start in range(0, len(rows), BATCH):
        chunk = rows[start : start + BATCH]
        shape = (len(chunk), max(map(len, chunk)))
        ids, mask = np.full(shape, tokenizer.pad_token_id, np.int64), np.zeros(shape, np.int64)
        for place, row in enumerate(chunk):
            ids[place, : len(row)], mask[place, : len(row)] = row, 1
        batches.append((ids, mask))
    return batches


def loaded(encoder, **options):
    import torch
    from transformers import AutoModelForSequenceClassification

    torch.manual_seed(1)
    return AutoModelForSequenceClassification.from_pretrained(encoder, num_labels=2, dtype=torch.float32, **options).eval()


def exported(sentences, encoder, by_length, path):
    """Writes the ONNX graph to `path`; returns the batches and PyTorch's logits of the last one."""
    import torch

    # The exporter warns that it is the older one and that shapes are traced.
    warnings.simplefilter("ignore")
    batches = tokenized(sentences, encoder, by_length)
    # Eager attention through the tracing exporter gives a graph whose attention ONNX Runtime's own optimizer recognizes.
    model = loaded(encoder, attn_implementation="eager")
    names = ["input_ids", "attention_mask"]
    example, last = (tuple(map(torch.from_numpy, batch)) for batch in (batches[0], batches[-1]))
    torch.onnx.export(model, example, path, input_names=names, output_names=["logits"], dynamo=False,
                      dynamic_axes={name: {0: "batch", 1: "length"} for name in names})
    with torch.inference_mode():
        return batches, model(*last).logits.numpy()


def timed(forward, batches, repeats):
    totals = []
    for repeat in range(repeats):
        start = time.perf_counter()
        for ids, mask in batches:
            forward(ids, mask)
        totals.append(time.perf_counter() - start)
        print(f"pass {repeat} total {totals[-1]:.3f}", flush=True)
    return statistics.median(totals)


def with_torch(sentences, encoder, by_length, repeats, threads):
    import torch

    torch.set_num_threads(threads)
    batches, model = tokenized(sentences, encoder, by_length), loaded(encoder)
    batches = [(torch.from_numpy(ids), torch.from_numpy(mask)) for ids, mask in batches]
    with torch.inference_mode():
        return timed(lambda ids, mask: model(input_ids=ids, attention_mask=mask).logits, batches, repeats)


def with_onnx(sentences, encoder, by_length, repeats, threads):
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.onnx")
        # A fresh process, so that PyTorch and the export are not in this one's memory.
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            batches, logits = apart.submit(exported, sentences, encoder, by_length, path).result()
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        forward = lambda ids, mask: session.run(["logits"], {"input_ids": ids, "attention_mask": mask})
        if not np.allclose(forward(*batches[-1])[0], logits, atol=1e-4):
            sys.exit("ONNX Runtime's logits are not PyTorch's")
        median = timed(forward, batches, repeats)
        del session, forward  # Windows cannot remove a folder with an open file.
        return median


def main():
    sentences, encoder, repeats, threads, engine = sys.argv[1:6]
    run = {"torch": with_torch, "onnx": with_onnx}[engine]
    median = run(sentences, encoder, "sorted" in sys.argv[6:], int(repeats), int(threads))
    from peak import peak_mb

    print(f"median {median:.4f} s  peak {peak_mb():.0f} MB")


if __name__ == "__main__":
    main()
