"""Golden values for crates/metrics: scikit-learn, seqeval and SciPy on seeded random input.

    python tests/golden/metrics.py [FOLDER]

writes classification.json, tags.json, entities.json, regression.json, multilabel.json, words.json and relation.json into
FOLDER (crates/metrics/tests/data unless given).
Needs scikit-learn, seqeval and SciPy. The seed is fixed, so that a second run changes no byte.
"""

import itertools
import json
import random
import sys
import warnings
from pathlib import Path

import numpy
from scipy.optimize import linear_sum_assignment
from scipy.stats import ConstantInputWarning, NearConstantInputWarning, pearsonr, spearmanr
from seqeval.metrics import classification_report, f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    hamming_loss,
    matthews_corrcoef,
    mean_absolute_error,
    mean_squared_error,
    precision_recall_fscore_support,
)

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


def correlations(gold, predicted):
    """Pearson's and Spearman's, or None twice where SciPy says that a side is constant or as good as that."""
    if len(gold) < 2:
        return None, None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        pearson = float(pearsonr(gold, predicted).statistic)
    if any(issubclass(w.category, (ConstantInputWarning, NearConstantInputWarning)) for w in caught):
        return None, None
    return pearson, float(spearmanr(gold, predicted).statistic)


def regression_case(draw):
    n = draw.choice([1, 2, 3, *[draw.randint(4, 40)] * 7])
    kind = draw.choice(["any", "any", "ties", "far", "tiny", "line"])
    noise = draw.choice([0.1, 1.0, 5.0])
    if kind == "ties":
        gold = [draw.randint(0, 8) / 2 for _ in range(n)]
        predicted = [draw.randint(0, 4) + g for g in gold]
    else:
        offset, scale = {"far": (1e6, 1.0), "tiny": (0.0, 1e-9)}.get(kind, (0.0, 1.0))
        gold = [round(draw.uniform(0, 4), 3) for _ in range(n)]
        predicted = [round(-2 * g if kind == "line" else g + draw.gauss(0, noise), 3) for g in gold]
        gold, predicted = ([offset + scale * v for v in side] for side in (gold, predicted))
    # The second is constant but for the last bit of some of its values.
    constants = [[2.5] * n, [draw.choice([0.3, 0.1 + 0.2]) for _ in range(n)]]
    if draw.random() < 0.15 and kind != "far":
        gold = draw.choice(constants)
    if draw.random() < 0.15 and kind != "far":
        predicted = draw.choice(constants)
    pearson, spearman = correlations(gold, predicted)
    return {
        "gold": gold,
        "predicted": predicted,
        "pearson": pearson,
        "spearman": spearman,
        "mse": float(mean_squared_error(gold, predicted)),
        "mae": float(mean_absolute_error(gold, predicted)),
        "gold_variance": float(numpy.var(gold)),
    }


def prf(gold, predicted, **options):
    """Precision, recall and F1; all 0 of an empty choice of labels, which scikit-learn refuses."""
    if options.get("labels") == []:
        return [0.0, 0.0, 0.0]
    scores = precision_recall_fscore_support(gold, predicted, zero_division=0, **options)
    return [float(score) for score in scores[:3]]


def per_label(gold, predicted, labels, claimed):
    scores = precision_recall_fscore_support(gold, predicted, labels=labels, zero_division=0)
    return [[float(p), float(r), float(f), int(s), c] for p, r, f, s, c in zip(*scores, claimed)]


def multilabel_case(draw):
    labels = draw.randint(2, 6)
    n = draw.randint(1, 24)
    frequency = [draw.choice([0.0, 0.1, 0.3, 0.7, 1.0]) for _ in range(labels)]
    gold = [[k for k in range(labels) if draw.random() < frequency[k]] for _ in range(n)]
    # Shares of a power of two, which are the same number in f32 and f64; few of them make many ties.
    parts = draw.choice([4, 64, 4096])
    reach = [draw.randint(1, parts) for _ in range(labels)]

    def share(k, positive):
        return draw.randint(parts // 4 if positive else 0, parts if positive else reach[k])

    shares = [[share(k, k in g and draw.random() < 0.8) for k in range(labels)] for g in gold]
    threshold = draw.choice([0.5, 0.25, round(draw.random(), 2)])
    documents = [3 * draw.randint(0, max(1, n // 3)) + 1 for _ in range(n)] if draw.random() < 0.5 else None

    rows = {}
    for i in range(n):
        united, best = rows.setdefault(documents[i] if documents else i, (set(), [0.0] * labels))
        united.update(gold[i])
        best[:] = [max(a, b / parts) for a, b in zip(best, shares[i])]
    truth = numpy.array([[int(k in united) for k in range(labels)] for united, _ in rows.values()])
    scores = numpy.array([best for _, best in rows.values()])

    def at(limit):
        # From the definition: sentences are thresholded, then united.
        claimed = {row: numpy.zeros(labels, dtype=int) for row in rows}
        for i in range(n):
            claimed[documents[i] if documents else i] |= numpy.array(shares[i]) / parts >= limit
        return numpy.array(list(claimed.values()))

    predicted = at(threshold)
    occurring = [k for k in range(labels) if truth[:, k].any() or predicted[:, k].any()]
    constants = itertools.product([0, 1], repeat=labels)
    thresholds = [percent / 100 for percent in sorted(draw.sample(range(1, 100), 5)) + [draw.choice([25, 50, 75])]]
    return {
        "labels": labels,
        "gold": gold,
        "parts": parts,
        "shares": shares,
        "threshold": threshold,
        "documents": documents,
        "n": len(rows),
        "micro": prf(truth, predicted, average="micro"),
        "macro_f1": prf(truth, predicted, average="macro", labels=occurring)[2],
        "exact_match": float(accuracy_score(truth, predicted)),
        "hamming_loss": float(hamming_loss(truth, predicted)),
        "per_label": per_label(truth, predicted, list(range(labels)), predicted.sum(axis=0).tolist()),
        "average_precision": [
            float(average_precision_score(truth[:, k], scores[:, k])) if truth[:, k].any() else None
            for k in range(labels)
        ],
        "constant_f1": max(
            prf(truth, numpy.tile(constant, (len(rows), 1)), average="micro")[2] for constant in constants
        ),
        "curve": [[limit, *prf(truth, at(limit), average="micro")] for limit in thresholds],
    }


def words_case(draw):
    types = draw.randint(1, 4)
    in_gold = [0, *draw.sample(range(1, types + 1), draw.randint(0, types))]
    in_predicted = [0, *draw.sample(range(1, types + 1), draw.randint(0, types))]
    lengths = [draw.randint(0, 15) for _ in range(draw.randint(0, 5))] + [draw.randint(1, 15)]
    gold = [[draw.choice(in_gold) for _ in range(length)] for length in lengths]
    predicted = [[g if draw.random() < 0.5 else draw.choice(in_predicted) for g in text] for text in gold]
    flat = [numpy.array([tag for text in side for tag in text]) for side in (gold, predicted)]
    tags = list(range(1, types + 1))
    return {
        "types": types,
        "gold": gold,
        "predicted": predicted,
        "macro_f1": prf(*flat, average="macro", labels=[t for t in tags if t in flat[0] or t in flat[1]])[2],
        "accuracy": float(accuracy_score(*flat)),
        "per_type": per_label(*flat, tags, [int((flat[1] == t).sum()) for t in tags]),
    }


def relation_case(draw):
    classes = draw.randint(2, 6)
    n = draw.randint(1, 40)
    negative = draw.choice([None, 0, draw.randrange(classes)])
    in_gold = draw.sample(range(classes), draw.randint(1, classes))
    in_predicted = draw.sample(range(classes), draw.randint(1, classes))
    gold = [draw.choice(in_gold) for _ in range(n)]
    predicted = [g if draw.random() < 0.4 else draw.choice(in_predicted) for g in gold]
    labels = list(range(classes))
    positives = [k for k in labels if k != negative]
    occurring = [k for k in positives if k in gold or k in predicted]
    constants = [[k] * n for k in labels]
    return {
        "classes": classes,
        "negative": negative,
        "gold": gold,
        "predicted": predicted,
        "micro": prf(gold, predicted, average="micro", labels=positives),
        "macro_f1": prf(gold, predicted, average="macro", labels=occurring)[2],
        "accuracy": float(accuracy_score(gold, predicted)),
        "per_class": per_label(gold, predicted, labels, [predicted.count(k) for k in labels]),
        "confusion": confusion_matrix(gold, predicted, labels=labels).tolist(),
        "constant_f1": max(prf(gold, constant, average="micro", labels=positives)[2] for constant in constants),
        "constant_accuracy": max(float(accuracy_score(gold, constant)) for constant in constants),
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
    write(folder, "regression", [regression_case(draw) for _ in range(150)])
    write(folder, "multilabel", [multilabel_case(draw) for _ in range(120)])
    write(folder, "words", [words_case(draw) for _ in range(150)])
    write(folder, "relation", [relation_case(draw) for _ in range(150)])


main()
