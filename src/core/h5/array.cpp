#include "core/h5/array.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <stdexcept>

namespace vaster::h5 {
namespace {

Space space_of(std::vector<std::uint64_t> const& shape) {
    if (shape.empty()) return Space(H5Screate(H5S_SCALAR));
    std::vector<hsize_t> const extent(shape.begin(), shape.end());
    return Space(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr));
}

/// Contiguous, not filled, and without the time of its making: equal arrays make equal files.
PropertyList creation_of(std::string const& path) {
    PropertyList creation(H5Pcreate(H5P_DATASET_CREATE));
    require_h5<IoError>(bool(creation) && H5Pset_layout(creation.get(), H5D_CONTIGUOUS) >= 0 &&
                            H5Pset_alloc_time(creation.get(), H5D_ALLOC_TIME_EARLY) >= 0 &&
                            H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER) >= 0 &&
                            H5Pset_obj_track_times(creation.get(), false) >= 0,
                        "HDF5 cannot describe the dataset '{}'", path);
    return creation;
}

PropertyList with_groups(std::string const& path) {
    PropertyList links(H5Pcreate(H5P_LINK_CREATE));
    require_h5<IoError>(bool(links) && H5Pset_create_intermediate_group(links.get(), 1) >= 0,
                        "HDF5 cannot make the groups of '{}'", path);
    return links;
}

}  // namespace

std::uint64_t write_array(File const& file, std::string const& path, Field const& value,
                          std::vector<std::uint64_t> const& shape, std::span<std::byte const> bytes) {
    auto const n_values = std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
    bool const is_text = value.type == Scalar::text;
    if (bytes.size() != (is_text ? value.width : n_values * size_of(value)) || (is_text && !shape.empty()))
        throw std::logic_error(fmt::format("{} bytes for the dataset '{}'", bytes.size(), path));
    auto const type = make_type({{value}, size_of(value)});
    auto const space = space_of(shape);
    auto const links = with_groups(path);
    auto const creation = creation_of(path);
    DatasetId const id(H5Dcreate2(file.get(), path.c_str(), type.get(), space.get(), links.get(),
                                  creation.get(), H5P_DEFAULT));
    require_h5<IoError>(bool(id), "HDF5 cannot create the dataset '{}'", path);
    if (n_values == 0) return 0;
    std::string text;  // with its zero
    if (is_text) text.assign(reinterpret_cast<char const*>(bytes.data()), bytes.size());
    void const* const data = is_text ? static_cast<void const*>(text.c_str()) : bytes.data();
    require_h5<IoError>(H5Dwrite(id.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0,
                        "cannot write the dataset '{}'", path);
    auto const offset = H5Dget_offset(id.get());
    require_h5<IoError>(offset != HADDR_UNDEF, "HDF5 does not say where the dataset '{}' is", path);
    return bytes.empty() ? 0 : offset;
}

}  // namespace vaster::h5
