"""Golden values for agreement and calibration in `metrics`, on random data.

    python tests/golden/labelling.py

Writes `crates/metrics/tests/data/labelling.json`. Kappa is scikit-learn's, alpha that of the package krippendorff, the
temperature is found by SciPy's minimize_scalar on the mean negative log likelihood, reliability by scikit-learn's
calibration_curve.
"""

import json
from pathlib import Path

import krippendorff
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.calibration import calibration_curve
from sklearn.metrics import cohen_kappa_score

random = np.random.default_rng(20261127)
OUT = Path(__file__).parents[2] / "crates/metrics/tests/data/labelling.json"


def kappa():
    cases = []
    for n, classes, agree in ((10, 2, 0.9), (100, 3, 0.6), (400, 7, 0.3), (50, 2, 0.0)):
        first = random.integers(0, classes, n)
        second = np.where(random.uniform(size=n) < agree, first, random.integers(0, classes, n))
        cases.append({"first": first.tolist(), "second": second.tolist(),
                      "kappa": float(cohen_kappa_score(first, second))})
    return cases


def alpha():
    cases = []
    for annotators, n, missing, level in (
        (2, 30, 0.0, "nominal"), (3, 100, 0.3, "nominal"), (5, 60, 0.5, "nominal"),
        (2, 30, 0.0, "interval"), (4, 80, 0.4, "interval"),
    ):
        truth = random.integers(0, 4, n).astype(float)
        if level == "nominal":
            drawn = random.integers(0, 4, (annotators, n)).astype(float)
            answers = np.where(random.uniform(size=(annotators, n)) < 0.7, truth, drawn)
        else:
            answers = (truth + random.normal(0, 0.5, (annotators, n))).round(2)
        answers[random.uniform(size=answers.shape) < missing] = np.nan
        found = krippendorff.alpha(reliability_data=answers, level_of_measurement=level)
        units = [[value for value in column if not np.isnan(value)] for column in answers.T]
        cases.append({"units": units, "level": level, "alpha": float(found)})
    return cases


def temperature():
    cases = []
    for n, classes, sharpness in ((20, 2, 3.0), (200, 3, 2.0), (500, 9, 0.5)):
        logits = random.normal(0, 1, (n, classes))
        gold = np.array([random.choice(classes, p=softmax(row)) for row in logits])
        shares = softmax(logits * sharpness, axis=1).astype(np.float32)
        logs = np.log(shares.astype(np.float64))

        def loss(t):
            return -log_softmax(logs / t, axis=1)[np.arange(n), gold].mean()

        found = minimize_scalar(loss, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-10})
        cases.append({"probabilities": shares.tolist(), "gold": gold.tolist(), "temperature": found.x,
                      "tempered": softmax(logs / 1.7, axis=1)[:5].tolist()})
    return cases


def reliability():
    cases = []
    for n in (15, 300):
        confidence = random.uniform(0.01, 1, n)
        right = random.uniform(size=n) < confidence**1.5
        edges = np.linspace(0, 1, 11)
        places = np.digitize(confidence, edges, right=True)
        error = sum(
            (places == place).mean() * abs(confidence[places == place].mean() - right[places == place].mean())
            for place in np.unique(places))
        accuracy, mean = calibration_curve(right, confidence, n_bins=10)
        cases.append({"confidence": confidence.tolist(), "right": [bool(value) for value in right],
                      "error": float(error), "accuracy": accuracy.tolist(), "mean": mean.tolist()})
    return cases


OUT.write_text(json.dumps({"kappa": kappa(), "alpha": alpha(), "temperature": temperature(),
                           "reliability": reliability()}) + "\n", encoding="utf-8")
