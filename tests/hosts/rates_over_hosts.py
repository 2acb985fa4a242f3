#!/usr/bin/env python3
"""Which rates of records one rank on each of several hosts sustains: prints a table of load and ranks (docs/stream/rates.md). Needs what the testbed
needs (README.md). All hosts share the processors of this machine: more ranks than those take turns, and others that are at work here count, too.

    VASTER_PROGRAM=build/release/vaster tests/hosts/rates_over_hosts.py             about two minutes
    VASTER_PROGRAM=build/release/vaster tests/hosts/rates_over_hosts.py --task AVG --rates 100000,400000 --hosts 1,2 --seconds 10
"""

import argparse
import csv
import io
import os
import pathlib
import subprocess
import sys
import tempfile

if "VASTER_PROGRAM" in os.environ:  # hosts start it from another folder
    os.environ["VASTER_PROGRAM"] = str(pathlib.Path(os.environ["VASTER_PROGRAM"]).resolve())

from hosts import LAUNCHER, SHARED, VASTER, Bed, missing  # noqa: E402


def arguments():
    def numbers(text):
        return [int(word) for word in text.split(",")]

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="KAL", help="default: KAL")
    parser.add_argument("--rates", type=numbers, default=[50_000, 100_000, 200_000, 300_000], metavar="A,B,...", help="records/s a rank")
    parser.add_argument("--hosts", type=numbers, default=[1, 2, 3], metavar="A,B,...", help="default: 1,2,3; a rank on each")
    parser.add_argument("--seconds", type=int, default=4, help="that are measured at each rate, after a warm-up of 1 s; default: 4")
    parser.add_argument("--records", type=int, default=100_000, help="of the made-up stream; default: 100000")
    return parser.parse_args()


def measured(bed, options, hosts, rate):
    """The row of table `loads` of a study in which each of so many ranks takes a part of the stream of its own at this rate."""
    study = f"{SHARED}/rates.h5"
    places = ",".join(f"{name}:1" for name in bed.hosts[:hosts])
    bed.on("h1", LAUNCHER, "-n", hosts, "--host", places, VASTER, "stream", "rate", options.task, bed.folder / "city.csv", "--data-set", "SYS",
           "--rates", rate, "--partitions", hosts, "--study", study, "--overwrite", "--quiet", "--set", f"rate.seconds={options.seconds}s",
           "--set", "latency.warm_up=1s", "--set", "run.cost_cache=")
    row, = csv.DictReader(io.StringIO(bed.on("h1", VASTER, "stream", "metrics", study, "--csv", "--table", "loads")))
    if int(row["ranks"]) != hosts:
        sys.exit(f"{row['ranks']} ranks took the {hosts} parts, not one each")
    return row


def told(row):
    answer = "yes" if row["sustained"] == "1" else f"no ({row['verdict']})"
    return f"{answer}, {float(row['achieved_rate']):,.0f}/s, {1000 * float(row['latency_p99']):.3g} ms"


def main():
    options = arguments()
    if missing():
        sys.exit(f"nothing was measured: {missing()}")
    print(f"{options.task}, {options.seconds} s each, {os.cpu_count()} processors under a load of {os.getloadavg()[0]:.1f}. "
          "Sustained, records/s of all ranks together, 99th percentile of latency:\n")
    print("| records/s a rank |" + "".join(f" {hosts} host{'s' * (hosts > 1)} |" for hosts in options.hosts))
    print("|---|" + "---|" * len(options.hosts), flush=True)
    with tempfile.TemporaryDirectory(prefix="vaster-rates-") as folder, Bed(pathlib.Path(folder) / "bed", hosts=max(options.hosts)) as bed:
        subprocess.run([VASTER, "stream", "simulate", "SYS", "--records", str(options.records), "--output", bed.folder / "city.csv"], check=True,
                       capture_output=True)
        for rate in options.rates:
            print(f"| {rate:,} |", end="", flush=True)
            for hosts in options.hosts:
                print(f" {told(measured(bed, options, hosts, rate))} |", end="", flush=True)
            print(flush=True)


if __name__ == "__main__":
    main()
