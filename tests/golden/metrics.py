"""Golden values for crates/metrics: scikit-learn, seqeval and SciPy on seeded random input.

    python tests/golden/metrics.py [FOLDER]

writes classification.json, tags.json and entities.json into FOLDER (crates/metrics/tests/data unless given).
Needs scikit-learn, seqeval and SciPy. The seed is fixed, so that a second run changes no byte.
"""

import json
import random
import sys
import warnings
from pathlib import Path

import numpy
from scipy.optimize import linear_sum_assignment
from seqeval.metrics import classification_report, f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities
from sklearn.metrics import confusion_matrix, matthews_corrcoef, precision_recall_fscore_support

# Both libraries warn about tags and divisions that are meant to be odd here.
warnings.filterwarnings("ignore")

TYPES = ["Drug", "Disease", "I-PAR", "cell-line-x", "Äquivalent"]
SCHEMES = {
    "BIO": "BIIOO",
    "IO": "IIOO",
    "IOBES": "BIESOO",
    "BILOU": "BILUOO",
    "any": "BIESLUO",
}


def classification_case(draw):
    classes = draw.randint(1, 6)
    n = draw.randint(1, 40)
    # Drawing from a subset makes classes absent from one side or from both.
    in_gold = draw.sample(range(classes), draw.randint(1, classes))
    in_predicted = draw.sample(range(classes), draw.randint(1, classes))
    gold = [draw.choice(in_gold) for _ in range(n)]
    predicted = [g if draw.random() < 0.4 else draw.choice(in_predicted) for g in gold]
    case = {"classes": classes, "gold": gold, "predicted": predicted}
    for average in ["macro", "micro"]:
        scores = precision_recall_fscore_support(gold, predicted, average=average, zero_division=0)
        for name, score in zip(["precision", "recall", "f1"], scores):
            case[f"{average}_{name}"] = float(score)
    labels = list(range(classes))
    per_class = precision_recall_fscore_support(gold, predicted, labels=labels, zero_division=0)
    case["per_class"] = [[float(p), float(r), float(f), int(s)] for p, r, f, s in zip(*per_class)]
    case["accuracy"] = float(numpy.mean(numpy.array(gold) == numpy.array(predicted)))
    case["mcc"] = float(matthews_corrcoef(gold, predicted))
    case["constant_accuracy"] = max(gold.count(c) for c in labels) / n
    case["confusion"] = confusion_matrix(gold, predicted, labels=labels).tolist()
    return case


def tag(draw, scheme, types):
    position = draw.choice(SCHEMES[scheme])
    if position == "O":
        return "O"
    return f"{position}-{draw.choice(types)}"


def tags_case(draw):
    types = draw.sample(TYPES, draw.randint(1, 3))
    scheme = draw.choice(list(SCHEMES))
    tags = [tag(draw, scheme, types) for _ in range(draw.randint(1, 14))]
    if scheme == "any":
        # Tags without a type, with an empty type, with text before the hyphen, other ways to say outside.
        odd = ["B", "I", "E", "S", "L", "B-", "I-", "-", ".", "O-Drug", "BX-Drug", "Drug", "I-Drug-", "OUT", "ä-Drug"]
        tags = [draw.choice(odd) if draw.random() < 0.2 else t for t in tags]
    entities = [[start, end + 1, kind] for kind, start, end in get_entities(tags)]
    return {"tags": " ".join(tags), "entities": entities}


def disjoint(spans):
    return all(a[1] <= b[0] for a, b in zip(spans, spans[1:]))


def credit(gold, predicted):
    """The most credit that a one-to-one pairing can give: 1 for equal boundaries, 0.5 for overlap."""
    weights = numpy.zeros((len(gold), len(predicted)))
    for i, (start, end) in enumerate(gold):
        for j, (other_start, other_end) in enumerate(predicted):
            if (start, end) == (other_start, other_end):
                weights[i, j] = 1.0
            elif start < other_end and other_start < end:
                weights[i, j] = 0.5
    return float(weights[linear_sum_assignment(weights, maximize=True)].sum())


def entities_case(draw):
    types = draw.sample(TYPES, draw.randint(1, 4))
    # BILOU is left out: seqeval then reads overlapping entities, for which the pairing is not asked to be the best.
    scheme = draw.choice(["BIO", "IO", "IOBES"])
    gold, predicted = [], []
    for _ in range(draw.randint(1, 12)):
        sentence = [tag(draw, scheme, types) for _ in range(draw.randint(1, 16))]
        gold.append(sentence)
        change = draw.choice([0.0, 0.2, 0.5])
        predicted.append([tag(draw, scheme, types) if draw.random() < change else t for t in sentence])
    total, counts = 0.0, [0, 0]
    for g, p in zip(gold, predicted):
        sides = [sorted((start, end + 1) for _, start, end in get_entities(side)) for side in (g, p)]
        assert disjoint(sides[0]) and disjoint(sides[1])
        total += credit(*sides)
        counts = [counts[0] + len(sides[0]), counts[1] + len(sides[1])]
    report = classification_report(gold, predicted, output_dict=True, zero_division=0) if sum(counts) else {}
    return {
        "types": TYPES,
        "gold": [" ".join(s) for s in gold],
        "predicted": [" ".join(s) for s in predicted],
        "precision": float(precision_score(gold, predicted, zero_division=0)) if sum(counts) else 0.0,
        "recall": float(recall_score(gold, predicted, zero_division=0)) if sum(counts) else 0.0,
        "f1": float(f1_score(gold, predicted, zero_division=0)) if sum(counts) else 0.0,
        "macro_f1": float(f1_score(gold, predicted, average="macro", zero_division=0)) if sum(counts) else 0.0,
        "per_type": {
            name: {key: int(v) if key == "support" else float(v) for key, v in scores.items()}
            for name, scores in report.items()
            if not name.endswith(" avg")
        },
        "partial_credit": total,
        "partial_precision": total / counts[1] if counts[1] else 0.0,
        "partial_recall": total / counts[0] if counts[0] else 0.0,
        "partial_f1": 2 * total / sum(counts) if sum(counts) else 0.0,
    }


def write(folder, name, cases):
    lines = ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    (folder / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8", newline="\n")


def main():
    default = Path(__file__).resolve().parents[2] / "crates" / "metrics" / "tests" / "data"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(20240229)
    write(folder, "classification", [classification_case(draw) for _ in range(200)])
    write(folder, "tags", [tags_case(draw) for _ in range(800)])
    write(folder, "entities", [entities_case(draw) for _ in range(50)])


main()
