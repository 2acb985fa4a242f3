#include "domains/stream/records/input_index.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

/// A log, as numbers.
void put(BlockWriter& block, FaultLog const& log) {
    std::vector<std::uint64_t> numbers(log.counts().begin(), log.counts().end());
    for (auto const& entry : log.first())
        numbers.insert(numbers.end(), {entry.record, entry.offset, static_cast<std::uint64_t>(entry.fault)});
    block.put(SharedArray(std::move(numbers)));
}

FaultLog faults_in(BlockReader& block) {
    constexpr std::size_t of_entry = 3;
    auto const numbers = block.array<std::uint64_t>();
    require<DataError>(numbers.size() >= n_faults && (numbers.size() - n_faults) % of_entry == 0,
                       "a block of memory holds no faults");
    FaultLog::Counts counts{};
    std::copy_n(numbers.begin(), n_faults, counts.begin());
    std::vector<FaultLog::Entry> first;
    first.reserve(numbers.size() / of_entry);
    for (std::size_t i = n_faults; i < numbers.size(); i += of_entry)
        first.push_back({numbers[i], numbers[i + 1], static_cast<Fault>(numbers[i + 2])});
    return {counts, std::move(first)};
}

}  // namespace

InputIndex::InputIndex(Input const& input, Layout const& layout, std::uint32_t n_partitions,
                       Threads const& threads)
    : InputIndex(input.is_large() ? input.block() : 0, look_at_lines(input, layout, threads)) {
    divide(n_partitions);
}

InputIndex::InputIndex(std::uint64_t block_bytes, IndexPiece&& all)
    : block_bytes_(block_bytes),
      n_good_(all.n_good),
      good_end_(all.good_end),
      records_(std::move(all.records)),
      block_starts_(std::move(all.block_starts)),
      hashes_(std::move(all.hashes)),
      faults_(std::move(all.faults)),
      sensors_(std::move(all.sensors)),
      records_of_(std::move(all.records_of)),
      late_(std::move(all.late)),
      fields_(std::move(all.fields)),
      n_out_of_order_(all.n_out_of_order),
      first_time_(all.first_time),
      last_time_(all.last_time) {}

InputIndex::InputIndex(BlockReader& block)
    : records_(block.array<IndexedRecord>()),
      block_starts_(block.array<BlockStart>()),
      faults_(faults_in(block)),
      sensors_(block),
      records_of_(block.array<std::uint64_t>()),
      partition_of_(block.array<std::uint32_t>()),
      place_of_(block.array<std::uint32_t>()),
      by_partition_(block.array<std::uint32_t>()),
      partition_begins_(block.array<std::uint64_t>()),
      n_sensors_(block.array<std::uint32_t>()),
      late_(block.array<std::uint32_t>()) {
    auto const fields = block.array<FieldCounts>();
    fields_.assign(fields.begin(), fields.end());
    auto const rest = block.array<std::int64_t>();
    require<DataError>(rest.size() == 6, "a block of memory holds no index of a stream");
    n_out_of_order_ = static_cast<std::uint64_t>(rest[0]);
    first_time_ = rest[1];
    last_time_ = rest[2];
    block_bytes_ = static_cast<std::uint64_t>(rest[3]);
    n_good_ = static_cast<std::uint64_t>(rest[4]);
    good_end_ = static_cast<std::uint64_t>(rest[5]);
}

void InputIndex::put(BlockWriter& block) const {
    block.put(records_);
    block.put(block_starts_);
    stream::put(block, faults_);
    sensors_.put(block);
    block.put(records_of_);
    block.put(partition_of_);
    block.put(place_of_);
    block.put(by_partition_);
    block.put(partition_begins_);
    block.put(n_sensors_);
    block.put(late_);
    block.put(SharedArray(fields_));
    auto const number = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    block.put(
        SharedArray(std::vector<std::int64_t>{number(n_out_of_order_), first_time_, last_time_,
                                              number(block_bytes_), number(n_good_), number(good_end_)}));
}

void InputIndex::divide(std::uint32_t n_partitions) {
    VASTER_EXPECTS(n_partitions > 0);
    auto& n_sensors = n_sensors_.own();
    auto& begins = partition_begins_.own();
    auto& partition_of = partition_of_.own();
    auto& place_of = place_of_.own();
    n_sensors.assign(n_partitions, 0);
    begins.assign(n_partitions + 1, 0);
    partition_of.reserve(sensors_.size());
    place_of.reserve(sensors_.size());
    for (std::uint32_t sensor = 0; sensor < sensors_.size(); ++sensor) {
        auto const partition = static_cast<std::uint32_t>(sensors_.hash(sensor) % n_partitions);
        partition_of.push_back(partition);
        place_of.push_back(n_sensors[partition]++);
        begins[partition + 1] += records_of_[sensor];
    }
    for (std::uint32_t partition = 0; partition < n_partitions; ++partition)
        begins[partition + 1] += begins[partition];
    if (block_bytes_ > 0) return;
    auto& by_partition = by_partition_.own();
    by_partition.resize(records_.size());
    auto ends = begins;
    for (std::uint32_t place = 0; place < records_.size(); ++place)
        by_partition[ends[partition_of[records_[place].sensor]]++] = place;
}

bool InputIndex::is_late(std::uint64_t place) const {
    return std::binary_search(late_.begin(), late_.end(), place);
}

ByteRange InputIndex::block_bytes(std::uint64_t block, std::uint64_t n_blocks) const {
    VASTER_EXPECTS(block < n_blocks);
    // Not bytes * i / n, which may be too large a number.
    auto const begin_of = [&](std::uint64_t i) {
        return good_end_ / n_blocks * i + good_end_ % n_blocks * i / n_blocks;
    };
    return {begin_of(block), begin_of(block + 1)};
}

PlaceRange InputIndex::block(std::uint64_t block, std::uint64_t n_blocks) const {
    auto const bytes = block_bytes(block, n_blocks);
    return {first_place_from(bytes.begin), first_place_from(bytes.end)};
}

LineStart InputIndex::start_before(std::uint64_t offset) const {
    auto const last = block_starts_.size() - 1;
    // A long line makes blocks without a beginning of one: their start lies behind them.
    auto block = std::min<std::uint64_t>(offset / block_bytes_, last);
    while (block > 0 && block_starts_[block].line.offset > offset) --block;
    return block_starts_[block].line;
}

std::uint64_t InputIndex::about_how_many(ByteRange const& bytes) const {
    if (bytes.begin >= bytes.end) return 0;
    auto const last = block_starts_.size() - 1;
    auto const first_block = std::min<std::uint64_t>(bytes.begin / block_bytes_, last);
    auto const end_block = std::min<std::uint64_t>((bytes.end - 1) / block_bytes_ + 1, last);
    auto const n = block_starts_[end_block].good - block_starts_[first_block].good;
    if (n == 0) return 0;
    auto const share = static_cast<double>(bytes.end - bytes.begin) /
                       static_cast<double>((end_block - first_block) * block_bytes_);
    return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(share * static_cast<double>(n)));
}

/// The first record that begins there or later.
std::uint64_t InputIndex::first_place_from(std::uint64_t offset) const {
    auto const found =
        std::partition_point(records_.begin(), records_.end(),
                             [&](IndexedRecord const& record) { return record.offset < offset; });
    return static_cast<std::uint64_t>(found - records_.begin());
}

std::uint64_t InputIndex::most_records_of_a_sensor() const {
    return records_of_.empty() ? 0 : *std::max_element(records_of_.begin(), records_of_.end());
}

std::vector<std::string> names_in(Input const& input, Layout const& layout, std::uint64_t n_records) {
    auto const parser = input.parser(layout);
    LineReader lines(input);
    std::set<std::string> names;
    Record record;
    std::uint64_t n_good = 0;
    for (Line line; n_good < n_records && lines.next(line);) {
        if (line.too_long) continue;
        auto const fault = parser->parse(line.text, record);
        if (fault && *fault != Fault::no_sensor) continue;
        ++n_good;
        for (auto& name : parser->names(line.text)) names.insert(std::move(name));
    }
    return {names.begin(), names.end()};
}

}  // namespace vaster::stream
