#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/h5/dataset.hpp"
#include "core/h5/file.hpp"
#include "vaster/study/input.hpp"
#include "vaster/study/schema.hpp"

namespace vaster::store {

/// A dataset of /inputs, of which all rows were written when the file was made.
struct KeptInput {
    h5::Dataset data;
    std::uint32_t crc = 0;  ///< of all its rows; an attribute, so that the seal covers it
    std::string doc;
    std::vector<study::ArrayField> fields;

    /// @throws DataError naming the dataset when the checksum does not hold
    [[nodiscard]] std::vector<std::uint8_t> read() const;
    [[nodiscard]] bool holds() const;
};

/// Makes the group /inputs with a dataset for each. @return the datasets
/// @throws std::logic_error for rows that are not whole, or labels that the schema does not have
std::vector<h5::Dataset> write_inputs(h5::File const& file, study::Schema const& schema,
                                      std::vector<study::Input> const& inputs);

[[nodiscard]] std::vector<KeptInput> open_inputs(h5::File const& file);

}  // namespace vaster::store
