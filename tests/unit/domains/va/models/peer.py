"""What the Python peers of the models' tests share.

A peer reads lines "name value ..." from the file that it is given, among them n_symptoms, train and test (answers by death: 0
absent, 1 present, 2 missing) and causes (of the training deaths), and prints results the same way. It ends with 77 where a
package is missing, so that the test skips.
"""
import sys

try:
    import numpy as np
except ImportError:
    sys.exit(77)

given = {}
for line in open(sys.argv[1]):
    name, *values = line.split()
    given[name] = np.array([float(v) for v in values])
n_symptoms = int(given["n_symptoms"][0])
train = given["train"].reshape(-1, n_symptoms)
test = given["test"].reshape(-1, n_symptoms)


def show(name, numbers):
    print(name, *(repr(float(n)) for n in np.ravel(numbers)))


def coded(answers, policy):
    """Missing answers as policy nan (left alone), absent or ordinal (columns of their own) has them, for models of P(s|c)."""
    if policy == "nan":
        return answers
    present = np.where(answers == 2, 0, answers)
    return present if policy == "absent" else np.hstack([present, (answers == 2).astype(float)])
