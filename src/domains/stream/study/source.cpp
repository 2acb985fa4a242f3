#include "domains/stream/study/source.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "base/support/nearest.hpp"
#include "domains/stream/study/earlier_study.hpp"
#include "domains/stream/study/hashed_file.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

InputFormat format_of(std::string const& name) {
    auto const& names = format_names();
    return static_cast<InputFormat>(std::find(names.begin(), names.end(), name) - names.begin());
}

InputOptions input_of(SourceOptions const& source) {
    InputOptions input;
    input.files = source.files;
    input.format = format_of(source.format);
    input.longest = source.longest;
    input.memory = source.memory;
    input.block = source.block;
    input.made_up = source.made_up;
    input.copies = source.copies;
    input.sensor = source.sensor;
    input.time_scale = source.time_scale;
    input.hashed_by = HashedBy::reader;
    return input;
}

std::vector<InputColumn> columns_of(Input const& input) {
    std::vector<InputColumn> columns;
    if (input.schema() == nullptr) return columns;
    columns.reserve(input.schema()->columns.size());
    for (auto const& column : input.schema()->columns)
        columns.push_back({column.name, column.unit, column.type == CsvSchema::Type::text});
    return columns;
}

std::vector<Layout> layouts_of(Options const& options, Input const& input) {
    std::vector<Layout> layouts;
    layouts.reserve(options.jobs.size());
    for (auto const& job : options.jobs) {
        TaskSetup setup = setup_of(options, job, 0);
        setup.columns = columns_of(input);
        layouts.push_back({options.source.sensor, fields_of(*job.kind, setup)});
    }
    return layouts;
}

/// Of a file, or of all in a folder by their names.
std::string hash_of_path(std::filesystem::path const& path) {
    if (!std::filesystem::is_directory(path)) return hash_text(read_file(path));
    std::vector<std::filesystem::path> files;
    for (auto const& entry : std::filesystem::directory_iterator(path))
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    ContentHash hash;
    for (auto const& file : files)
        hash.add(file.filename().string() + " " + hash_text(read_file(file)) + "\n");
    return hash.text();
}

/// Of the files that parameters of the jobs name: models, annotations.
std::string hash_of_named_files(Options const& options) {
    ContentHash hash;
    for (auto const& path : named_files(options))
        hash.add(path.empty() ? std::string("-") : hash_of_path(path));
    return hash.text();
}

/// What the stream is asked for: the fields that jobs take, and those that their parameters name, each once.
Layout union_of(Options const& options, std::vector<Layout> const& layouts) {
    Layout all{options.source.sensor, {}};
    auto const add = [&](std::vector<std::string> const& fields) {
        for (auto const& field : fields)
            if (std::find(all.fields.begin(), all.fields.end(), field) == all.fields.end())
                all.fields.push_back(field);
    };
    for (auto const& layout : layouts) add(layout.fields);
    for (auto const& job : options.jobs) add(named_fields_of(*job.kind, setup_of(options, job, 0)));
    return all;
}

}  // namespace

std::string faults_text(FaultLog const& faults) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < n_faults; ++i) {
        auto const fault = static_cast<Fault>(i);
        if (faults.count(fault) > 0)
            parts.push_back(fmt::format("{} {}", name_of(fault), faults.count(fault)));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

Source::Source(Options const& options, Threads const& threads)
    : Source(options, std::optional<BlockReader>(), threads) {}

Source::Source(Options const& options, std::shared_ptr<SealedBlock const> const& block)
    : Source(options, std::optional(BlockReader(block)), {}) {}

Source::Source(Options const& options, std::optional<BlockReader> block, Threads const& threads)
    : most_errors_(options.source.most_errors),
      copies_(options.source.copies),
      input_(block ? Input(input_of(options.source), *block) : Input(input_of(options.source))),
      layouts_(layouts_of(options, input_)),
      layout_(union_of(options, layouts_)),
      index_(block ? InputIndex(*block)
                   : InputIndex(input_, layout_, static_cast<std::uint32_t>(options.partitions), threads)) {
    if (!block) input_.note_hashes(index_.hashes());
    partitions_.reserve(options.jobs.size());
    for (auto const& job : options.jobs) partitions_.push_back(partitions_of(options, job));
    files_hash_ = hash_of_named_files(options);
    check_errors();
    check_fields();
    for (auto const& job : options.jobs)
        for (auto& note : notes_of(*job.kind, setup_of(options, job, 0))) notes_.push_back(std::move(note));
    if (!options.continue_from.empty()) take_up(options);
}

std::shared_ptr<SealedBlock const> Source::to_block() const {
    BlockWriter block;
    input_.put(block);
    index_.put(block);
    return block.seal();
}

SourceAndBlock source_from(Options const& options, study::DataFrom const& from) {
    if (auto const* const given = std::get_if<study::FromBlock>(&from))
        return {Source(options, given->block), given->block};
    auto const* const sharing = std::get_if<study::FromSourceToShare>(&from);
    if (sharing == nullptr) return {Source(options)};
    Source source(options, {sharing->n_waiting + 1, sharing->processors});
    std::shared_ptr<SealedBlock const> block;
    try {
        block = source.to_block();
    } catch (IoError const& error) {
        return {std::move(source), nullptr, error.what()};
    }
    // From there, so that this process has no index of its own beside it.
    return {Source(options, block), block};
}

void Source::take_up(Options const& options) {
    ContentHash hash;
    for (auto const& job : options.jobs) {
        auto const path = state_path(options.continue_from, job);
        auto state = earlier_state(options, job);
        auto const wanted = description_of(options, job);
        require<DataError>(state.description == wanted,
                           "{} holds the states of another task, or of other parameters:\n  there: {}\n  "
                           "here:  {}\nSet the keys as they were there (stream.continue_from)",
                           path.string(), state.description, wanted);
        bool const same_place =
            states_.empty() || (state.next_record == first_record_ && state.next_offset == first_offset_);
        require<DataError>(
            same_place,
            "{} ends at record {}, and other states of that study at {}: they are of different runs",
            path.string(), state.next_record, first_record_);
        first_record_ = state.next_record;
        first_offset_ = state.next_offset;
        states_.push_back(std::move(state.states));
        hash.add(hash_of_file(path));
    }
    states_hash_ = hash.text();
}

void Source::check_errors() const {
    auto const broken = index_.faults().total();
    auto const all = index_.n_lines();
    if (static_cast<double>(broken) <= most_errors_ * static_cast<double>(all)) return;
    auto const& first = index_.faults().first().front();
    throw DataError(
        fmt::format("{} of {} records are broken ({}), more than input.most_errors = {} allows; the first: "
                    "{}, record {}: {}",
                    broken, all, faults_text(index_.faults()), most_errors_, input_.place_of(first.offset),
                    first.record, name_of(first.fault)));
}

void Source::check_fields() const {
    if (index_.n_good() == 0) {
        bool const none_named = index_.faults().count(Fault::no_sensor) > 0;
        require<DataError>(!none_named || !layout_.sensor.empty(),
                           "no record of {} says which sensor it is of by one base name (bn) for all of its "
                           "entries; name the field that does (input.sensor)",
                           name());
        require<DataError>(
            !none_named, "no record of {} says in its field {} which sensor it is of; {} (input.sensor)",
            name(), layout_.sensor, suggestion(layout_.sensor, names_in(input_, layout_), "they have"));
        return;
    }
    for (std::size_t i = 0; i < layout_.fields.size(); ++i) {
        auto const& counts = index_.fields()[i];
        if (counts.present + counts.missing > 0) continue;
        auto const names = names_in(input_, layout_);
        throw DataError(fmt::format(
            "field {} is asked for, but none of {} good records in {} has it; {} (input.fields, "
            "or the task's "
            "own keys)",
            layout_.fields[i], index_.n_good(), name(), suggestion(layout_.fields[i], names, "they have")));
    }
}

TaskSetup Source::setup(Options const& options, std::size_t job, std::uint64_t partition) const {
    TaskSetup setup = setup_of(options, options.jobs[job], partition);
    setup.columns = columns_of(input_);
    return setup;
}

std::uint64_t Source::n_records(JobOptions const& job, std::uint64_t partition) const {
    switch (keying_of(job)) {
        case Keying::sensor:
            return index_.n_records(static_cast<std::uint32_t>(partition));
        case Keying::stream:
            return index_.n_good();
        case Keying::record:
            break;
    }
    if (input_.is_large()) return index_.about_how_many(bytes(job, partition));
    auto const places = range(job, partition);
    return places.end - places.begin;
}

PlaceRange Source::range(JobOptions const& job, std::uint64_t partition) const {
    if (keying_of(job) == Keying::stream) return {0, index_.n_good()};
    return index_.block(partition, index_.n_partitions());
}

ByteRange Source::bytes(JobOptions const& job, std::uint64_t partition) const {
    if (keying_of(job) == Keying::stream) return {0, input_.bytes()};
    return index_.block_bytes(partition, index_.n_partitions());
}

std::vector<KeptState> Source::states(std::size_t job, std::uint64_t partition) const {
    if (states_.empty()) return {};
    std::vector<KeptState> own;
    for (auto const& state : states_[job])
        if (partition_of(state.sensor, partitions_[job]) == partition) own.push_back(state);
    return own;
}

std::string Source::name() const {
    auto const& files = input_.files();
    std::string const first = files.front().path.filename().string();
    return files.size() == 1 ? first : fmt::format("{} and {} more", first, files.size() - 1);
}

std::string Source::content_hash() const {
    ContentHash hash;
    for (auto const& one : input_.hashes()) hash.add(one);
    hash.add(states_hash_);
    hash.add(files_hash_);
    return hash.text();
}

/// So that it can be said later which one has changed.
void Source::add_files(study::Inventory& inventory) const {
    constexpr std::size_t most = 16;  // more would be in the way of what else is said
    auto const& files = input_.files();
    for (std::size_t i = 0; i < std::min(files.size(), most); ++i)
        inventory.facts.push_back(fmt::format("{}: {} bytes, content hash {}",
                                              files[i].path.filename().string(), files[i].size,
                                              input_.hashes()[i]));
}

study::Inventory Source::inventory() const {
    study::Inventory inventory;
    auto const good = index_.n_good();
    auto const broken = index_.faults().total();
    inventory.facts.push_back(fmt::format(
        "{} records in {}: {} good, {} broken{}; {} sensors", index_.n_lines(), name(), good, broken,
        broken > 0 ? fmt::format(" ({})", faults_text(index_.faults())) : "", index_.sensors().size()));
    add_files(inventory);
    inventory.warnings = notes_;
    if (copies_ > 1)
        inventory.facts.push_back(fmt::format(
            "each record is there {} times, for its sensor and its copies (scale.space)", copies_));
    constexpr std::size_t many = 100'000;
    if (index_.sensors().size() > many)
        inventory.facts.push_back(fmt::format(
            "tasks with a state for each sensor keep {} of them; where a partition needs more memory than "
            "run.memory, more partitions have fewer sensors each (stream.partitions = {})",
            index_.sensors().size(), index_.n_partitions()));
    if (first_record_ > 0)
        inventory.facts.push_back(fmt::format("the stream goes on with record {}", first_record_));
    if (index_.n_lines() == 0) inventory.warnings.push_back(fmt::format("{} has no records", name()));
    if (good == 0 && broken > 0)
        inventory.warnings.push_back(
            fmt::format("every record of {} is broken: is input.format right?", name()));
    if (index_.n_out_of_order() > 0)
        inventory.warnings.push_back(
            fmt::format("{} records are older than the record before them; their order is that of the lines",
                        index_.n_out_of_order()));
    auto const most = index_.most_records_of_a_sensor();
    constexpr std::uint64_t few = 10;  // a sensor with more than a tenth of the records
    if (good > few && most * few > good)
        inventory.facts.push_back(
            fmt::format("one sensor has {:.1f} % of the records: no number of ranks makes a task with a "
                        "state for each sensor more than {:.1f} times as fast",
                        100.0 * static_cast<double>(most) / static_cast<double>(good),
                        static_cast<double>(good) / static_cast<double>(most)));
    return inventory;
}

}  // namespace vaster::stream
