"""Paired tests by SciPy, by enumeration of all signs and by plain formulas, for paired_tests_test.cpp.

Reads lines "name value ...": mcnemar (b c b c ...), flips_KEY (differences), t (differences), ratio, holm (p values);
prints p and mid p of the tests, the t test with its interval, the adjusted p values.
"""
import itertools
import sys

try:
    import numpy as np
    from scipy import stats
except ImportError:
    sys.exit(77)

given = {}
for line in open(sys.argv[1]):
    name, *values = line.split()
    given[name] = [float(v) for v in values]


def show(name, values):
    print(name, *(repr(float(v)) for v in values))


def mcnemar(b, c):
    p = stats.binomtest(b, b + c, 0.5).pvalue
    at = stats.binom.pmf(min(b, c), b + c, 0.5)
    return p, p - (at / 2 if b == c else at)


def flips(differences):
    sizes = np.abs(differences)
    sums = np.abs(np.array(list(itertools.product((-1, 1), repeat=len(sizes)))) @ sizes)
    seen = abs(sum(differences))
    return np.mean(sums >= seen), np.mean(sums >= seen) - np.mean(sums == seen) / 2


def corrected_t(x, ratio):
    error = np.sqrt((1 / len(x) + ratio) * np.var(x, ddof=1))
    p = 2 * stats.t.sf(abs(np.mean(x)) / error, len(x) - 1)
    half = stats.t.isf(0.025, len(x) - 1) * error
    return np.mean(x), error, np.mean(x) - half, np.mean(x) + half, p


def holm(p):
    """By its closed form: every p value against all that are not larger."""
    m = len(p)
    rank = stats.rankdata(p, method="ordinal")
    return [min(1, max((m - rank[j] + 1) * p[j] for j in range(m) if rank[j] <= rank[i])) for i in range(m)]


pairs = [int(v) for v in given["mcnemar"]]
show("mcnemar", [value for b, c in zip(pairs[::2], pairs[1::2]) for value in mcnemar(b, c)])
for name, values in given.items():
    if name.startswith("flips_"):
        show(name, flips(values))
show("t", corrected_t(given["t"], given["ratio"][0]))
show("plain_t", [stats.ttest_1samp(given["t"], 0).pvalue])
show("holm", holm(given["holm"]))
