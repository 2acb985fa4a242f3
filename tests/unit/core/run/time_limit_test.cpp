#include "core/run/time_limit.hpp"

#include <cmath>

#include <catch2/catch.hpp>

using vaster::run::seconds_to_run;
using vaster::run::seconds_until_job_ends;

TEST_CASE("a run has until ten seconds before the end of its Slurm job, and never longer", "[run]") {
    CHECK(seconds_until_job_ends("1000", 900) == 90);
    CHECK(seconds_until_job_ends("1000", 990) == 0);
    CHECK(seconds_until_job_ends("1000", 995) == 0);   // less than the ten seconds: nothing is begun
    CHECK(seconds_until_job_ends("1000", 1001) == 0);  // the job's end is past
    CHECK(seconds_until_job_ends("1000", 1e9) == 0);
}

TEST_CASE("without a Slurm job nothing but run.max_time limits a run", "[run]") {
    for (char const* text : {static_cast<char const*>(nullptr), "", "soon", "0", "-5", "nan"})
        CHECK(std::isinf(seconds_until_job_ends(text, 900)));
}

TEST_CASE("the sooner of run.max_time and the end of the job ends a run", "[run]") {
    CHECK(seconds_to_run(60, 10, 40) == 40);
    CHECK(seconds_to_run(60, 10, 55) == 50);
    CHECK(seconds_to_run(60, 90, 55) == 0);
    CHECK(seconds_to_run(0, 90, 55) == 55);
    CHECK(std::isinf(seconds_to_run(0, 90, INFINITY)));
}
