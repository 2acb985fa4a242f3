#pragma once

#include "vaster/h5/handle.hpp"
#include "vaster/store/header.hpp"
#include "vaster/study/schema.hpp"

namespace vaster::store {

/// The root attributes.
void write_header(h5::File const& file, Header const& header);
[[nodiscard]] Header read_header(h5::File const& file);

/// What HDF5's types do not say of columns and arrays, as attributes of their datasets; labels as datasets.
/// The datasets of columns and arrays must be there.
void write_schema(h5::File const& file, study::Schema const& schema);
[[nodiscard]] study::Schema read_schema(h5::File const& file);

}  // namespace vaster::store
