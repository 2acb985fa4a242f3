#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/store/header.hpp"
#include "core/study/journal.hpp"
#include "vaster/study/experiment.hpp"
#include "vaster/study/schema.hpp"
#include "vaster/study/study.hpp"

namespace vaster::store {

/// What a row says beside the cells of the study kind.
struct RowInfo {
    study::Status status = study::Status::pending;
    bool torn =
        false;  ///< it says that it is committed, but its checksum does not hold; status is then pending
    std::uint64_t peak_rss_bytes = 0;
    study::Origin origin;
    std::string error;  ///< of failed and skipped rows
};

/// How many rows of the plan are in which state; index it by static_cast<std::size_t>(Status).
using StatusCounts = std::array<std::uint64_t, 5>;

/// The header alone. @throws IoError, DataError as Reader does
[[nodiscard]] Header read_header(std::filesystem::path const& path);

/// What a Reader reads when it looks at a file.
enum class Look {
    everything,  ///< every row of plan and records
    states,      ///< the states of rows and what failed; of the plan only as much as tells where it ends
};

/// A study file, read while ranks may be writing it. What state each row is in is a snapshot of the last
/// refresh(); a row counts as committed only when its checksum holds. Rows are read when they are asked for,
/// and fastest in order; the last of them are kept, so that memory hardly grows with their number (some ten
/// bytes each). References to an experiment, to cells or to a RowInfo are good until refresh() or until so
/// many other rows have been asked for: rows_kept.
class Reader final : public study::Records {
  public:
    static constexpr std::size_t rows_kept = 4096;

    /// @throws IoError when there is no such file or it cannot be read
    /// @throws DataError when it is not a study file, is cut short or damaged, or of another format version
    explicit Reader(std::filesystem::path const& path, Look look = Look::everything);
    ~Reader() override;

    /// Looks at plan and records again.
    void refresh();

    [[nodiscard]] std::filesystem::path const& path() const noexcept;
    [[nodiscard]] Header const& header() const noexcept;
    [[nodiscard]] study::Schema const& schema() const noexcept;
    [[nodiscard]] std::size_t capacity() const noexcept override;

    [[nodiscard]] std::size_t size() const override;
    [[nodiscard]] study::Experiment const& experiment(std::size_t row) const override;
    [[nodiscard]] bool done(std::size_t row) const override;
    [[nodiscard]] bool skipped(std::size_t row) const override;
    /// Not with Look::states.
    [[nodiscard]] study::Cells const& cells(std::size_t row) const override;

    /// The stage of a growing plan that planned the row, counted from 1, and how many stages there are.
    [[nodiscard]] std::uint32_t stage(std::size_t row) const;
    [[nodiscard]] std::uint32_t stages() const noexcept;

    [[nodiscard]] study::Status status(std::size_t row) const;
    /// As RowInfo::torn.
    [[nodiscard]] bool torn(std::size_t row) const;
    [[nodiscard]] RowInfo const& info(std::size_t row) const;
    [[nodiscard]] StatusCounts counts() const;

    /// Arrays of a done row, as Schema::arrays, packed elements. @throws DataError when their checksum does
    /// not hold
    [[nodiscard]] std::vector<std::vector<std::uint8_t>> arrays(std::size_t row) const;

    /// The plan as it was made.
    [[nodiscard]] study::Plan plan() const;
    /// What the plan expects of the rows that are pending or running, by cost key; estimated from evenly
    /// spread ones where there are more than 100,000. [s]
    [[nodiscard]] std::map<std::string, double> seconds_left() const;
    /// The attempts that the ring still holds, oldest first.
    [[nodiscard]] std::vector<study::Attempt> attempts() const;
    [[nodiscard]] std::vector<study::MeasuredCost> costs() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// A cell as exports show it: numbers with 17 significant digits, a missing number empty.
[[nodiscard]] std::string cell_text(study::Cell const& cell);

}  // namespace vaster::store
