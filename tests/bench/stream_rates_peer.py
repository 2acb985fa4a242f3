#!/usr/bin/env python3
"""Records a second of tasks beside the same rules in plain Python, one core each, in turn in one run; prints the rows of the table of
docs/stream/rates.md. The figures of RIoTBench's authors (arXiv:1701.08530, figure 5a) are of Storm on one core of a Xeon E5-2660.

    VASTER_PROGRAM=build/release/vaster tests/bench/stream_rates_peer.py [RECORDS] [ROUNDS]
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

PROGRAM = os.environ.get("VASTER_PROGRAM", "vaster")
FIELDS = ["temperature", "humidity", "light", "dust", "airquality_raw"]
RANGES = {"temperature": (-12.5, 43.1), "humidity": (10.7, 95.2), "light": (1345, 26282), "dust": (186.61, 5188.21), "airquality_raw": (17, 363)}
PUBLISHED = {"SML": 3000, "RGF": 60000, "AVG": 12000, "KAL": 68000, "INP": 50000}


def parsed(line):
    """Time, sensor and observed values (None: missing) of a record; None where it is broken."""
    moment, _, text = line.partition(",")
    try:
        entries = {entry["n"]: entry.get("v", entry.get("sv")) for entry in json.loads(text)["e"]}
    except ValueError:
        return None
    values = [(field, None if entries[field] == "null" else float(entries[field])) for field in FIELDS if field in entries]
    return int(moment), entries["source"], values


def senml(state, number, moment, sensor, values):
    return [f"{number},{moment},{sensor}," + ",".join(str(value) for _, value in values)]


def in_range(state, number, moment, sensor, values):
    return [str(number)] if all(value is None or RANGES[field][0] <= value <= RANGES[field][1] for field, value in values) else []


def average(state, number, moment, sensor, values):
    rows = []
    for field, value in values:
        if value is None:
            continue
        block = state.setdefault((sensor, field), [0.0, 0])
        block[0] += value
        block[1] += 1
        if block[1] == 10:
            rows.append(f"{number},{sensor},{field},{block[0] / 10}")
            state[sensor, field] = [0.0, 0]
    return rows


def kalman(state, number, moment, sensor, values):
    rows = []
    for field, value in values:
        x, p, seen = state.get((sensor, field), (0.0, 30.0, False))
        p += 0.125
        if value is not None:
            gain = p / (p + 0.32)
            x, p, seen = x + gain * (value - x), (1 - gain) * p, True
        state[sensor, field] = (x, p, seen)
        if seen:
            rows.append(f"{number},{sensor},{field},{x}")
    return rows


def interpolate(state, number, moment, sensor, values):
    rows = []
    for field, value in values:
        window = state.setdefault((sensor, field), [])
        if value is None:
            value = sum(window) / len(window) if window else None
        else:
            window.append(value)
            if len(window) > 5:
                window.pop(0)
        rows.append(f"{number},{sensor},{field},{value}")
    return rows


TASKS = {"SML": senml, "RGF": in_range, "AVG": average, "KAL": kalman, "INP": interpolate}


def python_rate(task, lines):
    state, rows = {}, 0
    start = time.perf_counter()
    for number, line in enumerate(lines):
        record = parsed(line)
        if record is not None:
            rows += len(TASKS[task](state, number, *record))
    return len(lines) / (time.perf_counter() - start), rows


def own_rate(task, file, folder):
    metrics = os.path.join(folder, "metrics.json")
    subprocess.run([PROGRAM, "stream", "benchmark", task, file, "--data-set", "SYS", "--partitions", "1", "--set", "output.state=false", "--study",
                    os.path.join(folder, "study.h5"), "--metrics", metrics, "--overwrite", "--quiet"], check=True)
    with open(metrics, encoding="utf-8") as text:
        facts = json.load(text)
    return facts["throughput"], facts["valid_results"]


def main():
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 50000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "city.csv")
        subprocess.run([PROGRAM, "stream", "simulate", "SYS", "--records", str(records), "--output", file], check=True, stdout=subprocess.DEVNULL)
        with open(file, encoding="utf-8") as text:
            lines = text.read().splitlines()
        for task, published in PUBLISHED.items():
            ours, theirs = [], []
            for _ in range(rounds):
                rate, rows = own_rate(task, file, folder)
                peer_rate, peer_rows = python_rate(task, lines)
                if rows != peer_rows:
                    sys.exit(f"{task}: {rows} rows here, {peer_rows} in Python")
                ours.append(rate)
                theirs.append(peer_rate)
            own, peer = statistics.median(ours), statistics.median(theirs)
            ratios = [a / b for a, b in zip(ours, theirs)]
            print(f"| {task} | {own:,.0f} | {peer:,.0f} | {statistics.median(ratios):.0f} ({min(ratios):.0f} to {max(ratios):.0f}) | {published:,} |",
                  flush=True)
    print("load average of the machine:", " ".join(f"{value:.1f}" for value in os.getloadavg()))


if __name__ == "__main__":
    main()
