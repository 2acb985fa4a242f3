"""Naive Bayes by scikit-learn (absent, ordinal) and by NumPy in plain fractions (nan), for naive_bayes_test.cpp.

Reads alpha, too (see peer.py); prints class probabilities by missing policy.
"""
import sys

from peer import given, np, show, test, train

try:
    from sklearn.naive_bayes import BernoulliNB, CategoricalNB
except ImportError:
    sys.exit(77)

alpha, train, test = given["alpha"][0], train.astype(int), test.astype(int)
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
    show(name, probability)
