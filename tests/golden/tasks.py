"""The tasks beyond entities and classes, fine-tuned by transformers' Trainer on PyTorch (CPU, f32), to compare scores with.

    python tests/golden/tasks.py pico FOLDER ENCODER SEED EPOCHS LR
    python tests/golden/tasks.py hoc  FOLDER ENCODER SEED EPOCHS LR

`pico` reads train, dev and test .tsv in CoNLL with IO tags and prints the macro F1 over the types, words counted over the
corpus. `hoc` reads tables with the columns labels (`0_1,1_0,...`), sentence and index (`PMID_sN`), trains on sentences,
unites what it predicts for those of an abstract, and prints the micro F1. Batch 16, 10 % warm-up, linear decay, weight decay
0.01, the last weights, at most 256 pieces (pico) or 128 (hoc).
"""

import csv
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    set_seed,
)

TASK, FOLDER, ENCODER, SEED, EPOCHS, RATE = sys.argv[1:7]
FOLDER = Path(FOLDER)
tokenizer = AutoTokenizer.from_pretrained(ENCODER)


def trainer(model, rows, collator):
    arguments = TrainingArguments(
        output_dir=tempfile.mkdtemp(),
        per_device_train_batch_size=16,
        per_device_eval_batch_size=64,
        learning_rate=float(RATE),
        num_train_epochs=float(EPOCHS),
        warmup_steps=0.1,
        weight_decay=0.01,
        seed=int(SEED),
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
    )
    made = Trainer(model=model, args=arguments, train_dataset=rows, data_collator=collator)
    made.train()
    return made


def read_conll(path):
    sentences, words, tags = [], [], []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("-DOCSTART-"):
            continue
        if line.strip():
            word, tag = line.split("\t")
            words.append(word)
            tags.append(tag)
        elif words:
            sentences.append((words, tags))
            words, tags = [], []
    return sentences


def pico():
    splits = {split: read_conll(FOLDER / f"{split}.tsv") for split in ("train", "dev", "test")}
    names = sorted({tag for _, tags in splits["train"] for tag in tags}, key=lambda tag: (tag != "O", tag))

    def encode(words, tags):
        row = tokenizer(words, is_split_into_words=True, truncation=True, max_length=256, padding=False)
        places = row.word_ids()
        first = [word is not None and (at == 0 or places[at - 1] != word) for at, word in enumerate(places)]
        labels = [names.index(tags[word]) if own else -100 for word, own in zip(places, first)]
        return {"input_ids": row["input_ids"], "attention_mask": row["attention_mask"], "labels": labels}

    rows = {split: [encode(*sentence) for sentence in sentences] for split, sentences in splits.items()}
    model = AutoModelForTokenClassification.from_pretrained(ENCODER, num_labels=len(names))
    made = trainer(model, rows["train"], DataCollatorForTokenClassification(tokenizer))
    for split in ("dev", "test"):
        out = made.predict(rows[split])
        counted = out.label_ids != -100
        gold, predicted = out.label_ids[counted], out.predictions.argmax(-1)[counted]
        types = list(range(1, len(names)))
        scores = f1_score(gold, predicted, labels=types, average=None, zero_division=0)
        print(f"{split} macro F1 {100 * scores.mean():.2f}", dict(zip(names[1:], (100 * scores).round(2).tolist())))


def hoc():
    def read(split):
        with open(FOLDER / f"{split}.tsv", encoding="utf-8") as file:
            return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))

    def encode(row):
        made = dict(tokenizer(row["sentence"], truncation=True, max_length=128, padding=False))
        made["labels"] = [float(flag.endswith("_1")) for flag in row["labels"].split(",")]
        return made

    tables = {split: read(split) for split in ("train", "dev", "test")}
    rows = {split: [encode(row) for row in table] for split, table in tables.items()}
    model = AutoModelForSequenceClassification.from_pretrained(
        ENCODER, num_labels=10, problem_type="multi_label_classification"
    )
    made = trainer(model, rows["train"], DataCollatorWithPadding(tokenizer))
    for split in ("dev", "test"):
        chosen = made.predict(rows[split]).predictions >= 0
        gold, predicted = defaultdict(lambda: np.zeros(10)), defaultdict(lambda: np.zeros(10))
        for table_row, row, set_ in zip(tables[split], rows[split], chosen):
            document = table_row["index"].rsplit("_s", 1)[0]
            gold[document] = np.maximum(gold[document], row["labels"])
            predicted[document] = np.maximum(predicted[document], set_)
        keys = list(gold)
        united = [np.array([side[key] for key in keys]) for side in (gold, predicted)]
        print(f"{split} micro F1 {100 * f1_score(*united, average='micro'):.2f} of {len(keys)} documents")


set_seed(int(SEED))
{"pico": pico, "hoc": hoc}[TASK]()
