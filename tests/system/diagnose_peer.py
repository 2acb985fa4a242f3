"""The figures of `vaster diagnose --top 0 --json` by scikit-learn, SciPy and pandas, from the encoded table.

usage: diagnose_peer.py ENCODED.csv DIAGNOSIS.json; prints what differs and exits with 1, or with 77 where a package is
absent. The folds are its own, so accuracies may differ by what other folds give.
"""
import json
import sys

try:
    import numpy as np
    import pandas as pd
    from scipy import stats
    from sklearn.metrics import mutual_info_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.naive_bayes import BernoulliNB
except ImportError:
    sys.exit(77)

data = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
found = json.load(open(sys.argv[2]))
site, cause = data["site"], data["va34"]
answers = data.drop(columns=["site", "va34", "cod5"], errors="ignore")
missing, present = answers == ".", answers == "Y"
sites = sorted(site.unique())
problems = []


def check(what, ours, theirs, tolerance=1e-9):
    same = theirs is None if np.isnan(ours) else theirs is not None and abs(ours - theirs) <= tolerance
    if not same:
        problems.append(f"{what}: expected {ours}, found {theirs}")


told = cross_val_predict(BernoulliNB(alpha=1.0), missing, site, cv=StratifiedKFold(5, shuffle=True, random_state=1))
check("accuracy", np.mean(told == site), found["accuracy"], 0.01)
check("largest share", site.value_counts(normalize=True).max(), found["largest_site_share"])
for row in found["tables"]["sites"]:
    here = site == row["site"]
    check(("recall", row["site"]), np.mean(told[here] == row["site"]), row["recall"], 0.03)
    check(("missing", row["site"]), missing[here].to_numpy().mean(), row["missing"])

rows = found["tables"]["missingness"]
bits = {s: mutual_info_score(missing[s], site) / np.log(2) for s in answers}
assert len(rows) == len(bits) * len(sites)
ranked = sorted(bits.values(), reverse=True)
for row in rows:
    check(("bits", row["symptom"]), bits[row["symptom"]], row["information_bits"])
    check(("rank", row["symptom"]), ranked[row["rank"] - 1], row["information_bits"])
    check(("missing", row["symptom"]), missing.loc[site == row["site"], row["symptom"]].mean(), row["missing_at_site"])


def differences(symptom):
    known = ~missing[symptom]
    chi2 = df = excess = deaths = 0
    expected = dict.fromkeys(sites, 0.0)
    for c in cause[known].unique():
        here = known & (cause == c)
        table = pd.crosstab(present.loc[here, symptom], site[here])
        n = table.to_numpy().sum()
        p = present.loc[here, symptom].mean()
        for s in table:
            expected[s] += table[s].sum() * p
        if table.shape[1] < 2:
            continue
        deaths += n
        if table.shape[0] == 2:
            pearson, _, freedom, _ = stats.chi2_contingency(table, correction=False)
            chi2, df = chi2 + pearson * (n - 1) / n, df + freedom
            excess += (pearson - freedom * n / (n - 1)) * p * (1 - p)
    return np.sqrt(max(0, excess / deaths)) if deaths else 0.0, chi2, df, expected


rows = found["tables"]["differences"]
assert len(rows) == answers.shape[1] * len(sites)
deviations = [row["deviation"] for row in rows]
assert deviations == sorted(deviations, reverse=True)
known_of = {}
for row in rows[:40 * len(sites)]:
    symptom, where = row["symptom"], site == row["site"]
    if symptom not in known_of:
        known_of[symptom] = differences(symptom)
    deviation, chi2, df, expected = known_of[symptom]
    answered = where & ~missing[symptom]
    check(("deviation", symptom), deviation, row["deviation"])
    check(("chi2", symptom), chi2, row["chi2"], 1e-6)
    check(("df", symptom), df, row["df"])
    check(("answered", symptom), answered.sum(), row["answered"])
    check(("observed", symptom), present.loc[answered, symptom].mean(), row["observed"])
    check(("expected", symptom), expected[row["site"]] / answered.sum() if answered.sum() else np.nan, row["expected"])
print("\n".join(problems[:20]) or "the same")
sys.exit(bool(problems))
