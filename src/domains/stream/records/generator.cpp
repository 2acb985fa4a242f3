#include "domains/stream/records/generator.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "domains/stream/records/csv_schema.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::stream {
namespace {

constexpr std::uint64_t golden = 0x9E3779B97F4A7C15;
constexpr double root_of_three = 1.7320508075688772;
constexpr std::uint64_t first_sensor = std::uint64_t{1} << 63;
constexpr double day = 86400000.0;  // [ms]
constexpr std::size_t n_parts = 24;

using Weights = std::array<std::uint64_t, n_parts>;

constexpr Weights uniform_weights{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
constexpr Weights normal_weights{1,  1,  2,  3,  5,  8,  12, 17, 23, 29, 34, 37,
                                 37, 34, 29, 23, 17, 12, 8,  5,  3,  2,  1,  1};
constexpr Weights bimodal_weights{3, 2, 1, 1, 1,  2,  5,  10, 14, 12, 8, 7,
                                  7, 7, 7, 8, 10, 13, 14, 12, 9,  7,  5, 4};

Weights const& weights_of(Shape shape) {
    switch (shape) {
        case Shape::normal:
            return normal_weights;
        case Shape::bimodal:
            return bimodal_weights;
        case Shape::uniform:
            break;
    }
    return uniform_weights;
}

/// The finaliser of SplitMix64.
std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EB;
    return z ^ (z >> 31U);
}

class SplitMix {
  public:
    explicit SplitMix(std::uint64_t state) : state_(state) {}

    std::uint64_t next() {
        state_ += golden;
        return mix(state_);
    }

    /// Between 0 and 1.
    double share() { return static_cast<double>(next() >> 11U) * 0x1p-53; }

    /// Nearly normal: mean 0, standard deviation 1.
    double normal() {
        double const a = share();
        double const b = share();
        double const c = share();
        double const d = share();
        return root_of_three * (a + b + c + d - 2.0);
    }

  private:
    std::uint64_t state_;
};

/// A triangular wave of period 1, from -1 to 1.
double wave(double x) {
    return 4.0 * std::abs(x - std::floor(x + 0.5)) - 1.0;
}

std::string fixed(double value, int decimals) {
    std::array<char, 400> digits;  // of the largest double
    auto const [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                              std::chars_format::fixed, decimals);
    return {digits.data(), end};
}

}  // namespace

/// What one record is made from.
struct Generator::Draws {
    SplitMix random;
    Sensor sensor;
    std::uint64_t record;
    std::uint64_t n_sensors;
    std::int64_t time;
    double share_of_day;
    bool is_noisy;

    /// Drawn, and taken as 0 where there is no noise.
    double noise() {
        double const drawn = random.normal();
        return is_noisy ? drawn : 0.0;
    }

    /// Values of the numbers, in the set's order. The order of draws is part of the definition.
    std::vector<double> sys();
    std::vector<double> fit(DataSet const& set);
    std::vector<double> grid();
    std::vector<double> taxi(std::vector<std::string>& texts);
};

std::vector<double> Generator::Draws::sys() {
    auto const& own = sensor.shares;
    double const w = wave(share_of_day + own[6]);
    double const temperature = 5.0 + 20.0 * own[0] + 8.0 * w + 0.8 * noise();
    double const humidity = 35.0 + 40.0 * own[1] - 10.0 * w + 3.0 * noise();
    double const light = 1500.0 + 6000.0 * own[2] + 5000.0 * (1.0 + w) + 300.0 * noise();
    double const dust = 600.0 + 1500.0 * own[3] + 200.0 * noise();
    double const air = 20.0 + 2.0 * temperature + 0.5 * humidity + 0.01 * light + 5.0 * noise();
    return {-180.0 + 360.0 * own[4], -60.0 + 120.0 * own[5], temperature, humidity, light, dust, air};
}

std::vector<double> Generator::Draws::fit(DataSet const& set) {
    std::uint64_t const turn = record / n_sensors;
    std::vector<double> values(set.numbers.size());
    auto const at = [&](std::string_view name) -> double& {
        auto const found = std::find_if(set.numbers.begin(), set.numbers.end(),
                                        [&](auto const& number) { return number.name == name; });
        return values[static_cast<std::size_t>(found - set.numbers.begin())];
    };
    for (std::size_t q = 0; q + 1 < values.size(); ++q) {
        if (set.numbers[q].name.starts_with("ecg")) continue;
        values[q] = (2.0 * sensor.shares[q % 8] - 1.0) * 3.0 +
                    2.0 * wave(static_cast<double>(turn) / 50.0 + static_cast<double>(q) / 7.0) +
                    0.6 * noise();
    }
    at("ecg_lead_1") =
        0.3 * at("acc_chest_x") - 0.2 * at("acc_ankle_y") + 0.1 * at("acc_arm_z") + 0.3 * noise();
    at("ecg_lead_2") = 0.5 * at("ecg_lead_1") + 0.3 * noise();
    at("label") = static_cast<double>(turn / 250 % 13);
    return values;
}

std::vector<double> Generator::Draws::grid() {
    auto const& own = sensor.shares;
    return {(4.0 + 16.0 * own[0]) * (1.0 + 0.6 * wave(share_of_day + own[6])) + 0.8 * noise()};
}

std::vector<double> Generator::Draws::taxi(std::vector<std::string>& texts) {
    double const a = random.share();
    double const b = random.share();
    double const distance = 0.5 + 6.0 * a * b + 6.0 * sensor.shares[0] * random.share();
    double const seconds = std::max(60.0, 90.0 + 150.0 * distance + 60.0 * noise());
    double const fare = 2.5 + 0.005 * seconds + 2.1 * distance + 0.5 * noise();
    bool const by_card = random.share() < 0.6;
    double const tip = by_card ? 0.2 * fare : 0.0;
    double const toll = random.share() < 0.08 ? 4.8 : 0.0;
    double const surcharge = random.share() < 0.4 ? 0.5 : 0.0;
    texts.push_back(fmt::format("{:016X}{:016X}", sensor.digits[2], sensor.digits[3]));
    texts.push_back(fmt::format("{}", time - 1000 * static_cast<std::int64_t>(seconds)));
    for (int place = 0; place < 4; ++place)
        texts.push_back(fixed((place % 2 == 0 ? -74.1 : 40.6) + 0.3 * random.share(), 6));
    texts.emplace_back(by_card ? "CRD" : "CSH");
    return {seconds, distance, fare, surcharge, 0.5, tip, toll, fare + surcharge + 0.5 + tip + toll};
}

std::vector<std::string> problems(GeneratorSettings const& settings) {
    std::vector<std::string> found;
    constexpr std::uint64_t most_per_cycle = std::uint64_t{1} << 40;
    constexpr std::uint64_t longest_cycle = 366 * 86400;
    if (settings.rate == 0) found.emplace_back("the rate is 0 records/s");
    if (settings.cycle == 0 || settings.cycle > longest_cycle)
        found.push_back(fmt::format("a cycle of {} s (1 to {})", settings.cycle, longest_cycle));
    else if (settings.rate > most_per_cycle / settings.cycle / settings.cycle * 86400)
        found.push_back(
            fmt::format("{} records/s for a cycle of {} s are too many", settings.rate, settings.cycle));
    auto const& faults = settings.faults;
    double sum = 0;
    for (double const chance : {faults.out_of_range, faults.missing, faults.absent, faults.cut}) {
        if (!(chance >= 0 && chance <= 1))
            found.push_back(fmt::format("{} is not a probability (0 to 1)", chance));
        sum += chance;
    }
    if (sum > 1) found.push_back(fmt::format("the chances of faults sum to {} (at most 1)", sum));
    return found;
}

Generator::Generator(GeneratorSettings const& settings) : settings_(settings) {
    VASTER_EXPECTS(settings_.set != nullptr && problems(settings_).empty());
    if (settings_.n_sensors == 0) settings_.n_sensors = settings_.set->n_sensors;
    start_ = mix(settings_.seed + settings_.set->number * golden);
}

Generator::Sensor Generator::sensor(std::uint64_t sensor) const {
    SplitMix random(mix(start_ ^ (first_sensor + sensor)));
    Sensor made{};
    for (auto& share : made.shares) share = random.share();
    for (auto& digits : made.digits) digits = random.next();
    return made;
}

std::string Generator::sensor_name(std::uint64_t sensor) const {
    auto const& set = *settings_.set;
    if (set.name == "SYS") return fmt::format("ci{:06}", sensor);
    if (set.name == "FIT") return fmt::format("subject{}", sensor + 1);
    if (set.name == "GRID") return fmt::format("m{:07}", sensor);
    auto const digits = this->sensor(sensor).digits;
    return fmt::format("{:016X}{:016X}", digits[0], digits[1]);
}

std::int64_t Generator::time_of(std::uint64_t record) const {
    auto const& weights = weights_of(settings_.shape);
    auto const whole = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
    std::uint64_t const per_cycle = settings_.rate * settings_.cycle;
    std::uint64_t const cycle = record / per_cycle;
    std::uint64_t const place = record % per_cycle;
    std::uint64_t const length = settings_.cycle * 1000 / n_parts;
    std::uint64_t done = 0;
    std::size_t part = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    for (; part < n_parts; ++part) {
        first = per_cycle * done / whole;
        done += weights[part];
        last = per_cycle * done / whole;
        if (place < last) break;
    }
    return settings_.set->start + static_cast<std::int64_t>(cycle * settings_.cycle * 1000 + part * length +
                                                            (place - first) * length / (last - first));
}

Generator::Fault Generator::fault_of(double draw) const {
    auto const& faults = settings_.faults;
    // Summed from left to right, as the definition does.
    if (draw < faults.out_of_range) return Fault::out_of_range;
    if (draw < faults.out_of_range + faults.missing) return Fault::missing;
    if (draw < faults.out_of_range + faults.missing + faults.absent) return Fault::absent;
    if (draw < faults.out_of_range + faults.missing + faults.absent + faults.cut) return Fault::cut;
    return Fault::none;
}

Generator::Raw Generator::raw(std::uint64_t record, bool is_noisy) const {
    auto const& set = *settings_.set;
    SplitMix random(mix(start_ ^ record));
    Raw made;
    made.fault_draw = random.share();
    made.field_draw = random.share();
    double const sensor_draw = random.share();
    bool const is_taxi = set.name == "TAXI";
    // Few taxis make many of the trips.
    std::uint64_t const number =
        is_taxi
            ? static_cast<std::uint64_t>(static_cast<double>(settings_.n_sensors) * sensor_draw * sensor_draw)
            : record % settings_.n_sensors;
    made.time = time_of(record);
    double const share_of_day = static_cast<double>(made.time % std::int64_t{86400000}) / day;
    Draws draws{random, sensor(number), record, settings_.n_sensors, made.time, share_of_day, is_noisy};
    made.texts.push_back(sensor_name(number));
    made.values = set.name == "SYS"    ? draws.sys()
                  : set.name == "FIT"  ? draws.fit(set)
                  : set.name == "GRID" ? draws.grid()
                                       : draws.taxi(made.texts);
    return made;
}

std::vector<double> Generator::values_without_noise(std::uint64_t record) const {
    return raw(record, false).values;
}

Generator::Made Generator::make(std::uint64_t record) const {
    auto const& set = *settings_.set;
    auto drawn = raw(record, true);
    auto const& values = drawn.values;
    Made made;
    made.time = drawn.time;
    made.texts = std::move(drawn.texts);
    auto const fault = fault_of(drawn.fault_draw);
    auto const struck =
        set.spoilt[static_cast<std::size_t>(drawn.field_draw * static_cast<double>(set.spoilt.size()))];
    made.is_cut = fault == Fault::cut;
    made.numbers.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        bool const hit = set.numbers[i].name == struck;
        if (hit && fault == Fault::missing)
            made.numbers.emplace_back("null");
        else if (hit && fault == Fault::absent)
            made.numbers.emplace_back();
        else
            made.numbers.push_back(
                fixed(hit && fault == Fault::out_of_range ? values[i] * 10.0 + 100000.0 : values[i],
                      set.numbers[i].decimals));
    }
    return made;
}

void Generator::append_senml(std::uint64_t record, std::string& text) const {
    auto const& set = *settings_.set;
    auto const made = make(record);
    auto const begin = text.size();
    auto const out = std::back_inserter(text);
    fmt::format_to(out, R"({},{{"e":[)", made.time);
    for (std::size_t i = 0; i < made.texts.size(); ++i)
        fmt::format_to(out, R"({}{{"u":"{}","n":"{}","sv":"{}"}})", i == 0 ? "" : ",", set.texts[i].unit,
                       set.texts[i].name, made.texts[i]);
    for (std::size_t i = 0; i < made.numbers.size(); ++i) {
        if (made.numbers[i].empty()) continue;
        fmt::format_to(out, R"(,{{"v":"{}","u":"{}","n":"{}"}})", made.numbers[i], set.numbers[i].unit,
                       set.numbers[i].name);
    }
    fmt::format_to(out, R"(],"bt":{}}})", made.time);
    if (made.is_cut) text.resize(begin + (text.size() - begin) / 2);
    text += '\n';
}

void Generator::append_csv(std::uint64_t record, std::string& text) const {
    auto const made = make(record);
    fmt::format_to(std::back_inserter(text), "{}", made.time);
    for (auto const* const cells : {&made.texts, &made.numbers})
        for (auto const& cell : *cells) text.append(1, ',').append(cell);
    text += '\n';
}

std::string Generator::csv_header() const {
    auto const& set = *settings_.set;
    std::string names(CsvSchema::time_column);
    std::string units = "time";
    std::string types = "sv";
    for (auto const& column : set.texts) {
        names.append(1, ',').append(column.name);
        units.append(1, ',').append(column.unit);
        types += ",sv";
    }
    for (auto const& column : set.numbers) {
        names.append(1, ',').append(column.name);
        units.append(1, ',').append(column.unit);
        types += ",v";
    }
    return fmt::format("{}\n{}\n{}\n", names, units, types);
}

std::string Generator::annotations() const {
    std::string text;
    for (std::uint64_t sensor = 0; sensor < settings_.n_sensors; ++sensor)
        if (sensor % 7 != 6)
            fmt::format_to(std::back_inserter(text), "{}:town{:02},type{}\n", sensor_name(sensor),
                           sensor % 23, sensor % 3);
    return text;
}

}  // namespace vaster::stream
