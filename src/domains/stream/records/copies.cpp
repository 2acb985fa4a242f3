#include "domains/stream/records/copies.hpp"

#include <charconv>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "domains/stream/records/line_reader.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

constexpr char copy_mark = '~';

/// Where a part of a text begins in it. Nothing: it lies elsewhere.
std::optional<std::size_t> place_in(std::string_view text, std::string_view part) {
    bool const inside = std::less_equal<>()(text.data(), part.data()) &&
                        std::less_equal<>()(part.data() + part.size(), text.data() + text.size());
    if (!inside) return std::nullopt;
    return static_cast<std::size_t>(part.data() - text.data());
}

/// Writes lines and their copies.
class Copier {
  public:
    Copier(Input const& input, std::string const& sensor, std::uint64_t copies)
        : input_(input),
          parser_(make_parser(input.format(), Layout{sensor, {}}, input.schema())),
          copies_(copies) {}

    void append(Line const& line, std::string& text) {
        append_line(line.text, text);
        Record record;
        if (line.too_long || parser_->parse(line.text, record)) {
            for (std::uint64_t copy = 1; copy < copies_; ++copy) append_line(line.text, text);
            return;
        }
        std::string const sensor(record.sensor);
        auto const end = end_of_id(line, record);
        for (std::uint64_t copy = 1; copy < copies_; ++copy) {
            auto const id = id_of_copy(sensor, copy);
            auto const size = line.text.size() + id.size() - sensor.size();
            require<DataError>(
                size <= input_.longest(),
                "{}: record {} would have {} bytes as a record of sensor {}, more than input.longest = {} "
                "allows (scale.space)",
                input_.place_of(line.offset), line.number, size, id, input_.longest());
            text.append(line.text.substr(0, end)).append(id, sensor.size());
            append_line(line.text.substr(end), text);
        }
        sensors_.insert(sensor);
    }

    /// A sensor with the ID of another one's copy would get that one's records, too.
    void check_ids() const {
        for (auto const& sensor : sensors_) {
            auto const mark = sensor.rfind(copy_mark);
            if (mark == std::string::npos) continue;
            std::uint64_t copy = 0;
            auto const* const end = sensor.data() + sensor.size();
            auto const [stop, problem] = std::from_chars(sensor.data() + mark + 1, end, copy);
            bool const is_copy = problem == std::errc() && stop == end && copy >= 1 && copy < copies_;
            auto const original = sensor.substr(0, mark);
            require<DataError>(
                !is_copy || sensors_.count(original) == 0 || id_of_copy(original, copy) != sensor,
                "the stream has the sensors {} and {}: the second is what copy {} of the "
                "first would be called (scale.space = {})",
                original, sensor, copy, copies_);
        }
    }

  private:
    static void append_line(std::string_view line, std::string& text) { text.append(line).append(1, '\n'); }

    /// Place in the line after the ID of its sensor.
    std::size_t end_of_id(Line const& line, Record const& record) {
        std::string const sensor(record.sensor);
        auto const known = place_in(line.text, record.sensor);
        if (known && names_copy(line.text, *known + sensor.size(), sensor)) return *known + sensor.size();
        for (auto at = line.text.find(sensor); at != std::string_view::npos;
             at = line.text.find(sensor, at + 1))
            if (names_copy(line.text, at + sensor.size(), sensor)) return at + sensor.size();
        throw DataError(
            fmt::format("{}: record {} is of sensor {}, but does not name it word for word (are there "
                        "escapes in it?): no copies can be made of it (scale.space)",
                        input_.place_of(line.offset), line.number, sensor));
    }

    /// Is the line a record of the sensor's first copy, with the end of that one's ID put in there?
    bool names_copy(std::string_view line, std::size_t end, std::string const& sensor) {
        auto const id = id_of_copy(sensor, 1);
        trial_.assign(line.substr(0, end)).append(id, sensor.size()).append(line.substr(end));
        auto const size = trial_.size();
        trial_.append(line_padding, '\0');
        Record record;
        return !parser_->parse(std::string_view(trial_).substr(0, size), record) && record.sensor == id;
    }

    Input const& input_;
    std::unique_ptr<RecordParser> parser_;
    std::uint64_t copies_;
    std::string trial_;
    std::unordered_set<std::string> sensors_;
};

}  // namespace

std::string id_of_copy(std::string_view sensor, std::uint64_t copy) {
    return fmt::format("{}{}{}", sensor, copy_mark, copy);
}

std::vector<std::string> texts_with_copies(Input const& input, std::string const& sensor,
                                           std::uint64_t copies, std::uint64_t most) {
    std::vector<std::string> texts;
    texts.reserve(input.files().size());
    for (auto const& file : input.files()) texts.emplace_back(file.text.substr(0, file.begin));
    Copier copier(input, sensor, copies);
    std::uint64_t bytes = 0;
    LineReader lines(input);
    for (Line line; lines.next(line);) {
        auto& text = texts[input.file_at(line.offset)];
        auto const before = text.size();
        copier.append(line, text);
        bytes += text.size() - before;
        require<DataError>(bytes <= most,
                           "{}: up to record {}, the stream has {} bytes with its copies, more than "
                           "input.memory = {} allows (they are made in memory): take a smaller scale.space, "
                           "or raise input.memory",
                           input.place_of(line.offset), line.number, bytes, most);
    }
    copier.check_ids();
    return texts;
}

}  // namespace vaster::stream
