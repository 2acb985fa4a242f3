#pragma once

#include <memory>

#include <hdf5.h>

namespace vaster::h5 {

struct FreeText {
    void operator()(char* text) const noexcept { H5free_memory(text); }
};

/// A text that HDF5 has made.
using LibraryText = std::unique_ptr<char, FreeText>;

}  // namespace vaster::h5
