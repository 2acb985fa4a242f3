#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/h5/handle.hpp"
#include "core/h5/row_file.hpp"
#include "core/h5/types.hpp"

namespace vaster::h5 {

/// A new group. @throws IoError
void create_group(File const& file, std::string const& path);

/// Who gives a new dataset its bytes.
enum class Filling {
    blank,      ///< HDF5: one element everywhere
    by_caller,  ///< the caller, who writes every row before the file is closed
};

/// A dataset whose first axis counts rows, read and written by whole rows as bytes, independently of other
/// processes. Nothing is kept between calls: reading shows what other processes have written.
class Dataset {
  public:
    /// Contiguous, its space taken and filled at once: after that, writing rows changes no metadata and needs
    /// no new disk space. With Filling::by_caller that holds once every row has been written.
    /// @param blank  the element that fills it. @throws IoError
    static Dataset create(File const& file, std::string const& path, RecordType const& element,
                          std::vector<std::uint64_t> const& shape, std::span<std::byte const> blank,
                          Filling filling = Filling::blank);

    /// @throws DataError when it is not there or not of this kind
    static Dataset open(File const& file, std::string const& path);

    [[nodiscard]] std::string const& path() const noexcept { return path_; }

    [[nodiscard]] RecordType const& element() const noexcept { return element_; }

    [[nodiscard]] std::vector<std::uint64_t> const& shape() const noexcept { return shape_; }

    [[nodiscard]] std::uint64_t n_rows() const noexcept { return shape_.front(); }

    [[nodiscard]] std::size_t row_bytes() const noexcept { return row_bytes_; }

    /// From now on rows are read and written directly in `file`, and HDF5 is no longer needed: it costs ten
    /// times as much a row, and its own driver has a buffer that shows old rows.
    void detach(std::shared_ptr<RowFile const> file);

    /// Where its rows begin, in bytes from the beginning of the file; 0 for a dataset without bytes.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

    /// Rows [first, first + rows.size() / row_bytes()). @throws IoError, std::logic_error beyond the end
    void read_rows(std::uint64_t first, std::span<std::byte> rows) const;
    void write_rows(std::uint64_t first, std::span<std::byte const> rows) const;

    /// The last bytes of one row; only when detached.
    void read_end(std::uint64_t row, std::span<std::byte> bytes) const;
    void write_end(std::uint64_t row, std::span<std::byte const> bytes) const;

  private:
    Dataset(DatasetId id, std::string path);

    struct Selection {
        Space file;
        Space memory;
    };

    [[nodiscard]] std::uint64_t place_of_end(std::uint64_t row, std::size_t n_bytes) const;
    void check_range(std::uint64_t first, std::size_t n_bytes) const;
    [[nodiscard]] Selection select(std::uint64_t first, std::size_t n_bytes) const;

    DatasetId id_;
    std::string path_;
    Type type_;
    RecordType element_;
    std::vector<std::uint64_t> shape_;
    std::size_t row_bytes_ = 0;
    std::uint64_t offset_ = 0;
    std::shared_ptr<RowFile const> direct_;
};

}  // namespace vaster::h5
