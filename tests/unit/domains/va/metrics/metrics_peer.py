"""Independent implementation of the VA metrics with scikit-learn and NumPy, for metrics_peer_test.cpp.

Reads lines "name value ..." (n_causes, truth, probability, own, weight, seed, resamples), prints the metrics the same way.
"""
import math
import sys
import warnings

try:
    import numpy as np
    from sklearn import metrics
except ImportError:
    sys.exit(77)
warnings.simplefilter("ignore")


def csmf_accuracy(true, predicted, causes):
    """`causes`: those over which the minimum runs."""
    smallest = true[causes].min()
    if smallest == 1:
        return float(np.abs(true - predicted).sum() < 1e-9)
    return max(0.0, 1 - np.abs(true - predicted).sum() / (2 * (1 - smallest)))


def interval_metrics(truth, top, hit3, probability, weight, n_causes):
    true = np.bincount(truth, weight, minlength=n_causes) / weight.sum()
    predicted = np.bincount(top, weight, minlength=n_causes) / weight.sum()
    csmf = csmf_accuracy(true, predicted, true > 0)
    present = np.unique(truth)
    recall = metrics.recall_score(truth, top, labels=present, average=None, sample_weight=weight)
    return dict(csmf_accuracy=csmf, csmf_accuracy_union=csmf_accuracy(true, predicted, (true > 0) | (predicted > 0)),
                csmf_accuracy_probabilities=csmf_accuracy(true, np.average(probability, axis=0, weights=weight), true > 0),
                cccsmf_accuracy=(csmf - (1 - math.exp(-1))) / math.exp(-1),
                cod_accuracy=metrics.accuracy_score(truth, top, sample_weight=weight),
                top3_accuracy=np.average(hit3, weights=weight),
                mean_ccc=np.mean((recall - 1 / n_causes) / (1 - 1 / n_causes)))


class Random:
    """SplitMix64 seeding and xoshiro256**, as their authors publish them; integers below n by Lemire's method."""

    def __init__(self, seed):
        mask, self.state = 2**64 - 1, []
        for _ in range(4):
            seed = (seed + 0x9E3779B97F4A7C15) & mask
            z = seed
            z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & mask
            z = ((z ^ z >> 27) * 0x94D049BB133111EB) & mask
            self.state.append(z ^ z >> 31)

    def word(self):
        mask, s = 2**64 - 1, self.state
        rotate = lambda x, k: (x << k | x >> (64 - k)) & mask
        result = rotate(s[1] * 5 & mask, 7) * 9 & mask
        shifted = s[1] << 17 & mask
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotate(s[3], 45)
        return result

    def below(self, n):
        while True:
            product = self.word() * n
            if product % 2**64 >= 2**64 % n:
                return product >> 64


def show(name, values):
    print(name, *(repr(float(v)) for v in np.atleast_1d(values)))


def ratio(part, whole):
    with np.errstate(invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


given = {}
for line in open(sys.argv[1]):
    name, *values = line.split()
    given[name] = np.array([float(v) for v in values])
n_causes = int(given["n_causes"][0])
truth = given["truth"].astype(int)
probability = given["probability"].reshape(len(truth), n_causes)
labels = np.arange(n_causes)
top = probability.argmax(1)
hit3 = np.array([t in np.argsort(-row, kind="stable")[:3] for t, row in zip(truth, probability)])

weight = given["weight"] if "weight" in given else np.ones(len(truth))

for name, value in interval_metrics(truth, top, hit3, probability, weight, n_causes).items():
    show(name, value)
show("top5_accuracy", metrics.top_k_accuracy_score(truth, probability, k=5, labels=labels, sample_weight=weight))
show("top3_sklearn", metrics.top_k_accuracy_score(truth, probability, k=3, labels=labels, sample_weight=weight))
true = np.bincount(truth, weight, minlength=n_causes) / weight.sum()
own = given["own"] if "own" in given else np.average(probability, axis=0, weights=weight)
show("csmf_accuracy_posterior", csmf_accuracy(true, own, true > 0))
show("log_loss", metrics.log_loss(truth, probability, labels=labels, eps=1e-15, sample_weight=weight))
show("brier", ((probability - np.eye(n_causes)[truth]) ** 2).sum(1) @ weight / weight.sum())
confusion = metrics.confusion_matrix(truth, top, labels=labels)
show("confusion", confusion.ravel())
show("csmf_true", true)
show("csmf_pred", np.bincount(top, weight, minlength=n_causes) / weight.sum())
show("weights", [weight.sum(), weight.sum() ** 2 / (weight ** 2).sum()])
tn, fp, fn, tp = metrics.multilabel_confusion_matrix(truth, top, labels=labels, sample_weight=weight).reshape(-1, 4).T
show("sensitivity", ratio(tp, tp + fn))
show("specificity", ratio(tn, tn + fp))
show("precision", ratio(tp, tp + fp))
show("f1", ratio(2 * tp, 2 * tp + fp + fn))

random, resamples = Random(int(given["seed"][0])), []
for _ in range(int(given["resamples"][0])):
    index = np.array([random.below(len(truth)) for _ in truth])
    resamples.append(interval_metrics(truth[index], top[index], hit3[index], probability[index], weight[index], n_causes))
for name in resamples[0]:
    show("interval_" + name, np.percentile([r[name] for r in resamples], [2.5, 97.5]))
