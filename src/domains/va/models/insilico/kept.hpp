#pragma once

#include <cstddef>

#include "domains/va/models/insilico/tables.hpp"
#include "vaster/support/parts.hpp"

namespace vaster::models::insilicova {

/// What training knows as parts: "deaths" u32 [n_causes], "present" and "answered" u32
/// [n_symptoms][n_causes].
void save_tables(Parts& parts, TrainingTables const& tables);

/// @throws DataError where counts do not fit each other, no cause has a death, or too many causes have
[[nodiscard]] TrainingTables load_tables(Parts const& parts, std::size_t n_symptoms, std::size_t n_causes);

/// A given table as parts: "given/symptoms" and "given/causes" u32, and "given/levels" u8 or "given/numbers"
/// f64, [symptoms][causes].
void save_given(Parts& parts, GivenCells const& cells);

/// Is what is kept a given table?
[[nodiscard]] bool has_given(Parts const& parts);

/// @throws DataError where symptoms, causes, levels or numbers are out of range
[[nodiscard]] GivenCells load_given(Parts const& parts, std::size_t n_symptoms, std::size_t n_causes);

}  // namespace vaster::models::insilicova
