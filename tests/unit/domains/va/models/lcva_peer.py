"""The posterior of nested latent classes by adding up all of it, for lcva_test.cpp: every way to put a cause's deaths into two
classes, every choice of whose probabilities are whose, and a fine grid of what the sites' shares of classes have in common.

See peer.py; reads also sites (of the training deaths), site_concentration, base_strength, class_strength; class_concentration
is 1. Missing answers are left out. Prints for each cause c in turn single (P(s | c), of the shares that sites have in common), pair
(P(s and t | c), s by t, 0 for t = s) and for each site g and cause c site (P(s | c) there).
"""
from itertools import product
from math import lgamma

from peer import given, n_symptoms, np, show, train

causes, sites = given["causes"].astype(int), given["sites"].astype(int)
a, b, v = (given[name][0] for name in ("site_concentration", "base_strength", "class_strength"))
n_sites = sites.max() + 1
mean = ((train == 1).sum(0) + 0.5) / ((train != 2).sum(0) + 1)
angle = (np.arange(4000) + 0.5) / 4000 * np.pi / 2
shared = np.array([np.sin(angle) ** 2, np.cos(angle) ** 2])  # its prior, Beta(1/2, 1/2), is even in the angle
log_gamma = np.vectorize(lgamma)


def log_beta(x, y):
    return lgamma(x) + lgamma(y) - lgamma(x + y)


def share_moments(counts):
    """ln P(classes of the deaths), E[share of a class that sites have in common], the same at each site."""
    log_p = np.zeros(shared.shape[1])
    for of_site in counts:
        log_p += lgamma(a) - lgamma(a + of_site.sum())
        for k in (0, 1):
            log_p += log_gamma(a * shared[k] + of_site[k]) - log_gamma(a * shared[k])
    weight = np.exp(log_p - log_p.max())
    at_site = [(((a * shared + n[:, None]) / (a + n.sum())) * weight).sum(1) / weight.sum() for n in counts]
    return log_p.max() + np.log(weight.mean()), (shared * weight).sum(1) / weight.sum(), at_site


def sign_terms(present, answered, m):
    """For each choice of which classes have a probability of their own: ln P(answers), E[theta] of the classes."""
    terms = []
    for own in product((0, 1), repeat=2):
        log_p, theta, pooled = 0.0, [0.0, 0.0], [b * m, b * (1 - m)]
        for k in (0, 1):
            yes, no = present[k], answered[k] - present[k]
            if own[k]:
                log_p += log_beta(v * m + yes, v * (1 - m) + no) - log_beta(v * m, v * (1 - m))
                theta[k] = (v * m + yes) / (v + yes + no)
            else:
                pooled[0] += yes
                pooled[1] += no
        log_p += log_beta(*pooled) - log_beta(b * m, b * (1 - m))
        terms.append((sum(own), log_p, [theta[k] if own[k] else pooled[0] / sum(pooled) for k in (0, 1)]))
    return terms


for c in np.unique(causes):
    x, g = train[causes == c], sites[causes == c]
    logs, singles, pairs, by_site = [], [], [], []
    for z in product((0, 1), repeat=len(x)):
        z = np.array(z)
        counts = [np.array([((g == site) & (z == k)).sum() for k in (0, 1)]) for site in range(n_sites)]
        log_shares, share, at_site = share_moments(counts)
        signs = [sign_terms([((x[:, s] == 1) & (z == k)).sum() for k in (0, 1)],
                            [((x[:, s] != 2) & (z == k)).sum() for k in (0, 1)], mean[s]) for s in range(n_symptoms)]
        for choice in product(range(4), repeat=n_symptoms):
            terms = [signs[s][choice[s]] for s in range(n_symptoms)]
            n_own = sum(term[0] for term in terms)
            theta = np.array([term[2] for term in terms])  # given z and the choice, theta of two signs are independent
            logs.append(log_shares + sum(term[1] for term in terms) + log_beta(1 + n_own, 1 + 2 * n_symptoms - n_own))
            singles.append(theta @ share)
            pairs.append((theta * share) @ theta.T)
            by_site.append([theta @ of_site for of_site in at_site])
    weight = np.exp(np.array(logs) - max(logs))
    weight /= weight.sum()
    show(f"single{c}", np.tensordot(weight, np.array(singles), 1))
    both = np.tensordot(weight, np.array(pairs), 1)
    np.fill_diagonal(both, 0)  # the square of a mean is not a mean of squares
    show(f"pair{c}", both)
    for site in range(n_sites):
        show(f"site{site}cause{c}", np.tensordot(weight, np.array(by_site)[:, site], 1))
