"""Golden values for the statistics of `metrics`, from SciPy, NumPy and statsmodels on random data.

    python tests/golden/statistics.py

Writes `crates/metrics/tests/data/statistics.json`.
"""

import json
from itertools import product
from pathlib import Path

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests

random = np.random.default_rng(20261126)
OUT = Path(__file__).parents[2] / "crates/metrics/tests/data/statistics.json"


def spread():
    cases = []
    for n in (1, 2, 5, 20):
        values = random.normal(0.8, 0.1, n)
        cases.append({
            "values": values.tolist(),
            "mean": values.mean(),
            "sd": float(values.std(ddof=1)) if n > 1 else None,
            "median": float(np.median(values)),
            "quantiles": [[q, float(np.quantile(values, q))] for q in (0, 0.025, 0.1, 0.5, 0.77, 0.975, 1)],
        })
    return cases


def levene():
    cases = []
    for sizes in ((5, 5), (20, 20), (3, 8, 13), (20, 20, 20, 20, 20)):
        groups = [random.normal(random.uniform(), random.uniform(0.01, 0.3), size) for size in sizes]
        found = stats.levene(*groups, center="median")
        cases.append({"groups": [group.tolist() for group in groups], "statistic": found.statistic, "p": found.pvalue})
    return cases


def permutation():
    cases = []
    for n in (2, 5, 9, 13):
        differences = random.normal(0.02, 0.05, n).round(3)
        found = stats.permutation_test(
            (differences,), lambda x, axis: x.mean(axis=axis), permutation_type="samples", n_resamples=np.inf,
            alternative="two-sided", vectorized=True)
        # The same by trying every pattern of signs.
        observed = abs(differences.sum())
        patterns = [abs((differences * signs).sum()) >= observed - 1e-12 for signs in product((1, -1), repeat=n)]
        assert abs(np.mean(patterns) - found.pvalue) < 1e-9, (np.mean(patterns), found.pvalue)
        cases.append({"differences": differences.tolist(), "p": float(found.pvalue)})
    return cases


def expected():
    cases = []
    for n in (1, 4, 20):
        scores = random.uniform(0, 1, n)
        if n == 20:
            scores[3] = scores[7]
        rows = []
        for runs in range(1, n + 1):
            # The distribution of the largest of `runs` draws from the empirical distribution of the scores.
            values = np.unique(scores)
            below = np.array([np.mean(scores <= value) for value in values]) ** runs
            chance = np.diff(np.concatenate([[0], below]))
            mean = float((values * chance).sum())
            rows.append([runs, mean, float(np.sqrt(((values - mean) ** 2 * chance).sum()))])
        cases.append({"scores": scores.tolist(), "rows": rows})
    return cases


def holm():
    cases = []
    for n in (1, 3, 8):
        p = random.uniform(0, 0.3, n)
        if n == 8:
            p[2] = p[5]
        cases.append({"p": p.tolist(), "adjusted": multipletests(p, method="holm")[1].tolist()})
    return cases


def runs():
    """Student's interval of a mean, whose standard error the bootstrap gives as well."""
    cases = []
    for n in (5, 20, 60):
        values = random.normal(0.7, 0.05, n)
        found = stats.bootstrap((values,), np.mean, n_resamples=20000, rng=random)
        error = found.standard_error * np.sqrt(n / (n - 1))
        assert abs(error / stats.sem(values) - 1) < 0.05, (error, stats.sem(values))
        low, high = stats.t.interval(0.95, n - 1, loc=values.mean(), scale=stats.sem(values))
        cases.append({"values": values.tolist(), "low": low, "high": high})
    return cases


cases = {
    "spread": spread(), "levene": levene(), "permutation": permutation(), "expected": expected(), "holm": holm(),
    "runs": runs(),
}
OUT.write_text(json.dumps(cases, indent=1) + "\n", encoding="utf-8")
print(f"{OUT} written")
