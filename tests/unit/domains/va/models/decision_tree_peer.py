"""One classification tree by scikit-learn on all deaths and all symptoms, for random_forest_test.cpp.

Reads max_depth, min_leaf and balanced (0 or 1), too (see peer.py), and perhaps weights (of the training deaths); prints class probabilities by missing policy.
"""
import sys

from peer import given, np, show, test, train

try:
    from sklearn.tree import DecisionTreeClassifier
except ImportError:
    sys.exit(77)

for policy, code in (("absent", 0), ("ordinal", 2)):
    tree = DecisionTreeClassifier(max_depth=int(given["max_depth"][0]), min_samples_leaf=int(given["min_leaf"][0]),
                                  class_weight="balanced" if given["balanced"][0] else None, random_state=1)
    tree.fit(np.where(train == 2, code, train), given["causes"].astype(int), sample_weight=given.get("weights"))
    show(policy, tree.predict_proba(np.where(test == 2, code, test)))
