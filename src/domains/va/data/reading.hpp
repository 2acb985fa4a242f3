#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domains/va/data/spellings.hpp"

namespace vaster::va {

/// What was seen when a file of deaths was read, for people: the cohort's notes say the same in sentences.
struct Reading {
    std::uint64_t rows = 0;             ///< data rows of the file, the header not counted
    std::string coding;                 ///< encoded tables: how answers are written; else empty
    std::vector<CountedText> no_cause;  ///< rows left out without a cause, by what the cell says
    std::vector<CountedText> left_out;  ///< rows left out for another reason, by reason
    std::vector<std::string>
        ignored;                ///< columns of an encoded table that are not symptoms: labels, row names
    std::uint64_t alike = 0;    ///< deaths that are like an earlier one in all symptoms, site and cause
    std::uint64_t same_id = 0;  ///< deaths that share their ID with an earlier one

    bool operator==(Reading const&) const = default;
};

}  // namespace vaster::va
