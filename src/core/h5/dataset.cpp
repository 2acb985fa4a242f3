#include "core/h5/dataset.hpp"

#include <functional>
#include <numeric>
#include <stdexcept>

namespace vaster::h5 {
namespace {

std::vector<std::uint64_t> shape_of(DatasetId const& id) {
    Space const space(H5Dget_space(id.get()));
    int const rank = H5Sget_simple_extent_ndims(space.get());
    std::vector<hsize_t> shape(rank < 0 ? 0U : static_cast<std::size_t>(rank));
    if (!shape.empty()) H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr);
    return {shape.begin(), shape.end()};
}

}  // namespace

void create_group(File const& file, std::string const& path) {
    Group const group(H5Gcreate2(file.get(), path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    require_h5<IoError>(bool(group), "HDF5 cannot create the group '{}'", path);
}

Dataset::Dataset(DatasetId id, std::string path)
    : id_(std::move(id)),
      path_(std::move(path)),
      type_(H5Dget_type(id_.get())),
      element_(describe_type(type_)),
      shape_(shape_of(id_)) {
    require<DataError>(!shape_.empty(), "'{}' has no rows", path_);
    row_bytes_ = std::accumulate(shape_.begin() + 1, shape_.end(), element_.size, std::multiplies<>());
    require<DataError>(row_bytes_ > 0, "'{}' has rows without bytes", path_);
    auto const offset = H5Dget_offset(id_.get());
    if (offset != HADDR_UNDEF && shape_.front() > 0) offset_ = offset;
}

Dataset Dataset::create(File const& file, std::string const& path, RecordType const& element,
                        std::vector<std::uint64_t> const& shape, std::span<std::byte const> blank,
                        Filling filling) {
    if (blank.size() != element.size) throw std::logic_error("a blank element of another size");
    auto const type = make_type(element);
    auto const fill_time = filling == Filling::by_caller ? H5D_FILL_TIME_NEVER : H5D_FILL_TIME_ALLOC;
    std::vector<hsize_t> const extent(shape.begin(), shape.end());
    Space const space(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr));
    PropertyList const creation(H5Pcreate(H5P_DATASET_CREATE));
    require_h5<IoError>(bool(space) && bool(creation) && H5Pset_layout(creation.get(), H5D_CONTIGUOUS) >= 0 &&
                            H5Pset_alloc_time(creation.get(), H5D_ALLOC_TIME_EARLY) >= 0 &&
                            H5Pset_fill_time(creation.get(), fill_time) >= 0 &&
                            H5Pset_fill_value(creation.get(), type.get(), blank.data()) >= 0 &&
                            H5Pset_obj_track_times(creation.get(), false) >= 0,
                        "HDF5 cannot describe the dataset '{}'", path);
    DatasetId id(H5Dcreate2(file.get(), path.c_str(), type.get(), space.get(), H5P_DEFAULT, creation.get(),
                            H5P_DEFAULT));
    require_h5<IoError>(bool(id), "HDF5 cannot create the dataset '{}'", path);
    return Dataset(std::move(id), path);
}

Dataset Dataset::open(File const& file, std::string const& path) {
    DatasetId id(H5Dopen2(file.get(), path.c_str(), H5P_DEFAULT));
    require_h5<DataError>(bool(id), "there is no dataset '{}'", path);
    return Dataset(std::move(id), path);
}

void Dataset::detach(std::shared_ptr<RowFile const> file) {
    direct_ = std::move(file);
    id_ = DatasetId();
    type_ = Type();
}

void Dataset::check_range(std::uint64_t first, std::size_t n_bytes) const {
    if (n_bytes % row_bytes_ != 0 || first > n_rows() || n_bytes / row_bytes_ > n_rows() - first)
        throw std::logic_error(fmt::format("{} bytes from row {} of '{}' [{} rows of {} bytes]", n_bytes,
                                           first, path_, n_rows(), row_bytes_));
}

Dataset::Selection Dataset::select(std::uint64_t first, std::size_t n_bytes) const {
    std::vector<hsize_t> start(shape_.size(), 0);
    std::vector<hsize_t> count(shape_.begin(), shape_.end());
    start.front() = first;
    count.front() = n_bytes / row_bytes_;
    Selection selection{Space(H5Dget_space(id_.get())),
                        Space(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr))};
    require_h5<IoError>(H5Sselect_hyperslab(selection.file.get(), H5S_SELECT_SET, start.data(), nullptr,
                                            count.data(), nullptr) >= 0,
                        "HDF5 cannot select rows of '{}'", path_);
    return selection;
}

void Dataset::read_rows(std::uint64_t first, std::span<std::byte> rows) const {
    check_range(first, rows.size());
    if (rows.empty()) return;
    if (direct_) return direct_->read(rows, offset_ + first * row_bytes_);
    auto const selection = select(first, rows.size());
    require_h5<IoError>(H5Dread(id_.get(), type_.get(), selection.memory.get(), selection.file.get(),
                                H5P_DEFAULT, rows.data()) >= 0,
                        "cannot read row {} of '{}'", first, path_);
}

void Dataset::write_rows(std::uint64_t first, std::span<std::byte const> rows) const {
    check_range(first, rows.size());
    if (rows.empty()) return;
    if (direct_) return direct_->write(rows, offset_ + first * row_bytes_);
    auto const selection = select(first, rows.size());
    require_h5<IoError>(H5Dwrite(id_.get(), type_.get(), selection.memory.get(), selection.file.get(),
                                 H5P_DEFAULT, rows.data()) >= 0,
                        "cannot write row {} of '{}'", first, path_);
}

std::uint64_t Dataset::place_of_end(std::uint64_t row, std::size_t n_bytes) const {
    check_range(row, row_bytes_);
    if (!direct_ || n_bytes > row_bytes_)
        throw std::logic_error(fmt::format("the last {} bytes of a row of '{}'", n_bytes, path_));
    return offset_ + (row + 1) * row_bytes_ - n_bytes;
}

void Dataset::read_end(std::uint64_t row, std::span<std::byte> bytes) const {
    auto const place = place_of_end(row, bytes.size());
    direct_->read(bytes, place);
}

void Dataset::write_end(std::uint64_t row, std::span<std::byte const> bytes) const {
    auto const place = place_of_end(row, bytes.size());
    direct_->write(bytes, place);
}

}  // namespace vaster::h5
