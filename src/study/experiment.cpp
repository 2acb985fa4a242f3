#include "vaster/study/experiment.hpp"

#include <stdexcept>

#include "vaster/study/serialization.hpp"
#include "vaster/support/hash.hpp"

namespace vaster::study {

std::uint64_t total_rows(Plan const& plan) {
    std::uint64_t total = 0;
    for (auto const& experiment : plan.experiments) total += experiment.n_rows;
    return total;
}

std::string hash_of(Plan const& plan) {
    Plan decisive = plan;
    for (auto& experiment : decisive.experiments) experiment.expected_seconds = 0;
    return hash_text(pack(decisive));
}

std::string to_text(Failure failure) {
    switch (failure) {
        case Failure::error:
            return "error";
        case Failure::crash:
            return "crash";
        case Failure::timeout:
            return "timeout";
        case Failure::out_of_memory:
            return "out of memory";
        case Failure::infrastructure:
            return "infrastructure";
        case Failure::interrupted:
            return "interrupted";
    }
    throw std::logic_error("a failure that does not exist");
}

}  // namespace vaster::study
