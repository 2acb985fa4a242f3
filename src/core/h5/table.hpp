#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vaster::h5 {

/// Does the file begin like HDF5, perhaps behind a user block? False where it cannot be read.
[[nodiscard]] bool is_hdf5(std::filesystem::path const& file);

/// The datasets in a file that have one dimension, by their paths. @throws DataError
[[nodiscard]] std::vector<std::string> tables_in(std::filesystem::path const& file);

/// Those for a message: "there are: /deaths /sites", some of them if they are many; "it has no tables".
[[nodiscard]] std::string words_for(std::vector<std::string> const& tables);

/// Is there a dataset, a group or a type of that path? @throws DataError for what is not an HDF5 file
[[nodiscard]] bool has_object(std::filesystem::path const& file, std::string const& path);

/// A text attribute of the root; empty: there is none. @throws DataError for what is not an HDF5 file
[[nodiscard]] std::string root_text(std::filesystem::path const& file, std::string const& name);

/// Some rows as texts, one cell after the other, row by row.
class CellTexts {
  public:
    [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }

    [[nodiscard]] std::string_view operator[](std::size_t cell) const {
        std::size_t const begin = cell == 0 ? 0 : ends_[cell - 1];
        return std::string_view(bytes_).substr(begin, ends_[cell] - begin);
    }

    void clear() {
        bytes_.clear();
        ends_.clear();
    }

    void add(std::string_view cell) {
        bytes_ += cell;
        ends_.push_back(bytes_.size());
    }

  private:
    std::string bytes_;
    std::vector<std::size_t> ends_;
};

/// A table in an HDF5 file, whoever has written it: a dataset of one dimension whose elements are records
/// (compounds) or single values; or a group of datasets of one dimension and one length, each a column.
///
/// Values may be whole numbers and floating-point numbers up to 64 bits, texts of fixed or variable length,
/// and enumerations. A cell's text is the shortest that is read back as the same number (of float32: as the
/// same float64); nothing for NaN; the name of an enumerated value, but 1 and 0 where the names are TRUE and
/// FALSE. Columns of a record are in its order, those of a group in order of creation if the file knows it,
/// else by name.
class Table {
  public:
    /// @param path  "/records" in the file. @throws DataError: no HDF5 file; nothing of that name (those that
    /// there are are named); another shape or type, with the column's name
    Table(std::filesystem::path const& file, std::string const& path);
    ~Table();
    Table(Table&&) noexcept;
    Table& operator=(Table&&) noexcept;

    [[nodiscard]] std::vector<std::string> const& columns() const noexcept;

    [[nodiscard]] std::uint64_t n_rows() const noexcept;

    /// What a row needs in memory, texts of variable length not counted.
    [[nodiscard]] std::size_t row_bytes() const noexcept;

    /// Rows [first, first + count). @param cells  gets them, in place of what it has. @throws DataError
    void read(std::uint64_t first, std::uint64_t count, CellTexts& cells) const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace vaster::h5
