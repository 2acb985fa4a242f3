// Forms of records that need no library: numbers, pairs, whole documents.
#include <algorithm>

#include "base/support/texts.hpp"
#include "domains/stream/records/forms.hpp"

namespace vaster::stream {
namespace {

constexpr std::string_view time_name = CsvSchema::time_column;

class ValuesParser final : public RecordParser {
  public:
    explicit ValuesParser(Layout const& layout)
        : place_(slot_of(layout, value_field)), values_(layout.fields.size()) {}

    std::optional<Fault> parse(std::string_view line, Record& record) override {
        if (place_ < values_.size()) values_[place_] = value_of(stripped(line));
        record.time = 0;
        record.line = line;
        record.sensor = default_sensor;
        record.fields = values_;
        return std::nullopt;
    }

    std::vector<std::string> names(std::string_view /*line*/) override { return {std::string(value_field)}; }

  private:
    std::size_t place_;
    std::vector<FieldValue> values_;
};

class PairsParser final : public RecordParser {
  public:
    explicit PairsParser(Layout layout) : layout_(std::move(layout)), values_(layout_.fields.size()) {}

    std::optional<Fault> parse(std::string_view line, Record& record) override {
        for (auto& value : values_) value = FieldValue{};
        record.time = 0;
        record.line = line;
        record.sensor = layout_.sensor.empty() ? default_sensor : std::string_view();
        for (std::size_t begin = 0; begin <= line.size();) {
            auto const end = std::min(line.find(',', begin), line.size());
            if (auto const fault = take_pair(line.substr(begin, end - begin), record)) return fault;
            begin = end + 1;
        }
        if (value_of(record.sensor).presence != Presence::present) return Fault::no_sensor;
        record.fields = values_;
        return std::nullopt;
    }

    std::vector<std::string> names(std::string_view line) override {
        std::vector<std::string> names;
        for (std::size_t begin = 0; begin <= line.size();) {
            auto const end = std::min(line.find(',', begin), line.size());
            auto const pair = line.substr(begin, end - begin);
            names.emplace_back(stripped(pair.substr(0, pair.find(':'))));
            begin = end + 1;
        }
        return names;
    }

  private:
    std::optional<Fault> take_pair(std::string_view pair, Record& record) {
        auto const colon = pair.find(':');
        if (colon == std::string_view::npos) return Fault::bad_line;
        auto const name = stripped(pair.substr(0, colon));
        auto const text = stripped(pair.substr(colon + 1));
        if (name.empty()) return Fault::bad_name;
        if (name == layout_.sensor) record.sensor = text;
        if (name == time_name) {
            auto const time = milliseconds_of(text);
            if (!time) return Fault::bad_time;
            record.time = *time;
        }
        auto const slot = slot_of(layout_, name);
        if (slot < values_.size()) values_[slot] = value_of(text);
        return std::nullopt;
    }

    Layout layout_;
    std::vector<FieldValue> values_;
};

/// Whole documents: what is in them is the task's affair.
class DocumentParser final : public RecordParser {
  public:
    explicit DocumentParser(Layout const& layout) : values_(layout.fields.size()) {}

    std::optional<Fault> parse(std::string_view line, Record& record) override {
        record.time = 0;
        record.line = line;
        record.sensor = default_sensor;
        record.fields = values_;
        return std::nullopt;
    }

    std::vector<std::string> names(std::string_view /*line*/) override { return {}; }

  private:
    std::vector<FieldValue> values_;
};

}  // namespace

std::unique_ptr<RecordParser> make_values_parser(Layout const& layout) {
    return std::make_unique<ValuesParser>(layout);
}

std::unique_ptr<RecordParser> make_pairs_parser(Layout layout) {
    return std::make_unique<PairsParser>(std::move(layout));
}

std::unique_ptr<RecordParser> make_document_parser(Layout const& layout) {
    return std::make_unique<DocumentParser>(layout);
}

}  // namespace vaster::stream
