"""Logistic regression by scikit-learn, converged, for logistic_regression_test.cpp and the golden tests.

Reads C, balanced (0 or 1), tolerance (of the gradient) and policies (0 absent, 1 nan, 2 ordinal: those asked for), too (see
peer.py), and perhaps weights (of the training deaths); prints class probabilities by missing policy.
"""
import sys
import warnings

from peer import given, n_symptoms, np, show, test, train

try:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
except ImportError:
    sys.exit(77)

warnings.simplefilter("error", ConvergenceWarning)  # a peer that has not converged is none
causes = given["causes"].astype(int)
weights = given.get("weights", np.ones(len(train)))
answered = weights @ (train != 2)
codes = [("absent", np.zeros(n_symptoms)), ("nan", weights @ (train == 1) / np.where(answered > 0, answered, 1)), ("ordinal", np.full(n_symptoms, 2.0))]
for policy in given["policies"].astype(int):
    name, code = codes[policy]
    model = LogisticRegression(C=given["C"][0], multi_class="multinomial", solver="newton-cg", tol=given["tolerance"][0], max_iter=1000,
                               class_weight="balanced" if given["balanced"][0] else None)
    model.fit(np.where(train == 2, code, train), causes, sample_weight=weights)
    show(name, model.predict_proba(np.where(test == 2, code, test)))
