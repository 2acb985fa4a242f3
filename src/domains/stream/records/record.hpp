#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vaster::stream {

/// What can be wrong with a record, or (bad_number) with one of its observations. Faults are counted and
/// never stop a run; a record with a fault of its own touches no state and yields nothing.
enum class Fault : std::uint8_t {
    bad_line,    ///< it does not have the parts of a line of its form
    bad_time,    ///< its time is not a whole number of milliseconds
    bad_json,    ///< its measurements are not the JSON that they should be
    bad_name,    ///< a measurement without a name
    no_sensor,   ///< nothing says which sensor it comes from
    bad_number,  ///< an observation that is not a finite decimal number: it alone is spoilt
    too_long,    ///< longer than input.longest
};

inline constexpr std::size_t n_faults = 7;

/// "bad_line", as in result columns and messages.
[[nodiscard]] std::string_view name_of(Fault fault);

enum class Presence : std::uint8_t {
    absent,   ///< the record does not have the field: no observation
    missing,  ///< it has the field, with null, "null" or nothing in it
    present,
};

/// What a record says of one field.
struct FieldValue {
    Presence presence = Presence::absent;
    /// As it stands in the input, or a JSON number's shortest text; of a missing value "null" or nothing.
    std::string_view text = {};
};

/// What is taken out of every record.
struct Layout {
    std::string sensor;               ///< name of the field that tells sensors apart
    std::vector<std::string> fields;  ///< the others that are wanted, in this order
};

/// Place of a field in Layout::fields; their number when it is not wanted.
[[nodiscard]] std::size_t slot_of(Layout const& layout, std::string_view field);

/// One good record. Views are good until the parser takes the next one.
struct Record {
    std::uint64_t number = 0;            ///< of the line that is not blank, from 0 over the whole stream
    std::uint64_t offset = 0;            ///< of its first byte over the whole stream
    std::int64_t time = 0;               ///< since 1970-01-01 UTC [ms]
    std::string_view line;               ///< all of it, without the end of the line
    std::string_view sensor;             ///< ID of the sensor
    std::uint32_t sensor_index = 0;      ///< of the sensor within the partition, by first appearance
    std::span<FieldValue const> fields;  ///< as Layout::fields
};

/// The number that an observation's text stands for: decimal, finite, nothing before or after it but blanks.
/// Nothing: bad_number.
[[nodiscard]] std::optional<double> number_of(std::string_view text);

/// A time: a whole number of milliseconds, nothing before or after it but blanks. Nothing: bad_time.
[[nodiscard]] std::optional<std::int64_t> milliseconds_of(std::string_view text);

/// Stands for a missing value, as text.
inline constexpr std::string_view missing_word = "null";

/// What a text says of its field: "" and "null" are missing.
[[nodiscard]] FieldValue value_of(std::string_view text);

/// Faults by kind, and the first of them with where they are.
class FaultLog {
  public:
    static constexpr std::size_t n_kept = 32;

    struct Entry {
        std::uint64_t record = 0;
        std::uint64_t offset = 0;
        Fault fault = Fault::bad_line;
    };

    using Counts = std::array<std::uint64_t, n_faults>;

    FaultLog() = default;

    /// One that was kept. @param first  at most n_kept
    FaultLog(Counts const& counts, std::vector<Entry> first) : counts_(counts), first_(std::move(first)) {}

    void add(std::uint64_t record, std::uint64_t offset, Fault fault);

    /// What another log has noted of records that come later. @param n_before  added to their numbers
    void append(FaultLog const& later, std::uint64_t n_before);

    /// By kind.
    [[nodiscard]] Counts const& counts() const noexcept { return counts_; }

    [[nodiscard]] std::uint64_t count(Fault fault) const { return counts_[static_cast<std::size_t>(fault)]; }

    [[nodiscard]] std::uint64_t total() const;

    [[nodiscard]] std::vector<Entry> const& first() const noexcept { return first_; }

  private:
    Counts counts_{};
    std::vector<Entry> first_;
};

}  // namespace vaster::stream
