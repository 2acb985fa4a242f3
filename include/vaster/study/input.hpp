#pragma once  // Stable.

#include <cstdint>
#include <string>
#include <vector>

#include "vaster/study/schema.hpp"

namespace vaster::study {

/// A table of data that the study file keeps, so that a study can go on without what the data came from.
/// Written once, when the file is made, with a checksum; after that it is only read.
struct Input {
    std::string name;  ///< of its dataset below /inputs
    std::string doc;
    std::vector<ArrayField> fields;  ///< their labels are lists of the schema
    std::vector<std::uint8_t> rows;  ///< packed elements, as of an array

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& name& doc& fields& rows;
    }
};

/// What a study file gives back.
struct KeptData {
    Schema schema;
    std::vector<Input> inputs;
};

}  // namespace vaster::study
