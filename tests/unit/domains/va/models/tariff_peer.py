"""Tariff in NumPy from the papers' formulas, for tariff_test.cpp.

Reads n_kept, too (see peer.py). Prints by
missing policy: the table without a test of significance (POLICY_table, symptoms x causes), probabilities made from it
(POLICY), and which tariffs of policy absent are significant by resampling deaths (significant, 1 or 0).
"""
from peer import coded, given, np, show, test, train

n_kept = int(given["n_kept"][0])
labels, causes = np.unique(given["causes"], return_inverse=True)
K = len(labels)


def quantile(x, p):  # type 7 over the first axis
    x = np.sort(x, axis=0)
    h = (len(x) - 1) * p
    low = int(h)
    high = min(low + 1, len(x) - 1)
    return x[low] + (h - low) * (x[high] - x[low])


def tariffs(rates):  # [causes][symptoms]
    spread = quantile(rates, 0.75) - quantile(rates, 0.25)
    return (rates - quantile(rates, 0.5)) / np.where(spread > 0, spread, 0.001)


def rates(x, y):
    present = np.array([(x[y == k] == 1).sum(0) for k in range(K)])
    answered = np.array([(x[y == k] != 2).sum(0) for k in range(K)])
    everywhere = present.sum(0) / np.maximum(answered.sum(0), 1)
    return np.where(answered > 0, present / np.maximum(answered, 1), everywhere)


def cleaned(table):
    if n_kept < table.shape[1]:
        least = np.sort(np.abs(table), axis=1)[:, -n_kept]
        table = np.where(np.abs(table) >= least[:, None], table, 0)
    return np.round(table / 0.5) * 0.5


def probabilities(table, x_train, x_test):
    of_train, of_test = (x_train == 1) @ table.T, (x_test == 1) @ table.T
    counts = np.bincount(causes)
    weight = 1 / (K * counts[causes])
    rows = []
    for scores in of_test:
        higher = (weight[:, None] * (of_train > scores)).sum(0)
        equal = (weight[:, None] * (of_train == scores)).sum(0)
        rank = np.where(scores > 0, higher + equal / 2 + 0.5 / (K * counts.max()), 1 + 1 / (K * counts.max()))
        share = 1 / rank if scores.max() > 0 else np.ones(K)
        rows.append(share / share.sum())
    return np.array(rows)


for policy in ("absent", "nan", "ordinal"):
    x_train, x_test = coded(train, policy), coded(test, policy)
    table = cleaned(tariffs(rates(x_train, causes)))
    show(policy + "_table", table.T)
    show(policy, probabilities(table, x_train, x_test))

rng = np.random.default_rng(1)
own = [np.flatnonzero(causes == k) for k in range(K)]
resampled = []
for _ in range(500):
    rows = np.concatenate([rng.choice(o, len(o)) for o in own])
    resampled.append(tariffs(rates(coded(train, "absent")[rows], causes[rows])))
low, high = quantile(np.array(resampled), 0.025), quantile(np.array(resampled), 0.975)
show("significant", ((low > 0) | (high < 0)).T)
