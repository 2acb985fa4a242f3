#include "core/store/reader.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/support/files.hpp"
#include "core/store/layout.hpp"
#include "core/store/row_window.hpp"
#include "core/store/settled.hpp"
#include "core/store/study_file.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::store {
namespace {

void read_origin(Row const& record, RecordColumns const& at, RowInfo& info) {
    info.peak_rss_bytes = record.unsigned_integer(at.peak_rss_bytes);
    info.origin = {record.integer(at.rank), record.text(at.host), record.integer(at.attempt)};
    info.error = record.text(at.error);
}

/// Goes through rows [first, n) of a table a block at a time, until `see` has seen enough.
/// @param see  (row number, its bytes): go on?
template <class See>
void look_through(Table const& table, std::uint64_t first, std::uint64_t n, See see) {
    std::size_t const length = table.type().size;
    std::vector<std::byte> piece;
    while (first < n) {
        auto const rows = std::min(rows_of_block(table), n - first);
        piece.resize(rows * length);
        table.data().read_rows(first, piece);
        for (std::uint64_t i = 0; i < rows; ++i)
            if (!see(first + i, std::span<std::byte const>(piece).subspan(i * length, length))) return;
        first += rows;
    }
}

/// The values of the rows that were asked for last, each at one place as long as it is kept.
template <class T>
class LastAsked {
  public:
    /// @param make  what it is, where it is not kept
    template <class Make>
    T const& of(std::size_t row, Make make) {
        if (auto const kept = values_.find(row); kept != values_.end()) return kept->second;
        T value = make();
        if (order_.size() == Reader::rows_kept) {
            values_.erase(order_.front());
            order_.pop_front();
        }
        order_.push_back(row);
        return values_.emplace(row, std::move(value)).first->second;
    }

    void forget() {
        values_.clear();
        order_.clear();
    }

  private:
    std::unordered_map<std::size_t, T> values_;
    std::deque<std::size_t> order_;
};

}  // namespace

struct Reader::State {
    State(std::filesystem::path const& study, Look wanted)
        : path(study),
          look(wanted),
          file(open_study(study)),
          columns(file.schema),
          plan_rows(file.plan),
          record_rows(file.records) {}

    /// A stage is planned as a whole once its first row is: one to which the first and the last row belong is
    /// all of the plan.
    [[nodiscard]] bool is_one_stage() const {
        auto const n_rows = file.plan.n_rows();
        study::Experiment planned;
        return n_rows > 0 && file.stage_of(0, planned) == 1 && file.stage_of(n_rows - 1, planned) == 1;
    }

    /// Goes on where the plan ended at the last look.
    void look_at_plan() {
        if (look == Look::states && stages.empty() && is_one_stage()) stages.assign(file.plan.n_rows(), 1);
        auto const& index = file.plan.type().fields.at(PlanColumns::index);
        look_through(file.plan, stages.size(), file.plan.n_rows(), [&](std::uint64_t row, auto bytes) {
            study::Experiment again;
            bool const holds = file.plan.holds(bytes);
            auto const stage = holds ? tail_of(bytes).mark : file.stage_of(row, again);
            if (stage == 0) return false;
            std::uint64_t named = again.index;
            if (holds) std::memcpy(&named, bytes.data() + index.offset, sizeof named);
            require_own(row, named);
            stages.push_back(stage);
            return true;
        });
    }

    static void require_own(std::uint64_t row, std::uint64_t named) {
        require<DataError>(named == row, "row {} of {} is another experiment's", row, plan_path);
    }

    /// Failures are kept as they are now: a run may try again.
    void look_at_records() {
        statuses.assign(stages.size(), study::Status::pending);
        torn.assign(stages.size(), false);
        failures.clear();
        look_through(file.records, 0, stages.size(), [&](std::uint64_t row, auto bytes) {
            if (file.records.holds(bytes))
                take_record(row, bytes);
            else if (auto const again = settled_row(row))
                take_record(row, again->bytes());
            else
                torn[row] = true;
            return true;
        });
    }

    void take_record(std::uint64_t row, std::span<std::byte const> bytes) {
        statuses[row] = static_cast<study::Status>(tail_of(bytes).mark);
        if (statuses[row] != study::Status::failed) return;
        auto& info = failures[row];
        info.status = study::Status::failed;
        read_origin(Row(file.records.type(), bytes), columns, info);
    }

    void forget_rows() {
        plan_rows.forget();
        record_rows.forget();
        experiments.forget();
        infos.forget();
        cells.forget();
    }

    [[nodiscard]] study::Experiment planned(std::size_t row) {
        auto const bytes = plan_rows.row(row);
        study::Experiment experiment;
        if (file.plan.holds(bytes) && tail_of(bytes).mark != 0)
            experiment = experiment_of(Row(file.plan.type(), bytes), file.schema);
        else
            (void)file.stage_of(row, experiment);
        require_own(row, experiment.index);
        return experiment;
    }

    /// The record of a row that was done or skipped at the last look, and so still is: unless the disk has
    /// lost it, or another run computes it anew because the file that it left is gone.
    [[nodiscard]] Row record(std::size_t row) {
        auto const is_as_seen = [&](std::span<std::byte const> bytes) {
            return tail_of(bytes).mark == mark_of(statuses[row]) && file.records.holds(bytes);
        };
        Row read(file.records.type(), record_rows.row(row));
        bool const holds = is_as_seen(read.bytes()) || settles([&] {
                               read = file.records.read(row);
                               return is_as_seen(read.bytes());
                           });
        require<DataError>(
            holds,
            "{}: row {} of {} has changed since this program has first looked at it: another run computes it "
            "again, or it is damaged. Try again when no run is at work; `vaster verify` lists what is "
            "damaged",
            path.string(), row, records_path);
        return read;
    }

    [[nodiscard]] RowInfo info(std::size_t row) {
        if (auto const failure = failures.find(row); failure != failures.end()) return failure->second;
        RowInfo info;
        info.status = statuses[row];
        info.torn = torn[row];
        if (look == Look::everything && info.status >= study::Status::done)
            read_origin(record(row), columns, info);
        return info;
    }

    /// The record, if its checksum holds.
    [[nodiscard]] std::optional<Row> settled_row(std::uint64_t row) const {
        std::optional<Row> record;
        bool const holds = settles([&] {
            record.emplace(file.records.read(row));
            return file.records.holds(record->bytes());
        });
        if (!holds) record.reset();
        return record;
    }

    std::filesystem::path path;
    Look look;
    StudyFile file;
    RecordColumns columns;
    std::vector<std::uint32_t> stages;
    std::vector<study::Status> statuses;
    std::vector<bool> torn;
    std::map<std::size_t, RowInfo> failures;
    RowWindow plan_rows;
    RowWindow record_rows;
    LastAsked<study::Experiment> experiments;
    LastAsked<RowInfo> infos;
    LastAsked<study::Cells> cells;
};

Reader::Reader(std::filesystem::path const& path, Look look) : state_(std::make_unique<State>(path, look)) {
    refresh();
}

Reader::~Reader() = default;

void Reader::refresh() {
    forget_old_pages(path());
    state_->forget_rows();
    state_->look_at_plan();
    state_->look_at_records();
}

std::filesystem::path const& Reader::path() const noexcept {
    return state_->path;
}

Header const& Reader::header() const noexcept {
    return state_->file.header;
}

study::Schema const& Reader::schema() const noexcept {
    return state_->file.schema;
}

std::size_t Reader::capacity() const noexcept {
    return state_->file.plan.n_rows();
}

std::size_t Reader::size() const {
    return state_->stages.size();
}

study::Experiment const& Reader::experiment(std::size_t row) const {
    (void)state_->stages.at(row);
    return state_->experiments.of(row, [&] { return state_->planned(row); });
}

bool Reader::done(std::size_t row) const {
    return status(row) == study::Status::done;
}

bool Reader::skipped(std::size_t row) const {
    return status(row) == study::Status::skipped;
}

study::Cells const& Reader::cells(std::size_t row) const {
    VASTER_EXPECTS(done(row) && state_->look == Look::everything);
    return state_->cells.of(row, [&] {
        return cells_of(state_->record(row), RecordColumns::results, state_->file.schema.results);
    });
}

std::uint32_t Reader::stage(std::size_t row) const {
    return state_->stages.at(row);
}

std::uint32_t Reader::stages() const noexcept {
    return state_->stages.empty() ? 0 : state_->stages.back();
}

study::Status Reader::status(std::size_t row) const {
    return state_->statuses.at(row);
}

bool Reader::torn(std::size_t row) const {
    return state_->torn.at(row);
}

RowInfo const& Reader::info(std::size_t row) const {
    (void)state_->statuses.at(row);
    return state_->infos.of(row, [&] { return state_->info(row); });
}

StatusCounts Reader::counts() const {
    StatusCounts counts{};
    for (auto const status : state_->statuses) ++counts.at(static_cast<std::size_t>(status));
    return counts;
}

std::vector<std::vector<std::uint8_t>> Reader::arrays(std::size_t row) const {
    VASTER_EXPECTS(done(row));
    auto const& file = state_->file;
    std::vector<std::vector<std::uint8_t>> arrays;
    bool const holds = settles([&] {
        auto const record = file.records.read(row);
        arrays = file.read_arrays(experiment(row));
        return tail_of(record.bytes()).mark == mark_of(study::Status::done) &&
               file.records.holds(record.bytes()) &&
               checksum_of(arrays) == record.unsigned_integer(state_->columns.arrays_crc);
    });
    require<DataError>(
        holds,
        "{}: the checksum of the arrays of experiment {} does not hold; `vaster verify` lists all "
        "that is damaged, and a run with --resume computes it again",
        path().string(), row);
    return arrays;
}

study::Plan Reader::plan() const {
    study::Plan plan;
    plan.experiments.reserve(size());
    for (std::size_t row = 0; row < size(); ++row) plan.experiments.push_back(experiment(row));
    return plan;
}

std::map<std::string, double> Reader::seconds_left() const {
    constexpr std::uint64_t rows_of_block = 1000;
    constexpr std::size_t most_blocks = 100;
    auto const is_left = [&](std::uint64_t row) { return status(row) <= study::Status::running; };
    std::uint64_t left = 0;
    std::vector<std::uint64_t> blocks;  // in which any row is left
    for (std::uint64_t row = 0; row < size(); ++row) {
        if (!is_left(row)) continue;
        ++left;
        auto const block = row / rows_of_block;
        if (blocks.empty() || blocks.back() != block) blocks.push_back(block);
    }
    PlanColumns const at(schema());
    auto const& plan = state_->file.plan;
    std::map<std::string, double> seconds;
    std::uint64_t seen = 0;
    auto const stride = (blocks.size() + most_blocks - 1) / most_blocks;
    for (std::size_t i = 0; i < blocks.size(); i += stride) {
        auto const first = blocks[i] * rows_of_block;
        auto const end = std::min<std::uint64_t>(first + rows_of_block, size());
        look_through(plan, first, end, [&](std::uint64_t row, auto bytes) {
            if (!is_left(row)) return true;
            Row const planned(plan.type(), bytes);
            seconds[planned.text(at.cost_key)] += planned.real(at.expected_seconds);
            ++seen;
            return true;
        });
    }
    if (seen < left)
        for (auto& [cost_key, sum] : seconds) sum *= static_cast<double>(left) / static_cast<double>(seen);
    return seconds;
}

std::vector<study::Attempt> Reader::attempts() const {
    auto const& table = state_->file.attempts;
    auto const [rows, holds] = settled_rows(table, 0, table.n_rows());
    std::vector<std::pair<std::uint32_t, study::Attempt>> numbered;
    for (std::size_t i = 0; i < table.n_rows(); ++i) {
        auto const row = table.row_at(rows, i);
        auto const sequence = tail_of(row.bytes()).mark;
        if (holds[i] && table.committed(sequence)) numbered.emplace_back(sequence, attempt_of(row));
    }
    std::sort(numbered.begin(), numbered.end(),
              [](auto const& a, auto const& b) { return a.first < b.first; });
    std::vector<study::Attempt> attempts;
    attempts.reserve(numbered.size());
    for (auto& [sequence, attempt] : numbered) attempts.push_back(std::move(attempt));
    return attempts;
}

std::vector<study::MeasuredCost> Reader::costs() const {
    auto const& table = state_->file.schedule;
    auto const [rows, holds] = settled_rows(table, 0, table.n_rows());
    std::vector<study::MeasuredCost> costs;
    for (std::size_t i = 0; i < table.n_rows(); ++i) {
        auto const row = table.row_at(rows, i);
        if (holds[i] && table.committed(tail_of(row.bytes()).mark)) costs.push_back(cost_of(row));
    }
    return costs;
}

Header read_header(std::filesystem::path const& path) {
    return open_study(path).header;
}

std::string cell_text(study::Cell const& cell) {
    if (auto const* integer = std::get_if<std::int64_t>(&cell)) return std::to_string(*integer);
    if (auto const* real = std::get_if<double>(&cell)) return number_text(*real);
    return std::get<std::string>(cell);
}

}  // namespace vaster::store
