#include "domains/stream/records/index_piece.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/support/in_threads.hpp"
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

void require_places(std::uint64_t n_good) {
    require<DataError>(n_good <= std::numeric_limits<std::uint32_t>::max(),
                       "more than {} records: lower input.memory, so that the stream is split first",
                       std::numeric_limits<std::uint32_t>::max());
}

LineStart start_at(std::uint64_t byte) {
    return {byte, 0};
}

/// The first byte from there on with which a line begins; the end of the last file, where there is none.
std::uint64_t line_begin_from(Input const& input, std::uint64_t byte) {
    for (auto i = input.file_at(byte); i < input.files().size(); ++i) {
        auto const& file = input.files()[i];
        if (file.size <= file.begin) continue;  // without a line
        auto const place = byte - std::min(byte, file.offset);
        if (place <= file.begin) return file.offset + file.begin;
        auto const end = file.text.find('\n', place - 1);
        if (end != std::string_view::npos && end + 1 < file.size) return file.offset + end + 1;
    }
    return input.bytes();
}

/// Where the lines begin that threads look at, and where the last of them end.
std::vector<std::uint64_t> cuts_of(Input const& input, std::size_t n) {
    std::vector<std::uint64_t> cuts{0};
    auto const bytes = input.bytes();
    for (std::size_t i = 1; i < n; ++i) {
        auto const cut = line_begin_from(input, bytes / n * i);
        if (cut > cuts.back() && cut < bytes) cuts.push_back(cut);
    }
    cuts.push_back(std::numeric_limits<std::uint64_t>::max());
    return cuts;
}

/// As LineReader::hashes().
std::vector<std::string> hashes_of_mapped(Input const& input) {
    std::vector<std::string> hashes;
    for (auto const& file : input.files()) {
        hashes.emplace_back();
        if (!file.is_mapped) continue;
        hashes.back() = content_hash(open_plain(file.path), file.path);
        require_same(open_plain(file.path), file);
    }
    return hashes;
}

/// A file that is on the disk, or that is one record, is looked at from its beginning to its end.
std::size_t n_threads(Input const& input, std::size_t most) {
    constexpr std::uint64_t least = std::uint64_t{4} << 20U;  // bytes; a thread takes a while to start
    if (input.is_large() || input.format() == InputFormat::xml) return 1;
    return std::clamp<std::uint64_t>(input.bytes() / least, 1, std::max<std::size_t>(1, most));
}

}  // namespace

IndexPiece::IndexPiece(Input const& input, Layout const& layout, std::uint64_t begin, std::uint64_t end)
    : fields(layout.fields.size()) {
    auto const parser = input.parser(layout);
    auto const block_bytes = input.is_large() ? input.block() : 0;
    LineReader lines(input, start_at(begin), end, LineReader::Mapped::read);
    Record record;
    for (Line line; lines.next(line);) {
        if (block_bytes > 0) note_blocks(line, block_bytes);
        auto const fault = line.too_long ? Fault::too_long : parser->parse(line.text, record);
        if (fault)
            faults.add(line.number, line.offset, *fault);
        else
            take(line, record, block_bytes == 0);
    }
    if (block_bytes > 0) block_starts.push_back({{input.bytes(), n_lines()}, n_good});
    hashes = lines.hashes();
}

/// Of a large stream: blocks that begin at this line, which is the first of them.
void IndexPiece::note_blocks(Line const& line, std::uint64_t block_bytes) {
    while (block_starts.size() * block_bytes <= line.offset)
        block_starts.push_back({{line.offset, line.number}, n_good});
}

void IndexPiece::take(Line const& line, Record const& record, bool keeps_places) {
    auto const sensor = sensors.add(record.sensor);
    if (sensor == records_of.size()) {
        records_of.push_back(0);
        times_of.push_back({record.time, record.time});
    }
    ++records_of[sensor];
    if (keeps_places) {
        require_places(n_good + 1);
        if (record.time < times_of[sensor].last) late.push_back(static_cast<std::uint32_t>(n_good));
        records.push_back({line.number, line.offset, static_cast<std::uint32_t>(line.text.size()), sensor});
    }
    times_of[sensor].last = record.time;
    if (n_good == 0) times = {record.time, record.time};
    if (record.time < times.last) ++n_out_of_order;
    times.last = record.time;
    ++n_good;
    good_end = line.offset + line.text.size();
    count(record.fields, fields);
    first_time = std::min(first_time, record.time);
    last_time = std::max(last_time, record.time);
}

/// @returns the number here of each sensor there
std::vector<std::uint32_t> IndexPiece::append_sensors(IndexPiece const& next) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(next.sensors.size());
    for (std::uint32_t there = 0; there < next.sensors.size(); ++there) {
        auto const here = sensors.add(next.sensors.id(there));
        numbers.push_back(here);
        if (here == records_of.size()) {
            records_of.push_back(0);
            times_of.push_back({next.times_of[there].first, next.times_of[there].first});
        }
        records_of[here] += next.records_of[there];
    }
    return numbers;
}

void IndexPiece::append_records(IndexPiece const& next, std::vector<std::uint32_t> const& sensor_of) {
    // A sensor's first record there may be older than its last one here.
    std::vector<std::uint32_t> late_there = next.late;
    std::vector<bool> seen(sensor_of.size());
    std::size_t n_seen = 0;
    for (std::uint32_t place = 0; place < next.records.size() && n_seen < seen.size(); ++place) {
        auto const sensor = next.records[place].sensor;
        if (seen[sensor]) continue;
        seen[sensor] = true;
        ++n_seen;
        if (next.times_of[sensor].first < times_of[sensor_of[sensor]].last) late_there.push_back(place);
    }
    std::sort(late_there.begin(), late_there.end());
    for (auto const place : late_there) late.push_back(static_cast<std::uint32_t>(n_good + place));
    auto const n_before = n_lines();
    for (auto record : next.records) {
        record.number += n_before;
        record.sensor = sensor_of[record.sensor];
        records.push_back(record);
    }
}

void IndexPiece::append(IndexPiece&& next) {
    require_places(n_good + next.n_good);
    auto const sensor_of = append_sensors(next);
    append_records(next, sensor_of);
    for (std::uint32_t there = 0; there < sensor_of.size(); ++there)
        times_of[sensor_of[there]].last = next.times_of[there].last;
    if (next.n_good > 0) {
        if (n_good > 0 && next.times.first < times.last) ++n_out_of_order;
        if (n_good == 0) times.first = next.times.first;
        times.last = next.times.last;
        good_end = next.good_end;
    }
    n_out_of_order += next.n_out_of_order;
    faults.append(next.faults, n_lines());
    n_good += next.n_good;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        fields[i].present += next.fields[i].present;
        fields[i].missing += next.fields[i].missing;
        fields[i].absent += next.fields[i].absent;
    }
    first_time = std::min(first_time, next.first_time);
    last_time = std::max(last_time, next.last_time);
}

IndexPiece look_at_lines(Input const& input, Layout const& layout, Threads const& threads) {
    auto const n = n_threads(input, threads.n);
    if (n == 1) return {input, layout};
    constexpr std::size_t of_thread = 4;  // pieces, so that none waits long for the others
    auto const cuts = cuts_of(input, n * of_thread);
    std::vector<std::optional<IndexPiece>> pieces(cuts.size() - 1);
    std::vector<std::string> hashes;
    for_each_in_threads({n, threads.processors}, 1 + pieces.size(), [&](std::size_t i) {
        if (i == 0)
            hashes = hashes_of_mapped(input);
        else
            pieces[i - 1].emplace(input, layout, cuts[i - 1], cuts[i]);
    });
    pieces[0]->hashes = std::move(hashes);
    std::uint64_t n_good = 0;
    for (auto const& piece : pieces) n_good += piece->n_good;
    pieces[0]->records.reserve(n_good);
    for (std::size_t i = 1; i < pieces.size(); ++i) {
        pieces[0]->append(std::move(*pieces[i]));
        pieces[i].reset();
    }
    return std::move(*pieces[0]);
}

}  // namespace vaster::stream
