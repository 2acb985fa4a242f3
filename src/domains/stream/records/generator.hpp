#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/records/data_sets.hpp"

namespace vaster::stream {

/// Chances of what is wrong with a made-up record; at most one of them strikes.
struct GeneratorFaults {
    double out_of_range = 0.03;  ///< a field is far too large
    double missing = 0.02;       ///< a field is "null"
    double absent = 0.01;        ///< a field is not there
    double cut = 0.005;          ///< the record is cut in half
};

struct GeneratorSettings {
    DataSet const* set = nullptr;
    std::uint64_t n_sensors = 0;  ///< 0: as many as the set has
    std::uint64_t seed = 42;
    std::uint64_t rate = 100;     ///< [records/s of the stream's own time], on average over a cycle
    std::uint64_t cycle = 86400;  ///< [s]
    Shape shape = Shape::uniform;
    GeneratorFaults faults = {};
};

/// What is wrong with settings, a sentence each.
[[nodiscard]] std::vector<std::string> problems(GeneratorSettings const& settings);

/// Makes up the records of a data set. A record depends on the settings and on its number alone, so that any
/// process makes any record; numbers come from SplitMix64 (doi:10.1145/2660193.2660195) and from + - * /, so
/// that all machines make the same bytes.
class Generator {
  public:
    /// @param settings  without problems()
    explicit Generator(GeneratorSettings const& settings);

    [[nodiscard]] GeneratorSettings const& settings() const noexcept { return settings_; }

    /// Time of a record [ms since 1970-01-01 UTC]. A cycle has rate x cycle records, divided over its 24
    /// parts as the shape says, evenly within a part.
    [[nodiscard]] std::int64_t time_of(std::uint64_t record) const;

    /// ID of a sensor, from 0.
    [[nodiscard]] std::string sensor_name(std::uint64_t sensor) const;

    /// The numbers of a record, in the set's order, as they would be without noise and without faults.
    [[nodiscard]] std::vector<double> values_without_noise(std::uint64_t record) const;

    /// Appends the record as a line of SenML (InputFormat::senml), with its end.
    void append_senml(std::uint64_t record, std::string& text) const;

    /// Appends the record as a line of CSV, with its end; a record that would be cut is whole.
    void append_csv(std::uint64_t record, std::string& text) const;

    /// The three lines that CSV begins with.
    [[nodiscard]] std::string csv_header() const;

    /// Lines "ID:town,type" for the task ANN: of all sensors but each seventh.
    [[nodiscard]] std::string annotations() const;

  private:
    /// What a sensor always has.
    struct Sensor {
        std::array<double, 8> shares;         ///< between 0 and 1
        std::array<std::uint64_t, 4> digits;  ///< of IDs
    };

    enum class Fault : std::uint8_t { none, out_of_range, missing, absent, cut };

    struct Draws;

    /// A record before it is written, and before a fault strikes it.
    struct Raw {
        std::int64_t time = 0;
        double fault_draw = 0;  ///< whether a fault strikes it, and which
        double field_draw = 0;  ///< and where
        std::vector<std::string> texts;
        std::vector<double> values;
    };

    /// A record by its fields; in the order of texts, then numbers, of the set. Empty: absent.
    struct Made {
        std::int64_t time = 0;
        std::vector<std::string> texts;
        std::vector<std::string> numbers;
        bool is_cut = false;
    };

    [[nodiscard]] Sensor sensor(std::uint64_t sensor) const;
    [[nodiscard]] Raw raw(std::uint64_t record, bool is_noisy) const;
    [[nodiscard]] Made make(std::uint64_t record) const;
    [[nodiscard]] Fault fault_of(double draw) const;

    GeneratorSettings settings_;
    std::uint64_t start_ = 0;  ///< of all random numbers
};

}  // namespace vaster::stream
