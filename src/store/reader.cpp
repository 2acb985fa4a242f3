#include "vaster/store/reader.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

#include "layout.hpp"
#include "settled.hpp"
#include "study_file.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::store {
namespace {

RowInfo info_of(Row const& row, RecordColumns const& at, bool holds) {
    RowInfo info;
    info.torn = !holds;
    if (!holds) return info;
    info.status = static_cast<study::Status>(tail_of(row.bytes()).mark);
    bool const ended = info.status >= study::Status::done;
    if (!ended) return info;
    info.peak_rss_bytes = row.unsigned_integer(at.peak_rss_bytes);
    info.origin = {row.integer(at.rank), row.text(at.host), row.integer(at.attempt)};
    info.error = row.text(at.error);
    return info;
}

}  // namespace

struct Reader::State {
    explicit State(std::filesystem::path const& study)
        : path(study), file(open_study(study)), columns(file.schema) {}

    void read_plan() {
        study::Experiment experiment;
        for (auto stage = file.stage_of(experiments.size(), experiment); stage != 0;
             stage = file.stage_of(experiments.size(), experiment)) {
            require<DataError>(experiment.index == experiments.size(), "row {} of {} is another experiment's",
                               experiments.size(), plan_path);
            experiments.push_back(std::move(experiment));
            stages.push_back(stage);
        }
    }

    void read_records() {
        auto const n = experiments.size();
        auto const [rows, holds] = settled_rows(file.records, n);
        infos.clear();
        cells.assign(n, {});
        for (std::size_t i = 0; i < n; ++i) {
            auto const row = file.records.row_at(rows, i);
            infos.push_back(info_of(row, columns, holds[i]));
            if (infos[i].status == study::Status::done)
                cells[i] = cells_of(row, RecordColumns::results, file.schema.results);
        }
    }

    std::filesystem::path path;
    StudyFile file;
    RecordColumns columns;
    std::vector<study::Experiment> experiments;
    std::vector<std::uint32_t> stages;
    std::vector<RowInfo> infos;
    std::vector<study::Cells> cells;
};

Reader::Reader(std::filesystem::path const& path) : state_(std::make_unique<State>(path)) {
    refresh();
}

Reader::~Reader() = default;

void Reader::refresh() {
    state_->read_plan();
    state_->read_records();
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
    return state_->experiments.size();
}

study::Experiment const& Reader::experiment(std::size_t row) const {
    return state_->experiments.at(row);
}

bool Reader::done(std::size_t row) const {
    return status(row) == study::Status::done;
}

bool Reader::skipped(std::size_t row) const {
    return status(row) == study::Status::skipped;
}

study::Cells const& Reader::cells(std::size_t row) const {
    VASTER_EXPECTS(done(row));
    return state_->cells.at(row);
}

std::uint32_t Reader::stage(std::size_t row) const {
    return state_->stages.at(row);
}

std::uint32_t Reader::stages() const noexcept {
    return state_->stages.empty() ? 0 : state_->stages.back();
}

study::Status Reader::status(std::size_t row) const {
    return info(row).status;
}

RowInfo const& Reader::info(std::size_t row) const {
    return state_->infos.at(row);
}

StatusCounts Reader::counts() const {
    StatusCounts counts{};
    for (auto const& info : state_->infos) ++counts.at(static_cast<std::size_t>(info.status));
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
    return {state_->experiments};
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

std::string cell_text(study::Cell const& cell) {
    if (auto const* integer = std::get_if<std::int64_t>(&cell)) return std::to_string(*integer);
    if (auto const* real = std::get_if<double>(&cell)) return number_text(*real);
    return std::get<std::string>(cell);
}

}  // namespace vaster::store
