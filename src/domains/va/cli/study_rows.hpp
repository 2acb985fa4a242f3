#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/reader.hpp"

namespace vaster::va {

/// The rows of a study file by the names of its columns. The reader must outlive it.
class StudyRows {
  public:
    explicit StudyRows(store::Reader const& study) : study_(study) {}

    [[nodiscard]] std::size_t size() const { return study_.size(); }

    [[nodiscard]] bool done(std::size_t row) const { return study_.done(row); }

    [[nodiscard]] bool has_result(std::string_view column) const;

    /// A text of the plan. @throws DataError when there is no such column, or it has no texts
    [[nodiscard]] std::string design(std::size_t row, std::string_view column) const;

    /// A cell of a done row. @throws DataError when there is no such column, or it is of another type
    [[nodiscard]] double real(std::size_t row, std::string_view column) const;
    [[nodiscard]] std::int64_t integer(std::size_t row, std::string_view column) const;
    [[nodiscard]] std::string text(std::size_t row, std::string_view column) const;

    /// All numbers of an array of a done row. @throws DataError when there is none, or it has other elements
    [[nodiscard]] std::vector<double> reals(std::size_t row, std::string_view array) const;
    [[nodiscard]] std::vector<std::uint32_t> counts(std::size_t row, std::string_view array) const;

  private:
    template <class T>
    [[nodiscard]] T result(std::size_t row, std::string_view column) const;
    template <class T>
    [[nodiscard]] std::vector<T> elements(std::size_t row, std::string_view array) const;

    store::Reader const& study_;
};

/// What has gone wrong: "2 of 12 failed, the first with: cannot write ..."; empty: nothing has failed.
[[nodiscard]] std::string first_failure(store::Reader const& study);

}  // namespace vaster::va
