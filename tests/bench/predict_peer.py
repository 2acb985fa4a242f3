#!/usr/bin/env python3
"""Causes of new deaths by pandas and scikit-learn or XGBoost, CSV to CSV, as a script that somebody writes: what `vaster predict` is compared with.

predict_peer.py train METHOD COHORT.csv MODEL.joblib      logistic_regression or xgboost (100 rounds of depth 6); not part of what is measured
predict_peer.py predict MODEL.joblib NEW.csv OUT.csv"""

import sys

import joblib
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

NO_SYMPTOMS = {"site", "va34", "cod5"}


def answers(table, symptoms):
    return (table[symptoms] == "Y").to_numpy(dtype=np.float32)


def fit(method, seen, causes):
    if method == "logistic_regression":
        return LogisticRegression(max_iter=60).fit(seen, causes)
    import xgboost

    names, number = np.unique(causes, return_inverse=True)
    model = xgboost.XGBClassifier(n_estimators=100, max_depth=6, tree_method="hist", n_jobs=1).fit(seen, number)
    model.cause_names = names
    return model


def train(method, cohort, file):
    table = pd.read_csv(cohort, dtype=str, keep_default_na=False)
    symptoms = [name for name in table.columns if name not in NO_SYMPTOMS]
    model = fit(method, answers(table, symptoms), table["va34"])
    joblib.dump((symptoms, model), file)


def predict(file, new, output):
    symptoms, model = joblib.load(file)
    table = pd.read_csv(new, dtype=str, keep_default_na=False)
    probability = model.predict_proba(answers(table, symptoms))
    names = getattr(model, "cause_names", model.classes_)
    best = np.argsort(-probability, axis=1)[:, :3]
    columns = {"row": np.arange(len(table))}
    for k in range(3):
        columns[f"cause{k + 1}"] = names[best[:, k]]
        columns[f"p{k + 1}"] = np.take_along_axis(probability, best[:, [k]], axis=1)[:, 0]
    pd.DataFrame(columns).to_csv(output, index=False, float_format="%.9g")


if __name__ == "__main__":
    {"train": train, "predict": predict}[sys.argv[1]](*sys.argv[2:])
