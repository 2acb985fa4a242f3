#include "domains/stream/records/input_index.hpp"

#include <algorithm>
#include <set>

#include "base/support/hash.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

void count(std::span<FieldValue const> values, std::vector<FieldCounts>& counts) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
        switch (values[i].presence) {
            case Presence::absent:
                ++counts[i].absent;
                break;
            case Presence::missing:
                ++counts[i].missing;
                break;
            case Presence::present:
                ++counts[i].present;
                break;
        }
    }
}

}  // namespace

InputIndex::InputIndex(Input const& input, Layout const& layout, std::uint32_t n_partitions)
    : fields_(layout.fields.size()) {
    look_at(input, layout);
    divide(n_partitions);
}

void InputIndex::look_at(Input const& input, Layout const& layout) {
    auto const parser = input.parser(layout);
    LineReader lines(input);
    std::int64_t latest = std::numeric_limits<std::int64_t>::min();
    Record record;
    for (Line line; lines.next(line);) {
        auto const fault = line.too_long ? Fault::too_long : parser->parse(line.text, record);
        if (fault) {
            faults_.add(line.number, line.offset, *fault);
            continue;
        }
        require<DataError>(records_.size() < std::numeric_limits<std::uint32_t>::max(),
                           "more than {} records in one index", records_.size());
        auto const sensor = sensors_.add(record.sensor);
        if (sensor == records_of_.size()) records_of_.push_back(0);
        ++records_of_[sensor];
        records_.push_back({line.number, line.offset, static_cast<std::uint32_t>(line.text.size()), sensor});
        count(record.fields, fields_);
        if (record.time < latest) ++n_out_of_order_;
        latest = record.time;
        first_time_ = std::min(first_time_, record.time);
        last_time_ = std::max(last_time_, record.time);
    }
}

void InputIndex::divide(std::uint32_t n_partitions) {
    VASTER_EXPECTS(n_partitions > 0);
    n_sensors_.assign(n_partitions, 0);
    partition_begins_.assign(n_partitions + 1, 0);
    partition_of_.reserve(sensors_.size());
    place_of_.reserve(sensors_.size());
    for (std::uint32_t sensor = 0; sensor < sensors_.size(); ++sensor) {
        auto const partition = static_cast<std::uint32_t>(sensors_.hash(sensor) % n_partitions);
        partition_of_.push_back(partition);
        place_of_.push_back(n_sensors_[partition]++);
        partition_begins_[partition + 1] += records_of_[sensor];
    }
    for (std::uint32_t partition = 0; partition < n_partitions; ++partition)
        partition_begins_[partition + 1] += partition_begins_[partition];
    by_partition_.resize(records_.size());
    auto ends = partition_begins_;
    for (std::uint32_t place = 0; place < records_.size(); ++place)
        by_partition_[ends[partition_of_[records_[place].sensor]]++] = place;
}

std::uint64_t InputIndex::most_records_of_a_sensor() const {
    return records_of_.empty() ? 0 : *std::max_element(records_of_.begin(), records_of_.end());
}

std::vector<std::string> file_hashes(Input const& input) {
    std::vector<std::string> hashes;
    hashes.reserve(input.files().size());
    for (auto const& file : input.files()) hashes.push_back(hash_text(file.text));
    return hashes;
}

std::vector<std::string> names_in(Input const& input, Layout const& layout, std::uint64_t n_records) {
    auto const parser = input.parser(layout);
    LineReader lines(input);
    std::set<std::string> names;
    Record record;
    std::uint64_t n_good = 0;
    for (Line line; n_good < n_records && lines.next(line);) {
        if (line.too_long || parser->parse(line.text, record)) continue;
        ++n_good;
        for (auto& name : parser->names(line.text)) names.insert(std::move(name));
    }
    return {names.begin(), names.end()};
}

}  // namespace vaster::stream
