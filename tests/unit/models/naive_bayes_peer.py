"""Naive Bayes by scikit-learn (absent, ordinal) and by NumPy in plain fractions (nan), for naive_bayes_test.cpp.

Reads lines "name value ..." (n_symptoms, alpha, train, causes, test; answers 0 absent, 1 present, 2 missing), prints
class probabilities per missing policy the same way.
"""
import sys

try:
    import numpy as np
    from sklearn.naive_bayes import BernoulliNB, CategoricalNB
except ImportError:
    sys.exit(77)

given = {}
for line in open(sys.argv[1]):
    name, *values = line.split()
    given[name] = np.array([float(v) for v in values])
n_symptoms, alpha = int(given["n_symptoms"][0]), given["alpha"][0]
train = given["train"].astype(int).reshape(-1, n_symptoms)
test = given["test"].astype(int).reshape(-1, n_symptoms)
causes = given["causes"].astype(int)


def leave_out_missing():
    weights = []
    for answers in test:
        row = []
        for cause in np.unique(causes):
            seen = train[causes == cause]
            weight = np.longdouble(len(seen)) / len(train)
            for s, answer in enumerate(answers):
                if answer != 2:
                    observed = seen[seen[:, s] != 2, s]
                    weight *= ((observed == answer).sum() + np.longdouble(alpha)) / (len(observed) + 2 * np.longdouble(alpha))
            row.append(weight)
        weights.append(np.array(row) / sum(row))
    return np.array(weights)


absent = BernoulliNB(alpha=alpha).fit(train == 1, causes).predict_proba(test == 1)
ordinal = CategoricalNB(alpha=alpha, min_categories=3).fit(train, causes).predict_proba(test)
for name, probability in (("absent", absent), ("ordinal", ordinal), ("nan", leave_out_missing())):
    print(name, *(repr(float(p)) for p in probability.ravel()))
