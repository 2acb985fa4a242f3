// Packs of the Sensor Measurement Lists of RFC 8428 (doi:10.17487/RFC8428): JSON arrays, one a line.
#include <cmath>

#include <simdjson.h>

#include "base/support/texts.hpp"
#include "domains/stream/records/forms.hpp"
#include "domains/stream/records/record_json.hpp"

namespace vaster::stream {
namespace {

namespace dom = simdjson::dom;

/// Smaller times count from the moment at which they are read (RFC 8428, 4.5.3): no moment of a record.
constexpr double first_absolute_second = 1 << 28;
constexpr double last_second = 1e13;

std::string text_of(double number) {
    return std::string(ShortestText(number).view());
}

/// One entry, after the values that hold from an earlier one on were put into it.
struct Entry {
    std::string_view base_name;
    std::string_view name;
    double base_time = 0;
    double time = 0;
    double base_value = 0;
    bool has_time = false;
    bool has_value = false;
    dom::element value;

    /// What the entry says itself is over; what it says for those after it stays.
    void begin() {
        name = {};
        time = 0;
        has_value = false;
    }
};

class PackParser final : public RecordParser {
  public:
    explicit PackParser(Layout layout) : layout_(std::move(layout)), values_(layout_.fields.size()) {}

    std::optional<Fault> parse(std::string_view line, Record& record) override {
        dom::element pack;
        dom::array entries;
        if (parser_.parse(line, pack) != simdjson::SUCCESS || pack.get(entries) != simdjson::SUCCESS)
            return Fault::bad_json;
        for (auto& value : values_) value = FieldValue{};
        numbers_.clear();
        numbers_.reserve(entries.size());  // views into them stay good
        sensor_.reset();
        base_name_.reset();
        time_.reset();
        several_bases_ = false;
        if (auto const fault = take_entries(entries)) return fault;
        if (auto const fault = take_sensor()) return fault;
        auto const sensor_slot = slot_of(layout_, layout_.sensor);
        if (sensor_slot < values_.size()) values_[sensor_slot] = {Presence::present, *sensor_};
        record.time = time_.value_or(0);
        record.line = line;
        record.sensor = *sensor_;
        record.fields = values_;
        return std::nullopt;
    }

    std::vector<std::string> names(std::string_view line) override {
        std::vector<std::string> names;
        dom::element pack;
        dom::array entries;
        if (parser_.parse(line, pack) != simdjson::SUCCESS || pack.get(entries) != simdjson::SUCCESS)
            return names;
        for (auto const entry : entries) {
            std::string_view name;
            if (entry["n"].get(name) == simdjson::SUCCESS) names.emplace_back(name);
        }
        return names;
    }

  private:
    std::optional<Fault> take_entries(dom::array entries) {
        Entry entry;
        for (auto const element : entries) {
            dom::object object;
            if (element.get(object) != simdjson::SUCCESS) return Fault::bad_json;
            entry.begin();
            for (auto const [key, value] : object)
                if (auto const fault = take_member(key, value, entry)) return fault;
            if (entry.name.empty() && entry.base_name.empty()) return Fault::bad_name;
            if (base_name_ && *base_name_ != entry.base_name) several_bases_ = true;
            if (!base_name_) base_name_ = entry.base_name;
            if (auto const fault = take_time(entry)) return fault;
            keep(entry);
        }
        return std::nullopt;
    }

    static std::optional<Fault> take_member(std::string_view key, dom::element value, Entry& entry) {
        auto const text = [&](std::string_view& into, Fault fault) {
            return value.get(into) == simdjson::SUCCESS ? std::nullopt : std::optional(fault);
        };
        auto const number = [&](double& into, Fault fault) {
            return value.get(into) == simdjson::SUCCESS ? std::nullopt : std::optional(fault);
        };
        if (key == "n") return text(entry.name, Fault::bad_name);
        if (key == "bn") return text(entry.base_name, Fault::bad_name);
        if (key == "t" || key == "bt") {
            entry.has_time = true;
            return number(key == "t" ? entry.time : entry.base_time, Fault::bad_time);
        }
        if (key == "bv") return number(entry.base_value, Fault::bad_json);
        if (key == "v" || key == "vs" || key == "vb" || key == "vd") {
            entry.value = value;
            entry.has_value = true;
        }
        // Who does not know a label that ends so must not use the pack (RFC 8428, 4.4).
        return key.ends_with('_') ? std::optional(Fault::bad_json) : std::nullopt;
    }

    /// The record's time is that of its first entry.
    std::optional<Fault> take_time(Entry const& entry) {
        if (time_) return std::nullopt;
        double const seconds = entry.base_time + entry.time;
        if (!entry.has_time) {
            time_ = 0;
            return std::nullopt;
        }
        if (seconds < first_absolute_second || seconds > last_second) return Fault::bad_time;
        time_ = std::llround(seconds * 1000);
        return std::nullopt;
    }

    void keep(Entry const& entry) {
        if (entry.name == layout_.sensor && !layout_.sensor.empty()) {
            std::string_view id;
            sensor_.reset();
            if (entry.has_value && entry.value.get(id) == simdjson::SUCCESS) sensor_ = id;
            return;
        }
        auto const slot = slot_of(layout_, entry.name);
        if (slot < values_.size()) values_[slot] = field_value(entry);
    }

    FieldValue field_value(Entry const& entry) {
        std::string_view text;
        double number = 0;
        if (!entry.has_value || entry.value.is_null()) return {Presence::missing, {}};
        if (entry.value.get(text) == simdjson::SUCCESS) return value_of(text);
        if (entry.value.get(number) == simdjson::SUCCESS)
            return {Presence::present, numbers_.emplace_back(text_of(entry.base_value + number))};
        return {Presence::present, numbers_.emplace_back(text_of_value(entry.value))};
    }

    /// The sensor that an entry names, else the base name that all entries share.
    std::optional<Fault> take_sensor() {
        if (!sensor_ && base_name_ && !several_bases_) sensor_ = base_name_;
        bool const found = sensor_ && value_of(*sensor_).presence == Presence::present;
        return found ? std::nullopt : std::optional(Fault::no_sensor);
    }

    Layout layout_;
    RecordJson parser_;
    std::vector<FieldValue> values_;
    std::vector<std::string> numbers_;
    std::optional<std::string_view> sensor_;
    std::optional<std::string_view> base_name_;
    std::optional<std::int64_t> time_;
    bool several_bases_ = false;
};

}  // namespace

std::unique_ptr<RecordParser> make_rfc8428_parser(Layout layout) {
    return std::make_unique<PackParser>(std::move(layout));
}

}  // namespace vaster::stream
