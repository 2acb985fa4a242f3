#include "core/store/writer.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <span>
#include <stdexcept>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/file_system.hpp"
#include "base/support/files.hpp"
#include "core/store/attempt_log.hpp"
#include "core/store/layout.hpp"
#include "core/store/study_file.hpp"
#include "core/study/timed_arrays.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::store {
namespace {

constexpr double seconds_between_looks = 1.0;
constexpr auto pending = mark_of(study::Status::pending);
constexpr auto running = mark_of(study::Status::running);
constexpr auto done = mark_of(study::Status::done);

}  // namespace

struct Writer::State {
    State(std::filesystem::path const& study, Durability wanted, h5::Driver driver)
        : path(study),
          durability(wanted),
          file(open_study_for_rows(study, driver)),
          columns(file.schema),
          descriptor(::open(study.c_str(), O_RDWR | O_CLOEXEC)),
          is_here(descriptor && is_on_this_machine(descriptor.get())) {
        require<IoError>(bool(descriptor), "cannot open {} for writing: {}", path.string(),
                         system_reason(errno));
    }

    /// Where a network is between, the system may remember old pages.
    void see_other_ranks() const noexcept {
        if (!is_here) forget_old_pages(descriptor.get());
    }

    void sync() {
        attempts.flush();
        if (!dirty) return;
        bool const synced = ::fdatasync(descriptor.get()) == 0;
        require<IoError>(synced, "cannot sync {} to disk: {}", path.string(), system_reason(errno));
        dirty = false;
    }

    void look_when_due() {
        double const now = monotonic_seconds();
        attempts.flush_when_due(now);
        if (now - last_look < seconds_between_looks) return;
        last_look = now;
        require_still_there();
        if (durability == Durability::group) sync();
    }

    void wrote() {
        dirty = true;
        if (durability == Durability::commit) sync();
        look_when_due();
    }

    void require_still_there() const {
        struct stat ours {};

        struct stat named {};

        int const problem = ::stat(path.c_str(), &named) == 0 ? 0 : errno;
        require<IoError>(
            problem != ENOENT,
            "{} was removed or renamed while it was being written; put it back (or a copy) and use "
            "--resume, or start again",
            path.string());
        require<IoError>(problem == 0,
                         "{} can no longer be looked at while it is being written: {}; use --resume "
                         "when it can",
                         path.string(), system_reason(problem));
        require<IoError>(
            ::fstat(descriptor.get(), &ours) == 0 && ours.st_ino == named.st_ino &&
                ours.st_dev == named.st_dev,
            "{} was replaced by another file while it was being written; use --resume to continue with "
            "that one",
            path.string());
    }

    /// The planned experiment: as this process was told, or else from the file, where rank 0 may just have
    /// added it.
    [[nodiscard]] study::Experiment experiment(study::ExperimentIndex index) const {
        auto const told = learnt.find(index);
        if (told != learnt.end()) return told->second;
        study::Experiment planned;
        if (file.stage_of(index, planned) == 0)
            throw std::logic_error(fmt::format("experiment {} is not in the plan", index));
        return planned;
    }

    void require_planned(study::ExperimentIndex index) const {
        if (!learnt.contains(index)) (void)experiment(index);
    }

    [[nodiscard]] bool is_done(std::span<std::byte const> record) const {
        return tail_of(record).mark == done && file.records.holds(record);
    }

    [[nodiscard]] bool is_done(Row const& record) const { return is_done(record.bytes()); }

    /// How many of the rows follow each other, and are few enough to be written at once.
    [[nodiscard]] std::size_t n_together(std::span<study::ExperimentIndex const> rows) const {
        constexpr std::size_t most_bytes = std::size_t{256} << 10U;
        auto const most = std::clamp<std::size_t>(most_bytes / file.records.type().size, 1, rows.size());
        std::size_t n = 1;
        while (n < most && rows[n] == rows[n - 1] + 1) ++n;
        return n;
    }

    /// Most rows are not, which their tails say.
    [[nodiscard]] bool is_done(study::ExperimentIndex index) const {
        return file.records.tail(index).mark == done && is_done(file.records.read(index));
    }

    Row record_of(study::Result const& result, study::Origin const& origin) const {
        Row row = blank_record(file.records.type(), file.schema, result.index);
        set_cells(row, RecordColumns::results, file.schema.results, kept_of(result.cells));
        row.set_unsigned(columns.peak_rss_bytes, result.peak_rss_bytes);
        set_origin(row, origin);
        row.set_unsigned(columns.arrays_crc, checksum_of(result.arrays));
        return row;
    }

    /// Where the results have each column of the file.
    void take(std::vector<study::Column> const& given) {
        n_given = given.size();
        kept.clear();
        for (auto const& wanted : file.schema.results) {
            auto const place = std::find_if(given.begin(), given.end(), [&](study::Column const& column) {
                return column.name == wanted.name && column.type == wanted.type;
            });
            require<DataError>(
                place != given.end(),
                "{} has column {}, which this version does not compute in the same way; finish "
                "it with the version that made it",
                path.string(), wanted.name);
            kept.push_back(static_cast<std::size_t>(place - given.begin()));
        }
    }

    [[nodiscard]] study::Cells kept_of(study::Cells const& cells) const {
        if (kept.empty() || cells.size() != n_given) return cells;
        study::Cells some;
        some.reserve(kept.size());
        for (std::size_t const place : kept) some.push_back(cells[place]);
        return some;
    }

    void set_origin(Row& row, study::Origin const& origin) const {
        row.set_integer(columns.rank, origin.rank);
        row.set_text(columns.host, origin.host);
        row.set_integer(columns.attempt, origin.attempt);
    }

    void check_arrays(study::Result const& result, study::Experiment const& planned) const {
        bool fits = result.arrays.size() == file.arrays.size();
        for (std::size_t i = 0; fits && i < file.arrays.size(); ++i)
            fits = result.arrays[i].size() == file.slice(i, planned).count * file.arrays[i].row_bytes();
        if (!fits)
            throw std::logic_error(
                fmt::format("arrays of experiment {} do not fit the schema", result.index));
    }

    /// Does a list of labels say that some arrays are measured, so that no two runs have the same?
    [[nodiscard]] bool has_timed_arrays() const {
        auto const& lists = file.schema.labels;
        return std::any_of(lists.begin(), lists.end(),
                           [](study::LabelList const& list) { return list.name == study::timed_arrays; });
    }

    /// @throws DataError naming what differs
    void require_same(Row const& before, Row const& again) const {
        auto const same = [&](std::size_t field) {
            auto const a = before.bytes(field);
            auto const b = again.bytes(field);
            return std::equal(a.begin(), a.end(), b.begin(), b.end());
        };
        auto const index = before.unsigned_integer(RecordColumns::index);
        constexpr auto text =
            "experiment {} was computed twice with different results ({}): the first is kept; "
            "look for a rank with faulty memory or another program version";
        for (std::size_t i = 0; i < file.schema.results.size(); ++i)
            require<DataError>(
                file.schema.results[i].nature == study::Nature::timing || same(RecordColumns::results + i),
                text, index, file.schema.results[i].name);
        require<DataError>(has_timed_arrays() || same(columns.arrays_crc), text, index, "its arrays");
    }

    /// Where a plan ends.
    struct End {
        std::uint64_t row = 0;    ///< the first that is not planned
        std::uint32_t stage = 0;  ///< of the last that is
    };

    /// Looked for from where it was last, since a plan only grows.
    [[nodiscard]] End end_of_plan() {
        study::Experiment known;
        for (auto stage = file.stage_of(end.row, known); stage != 0; stage = file.stage_of(++end.row, known))
            end.stage = stage;
        return end;
    }

    /// Do they follow the plan, and do their rows fit in?
    void check_room(std::uint64_t first, std::vector<study::Experiment> const& next) const {
        for (std::uint64_t row = first; row < first + next.size(); ++row) {
            auto const& experiment = next[row - first];
            if (experiment.index != row || row >= file.plan.n_rows())
                throw std::logic_error(
                    fmt::format("experiment {} cannot be row {} of a plan with room for {}", experiment.index,
                                row, file.plan.n_rows()));
            for (std::size_t i = 0; i < file.arrays.size(); ++i) (void)file.slice(i, experiment);
        }
    }

    /// The record of a row that is about to be planned: skipped, or as if it had never been written.
    void prepare_record(study::Experiment const& experiment) const {
        auto row = blank_record(file.records.type(), file.schema, experiment.index);
        if (!experiment.skip_reason.empty()) {
            row.set_text(columns.error, experiment.skip_reason);
            file.records.commit(experiment.index, std::move(row), pending, mark_of(study::Status::skipped));
        } else if (file.records.tail(experiment.index).mark != pending) {
            file.records.open_row(experiment.index, pending);
            file.records.data().write_rows(experiment.index, row.bytes());
        }
    }

    std::filesystem::path path;
    Durability durability;
    StudyFile file;
    AttemptLog attempts{file.attempts};
    RecordColumns columns;
    std::vector<std::size_t>
        kept;                 ///< where results have the columns of the file; empty: as the file has them
    std::size_t n_given = 0;  ///< columns that results come with
    Descriptor descriptor;
    bool is_here;  ///< on a file system of this machine
    bool dirty = false;
    double last_look = monotonic_seconds();
    End end;                                                     ///< of the plan, as far as it was looked for
    std::map<study::ExperimentIndex, study::Experiment> learnt;  ///< until their results are committed
};

Durability durability_of(std::string const& word) {
    if (word == "commit") return Durability::commit;
    if (word == "group") return Durability::group;
    if (word == "none") return Durability::none;
    throw std::logic_error("'" + word + "' is not a durability level");
}

Writer::Writer(std::filesystem::path const& path, Durability durability, h5::Driver driver)
    : state_(std::make_unique<State>(path, durability, driver)) {}

Writer::~Writer() {
    try {
        state_->attempts.flush();
    } catch (Error const&) {  // on the way out of a run that has said so, or of one whose results are written
    }
    if (state_->dirty) ::fdatasync(state_->descriptor.get());
}

void Writer::take_results_with(std::vector<study::Column> const& columns) {
    state_->take(columns);
}

void Writer::learn(std::vector<study::Experiment> const& experiments) {
    for (auto const& experiment : experiments) state_->learnt[experiment.index] = experiment;
}

void Writer::mark_running(std::vector<study::ExperimentIndex> const& indices) {
    state_->see_other_ranks();  // which may have done them since
    for (auto const index : indices) state_->require_planned(index);
    for (std::size_t begin = 0; begin < indices.size();) {
        auto const n = state_->n_together(std::span(indices).subspan(begin));
        state_->file.records.open_rows(indices[begin], n, running,
                                       [&](auto row) { return state_->is_done(row); });
        begin += n;
    }
    state_->look_when_due();
}

void Writer::commit(study::Result const& result, study::Origin const& origin) {
    auto const planned = state_->experiment(result.index);
    state_->check_arrays(result, planned);
    auto record = state_->record_of(result, origin);
    auto const& file = state_->file;
    state_->see_other_ranks();  // which may have done it since
    auto const before = file.records.read(result.index);
    if (state_->is_done(before)) {
        state_->require_same(before, record);
    } else {
        file.records.open_row(result.index, running, tail_of(before.bytes()));
        for (std::size_t i = 0; i < file.arrays.size(); ++i)
            file.arrays[i].write_rows(file.slice(i, planned).first,
                                      std::as_bytes(std::span(result.arrays[i])));
        file.records.commit_open(result.index, std::move(record), done);
        state_->wrote();
    }
    state_->learnt.erase(result.index);
}

void Writer::fail(study::ExperimentIndex index, std::string const& error, study::Origin const& origin) {
    state_->require_planned(index);
    if (state_->is_done(index)) return;
    auto row = blank_record(state_->file.records.type(), state_->file.schema, index);
    state_->set_origin(row, origin);
    row.set_text(state_->columns.error, error);
    state_->file.records.commit(index, std::move(row), running, mark_of(study::Status::failed));
    state_->wrote();
}

void Writer::release(study::ExperimentIndex index) {
    state_->require_planned(index);
    auto const& records = state_->file.records;
    if (records.tail(index).mark == running) records.open_row(index, pending);
}

void Writer::reset(study::ExperimentIndex index) {
    auto const planned = state_->experiment(index);
    state_->file.records.open_row(index, running);
    state_->prepare_record(planned);
    state_->wrote();
}

void Writer::log_attempt(study::Attempt const& attempt) {
    state_->attempts.add(attempt, monotonic_seconds());
    state_->dirty = true;
    state_->look_when_due();
}

void Writer::log_cost(std::vector<study::MeasuredCost> const& costs) {
    state_->attempts.flush();
    auto const& schedule = state_->file.schedule;
    auto const n = std::min<std::uint64_t>(costs.size(), schedule.n_rows());
    for (std::uint64_t i = 0; i < n; ++i) schedule.commit(i, cost_row(schedule.type(), costs[i]), 0, 1);
    state_->dirty = true;
}

void Writer::idle() {
    state_->look_when_due();
}

void Writer::append_experiments(std::vector<study::Experiment> const& experiments) {
    if (experiments.empty()) return;
    auto const [first, stage] = state_->end_of_plan();
    state_->check_room(first, experiments);
    auto const end = first + experiments.size();
    // The plan ends where the first row is missing, so a stage whose first row is written last appears all at
    // once. A stage that a kill cut off may have left rows behind the end.
    auto const& plan = state_->file.plan;
    if (end < plan.n_rows()) plan.open_row(end, 0);
    for (auto const& experiment : experiments) state_->prepare_record(experiment);
    auto const commit = [&, next_stage = stage + 1](study::Experiment const& experiment) {
        plan.commit(experiment.index, plan_row(plan.type(), state_->file.schema, experiment), 0, next_stage);
        state_->dirty = true;
    };
    std::for_each(experiments.rbegin(), experiments.rend() - 1, commit);
    state_->sync();
    commit(experiments.front());
    state_->sync();
}

void Writer::sync() {
    state_->sync();
}

}  // namespace vaster::store
