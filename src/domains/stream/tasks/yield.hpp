#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/support/growing_text.hpp"
#include "domains/stream/records/record.hpp"

namespace vaster::stream {

/// What became of one input of a task.
enum class Outcome : std::uint8_t {
    output,    ///< it gave at least one output
    none,      ///< taken in; nothing to say yet
    filtered,  ///< refused as the task's rule says
    missing,   ///< a missing value that gave nothing
    bad,       ///< an observation that is not a number
};

/// Counts of what came in and what became of it. An input is what the task's rule speaks of: an observation,
/// or a record.
struct Tally {
    std::uint64_t inputs = 0;
    std::uint64_t gave = 0;  ///< inputs with an output
    std::uint64_t none = 0;
    std::uint64_t filtered = 0;
    std::uint64_t missing = 0;
    std::uint64_t bad = 0;
    std::uint64_t absent = 0;     ///< fields that records did not have: no inputs
    std::uint64_t unmatched = 0;  ///< inputs for which a table had nothing, or no model was
    std::uint64_t unfilled = 0;   ///< missing values for which there was nothing to put in their place
    std::uint64_t pending = 0;    ///< observations in windows that were not full when the stream ended

    /// inputs = gave + none + filtered + missing + bad
    [[nodiscard]] bool balanced() const { return inputs == gave + none + filtered + missing + bad; }
};

/// Rows of text, each caused by a record.
class Output {
  public:
    /// csv: all cells; plain: those of the result alone, as PyRIoTBench writes them.
    enum class Form : std::uint8_t { csv, plain };

    /// @param n_context  of the first cells of each row say where it comes from (record, sensor, field)
    explicit Output(Form form = Form::csv, std::size_t n_context = 0) : form_(form), n_context_(n_context) {}

    /// Begins a row, with the record's number as its first cell.
    Output& begin(std::uint64_t record);
    Output& cell(std::string_view text);
    Output& cell(double value);  ///< shortest text that is read back as the same; of no finite number: ""
    Output& cell(std::int64_t value);
    Output& cell(std::uint64_t value);
    /// Numbers in one cell, written as by themselves, with that between them, which is nothing that a cell is
    /// quoted for.
    Output& cell(std::span<double const> values, char between);
    void end();

    /// Brings rows into the order of their records; rows of one record stay as they were emitted. Only a task
    /// that yields at the end of the stream needs it.
    void sort();

    /// Forgets the rows so far, and keeps their memory.
    void clear();

    [[nodiscard]] std::uint64_t n_rows() const noexcept { return records_.size(); }

    /// Good until rows are added.
    [[nodiscard]] std::string_view text() const noexcept { return text_.view(); }

    /// Record of each row, and where the row begins in the text.
    [[nodiscard]] std::vector<std::uint64_t> const& records() const noexcept { return records_; }

    [[nodiscard]] std::vector<std::uint64_t> const& starts() const noexcept { return starts_; }

  private:
    bool open_cell();  ///< is the next cell to be written at all?
    template <class Number>
    void append(Number value);

    Form form_;
    std::size_t n_context_;
    std::size_t n_cells_ = 0;  ///< of the row that has begun
    GrowingText text_;
    std::vector<std::uint64_t> records_;
    std::vector<std::uint64_t> starts_;
};

/// What a task yields from a partition of a stream.
struct Yield {
    Output output;
    Tally tally;
    FaultLog faults;

    void count(Outcome outcome);

    /// An observation of this record is not a number.
    void spoilt(Record const& record) { faults.add(record.number, record.offset, Fault::bad_number); }

    /// One input that is not a number where one must be: the fault and the outcome.
    void count_bad(Record const& record) {
        spoilt(record);
        count(Outcome::bad);
    }
};

}  // namespace vaster::stream
