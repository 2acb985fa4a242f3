#include "domains/stream/study/stream_study.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "base/support/temporary_file.hpp"
#include "domains/stream/study/earlier_study.hpp"
#include "domains/stream/study/hashed_file.hpp"
#include "domains/stream/study/load_schema.hpp"
#include "domains/stream/study/load_study.hpp"
#include "domains/stream/study/merge.hpp"
#include "domains/stream/study/options.hpp"
#include "domains/stream/study/outputs.hpp"
#include "domains/stream/study/partition.hpp"
#include "domains/stream/study/schema.hpp"
#include "domains/stream/study/spill.hpp"
#include "domains/stream/study/summary.hpp"
#include "domains/stream/study/truth.hpp"
#include "vaster/study/left_files.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

using study::Config;
using study::Experiment;

/// Even nothing takes a while. [s]
constexpr double shortest_guess = 1e-3;
constexpr double seconds_of_record = 2e-6;
constexpr double seconds_of_split_byte = 2e-9;
constexpr double seconds_of_merged_record = 2e-7;

class StreamStudy final : public study::Study {
  public:
    StreamStudy(Options options, Source source)
        : options_(std::move(options)),
          source_(std::move(source)),
          schema_(stream_schema(is_scaled(options_.source))) {
        for (std::size_t job = 0; job < options_.jobs.size(); ++job) {
            auto const& kind = *options_.jobs[job].kind;
            // Made here, too, so that a file that it cannot use is told before anything is computed.
            auto const task = kind.make(source_.setup(options_, job, 0));
            n_edges_.push_back(edges_of(*task, kind, Yield()).size());
            auto const n = partitions_of(options_, options_.jobs[job]) * options_.repeats;
            n_runs_ += n;
            if (!waits(job)) n_first_runs_ += n;
            n_rows_ += n * n_edges_.back();
            auto const n_ranges = merge_ranges(options_, source_, job).size();
            pieces_of_.push_back(n_ranges > 1 ? n_ranges : 0);
            n_pieces_ += pieces_of_.back();
        }
        if (is_split(options_, source_)) n_splits_ = n_spills(source_);
    }

    [[nodiscard]] study::Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::string data_hash() const override { return source_.content_hash(); }

    [[nodiscard]] study::Inventory inventory() const override { return source_.inventory(); }

    [[nodiscard]] std::size_t capacity() const override {
        return n_splits_ + n_runs_ + n_pieces_ + n_merges();
    }

    [[nodiscard]] std::uint64_t row_capacity() const override { return n_rows_; }

    [[nodiscard]] std::vector<Experiment> next_experiments(study::Records const& so_far) const override {
        auto const n = so_far.size();
        if (n < n_splits_) return splits();
        if (n == n_splits_) return all_done(so_far) ? runs(false, n, 0, "") : std::vector<Experiment>();
        if (n == n_splits_ + n_first_runs_ && n_first_runs_ < n_runs_) return waiting_runs(so_far);
        bool const pieces_come = n_pieces_ > 0 && has_pieces(so_far);
        if (n == n_splits_ + n_runs_ && pieces_come)
            return runs_done(so_far) ? pieces(n) : std::vector<Experiment>();
        auto const before = n_splits_ + n_runs_ + (pieces_come ? n_pieces_ : 0);
        if (n == before && n_merges() > 0)
            return runs_done(so_far) ? merges(so_far) : std::vector<Experiment>();
        return {};
    }

    void run(study::Task const& task, study::Sink& sink, Watcher& watcher) const override {
        for (auto const& item : task.items) {
            sink.begin(item.experiment.index);
            Design const design = design_of(item.experiment.design);
            if (design.step == step_split)
                sink.finish(split(item.experiment, design, watcher));
            else if (design.step == step_piece)
                sink.finish(put_piece(item.experiment, design, watcher));
            else if (design.step == step_merge)
                sink.finish(merged(item.experiment, design, watcher));
            else
                sink.finish(ran(item.experiment, design, watcher));
        }
    }

  private:
    void set_scale(Design& design) const {
        design.scale_time = options_.source.time_scale;
        design.scale_space = static_cast<std::int64_t>(options_.source.copies);
    }

    [[nodiscard]] Design design_for(std::size_t job) const {
        Design design;
        design.job = options_.jobs[job].kind->code;
        design.step = step_run;
        design.stream = source_.name();
        design.partitions = static_cast<std::int64_t>(partitions_of(options_, options_.jobs[job]));
        set_scale(design);
        design.mode = "results";
        design.profile = profile_of(options_.jobs[job]);
        return design;
    }

    /// One for each job, where parts are to be brought together, or spill files to be removed at the end.
    [[nodiscard]] std::size_t n_merges() const {
        return keeps_parts(options_) || n_splits_ > 0 ? options_.jobs.size() : 0;
    }

    /// Pieces of outputs are put to their places before the merge, unless the study file has no room for
    /// these experiments: it was made by a version that brought all rows together in the merge alone.
    [[nodiscard]] bool has_pieces(study::Records const& records) const {
        return records.capacity() >= capacity();
    }

    /// Is every run and every piece done, of those that are not skipped? As long as one has failed, --resume
    /// can run it again.
    [[nodiscard]] bool runs_done(study::Records const& records) const {
        for (std::size_t row = n_splits_; row < records.size(); ++row)
            if (!records.done(row) && !records.skipped(row)) return false;
        return true;
    }

    [[nodiscard]] static bool all_done(study::Records const& records) {
        for (std::size_t row = 0; row < records.size(); ++row)
            if (!records.done(row)) return false;
        return true;
    }

    /// A large stream is divided into files of lines by partition first.
    [[nodiscard]] std::vector<Experiment> splits() const {
        std::vector<Experiment> experiments;
        experiments.reserve(n_splits_);
        auto const bytes = static_cast<double>(source_.input().bytes());
        for (std::size_t i = 0; i < n_splits_; ++i) {
            Design design;
            design.step = step_split;
            design.stream = source_.name();
            design.partition = static_cast<std::int64_t>(i);
            design.partitions = static_cast<std::int64_t>(n_splits_);
            set_scale(design);
            design.mode = "results";
            design.profile = "corrected";
            Experiment experiment;
            experiment.index = i;
            experiment.group = i;
            experiment.id = {hash64(fmt::format("split {} of {} for {}", i, n_splits_, options_.partitions))};
            experiment.cost_key = step_split;
            experiment.expected_seconds =
                shortest_guess + seconds_of_split_byte * bytes / static_cast<double>(n_splits_);
            experiment.design = cells_of(design);
            experiments.push_back(std::move(experiment));
        }
        return experiments;
    }

    /// Does the job use models that another one makes?
    [[nodiscard]] bool waits(std::size_t job) const {
        return trainer_of(options_, options_.jobs[job]) != nullptr;
    }

    /// Runs of the jobs that wait for another one, or of those that do not.
    /// @param first   number of the first. @param first_row  of its edges
    /// @param models  output hash of the job that they wait for
    [[nodiscard]] std::vector<Experiment> runs(bool waiting, std::size_t first, std::uint64_t first_row,
                                               std::string const& models) const {
        std::vector<Experiment> experiments;
        experiments.reserve(n_runs_);
        for (std::size_t job = 0; job < options_.jobs.size(); ++job) {
            if (waits(job) != waiting) continue;
            auto const n = partitions_of(options_, options_.jobs[job]);
            for (std::uint64_t repeat = 0; repeat < options_.repeats; ++repeat)
                for (std::uint64_t partition = 0; partition < n; ++partition) {
                    experiments.push_back(run_of(job, partition, repeat, first + experiments.size(), models));
                    experiments.back().first_row = first_row;
                    experiments.back().n_rows = n_edges_[job];
                    first_row += n_edges_[job];
                }
        }
        return experiments;
    }

    /// None as long as the job has failed that they wait for: then --resume can run it again.
    [[nodiscard]] std::vector<Experiment> waiting_runs(study::Records const& so_far) const {
        std::string models;
        std::uint64_t first_row = 0;
        for (std::size_t row = n_splits_; row < so_far.size(); ++row) {
            Design const design = design_of(so_far.experiment(row).design);
            first_row += n_edges_[job_named(design.job)];
            bool const awaited =
                std::any_of(options_.jobs.begin(), options_.jobs.end(), [&](auto const& job) {
                    auto const* const trainer = trainer_of(options_, job);
                    return trainer != nullptr && trainer->kind->code == design.job;
                });
            if (!awaited) continue;
            if (!so_far.done(row)) return {};
            if (design.repeat == 0) models = outcomes_of(so_far.cells(row)).output_hash;
        }
        return runs(true, so_far.size(), first_row, models);
    }

    [[nodiscard]] Experiment run_of(std::size_t job, std::uint64_t partition, std::uint64_t repeat,
                                    std::size_t index, std::string const& models) const {
        Experiment experiment;
        Design design = design_for(job);
        design.parts = models;
        design.partition = static_cast<std::int64_t>(partition);
        design.repeat = static_cast<std::int64_t>(repeat);
        experiment.index = index;
        experiment.group = index;
        bool const is_block = keying_of(options_.jobs[job]) == Keying::record;
        experiment.id = {
            hash64(fmt::format("{} {}={} of {} repeat={}", description_of(options_, options_.jobs[job]),
                               is_block ? "block" : "partition", partition, design.partitions, repeat))};
        experiment.cost_key = design.job;
        experiment.expected_seconds = std::max(
            shortest_guess,
            seconds_of_record * static_cast<double>(source_.n_records(options_.jobs[job], partition)));
        experiment.skip_reason = skip_reason_of(options_, source_, job, partition);
        experiment.design = cells_of(design);
        return experiment;
    }

    /// The ranges of records of all outputs.
    /// @param first  number of the first
    [[nodiscard]] std::vector<Experiment> pieces(std::size_t first) const {
        std::vector<Experiment> experiments;
        experiments.reserve(n_pieces_);
        for (std::size_t job = 0; job < options_.jobs.size(); ++job) {
            for (std::uint64_t range = 0; range < pieces_of_[job]; ++range) {
                auto experiment = about_output(step_piece, first + experiments.size(), pieces_of_[job]);
                Design design = design_for(job);
                design.step = step_piece;
                design.partition = static_cast<std::int64_t>(range);
                design.partitions = static_cast<std::int64_t>(pieces_of_[job]);
                experiment.id = {hash64(fmt::format("piece {} of {} of {}", range, design.partitions,
                                                    description_of(options_, options_.jobs[job])))};
                experiment.design = cells_of(design);
                experiments.push_back(std::move(experiment));
            }
        }
        return experiments;
    }

    /// An experiment that brings parts together, as one of so many of the job.
    [[nodiscard]] Experiment about_output(std::string_view step, std::size_t index, std::uint64_t n) const {
        Experiment experiment;
        experiment.index = index;
        experiment.first_row = n_rows_;
        experiment.group = experiment.index;
        experiment.cost_key = step;
        experiment.expected_seconds = shortest_guess + seconds_of_merged_record *
                                                           static_cast<double>(source_.index().n_lines()) /
                                                           static_cast<double>(n);
        return experiment;
    }

    [[nodiscard]] std::vector<Experiment> merges(study::Records const& so_far) const {
        auto const hashes = hashes_to_merge(so_far);
        std::vector<Experiment> experiments;
        experiments.reserve(options_.jobs.size());
        for (std::size_t job = 0; job < options_.jobs.size(); ++job) {
            auto experiment = about_output(step_merge, so_far.size() + job, 1);
            Design design = design_for(job);
            design.step = step_merge;
            design.partition = -1;
            design.parts = hashes[job];
            experiment.id = {hash64(fmt::format("merge {}", description_of(options_, options_.jobs[job])))};
            experiment.design = cells_of(design);
            experiments.push_back(std::move(experiment));
        }
        return experiments;
    }

    /// What the merge of each job is told of its parts, and of its pieces where these are all made of them.
    [[nodiscard]] std::vector<std::string> hashes_to_merge(study::Records const& so_far) const {
        std::vector<std::vector<std::string>> parts(options_.jobs.size());
        std::vector<std::vector<Outcomes>> pieces(options_.jobs.size());
        for (std::size_t row = n_splits_; row < so_far.size(); ++row) {
            if (so_far.skipped(row)) continue;
            Design const design = design_of(so_far.experiment(row).design);
            auto outcomes = outcomes_of(so_far.cells(row));
            if (design.step == step_piece)
                pieces[job_named(design.job)].push_back(std::move(outcomes));
            else if (design.repeat == 0 && !outcomes.file_hash.empty())  // without one: nothing was left
                parts[job_named(design.job)].push_back(std::move(outcomes.file_hash));
        }
        std::vector<std::string> hashes;
        for (std::size_t job = 0; job < options_.jobs.size(); ++job) {
            hashes.push_back(hash_of_parts(parts[job]));
            std::vector<std::string> both{hashes.back()};
            for (auto const& piece : pieces[job])
                if (piece.file_hash == hashes.back()) both.push_back(piece.output_hash);
            if (!pieces[job].empty() && both.size() == pieces[job].size() + 1)
                hashes.back() = hash_of_parts(both);
        }
        return hashes;
    }

    [[nodiscard]] std::size_t job_named(std::string const& code) const {
        auto const& jobs = options_.jobs;
        return static_cast<std::size_t>(
            std::find_if(jobs.begin(), jobs.end(), [&](auto const& job) { return job.kind->code == code; }) -
            jobs.begin());
    }

    [[nodiscard]] study::Result split(Experiment const& experiment, Design const& design,
                                      Watcher& watcher) const {
        double const start = monotonic_seconds();
        double const processor = processor_seconds();
        auto const number = static_cast<std::uint64_t>(design.partition);
        remove_left_overs(spill_path(options_, number));  // of a process that was killed in the middle
        auto const spill = write_spill(options_, source_, number, watcher);
        Outcomes outcomes;
        outcomes.good = static_cast<std::int64_t>(spill.lines);
        outcomes.broken = static_cast<std::int64_t>(spill.broken);
        outcomes.records_in = outcomes.good + outcomes.broken;
        outcomes.bytes_in = static_cast<std::int64_t>(spill.bytes);
        outcomes.file_hash = spill.hash;
        return timed(experiment, outcomes, start, processor);
    }

    /// The result of an experiment that is about files, not about records.
    [[nodiscard]] static study::Result timed(Experiment const& experiment, Outcomes& outcomes, double start,
                                             double processor) {
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        outcomes.selectivity = outcomes.largest_key_share = nan;
        outcomes.parse_seconds = outcomes.task_seconds = outcomes.throughput = outcomes.input_rate = nan;
        outcomes.cpu_seconds = processor_seconds() - processor;
        outcomes.seconds = outcomes.write_seconds = monotonic_seconds() - start;
        return {experiment.index,
                cells_of(outcomes),
                {packed(std::vector<FaultLog::Entry>()), packed(std::vector<Edge>())}};
    }

    [[nodiscard]] study::Result ran(Experiment const& experiment, Design const& design,
                                    Watcher& watcher) const {
        double const start = monotonic_seconds();
        double const processor = processor_seconds();
        std::size_t const job = job_named(design.job);
        auto const partition = static_cast<std::uint64_t>(design.partition);
        auto result =
            run_partition(options_, source_, job, partition, static_cast<std::uint64_t>(design.repeat),
                          watcher, design.parts, memory_for(job));
        auto& outcomes = result.outcomes;
        if (keeps_parts(options_) && design.repeat == 0) {
            double const writes = monotonic_seconds();
            outcomes.file_hash = keep_part(options_, part_path(options_, options_.jobs[job], partition),
                                           result, merge_ranges(options_, source_, job));
            outcomes.write_seconds += monotonic_seconds() - writes;
        }
        outcomes.cpu_seconds = processor_seconds() - processor;
        outcomes.seconds = monotonic_seconds() - start;
        // Not before the clocks were read: it is not part of the job.
        auto const truth = truth_error(options_, source_, job, result);
        outcomes.truth_rows = truth.rows;
        outcomes.truth_error = truth.error;
        constexpr double mega = 1e6;
        outcomes.throughput = static_cast<double>(outcomes.good) / outcomes.seconds;
        outcomes.input_rate = static_cast<double>(outcomes.bytes_in) / mega / outcomes.seconds;
        constexpr std::uint64_t most_kept = std::uint64_t{64} << 20U;
        if (result.output.text().size() <= most_kept) rows_ = {job, std::move(result.output)};
        return {experiment.index, cells_of(outcomes), {packed(result.faults), packed(result.edges)}};
    }

    /// Rows of a partition that was run here before, and the job's place.
    struct OldRows {
        std::size_t job = 0;
        std::optional<Output> rows = {};
    };

    /// Those that another partition of the job needs no more.
    [[nodiscard]] std::optional<Output> memory_for(std::size_t job) const {
        auto old = std::exchange(rows_, OldRows());
        return old.job == job ? std::move(old.rows) : std::nullopt;
    }

    [[nodiscard]] study::Result put_piece(Experiment const& experiment, Design const& design,
                                          Watcher& watcher) const {
        double const start = monotonic_seconds();
        double const processor = processor_seconds();
        auto const result = merge_range(options_, source_, job_named(design.job),
                                        static_cast<std::uint64_t>(design.partition), watcher);
        Outcomes outcomes;
        outcomes.records_out = static_cast<std::int64_t>(result.piece.rows);
        outcomes.bytes_out = static_cast<std::int64_t>(result.piece.bytes);
        outcomes.output_hash = result.piece.hash;
        outcomes.file_hash = result.parts;
        return timed(experiment, outcomes, start, processor);
    }

    [[nodiscard]] study::Result merged(Experiment const& experiment, Design const& design,
                                       Watcher& watcher) const {
        double const start = monotonic_seconds();
        double const processor = processor_seconds();
        auto const merge = merge_job(options_, source_, job_named(design.job), design.parts, watcher);
        // Each does so when it ends, and writes again what it needs: after the last one there are none.
        if (n_splits_ > 0) remove_spills(options_);
        Outcomes outcomes;
        outcomes.records_out = static_cast<std::int64_t>(merge.output.rows);
        outcomes.bytes_out = static_cast<std::int64_t>(merge.output.bytes);
        outcomes.output_hash = merge.output.hash;
        outcomes.file_hash = merge.state_hash;
        outcomes.state_bytes = static_cast<std::int64_t>(merge.state_bytes);
        return timed(experiment, outcomes, start, processor);
    }

    Options options_;
    Source source_;
    study::Schema schema_;
    std::vector<std::size_t> n_edges_;  ///< by job
    std::size_t n_splits_ = 0;
    std::size_t n_runs_ = 0;
    std::size_t n_first_runs_ = 0;          ///< of them wait for none
    std::vector<std::uint64_t> pieces_of_;  ///< outputs, by job; 0: it is merged as a whole
    std::size_t n_pieces_ = 0;
    std::uint64_t n_rows_ = 0;  ///< of edges, in all runs
    mutable OldRows rows_;      ///< of the partition before
};

class StreamKind final : public study::Kind, public study::LeavesFiles {
  public:
    [[nodiscard]] std::string name() const override { return std::string(stream_kind); }

    [[nodiscard]] std::string doc() const override {
        return "Tasks over the records of sensors: what they yield, and how fast they are";
    }

    [[nodiscard]] std::vector<study::KeyTable> tables() const override { return stream_tables(); }

    [[nodiscard]] std::vector<std::string> problems(Config const& config) const override {
        return problems_of(options_of(config));
    }

    [[nodiscard]] bool relevant(Config const& config, std::string_view table) const override {
        return is_relevant(options_of(config), table);
    }

    [[nodiscard]] study::Opened open(Config const& config, study::DataFrom const& from) const override {
        Options options = options_of(config);
        check_outputs(options);
        check_earlier_study(options);
        auto opened = source_from(options, from);
        if (options.load.mode != Mode::results)
            return {make_load_study(std::move(options), std::move(opened.source)), std::move(opened.block),
                    std::move(opened.block_problem)};
        return {std::make_unique<StreamStudy>(std::move(options), std::move(opened.source)),
                std::move(opened.block), std::move(opened.block_problem)};
    }

    /// Jobs whose output or states are gone, and partitions of jobs that are not merged yet whose part is.
    [[nodiscard]] std::vector<study::ExperimentIndex> rows_without_file(
        Config const& config, study::Schema const&, study::Records const& records) const override {
        auto const options = options_of(config);
        std::vector<study::ExperimentIndex> rows;
        for (std::size_t row = 0; row < records.size(); ++row)
            if (records.done(row) && is_lost(options, records, row)) rows.push_back(row);
        return rows;
    }

    [[nodiscard]] std::vector<std::filesystem::path> files_to_write(Config const& config) const override {
        return outputs_of(options_of(config));
    }

    [[nodiscard]] std::vector<TextTable> summary(Config const&, study::Schema const& schema,
                                                 study::Records const& records) const override {
        if (has_load(schema)) return {load_summary_of(records)};
        return {summary_of(records)};
    }

  private:
    static bool is_lost(Options const& options, study::Records const& records, std::size_t row) {
        Design const design = design_of(records.experiment(row).design);
        Outcomes const outcomes = outcomes_of(records.cells(row));
        if (design.step == step_split)
            return !are_runs_done(records) &&
                   hash_of_file(spill_path(options, static_cast<std::uint64_t>(design.partition))) !=
                       outcomes.file_hash;
        auto const job = std::find_if(options.jobs.begin(), options.jobs.end(),
                                      [&](auto const& one) { return one.kind->code == design.job; });
        // A piece that is lost is seen by the merge.
        if (job == options.jobs.end() || design.step == step_piece) return false;
        if (design.step == step_merge) {
            bool const output_lost = !outcomes.output_hash.empty() &&
                                     hash_of_file(output_path(options, *job)) != outcomes.output_hash;
            return output_lost || (!outcomes.file_hash.empty() &&
                                   hash_of_file(state_path(options.study, *job)) != outcomes.file_hash);
        }
        return !outcomes.file_hash.empty() && !is_merged(records, design.job) &&
               !has_part(part_path(options, *job, static_cast<std::uint64_t>(design.partition)),
                         outcomes.file_hash);
    }

    /// Are all runs that were planned done, and have they been? Lines by partition are of no more use then.
    static bool are_runs_done(study::Records const& records) {
        std::size_t n_runs = 0;
        for (std::size_t row = 0; row < records.size(); ++row) {
            if (design_of(records.experiment(row).design).step == step_split) continue;
            ++n_runs;
            if (!records.done(row) && !records.skipped(row)) return false;
        }
        return n_runs > 0;
    }

    /// Is the job's merge done? Its parts are of no more use then; should its output be lost, they are made
    /// again.
    static bool is_merged(study::Records const& records, std::string const& job) {
        for (std::size_t row = records.size(); row-- > 0;) {
            Design const design = design_of(records.experiment(row).design);
            if (design.step != step_merge) return false;
            if (design.job == job) return records.done(row);
        }
        return false;
    }
};

}  // namespace

std::unique_ptr<study::Kind> make_stream_kind() {
    return std::make_unique<StreamKind>();
}

}  // namespace vaster::stream
