#!/usr/bin/env python3
"""Random splits whose test sets have drawn cause fractions, as published validations of verbal autopsy have them.

    dirichlet_splits.py phmrc_adult.csv --repeats 20 --output splits

writes splits.csv, the release once for every split, under the site "r01", "r02", ..., and splits-parts.csv for
data.splits. In each split 75 % of the deaths of all sites together are trained on. The test set is as large as the
other 25 %; its cause fractions are drawn from a Dirichlet distribution with all parameters 1, and its deaths, with
these fractions, from the other 25 % with replacement (Murray et al. 2011, doi:10.1186/1478-7954-9-28).
"""
import argparse
import csv
import random

FREE_TEXTS = {"a2_09_1b", "a2_09_2b", "a2_46b", "a2_87_10b"}


def is_asked_of_all(column):
    """Rows in which one of these is empty are left out by vaster."""
    return column in ("g1_05", "a4_01", "a4_05") or (
        column.startswith(("a1_01_", "a2_")) and column not in FREE_TEXTS
    )


def read(path, words):
    with open(path, encoding="latin-1", newline="") as file:
        lines = csv.reader(file)
        header = next(lines)
        keep = [i for i, name in enumerate(header) if words or not name.startswith("word_")]
        asked = [i for i, name in enumerate(header) if is_asked_of_all(name)]
        rows = [[line[i] for i in keep] for line in lines if all(line[i].strip() for i in asked)]
    return [header[i] for i in keep], rows


def split(causes, test_fraction, rng):
    """Positions of the training and of the test deaths of one split."""
    order = list(range(len(causes)))
    rng.shuffle(order)
    n_test = round(test_fraction * len(order))
    of_cause = {}
    for i in order[:n_test]:
        of_cause.setdefault(causes[i], []).append(i)
    names = sorted(of_cause)
    shares = [rng.expovariate(1) for _ in names]
    return order[n_test:], [rng.choice(of_cause[c]) for c in rng.choices(names, shares, k=n_test)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release")
    parser.add_argument("--label", default="va34")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--test-fraction", type=float, default=0.25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--words", action="store_true", help="keep the columns word_*")
    parser.add_argument("--output", default="splits")
    args = parser.parse_args()
    header, rows = read(args.release, args.words)
    site = header.index("site")
    causes = [row[header.index(args.label)] for row in rows]
    rng = random.Random(args.seed)
    at = 0
    with open(f"{args.output}.csv", "w", encoding="latin-1", newline="") as data, open(
        f"{args.output}-parts.csv", "w", encoding="utf-8", newline=""
    ) as parts:
        table = csv.writer(data, lineterminator="\n")
        list_of_parts = csv.writer(parts, lineterminator="\n")
        table.writerow(header)
        list_of_parts.writerow(["label", "site", "row", "part"])
        for repeat in range(1, args.repeats + 1):
            name = f"r{repeat:02}"
            for part, deaths in zip(("train", "test"), split(causes, args.test_fraction, rng)):
                for i in deaths:
                    table.writerow([*rows[i][:site], name, *rows[i][site + 1 :]])
                    list_of_parts.writerow([args.label, name, at, part])
                    at += 1


if __name__ == "__main__":
    main()
