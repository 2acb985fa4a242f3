#pragma once

#include <catch2/catch.hpp>

#include "../../../python_peer.hpp"
#include "sample_cohort.hpp"

namespace vaster::testing {

/// What NAME_peer.py says of a training set and test deaths; nothing, with a warning, where Python or a
/// package of it is absent.
/// @param parameters  what else it reads: lines of number_line()
inline std::optional<NumberLists> ask_peer(std::string_view name, SampleCohort const& training,
                                           SampleCohort const& test, std::string const& parameters = "") {
    auto const train_numbers = answer_numbers(training.deaths());
    auto peer =
        ask_python(fmt::format(VASTER_SOURCE_DIR "/tests/unit/domains/va/models/{}_peer.py", name),
                   number_line("n_symptoms", std::vector{train_numbers.size() / training.causes.size()}) +
                       number_line("train", train_numbers) + number_line("causes", training.causes) +
                       number_line("test", answer_numbers(test.deaths())) + parameters);
    if (!peer) WARN("skipped: /usr/bin/python3 with the packages of " << name << "_peer.py is not here");
    return peer;
}

}  // namespace vaster::testing
