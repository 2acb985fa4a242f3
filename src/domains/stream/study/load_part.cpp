#include "domains/stream/study/load_part.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "domains/stream/study/load_options.hpp"

namespace vaster::stream {
namespace {

constexpr auto unnumbered = std::numeric_limits<std::uint32_t>::max();
constexpr double milli = 1e-3;

std::int64_t as_cell(std::uint64_t n) {
    return static_cast<std::int64_t>(n);
}

/// Until the stream begins again [ms]: all of it, and a mean gap.
std::int64_t period_of(InputIndex const& index) {
    auto const n = as_cell(index.records().size());
    if (n == 0) return 0;
    auto const span = std::max(std::int64_t{0}, index.last_time() - index.first_time());
    return span + std::max(std::int64_t{1}, span / std::max(std::int64_t{1}, n - 1));
}

}  // namespace

LoadPart::LoadPart(Options const& options, Source const& source, std::size_t job, std::uint64_t part,
                   std::uint64_t parts)
    : options_(options),
      source_(source),
      job_(job),
      part_(part),
      parts_(parts),
      period_ms_(period_of(source.index())),
      stalls_(stalls_of(options.load.faults)) {
    auto const& index = source.index();
    auto const add = [&](std::uint64_t place) { places_.push_back(static_cast<std::uint32_t>(place)); };
    switch (keying_of(options.jobs[job])) {
        case Keying::stream:
            for (std::uint64_t place = 0; place < index.records().size(); ++place) add(place);
            break;
        case Keying::record: {
            auto const block = index.block(part, parts);
            for (auto place = block.begin; place < block.end; ++place) add(place);
            break;
        }
        case Keying::sensor: {
            std::vector<bool> is_own(index.sensors().size());
            for (std::uint32_t i = 0; i < index.sensors().size(); ++i)
                is_own[i] = partition_of(index.sensors().id(i), parts) == part;
            for (std::uint64_t place = 0; place < index.records().size(); ++place)
                if (is_own[index.records()[place].sensor]) add(place);
            break;
        }
    }
    number_sensors();
    if (!options.load.parses) parse_all();
}

void LoadPart::number_sensors() {
    numbers_.resize(source_.index().sensors().size(), unnumbered);
    for (auto const place : places_) {
        auto& number = numbers_[source_.index().records()[place].sensor];
        if (number == unnumbered) {
            number = n_sensors_++;
            n_records_.push_back(0);
        }
        ++n_records_[number];
    }
}

std::uint64_t LoadPart::most_of_a_sensor() const {
    return n_records_.empty() ? 0 : *std::max_element(n_records_.begin(), n_records_.end());
}

std::string_view LoadPart::line_of(IndexedRecord const& where) const {
    return source_.input().text(where.offset, where.length);
}

void LoadPart::check_good(std::optional<Fault> fault, IndexedRecord const& where) const {
    if (fault)
        throw std::logic_error(fmt::format("record {} was good, and now has {}",
                                           source_.first_record() + where.number, name_of(*fault)));
}

void LoadPart::parse_all() {
    auto const parser = source_.input().parser(source_.layout(job_));
    auto const n_fields = source_.layout(job_).fields.size();
    parsed_.records.reserve(places_.size());
    parsed_.fields.reserve(places_.size() * n_fields);
    for (auto const place : places_) {
        auto const& where = source_.index().records()[place];
        auto const line = line_of(where);
        Record record;
        check_good(parser->parse(line, record), where);
        // What lies in the line stays there; other texts are the parser's, until it takes the next record.
        auto const keep = [&](std::string_view text) {
            bool const is_in_line = std::less_equal<>()(line.data(), text.data()) &&
                                    std::less_equal<>()(text.data() + text.size(), line.data() + line.size());
            return text.empty() || is_in_line ? text : std::string_view(parsed_.texts.emplace_back(text));
        };
        record.line = line;
        record.sensor = keep(record.sensor);
        for (auto const& field : record.fields) parsed_.fields.push_back({field.presence, keep(field.text)});
        parsed_.records.push_back(record);
    }
    // Now that they stay where they are.
    std::size_t first = 0;
    for (auto& record : parsed_.records) {
        record.fields = std::span(parsed_.fields).subspan(first, record.fields.size());
        first += record.fields.size();
    }
}

double LoadPart::period() const {
    return milli * static_cast<double>(period_ms_);
}

std::vector<double> LoadPart::times() const {
    std::vector<double> times;
    times.reserve(places_.size());
    auto const first = source_.index().first_time();
    auto const parser = source_.input().parser(source_.layout(job_));
    for (auto const place : places_) {
        auto const& where = source_.index().records()[place];
        Record record;
        check_good(parser->parse(line_of(where), record), where);
        times.push_back(milli * static_cast<double>(record.time - first));
    }
    return times;
}

LoadWorker::LoadWorker(LoadPart const& part, std::filesystem::path const& folder)
    : part_(part), kind_(*part.options_.jobs[part.job_].kind) {
    parser_ = part.source_.input().parser(part.source_.layout(part.job_));
    TaskSetup setup = part.source_.setup(part.options_, part.job_, part.part_);
    setup.folder /= folder;
    setup.remote_folder /= folder;
    task_ = kind_.make(setup);
    yield_.output = Output(part.options_.output.form, kind_.columns(setup).n_context);
}

void LoadWorker::take(std::uint64_t /*record*/) {
    auto const& where = part_.source_.index().records()[part_.places_[place_]];
    if (part_.parsed_.records.empty())
        part_.check_good(parser_->parse(part_.line_of(where), record_), where);
    else
        record_ = part_.parsed_.records[place_];
    record_.number = part_.source_.first_record() + where.number + passes_ * part_.source_.index().n_lines();
    record_.offset = part_.source_.first_offset() + where.offset;
    record_.time += static_cast<std::int64_t>(passes_) * part_.period_ms_;
    record_.sensor_index = part_.numbers_[where.sensor];
    bytes_in_ += as_cell(record_.line.size());
    if (!part_.stalls_.empty()) keep_out(record_.number);
    task_->take(record_, yield_);
    ++n_taken_;
    if (++place_ == part_.places_.size()) {
        place_ = 0;
        ++passes_;
    }
    // Few enough to lie in the cache still.
    constexpr std::size_t enough = std::size_t{64} << 10U;
    if (yield_.output.text().size() >= enough) hash_rows();
}

void LoadWorker::keep_out(std::uint64_t number) const {
    for (auto const& stall : part_.stalls_)
        if (stall.record == number) std::this_thread::sleep_for(std::chrono::duration<double>(stall.seconds));
}

void LoadWorker::hash_rows() {
    hash_.add(yield_.output.text());
    bytes_out_ += as_cell(yield_.output.text().size());
    n_rows_ += yield_.output.n_rows();
    yield_.output.clear();
}

std::int64_t LoadWorker::state_bytes() const {
    std::int64_t bytes = 0;
    auto const add = [&](std::uint32_t index) {
        StateWriter state;
        task_->save(index, state);
        bytes += as_cell(state.bytes().size());
    };
    auto const keying = keying_of(part_.options_.jobs[part_.job_]);
    if (keying == Keying::stream) add(0);
    if (keying == Keying::sensor)
        for (std::uint32_t index = 0; index < part_.n_sensors_; ++index) add(index);
    return bytes;
}

LoadCounts LoadWorker::finish() {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    LoadCounts counts;
    auto& out = counts.outcomes;
    out.state_bytes = state_bytes();
    task_->finish(yield_);
    yield_.output.sort();
    hash_rows();
    check_balance(kind_, yield_.tally);
    put(yield_.tally, out);
    out.records_in = out.good = as_cell(n_taken_);
    out.errors = as_cell(yield_.faults.total());
    out.records_out = as_cell(n_rows_);
    out.selectivity = out.inputs > 0 ? static_cast<double>(n_rows_) / static_cast<double>(out.inputs) : nan;
    out.keys = part_.n_sensors_;
    out.largest_key_share =
        part_.size() > 0 ? static_cast<double>(part_.most_of_a_sensor()) / static_cast<double>(part_.size())
                         : nan;
    out.bytes_in = bytes_in_;
    out.bytes_out = bytes_out_;
    out.output_hash = hash_.text();
    counts.faults = yield_.faults.first();
    if (!counts.faults.empty()) out.first_error = text_of(counts.faults.front());
    counts.edges = edges_of(*task_, kind_, yield_);
    if (dynamic_cast<Dataflow const*>(task_.get()) == nullptr) counts.edges.front().out = n_rows_;
    return counts;
}

}  // namespace vaster::stream
