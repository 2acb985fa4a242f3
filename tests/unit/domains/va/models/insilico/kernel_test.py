#!/usr/bin/env python3
"""Every version of InSilicoVA's inner loops gives the same bytes, on this processor and on 64-bit ARM.
usage: kernel_test.py PROGRAM SOURCES    (insilico_kernel_check as built here, the project's folder)
The part for ARM needs aarch64-linux-gnu-g++ (Debian: g++-aarch64-linux-gnu) and, to run it, qemu-aarch64 (qemu-user);
without them it says so.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

COMPILER, EMULATOR = "aarch64-linux-gnu-g++", "qemu-aarch64"


def output_of(command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def on_arm(sources, folder):
    """Lines of the program compiled for ARM; none where it cannot be compiled or run."""
    if shutil.which(COMPILER) is None:
        print(f"skipped: 64-bit ARM, there is no {COMPILER} (Debian: g++-aarch64-linux-gnu)")
        return []
    program = pathlib.Path(folder) / "check"
    files = [sources / "src/domains/va/models/insilico/kernel.cpp", sources / "src/domains/va/models/insilico/kernel_baseline.cpp",
             sources / "tests/unit/domains/va/models/insilico/kernel_check.cpp"]
    output_of([COMPILER, "-std=c++20", "-O3", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror", "-static", "-I", sources / "include", "-I", sources / "src",
               *files, "-o", program])
    if shutil.which(EMULATOR) is None:
        print(f"64-bit ARM: compiled; skipped: running it, there is no {EMULATOR} (Debian: qemu-user)")
        return []
    return [f"ARM's {line}" for line in output_of([EMULATOR, program]).splitlines()]


def main():
    program, sources = sys.argv[1], pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="vaster-kernel-") as folder:
        lines = output_of([program]).splitlines() + on_arm(sources, folder)
    print("\n".join(lines))
    if len({line.split()[-1] for line in lines}) != 1:
        sys.exit("the versions differ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
