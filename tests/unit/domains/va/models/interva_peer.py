"""InterVA with learned levels in NumPy, for interva_test.cpp.

See peer.py; prints probabilities, named POLICY_LEVELS_PRIOR.
"""
from peer import coded, given, np, show, test, train

CELLS = np.array([92, 197, 521, 287, 225, 1472, 199, 257, 2882, 449, 42, 4214, 101, 1262, 2500])  # of InterVA-4
NUMBERS = np.array([1, .8, .5, .2, .1, .05, .02, .01, .005, .002, .001, .0005, .0001, .00001, 0])
labels, causes = np.unique(given["causes"], return_inverse=True)
deaths = np.bincount(causes)


def shares(x):  # [symptoms][causes]
    present = np.array([(x[causes == k] == 1).sum(0) for k in range(len(labels))]).T
    answered = np.array([(x[causes == k] != 2).sum(0) for k in range(len(labels))]).T
    everywhere = present.sum(1, keepdims=True) / len(x)
    return np.where((answered > 0) & (answered >= 0.05 * deaths), present / np.maximum(answered, 1), everywhere)


def leveled(p, rule):
    zero = p == 0
    if rule == "fixed":
        halfway = NUMBERS[1:] + (NUMBERS[:-1] - NUMBERS[1:]) / 2
        return NUMBERS[(p[..., None] <= halfway).sum(-1)]
    certain = zero | (p == 1)  # stand-ins between 1e-6 and 2e-6, as far below 1; which is which does not matter
    place = (np.cumsum(certain.ravel()) - 0.5) / max(certain.sum(), 1)
    stand_in = 1e-6 * (1 + place.reshape(p.shape))
    p = np.where(zero, stand_in, np.where(p == 1, 1 - stand_in, p))
    upper = np.cumsum(CELLS / CELLS.sum())
    upper[-1] = 1
    lower = np.concatenate([[0], upper[:-1]])
    cut = np.quantile(p, upper)
    number = np.quantile(p, (upper + lower) / 2)
    place = np.searchsorted(cut[:-1], p)
    return np.where(zero, number[0], number[place])


with np.errstate(divide="ignore"):
    for policy in ("absent", "nan", "ordinal"):
        x_train, x_test = coded(train, policy), coded(test, policy)
        for rule in ("quantile", "fixed"):
            table = leveled(shares(x_train), rule)
            for name, prior in (("uniform", np.full(len(labels), 1 / len(labels))), ("empirical", deaths / len(train))):
                weights = np.array([prior * np.prod(table[row == 1], axis=0, dtype=np.longdouble) for row in x_test])
                weights = np.where(weights.sum(1, keepdims=True) > 0, weights, prior)
                weights = weights / weights.sum(1, keepdims=True)
                show(f"{policy}_{rule}_{name}", weights)
