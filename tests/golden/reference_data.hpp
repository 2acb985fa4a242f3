#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "vaster/table/answers.hpp"

namespace vaster::golden {

/// A CSV file without quotes, by column name.
class SimpleCsv {
  public:
    explicit SimpleCsv(std::filesystem::path const& path);

    [[nodiscard]] std::size_t n_rows() const { return rows_.size(); }

    [[nodiscard]] std::vector<std::string> const& names() const { return names_; }

    [[nodiscard]] std::string const& cell(std::size_t row, std::string const& column) const;

    [[nodiscard]] std::string const& cell(std::size_t row, std::size_t column) const {
        return rows_[row][column];
    }

  private:
    std::vector<std::string> names_;
    std::vector<std::vector<std::string>> rows_;
};

/// The encoded PHMRC deaths: columns site, va34, cod5, then symptoms coded Y / empty / a point.
struct EncodedDeaths {
    table::AnswerMatrix answers;
    std::vector<std::string> labels;    ///< causes, in byte order
    std::vector<std::uint32_t> causes;  ///< index into `labels` of every death
};

[[nodiscard]] EncodedDeaths read_encoded(std::filesystem::path const& path);

/// Rows of every (site, part), in the order of the file.
using Splits = std::map<std::pair<std::string, std::string>, std::vector<std::uint32_t>>;

[[nodiscard]] Splits read_splits(std::filesystem::path const& path);

}  // namespace vaster::golden
