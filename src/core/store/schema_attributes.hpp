#pragma once

#include <vector>

#include "core/h5/dataset.hpp"
#include "core/h5/handle.hpp"
#include "core/store/header.hpp"
#include "vaster/study/schema.hpp"

namespace vaster::store {

/// The root attributes.
void write_header(h5::File const& file, Header const& header);
[[nodiscard]] Header read_header(h5::File const& file);

/// What HDF5's types do not say of columns and arrays, as attributes of their datasets; labels as datasets.
/// The datasets of columns and arrays must be there.
void write_schema(h5::File const& file, study::Schema const& schema);
[[nodiscard]] study::Schema read_schema(h5::File const& file);

/// Names of the fields of an array's or input's elements, and which labels they point into.
void write_fields(h5::ObjectId const& object, std::vector<study::ArrayField> const& fields);
[[nodiscard]] std::vector<study::ArrayField> read_fields(h5::ObjectId const& object, h5::Dataset const& data);

}  // namespace vaster::store
