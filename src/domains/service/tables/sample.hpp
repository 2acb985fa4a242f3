#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>

#include "domains/service/tables/rows.hpp"

namespace vaster::service {

/// One of share and number is given.
struct SampleOptions {
    std::optional<double> share =
        {};  ///< of the rows, above 0 and up to 1: each row is kept with that probability
    std::optional<std::uint64_t> number = {};  ///< of rows, exactly, or all where there are fewer
    std::uint64_t seed = 1;
};

/// The number by which a row is drawn: XXH3 of the seed and the row's number among the data rows, from 1, as
/// two little-endian words of 64 bits. It depends on nothing else, so any reader of any part of a table draws
/// the same rows.
[[nodiscard]] std::uint64_t draw_of_row(std::uint64_t seed, std::uint64_t row);

/// Copies some of the rows, in their order, as they stand: with a share those whose draw is below
/// share * 2^64, with a number those with the lowest draws, for which the table is read twice and 16 bytes a
/// row of the sample are held. A smaller sample of the same seed is part of a larger one.
/// @throws DataError for a share that is not above 0 and up to 1, or where not one of both is given
RowCounts sample_rows(std::filesystem::path const& path, SampleOptions const& options, std::ostream& out);

}  // namespace vaster::service
