#include "core/store/reader.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "base/support/files.hpp"
#include "core/store/layout.hpp"
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

/// Goes through rows [first, n) of a table in pieces of a few mebibytes, until `see` has seen enough.
/// @param see  (row number, its bytes): go on?
template <class See>
void look_through(Table const& table, std::uint64_t first, std::uint64_t n, See see) {
    constexpr std::size_t piece_bytes = std::size_t{4} << 20U;
    std::size_t const length = table.type().size;
    std::uint64_t const rows_of_piece = std::max<std::uint64_t>(1, piece_bytes / length);
    std::vector<std::byte> piece;
    while (first < n) {
        auto const rows = std::min(rows_of_piece, n - first);
        piece.resize(rows * length);
        table.data().read_rows(first, piece);
        for (std::uint64_t i = 0; i < rows; ++i)
            if (!see(first + i, std::span<std::byte const>(piece).subspan(i * length, length))) return;
        first += rows;
    }
}

}  // namespace

struct Reader::State {
    State(std::filesystem::path const& study, Look wanted)
        : path(study), look(wanted), file(open_study(study)), columns(file.schema) {}

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
        experiments.resize(stages.size());
    }

    static void require_own(std::uint64_t row, std::uint64_t named) {
        require<DataError>(named == row, "row {} of {} is another experiment's", row, plan_path);
    }

    /// Records that have ended are kept as they are now: a run may begin them anew.
    void look_at_records() {
        statuses.assign(stages.size(), study::Status::pending);
        torn.assign(stages.size(), false);
        ended.assign(stages.size(), std::nullopt);
        infos.clear();
        cells.clear();
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
        bool const wanted = look == Look::everything ? statuses[row] >= study::Status::done
                                                     : statuses[row] == study::Status::failed;
        if (wanted) ended[row].emplace(file.records.type(), bytes);
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
    std::vector<std::optional<Row>> ended;
    // What has been asked for; most questions are about few of a million rows.
    std::vector<std::unique_ptr<study::Experiment>> experiments;
    std::map<std::size_t, RowInfo> infos;
    std::map<std::size_t, study::Cells> cells;
};

Reader::Reader(std::filesystem::path const& path, Look look) : state_(std::make_unique<State>(path, look)) {
    refresh();
}

Reader::~Reader() = default;

void Reader::refresh() {
    forget_old_pages(path());
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
    auto& kept = state_->experiments.at(row);
    if (!kept) {
        kept = std::make_unique<study::Experiment>();
        (void)state_->file.stage_of(row, *kept);
        State::require_own(row, kept->index);
    }
    return *kept;
}

bool Reader::done(std::size_t row) const {
    return status(row) == study::Status::done;
}

bool Reader::skipped(std::size_t row) const {
    return status(row) == study::Status::skipped;
}

study::Cells const& Reader::cells(std::size_t row) const {
    VASTER_EXPECTS(done(row) && state_->look == Look::everything);
    auto [kept, fresh] = state_->cells.try_emplace(row);
    if (fresh)
        kept->second = cells_of(*state_->ended[row], RecordColumns::results, state_->file.schema.results);
    return kept->second;
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
    auto [kept, fresh] = state_->infos.try_emplace(row);
    if (fresh) {
        kept->second.status = status(row);
        kept->second.torn = torn(row);
        if (auto const& record = state_->ended[row]) read_origin(*record, state_->columns, kept->second);
    }
    return kept->second;
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
    auto const [rows, holds] = settled_rows(table, table.n_rows());
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
    auto const [rows, holds] = settled_rows(table, table.n_rows());
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
