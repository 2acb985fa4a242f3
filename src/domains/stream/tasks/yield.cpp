#include "domains/stream/tasks/yield.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "base/support/texts.hpp"

namespace vaster::stream {
namespace {

constexpr std::string_view special = ",\"\r\n";

constexpr std::array<bool, 256> specials = [] {
    std::array<bool, 256> table{};
    for (char const c : special) table.at(static_cast<unsigned char>(c)) = true;
    return table;
}();

/// Has it something that a CSV cell must be quoted for? std::string_view::find_first_of() looks at each
/// letter by itself, which took a quarter of the time of tasks with long rows.
bool needs_quotes(std::string_view cell) {
    constexpr std::size_t few = 16;
    if (cell.size() < few)
        return std::any_of(cell.begin(), cell.end(),
                           [](char c) { return specials[static_cast<unsigned char>(c)]; });
    return std::any_of(special.begin(), special.end(),
                       [&](char c) { return cell.find(c) != std::string_view::npos; });
}

/// As a CSV cell: quoted where it has to be (RFC 4180).
void append_quoted(GrowingText& text, std::string_view cell) {
    text.append('"');
    for (char const c : cell) {
        if (c == '"') text.append('"');
        text.append(c);
    }
    text.append('"');
}

}  // namespace

Output& Output::begin(std::uint64_t record) {
    records_.push_back(record);
    starts_.push_back(text_.size());
    n_cells_ = 0;
    return cell(record);
}

bool Output::open_cell() {
    std::size_t const n_before = n_cells_++;
    std::size_t const first = form_ == Form::plain ? n_context_ : 0;
    if (n_before < first) return false;
    if (n_before > first) text_.append(',');
    return true;
}

Output& Output::cell(std::string_view text) {
    if (!open_cell()) return *this;
    if (form_ == Form::csv && needs_quotes(text))
        append_quoted(text_, text);
    else
        text_.append(text);
    return *this;
}

template <class Number>
void Output::append(Number value) {
    text_.took(write_shortest(value, text_.room(longest_number)));
}

Output& Output::cell(double value) {
    if (open_cell() && std::isfinite(value)) append(value);
    return *this;
}

Output& Output::cell(std::int64_t value) {
    if (open_cell()) append(value);
    return *this;
}

Output& Output::cell(std::uint64_t value) {
    if (open_cell()) append(value);
    return *this;
}

Output& Output::cell(std::span<double const> values, char between) {
    if (!open_cell()) return *this;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) text_.append(between);
        if (std::isfinite(values[i])) append(values[i]);
    }
    return *this;
}

void Output::end() {
    text_.append('\n');
}

void Output::sort() {
    if (std::is_sorted(records_.begin(), records_.end())) return;
    std::vector<std::size_t> order(records_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return records_[a] < records_[b]; });
    Output sorted(form_, n_context_);
    (void)sorted.text_.room(text_.size());
    sorted.records_.reserve(records_.size());
    sorted.starts_.reserve(starts_.size());
    for (auto const row : order) {
        auto const end = row + 1 < starts_.size() ? starts_[row + 1] : text_.size();
        sorted.records_.push_back(records_[row]);
        sorted.starts_.push_back(sorted.text_.size());
        sorted.text_.append(text().substr(starts_[row], end - starts_[row]));
    }
    *this = std::move(sorted);
}

void Output::clear() {
    text_.clear();
    records_.clear();
    starts_.clear();
}

void Yield::count(Outcome outcome) {
    ++tally.inputs;
    switch (outcome) {
        case Outcome::output:
            ++tally.gave;
            return;
        case Outcome::none:
            ++tally.none;
            return;
        case Outcome::filtered:
            ++tally.filtered;
            return;
        case Outcome::missing:
            ++tally.missing;
            return;
        case Outcome::bad:
            ++tally.bad;
            return;
    }
}

}  // namespace vaster::stream
