"""Recomputes every number of `vaster compare --json` from the study file, with h5py, NumPy and SciPy alone.

usage: compare_peer.py STUDY.h5 COMPARISON.json RESAMPLES; prints what differs and exits with 1, or with 77 where a
package is absent. Intervals over deaths come from resamples of its own and may differ by their Monte Carlo error.
"""
import collections
import itertools
import json
import sys

try:
    import h5py
    import numpy as np
    from scipy import special, stats
except ImportError:
    sys.exit(77)

study = h5py.File(sys.argv[1], "r")
found = json.load(open(sys.argv[2]))
resamples = int(sys.argv[3])
metrics = ["csmf_accuracy", "cod_accuracy"]
n_causes = len(study["labels/causes"])
generator = np.random.default_rng(1)
problems, checked = [], collections.Counter()

Experiment = collections.namedtuple("Experiment", "question train test repeat model done n_train n_test value rows truth top")


def read():
    predictions = study["arrays/predictions"]
    for plan, record in zip(study["plan"][:], study["records"][:]):
        if plan["skip_reason"]:
            continue
        part = predictions[plan["first_row"]:plan["first_row"] + plan["n_rows"]]
        yield Experiment((plan["type"].decode(), float(plan["fraction"])), plan["train_site"].decode(),
                         plan["test_site"].decode(), int(plan["repeat"]), plan["model"].decode(), record["status"] == 2,
                         int(record["n_train"]), int(record["n_test"]), {m: float(record[m]) for m in metrics},
                         part["row"], part["true_cause"], part["cause1"])


def check(what, ours, theirs, tolerance=1e-9):
    checked[what[0]] += 1
    ours = None if isinstance(ours, float) and np.isnan(ours) else ours
    if ours is None or theirs is None:
        same = ours is None and theirs is None
    else:
        same = abs(ours - theirs) <= tolerance * max(1, abs(ours)) if not isinstance(ours, str) else ours == theirs
    if not same:
        problems.append(f"{what}: expected {ours}, found {theirs}")


def site_means(chosen, value):
    by_site = collections.defaultdict(list)
    for e in chosen:
        by_site[e.train].append(value(e))
    return {site: np.mean(values) for site, values in sorted(by_site.items())}


def t_test(values, ratio=0.0):
    n = len(values)
    mean = np.mean(values) if n else np.nan
    if n < 2:
        return mean, np.nan, np.nan, np.nan
    error = np.std(values, ddof=1) * np.sqrt(1 / n + ratio)
    half = stats.t.isf(0.025, n - 1) * error
    return mean, mean - half, mean + half, 2 * stats.t.sf(abs(mean) / error, n - 1)


def logit_t(values, ratio=0.0):
    """The t interval of the logit of a mean of accuracies, carried back: within [0, 1]."""
    mean, n = np.mean(values), len(values)
    if n < 2 or not 0 < mean < 1:
        return t_test(values, ratio)[1:3]
    error = np.std(values, ddof=1) * np.sqrt(1 / n + ratio) / (mean * (1 - mean))
    ends = special.logit(mean) + stats.t.ppf([0.025, 0.975], n - 1) * error
    return tuple(special.expit(ends))


def interval_of(values, ratio, is_mean):
    """Of a mean of accuracies, or of a mean difference of two, which lies within [-1, 1]."""
    return logit_t(values, ratio) if is_mean else tuple(np.clip(t_test(values, ratio)[1:3], -1, 1))


def over_repeats(chosen, value, resplit, is_mean):
    by_repeat = collections.defaultdict(list)
    for e in chosen:
        by_repeat[e.repeat].append(e)
    pairs = {(e.train, e.test) for e in chosen}
    whole = [es for _, es in sorted(by_repeat.items()) if {(e.train, e.test) for e in es} == pairs]
    means = [np.mean(list(site_means(es, value).values())) for es in whole] if resplit else []
    n_train, n_test = sum(e.n_train for e in chosen), sum(e.n_test for e in chosen)
    ratio = n_test / n_train if n_train else 0
    return len(means), interval_of(means, ratio, is_mean) if means else (np.nan, np.nan), t_test(means, ratio)[3]


def csmf_accuracy(truth, predicted):
    least = np.where(truth > 0, truth, np.inf).min(axis=1)
    return np.maximum(0, 1 - np.abs(truth - predicted).sum(axis=1) / (2 * (1 - least)))


def resampled_metrics(experiments):
    """Metrics of every experiment's resamples, [metric][place, model] -> [resamples]; one draw per site's deaths."""
    result = {m: {} for m in metrics}
    rows = {site: np.unique(np.concatenate([e.rows for e in experiments if e.test == site and e.done]))
            for site in sorted({e.test for e in experiments if e.done})}
    times = {site: generator.multinomial(len(r), np.full(len(r), 1 / len(r)), size=resamples) for site, r in rows.items()}
    for e in experiments:
        if e.done:
            weight = times[e.test][:, np.searchsorted(rows[e.test], e.rows)].astype(float)
            weight /= weight.sum(axis=1, keepdims=True)
            truth, top = np.eye(n_causes)[e.truth], np.eye(n_causes)[e.top]
            key = e.train, e.test, e.repeat, e.model
            result["cod_accuracy"][key] = weight @ (e.truth == e.top)
            result["csmf_accuracy"][key] = csmf_accuracy(weight @ truth, weight @ top)
    return result


def mean_of_resamples(chosen, value):
    by_site = collections.defaultdict(list)
    for e in chosen:
        by_site[e.train].append(value(e))
    return np.mean([np.mean(values, axis=0) for values in by_site.values()], axis=0)


def check_deaths(what, row, mean, values, least):
    spread = values.std()
    error = 5 * spread * np.sqrt(2 / resamples)
    check(what + ("bias",), values.mean() - mean, row["deaths_bias"], error)
    for end, p in (("deaths_lo", 0.025), ("deaths_hi", 0.975)):
        check(what + (end,), np.clip(np.quantile(values, p) - values.mean() + mean, least, 1), row[end], 5 * spread * 0.156 / 0.0584 * np.sqrt(2 / resamples))


def check_estimate(what, row, chosen, planned, value, resplit, is_mean):
    means = list(site_means(chosen, value).values())
    check(what + ("experiments",), len(chosen), row["experiments"])
    check(what + ("planned",), planned, row["planned"])
    check(what + ("sites",), len(means), row["sites"])
    mean, _, _, p = t_test(means)
    low, high = interval_of(means, 0, is_mean)
    check(what + ("sd",), np.std(means, ddof=1) if len(means) > 1 else np.nan, row["sd"])
    check(what + ("sites_lo",), low, row["sites_lo"])
    check(what + ("sites_hi",), high, row["sites_hi"])
    n, (low, high), p_repeats = over_repeats(chosen, value, resplit, is_mean)
    check(what + ("repeats",), n, row["repeats"])
    check(what + ("repeats_lo",), low, row["repeats_lo"])
    check(what + ("repeats_hi",), high, row["repeats_hi"])
    return mean, p, p_repeats


def discordance(first, second):
    """Counts and the exact test: the distribution of the sum of +-d over deaths, built up death by death."""
    difference = collections.Counter()
    b = c = tests = 0
    for a, o in zip(first, second):
        right, other = a.truth == a.top, o.truth == o.top
        b, c, tests = b + int((right & ~other).sum()), c + int((~right & other).sum()), tests + len(right)
        for row, d in zip(a.rows, right.astype(int) - other.astype(int)):
            difference[int(row)] += int(d)
    sizes = [abs(d) for d in difference.values() if d]
    total = sum(sizes)
    p = np.zeros(2 * total + 1)
    p[total] = 1
    for size in sizes:
        p = (np.roll(p, size) + np.roll(p, -size)) / 2
    distance, seen = np.abs(np.arange(-total, total + 1)), abs(sum(difference.values()))
    exact, at = p[distance >= seen].sum(), p[distance == seen].sum()
    if all(d == 1 for d in sizes) and total:  # then it is McNemar's
        assert abs(exact - stats.binomtest(b, b + c, 0.5).pvalue) < 1e-9
    return tests, len(difference), b, c, min(1, exact), min(1, exact) - at / 2


def check_discordance(what, row, expected):
    names = ("tests", "deaths", "only_first_right", "only_second_right", "p_deaths", "mid_p_deaths")
    for name, value in zip(names, expected):
        check(what + (name,), value, row[name])


def holm(values):
    order = sorted((v, i) for i, v in enumerate(values) if v is not None)
    adjusted, largest = [None] * len(values), 0.0
    for j, (v, i) in enumerate(order):
        largest = max(largest, (len(order) - j) * v)
        adjusted[i] = min(1.0, largest)
    return adjusted


experiments = list(read())
models = list(dict.fromkeys(e.model for e in experiments))
tables = {name: iter(rows) for name, rows in found["tables"].items()}
for question in dict.fromkeys(e.question for e in experiments):
    asked = [e for e in experiments if e.question == question]
    tested = collections.defaultdict(set)
    for e in asked:
        if e.done:
            tested[e.train, e.test].add(tuple(e.rows))
    resplit = any(len(sets) > 1 for sets in tested.values())
    drawn = resampled_metrics(asked)
    by_place = {m: {(e.train, e.test, e.repeat): e for e in asked if e.model == m} for m in models}
    for metric in metrics:
        for model in models:
            planned = [e for e in asked if e.model == model]
            done = [e for e in planned if e.done]
            row = next(tables["means"])
            what = ("means", *question, model, metric)
            check(what + ("row",), str((*question, model, metric)),
                  str((row["type"], row["fraction"], row["model"], row["metric"])))
            mean, _, _ = check_estimate(what, row, done, len(planned), lambda e: e.value[metric], resplit, True)
            check(what + ("mean",), mean, row["mean"])
            check(what + ("n_train",), np.mean(list(site_means(done, lambda e: e.n_train).values())), row["n_train"])
            check_deaths(what, row, mean,
                         mean_of_resamples(done, lambda e: drawn[metric][e.train, e.test, e.repeat, e.model]), 0)
            if question[0] == "training_size":
                curve = next(tables["learning_curve"])
                check(what + ("curve",), str(row), str(curve))
            pairs = sorted({(e.train, e.test) for e in planned})
            for train, test in pairs:
                values = [e.value[metric] for e in done if (e.train, e.test) == (train, test)]
                cell = next(tables["transfer"])
                what = ("transfer", *question, model, metric, train, test)
                check(what + ("row",), str((model, metric, train, test)),
                      str((cell["model"], cell["metric"], cell["train_site"], cell["test_site"])))
                check(what, np.mean(values) if values else np.nan, cell["mean"])
                check(what + ("n",), len(values), cell["experiments"])
        for first, second in itertools.combinations(models, 2):
            row = next(tables["differences"])
            what = ("differences", *question, first, second, metric)
            check(what + ("row",), str((*question, first, second, metric)),
                  str((row["type"], row["fraction"], row["first"], row["second"], row["metric"])))
            places = sorted(p for p, e in by_place[first].items() if e.done and by_place[second][p].done)
            ours, others = [by_place[first][p] for p in places], [by_place[second][p] for p in places]
            other = {id(a): b for a, b in zip(ours, others)}
            mean, p, p_repeats = check_estimate(what, row, ours, len(by_place[first]),
                                                lambda e: e.value[metric] - other[id(e)].value[metric], resplit,
                                                False)
            check(what + ("difference",), mean, row["difference"])
            check(what + ("p_sites",), p, row["p_sites"])
            check(what + ("p_repeats",), p_repeats, row["p_repeats"])
            resampled = mean_of_resamples(
                ours, lambda e: drawn[metric][e.train, e.test, e.repeat, first] - drawn[metric][e.train, e.test, e.repeat, second])
            as_far = (1 + np.sum(np.abs(resampled - resampled.mean()) >= abs(mean))) / (resamples + 1)
            check(what + ("p_bootstrap",), as_far, row["p_bootstrap"], 5 * np.sqrt(2 * max(as_far, 1 / resamples) / resamples))
            for name, es in (("mean_first", ours), ("mean_second", others)):
                check(what + (name,), np.mean(list(site_means(es, lambda e: e.value[metric]).values())), row[name])
            check_deaths(what, row, mean, mean_of_resamples(
                ours, lambda e: drawn[metric][e.train, e.test, e.repeat, first] - drawn[metric][e.train, e.test, e.repeat, second]), -1)
            check_discordance(what, row, discordance(ours, others))
    for first, second in itertools.combinations(models, 2):
        for train in sorted({e.train for e in asked}):
            row = next(tables["mcnemar"])
            places = sorted(p for p, e in by_place[first].items() if p[0] == train and e.done and by_place[second][p].done)
            check(("mcnemar", train, "row"), str((*question, train)), str((row["type"], row["fraction"], row["train_site"])))
            check_discordance(("mcnemar", *question, train), row,
                              discordance([by_place[first][p] for p in places], [by_place[second][p] for p in places]))

home = [e for e in experiments if e.question[0] == "in_domain"]
away = [e for e in experiments if e.question[0] == "out_domain"]
for metric, model in itertools.product(metrics, models):
    row = next(tables["gaps"])
    inside = site_means([e for e in home if e.model == model and e.done], lambda e: e.value[metric])
    outside = site_means([e for e in away if e.model == model and e.done], lambda e: e.value[metric])
    both = [site for site in inside if site in outside]
    mean, low, high, p = t_test([inside[s] - outside[s] for s in both])
    expected = dict(sites=len(both), in_domain=np.mean([inside[s] for s in both]), gap=mean, sites_lo=low, sites_hi=high,
                    elsewhere=np.mean([outside[s] for s in both]), p_sites=p)
    for name, value in expected.items():
        check(("gaps", model, metric, name), value, row[name])

# Holm within a metric and a type: shares of the training part are one family, pairs out of domain another.
for metric, kind in itertools.product(metrics, dict.fromkeys(e.question[0] for e in experiments)):
    rows = [row for row in found["tables"]["differences"] if row["metric"] == metric and row["type"] == kind]
    for name in ("p_sites", "p_repeats", "p_deaths", "p_bootstrap", "p"):
        for value, row in zip(holm([row[name] for row in rows]), rows):
            check(("holm", name), value, row[name + "_holm"])
    for row in rows:
        deaths = row["p_deaths"] if metric == "cod_accuracy" else row["p_bootstrap"]
        basis, p = ("sites", row["p_sites"]) if row["sites"] >= 6 else ("repeats", row["p_repeats"]) if row["repeats"] >= 5 \
            else ("deaths", deaths) if deaths is not None else ("none", None)
        check(("recommended", "basis"), basis, row["p_basis"])
        check(("recommended", "p"), p, row["p"])
for kind in dict.fromkeys(e.question[0] for e in experiments):
    rows = [row for row in found["tables"]["mcnemar"] if row["type"] == kind]
    for value, row in zip(holm([row["p_deaths"] for row in rows]), rows):
        check(("holm", "mcnemar"), value, row["p_deaths_holm"])

# The most frequent cause of the training site's tested deaths, given to every death; ties to the first cause.
truth = collections.defaultdict(dict)
for e in experiments:
    if e.done:
        truth[e.test].update(zip(e.rows.tolist(), e.truth.tolist()))
for question, metric in itertools.product(dict.fromkeys(e.question for e in experiments), metrics):
    row = next(tables["baselines"])
    what = ("baselines", *question, metric)
    check(what + ("row",), str((*question, metric)), str((row["type"], row["fraction"], row["metric"])))
    check(what + ("guessing",), 1 / n_causes if metric == "cod_accuracy" else 1 - np.exp(-1), row["guessing"])
    places = {(e.train, e.test, e.repeat): e for e in experiments if e.question == question and e.done}

    def baseline(e):
        top = np.bincount(list(truth[e.train].values()), minlength=n_causes).argmax()
        if metric == "cod_accuracy":
            return np.mean(e.truth == top)
        shares = np.bincount(e.truth, minlength=n_causes)[None] / len(e.truth)
        return csmf_accuracy(shares, np.eye(n_causes)[[top]])[0]

    check(what + ("most_frequent",), np.mean(list(site_means(places.values(), baseline).values())), row["most_frequent"])
tables.pop("verdict")  # words; tests/unit/domains/va/report/verdict_test.cpp
missing = [(*e.question, e.train, e.test, e.model, e.repeat) for e in experiments if not e.done]
check(("holes",), str(missing), str([(h["type"], h["fraction"], h["train_site"], h["test_site"], h["model"], h["repeat"])
                                     for h in found["tables"]["holes"]]))
for name, rest in tables.items():
    if name != "holes" and list(rest):
        problems.append(f"{name} has more rows than expected")
print("\n".join(problems[:20]) or f"the same: {dict(checked)}")
sys.exit(bool(problems))
