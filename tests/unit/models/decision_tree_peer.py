"""One classification tree by scikit-learn on all deaths and all symptoms, for random_forest_test.cpp.

Reads lines "name value ..." (n_symptoms, max_depth, min_leaf, balanced 0 or 1, train, causes, test; answers 0 absent, 1
present, 2 missing), prints class probabilities by missing policy the same way.
"""
import sys

try:
    import numpy as np
    from sklearn.tree import DecisionTreeClassifier
except ImportError:
    sys.exit(77)

given = {}
for line in open(sys.argv[1]):
    name, *values = line.split()
    given[name] = np.array([float(v) for v in values])
n_symptoms = int(given["n_symptoms"][0])
train = given["train"].reshape(-1, n_symptoms)
test = given["test"].reshape(-1, n_symptoms)
for policy, code in (("absent", 0), ("ordinal", 2)):
    tree = DecisionTreeClassifier(max_depth=int(given["max_depth"][0]), min_samples_leaf=int(given["min_leaf"][0]),
                                  class_weight="balanced" if given["balanced"][0] else None, random_state=1)
    tree.fit(np.where(train == 2, code, train), given["causes"].astype(int))
    print(policy, *(repr(float(p)) for p in tree.predict_proba(np.where(test == 2, code, test)).ravel()))
