"""Builds the fuzzers of tests/fuzz and runs them side by side; what they learn is kept in build/fuzz/corpus."""

import os
import pathlib
import re
import shutil
import subprocess

from system import SOURCE

BUILD = SOURCE / "build/fuzz"
READERS = ("csv", "config", "study_file", "archive", "filter", "kept_model", "problem")
# An input may take 60 s of a busy machine and 1 GiB; nothing that it makes us allocate at once may be over 256 MiB.
LIMITS = ["-timeout=60", "-rss_limit_mb=1024", "-malloc_limit_mb=256", "-max_len=4096"]


def available():
    """Is there a Clang with libFuzzer?"""
    if not shutil.which("clang++"):
        return False
    probe = subprocess.run(["clang++", "-x", "c++", "-fsanitize=fuzzer", "-", "-o", "/dev/null"], text=True, capture_output=True,
                           input='extern "C" int LLVMFuzzerTestOneInput(unsigned char const*, unsigned long) { return 0; }')
    return probe.returncode == 0


def build():
    subprocess.run(["cmake", "--preset", "fuzz"], cwd=SOURCE, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "--preset", "fuzz", "--target", *(f"vaster_fuzz_{name}" for name in READERS)],
                   cwd=SOURCE, check=True)


def start(name, seconds, seed):
    corpus = BUILD / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    log = open(BUILD / f"{name}.log", "w+")
    command = [BUILD / "tests/fuzz" / f"vaster_fuzz_{name}", f"-max_total_time={seconds}", f"-seed={seed}", "-print_final_stats=1",
               f"-artifact_prefix={BUILD}/{name}-", *LIMITS, corpus, SOURCE / "tests/fuzz/seeds" / name]
    memory = pathlib.Path("/dev/shm")  # files that are made and synced for every input
    environment = {**os.environ, "TMPDIR": str(memory)} if memory.is_dir() else None
    return subprocess.Popen(list(map(str, command)), stdout=log, stderr=subprocess.STDOUT, env=environment), log


def run(seconds, seed):
    """True when no input made a reader crash, hang, or take too much memory."""
    if not available():
        print("skipped: there is no Clang with libFuzzer (packages clang and libclang-rt-14-dev)")
        return True
    build()
    running = {name: start(name, seconds, seed) for name in READERS}
    holds = True
    for name, (process, log) in running.items():
        code = process.wait()
        log.seek(0)
        text = log.read()
        log.close()
        stats = {key: int(value) for key, value in re.findall(r"stat::(\w+):\s+(\d+)", text)}
        inputs, rate = stats.get("number_of_executed_units", 0), stats.get("average_exec_per_sec", 0)
        corpus = len(list((BUILD / "corpus" / name).iterdir()))
        print(f"{name:<11} {inputs:>10} inputs, {rate:>6} a second, {corpus} kept", flush=True)
        if code != 0:
            holds = False
            print(f"VIOLATION: {name} ended with {code}:\n{text[-3000:]}")
    return holds
