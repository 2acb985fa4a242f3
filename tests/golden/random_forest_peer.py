"""Random forests by scikit-learn on the reference splits; prints the numbers that random_forest_test.cpp expects.

usage: /usr/bin/python3 random_forest_peer.py SHARED_FOLDER. For every missing policy and class weight: mean and standard
deviation over seeds of the mean over sites of COD and CSMF accuracy, in domain and out of domain. Some minutes.
"""
import pathlib
import sys

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

SEEDS = range(1, 6)
shared = pathlib.Path(sys.argv[1])
deaths = pd.read_csv(shared / "data/phmrc_adult_encoded.csv", dtype=str, keep_default_na=False)
splits = pd.read_csv(shared / "reference/va34/splits.csv").query("label == 'va34'")
answers = deaths.drop(columns=["site", "va34", "cod5"]).replace({"Y": 1, "": 0, ".": 2}).to_numpy(float)
causes = deaths["va34"].to_numpy()
rows = {key: group["row"].to_numpy() for key, group in splits.groupby(["site", "part"])}
sites = sorted(set(splits["site"]))


def scores(truth, predicted):
    names = np.unique(np.concatenate([truth, predicted]))
    t, p = (np.array([(v == name).mean() for name in names]) for v in (truth, predicted))
    return (truth == predicted).mean(), max(0, 1 - abs(t - p).sum() / (2 * (1 - t[t > 0].min())))


for policy, weight in (("absent", None), ("ordinal", None)):
    x = np.where(answers == 2, 0, answers) if policy == "absent" else answers
    means = []
    for seed in SEEDS:
        found = {"in": [], "out": []}
        for site in sites:
            train = rows[site, "train"]
            forest = RandomForestClassifier(500, class_weight=weight, random_state=seed).fit(x[train], causes[train])
            for other in sites:
                test = rows[other, "test"]
                found["in" if other == site else "out"].append(scores(causes[test], forest.predict(x[test])))
        means.append(np.concatenate([np.mean(found["in"], 0), np.mean(found["out"], 0)]))
    print(policy, weight, "mean", np.round(np.mean(means, 0), 4), "sd", np.round(np.std(means, 0, ddof=1), 4), flush=True)
