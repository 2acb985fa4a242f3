#include "oracle.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <fmt/format.h>

namespace vaster::testing {

std::filesystem::path stream_oracles() {
    std::filesystem::path const folder = std::filesystem::path(VASTER_SHARED_DIR) / "reference/stream";
    return std::filesystem::exists(folder / "plan.json") ? folder : std::filesystem::path();
}

std::vector<std::vector<std::string>> cells_of(std::string_view csv) {
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines{std::string(csv)};
    for (std::string line; std::getline(lines, line);) {
        auto& row = rows.emplace_back(1);
        bool quoted = false;
        for (std::size_t i = 0; i < line.size(); ++i) {
            char const c = line[i];
            bool const doubled = quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"';
            if (doubled)
                row.back() += line[i++];
            else if (c == '"')
                quoted = !quoted;
            else if (c == ',' && !quoted)
                row.emplace_back();
            else
                row.back() += c;
        }
    }
    if (!rows.empty() && rows.front().front() == "record") rows.erase(rows.begin());
    return rows;
}

stream::TaskSetup setup_of(Job const& job) {
    stream::TaskSetup setup;
    setup.parameters = Parameters(stream::find_task(job.code)->parameters);
    for (auto const& [name, value] : job.parameters) setup.parameters.set(name, value);
    setup.fields = job.fields;
    setup.seed = job.seed;
    setup.folder = job.folder;
    setup.sensor = job.sensor;
    setup.columns = job.columns;
    setup.remote_folder = job.remote_folder;
    return setup;
}

Runner::Runner(Job const& job)
    : job_(job),
      task_(stream::find_task(job.code)->make(setup_of(job))),
      parser_(stream::make_senml_parser(
          {job.sensor, stream::fields_of(*stream::find_task(job.code), setup_of(job))})) {}

void Runner::take(std::string const& lines) {
    std::string padded = lines;
    padded.append(stream::line_padding, ' ');
    std::size_t start = 0;
    while (start < lines.size()) {
        auto const end = std::min(lines.find('\n', start), lines.size());
        stream::Record record;
        auto const fault = parser_->parse(std::string_view(padded).substr(start, end - start), record);
        record.number = next_record++;
        record.offset = start;
        if (fault) {
            yield.faults.add(record.number, record.offset, *fault);
        } else {
            record.sensor_index = index_of(record.sensor);
            task_->take(record, yield);
        }
        start = end + 1;
    }
}

void Runner::take(stream::Record record) {
    record.number = next_record++;
    record.sensor_index = index_of(record.sensor);
    task_->take(record, yield);
}

void Runner::finish() {
    task_->finish(yield);
    yield.output.sort();
}

std::vector<std::pair<std::string, std::string>> Runner::states() const {
    std::vector<std::pair<std::string, std::string>> states;
    bool const whole =
        stream::find_task(job_.code)->keying(setup_of(job_).parameters) == stream::Keying::stream;
    std::size_t const n = whole ? 1 : sensors_.size();
    for (std::size_t i = 0; i < n; ++i) {
        stream::StateWriter state;
        task_->save(static_cast<std::uint32_t>(i), state);
        states.emplace_back(whole ? "" : sensors_[i], state.bytes());
    }
    return states;
}

void Runner::load(std::vector<std::pair<std::string, std::string>> const& states) {
    for (auto const& [sensor, bytes] : states) {
        stream::StateReader state(bytes);
        task_->load(sensor.empty() ? 0 : index_of(sensor), state);
        if (state.left() > 0) throw std::logic_error("a state was not read to its end");
    }
}

std::uint32_t Runner::index_of(std::string_view sensor) {
    auto const found = std::find(sensors_.begin(), sensors_.end(), sensor);
    auto const index = static_cast<std::uint32_t>(found - sensors_.begin());
    if (found == sensors_.end()) sensors_.emplace_back(sensor);
    return index;
}

std::string senml_line(std::int64_t time, std::string const& sensor,
                       std::vector<std::pair<std::string, std::string>> const& measured) {
    auto line = fmt::format(R"({},{{"e":[{{"n":"source","sv":"{}"}})", time, sensor);
    for (auto const& [name, text] : measured) line += fmt::format(R"(,{{"n":"{}","v":"{}"}})", name, text);
    return fmt::format("{}],\"bt\":{}}}\n", line, time);
}

stream::Yield yield_of(Job const& job, std::string const& lines) {
    Runner runner(job);
    runner.take(lines);
    runner.finish();
    return std::move(runner.yield);
}

std::string difference(std::vector<std::vector<std::string>> const& ours,
                       std::vector<std::vector<std::string>> const& oracle, double tolerance) {
    if (ours.size() != oracle.size()) return fmt::format("{} rows, not {}", ours.size(), oracle.size());
    for (std::size_t row = 0; row < ours.size(); ++row) {
        if (ours[row].size() != oracle[row].size())
            return fmt::format("row {} has {} cells, not {}", row, ours[row].size(), oracle[row].size());
        for (std::size_t i = 0; i < ours[row].size(); ++i) {
            auto const& a = ours[row][i];
            auto const& b = oracle[row][i];
            if (a == b) continue;
            auto const x = stream::number_of(a);
            auto const y = stream::number_of(b);
            bool const near = x && y && std::abs(*x - *y) <= tolerance * std::max(std::abs(*x), std::abs(*y));
            if (!near) return fmt::format("row {} cell {} is '{}', not '{}'", row, i, a, b);
        }
    }
    return "";
}

}  // namespace vaster::testing
