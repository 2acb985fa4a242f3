#include <string>
#include <utility>

#include <simdjson.h>

#include "domains/stream/records/parser.hpp"
#include "domains/stream/records/record_json.hpp"
#include "domains/stream/records/senml_shape.hpp"

namespace vaster::stream {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t most_shapes = 8;

/// One measurement: its name, and its value as an element that may not be there.
struct Measurement {
    std::string_view name;
    dom::element value;
    bool has_value = false;
};

class SenmlParser final : public RecordParser {
  public:
    explicit SenmlParser(Layout layout)
        : layout_(std::move(layout)),
          sensor_slot_(slot_of(layout_, layout_.sensor)),
          values_(layout_.fields.size()),
          numbers_(layout_.fields.size()) {}

    std::optional<Fault> parse(std::string_view line, Record& record) override {
        auto const comma = line.find(',');
        if (comma == std::string_view::npos) return Fault::bad_line;
        auto const time = milliseconds_of(line.substr(0, comma));
        if (!time) return Fault::bad_time;
        std::string_view const body = line.substr(comma + 1);
        if (!take_by_shape(body))
            if (auto const fault = take_json(body)) return fault;
        if (!sensor_ || sensor_->empty() || *sensor_ == missing_word) return Fault::no_sensor;
        if (sensor_slot_ < values_.size()) values_[sensor_slot_] = {Presence::present, *sensor_};
        record.time = *time;
        record.line = line;
        record.sensor = *sensor_;
        record.fields = values_;
        return std::nullopt;
    }

    std::vector<std::string> names(std::string_view line) override {
        std::vector<std::string> names;
        std::string_view const body = line.substr(line.find(',') + 1);
        dom::element pack;
        dom::array entries;
        if (parser_.parse(body, pack) != simdjson::SUCCESS || pack["e"].get(entries) != simdjson::SUCCESS)
            return names;
        for (auto const entry : entries) {
            std::string_view name;
            if (entry["n"].get(name) == simdjson::SUCCESS) names.emplace_back(name);
        }
        return names;
    }

  private:
    /// Takes a record that looks like one of the last ones, but for its values.
    bool take_by_shape(std::string_view body) {
        for (auto& shape : shapes_) {
            forget_values();
            if (!shape.take(body, values_, sensor_)) continue;
            // Most records look like the one before.
            if (&shape != &shapes_.front()) std::swap(shape, shapes_.front());
            return true;
        }
        return false;
    }

    std::optional<Fault> take_json(std::string_view body) {
        dom::element pack;
        if (parser_.parse(body, pack) != simdjson::SUCCESS) return Fault::bad_json;
        if (auto const fault = take_pack(pack)) return fault;
        if (auto shape = SenmlShape::of(body, layout_)) {
            if (shapes_.size() == most_shapes) shapes_.pop_back();
            shapes_.push_back(std::move(*shape));
        }
        return std::nullopt;
    }

    void forget_values() {
        for (auto& value : values_) value = FieldValue{};
        sensor_.reset();
    }

    std::optional<Fault> take_pack(dom::element pack) {
        dom::object whole;
        if (pack.get(whole) != simdjson::SUCCESS) return Fault::bad_json;
        dom::array entries;
        bool has_entries = false;
        std::string_view base_name;
        for (auto const [key, value] : whole) {
            if (key == "e") {
                if (value.get(entries) != simdjson::SUCCESS) return Fault::bad_json;
                has_entries = true;
            } else if (key == "bn") {
                if (value.get(base_name) != simdjson::SUCCESS) base_name = {};
            }
        }
        if (!has_entries) return Fault::bad_json;
        forget_values();
        std::size_t place = 0;
        for (auto const entry : entries) {
            if (auto const fault = take_entry(entry, base_name, place++)) return fault;
        }
        return std::nullopt;
    }

    std::optional<Fault> take_entry(dom::element entry, std::string_view base_name, std::size_t place) {
        dom::object object;
        if (entry.get(object) != simdjson::SUCCESS) return Fault::bad_json;
        Measurement one{base_name, {}, false};
        bool has_name = false;
        bool has_number = false;
        for (auto const [key, value] : object) {
            if (key == "n") {
                if (value.get(one.name) != simdjson::SUCCESS) return Fault::bad_name;
                has_name = true;
            } else if (key == "bn" && !has_name) {
                // In the place of a name of its own; what is not a text is passed over, as before all
                // entries.
                std::string_view own;
                if (value.get(own) == simdjson::SUCCESS) one.name = own;
            } else if (key == "v") {
                one.value = value;
                one.has_value = has_number = true;
            } else if (key == "sv" && !has_number) {
                one.value = value;
                one.has_value = true;
            }
        }
        if (one.name.empty()) return Fault::bad_name;
        keep(one, place);
        return std::nullopt;
    }

    void keep(Measurement const& one, std::size_t place) {
        if (one.name == layout_.sensor) {
            std::string_view text;
            sensor_.reset();
            if (one.has_value && one.value.get(text) == simdjson::SUCCESS) sensor_ = text;
            return;
        }
        auto const slot = guessed_slot(one.name, place);
        if (slot < values_.size()) values_[slot] = field_value(one, slot);
    }

    /// Records of one stream have their measurements in one order, mostly: the last record's slot is tried
    /// first.
    std::size_t guessed_slot(std::string_view name, std::size_t place) {
        if (place >= guesses_.size()) guesses_.resize(place + 1, 0);
        auto& guess = guesses_[place];
        auto const& fields = layout_.fields;
        if (guess < fields.size() && fields[guess] == name) return guess;
        auto const slot = slot_of(layout_, name);
        if (slot < fields.size()) guess = slot;
        return slot;
    }

    FieldValue field_value(Measurement const& one, std::size_t slot) {
        std::string_view text;
        if (!one.has_value || one.value.is_null()) return {Presence::missing, {}};
        if (one.value.get(text) == simdjson::SUCCESS) return value_of(text);
        numbers_[slot] = text_of_value(one.value);
        return {Presence::present, numbers_[slot]};
    }

    Layout layout_;
    std::size_t sensor_slot_;  ///< where the sensor's field is wanted, too
    RecordJson parser_;
    std::vector<FieldValue> values_;
    std::vector<std::string> numbers_;  ///< by field: text of what was a JSON number
    std::vector<std::size_t> guesses_;  ///< slot of the measurement at each place
    std::optional<std::string_view> sensor_;
    std::vector<SenmlShape> shapes_;  ///< the first one is that of the last record that had one
};

}  // namespace

std::unique_ptr<RecordParser> make_senml_parser(Layout layout) {
    return std::make_unique<SenmlParser>(std::move(layout));
}

}  // namespace vaster::stream
