# Sourced by the other scripts: where things are, how to talk, how to start MPI here.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '\n== %s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 64; }

# More ranks than cores, as root in containers, waiting ranks that give way: right for tests and for one's own machine.
mpi_environment() {
    export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
    export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
    export PMIX_MCA_psec=native # no waiting for a munge daemon that is not there: 2 s a start
    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
    if [ "$(id -u)" = 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi
}

# configure_and_build PRESET [TARGET ...]
configure_and_build() {
    local preset=$1
    shift
    (cd "$root" && cmake --preset "$preset" >"build-$preset.log" 2>&1) || { cat "$root/build-$preset.log" >&2; return 1; }
    rm -f "$root/build-$preset.log"
    (cd "$root" && cmake --build --preset "$preset" ${1+--target "$@"})
}
