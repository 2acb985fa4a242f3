// MPS. Files are read by words, as free MPS is; one that cannot be read so because its names have blanks in
// them is read by columns, as fixed MPS is.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include <fmt/core.h>

#include "base/support/byte_text.hpp"
#include "base/support/nearest.hpp"
#include "base/support/texts.hpp"
#include "domains/service/solve/readers.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service::solve {
namespace {

enum class Form { by_words, by_columns };

/// What a line says: its first field (a type; may be empty), and the others.
struct Fields {
    std::string_view type;
    std::vector<std::string_view> others;
};

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    constexpr std::string_view blanks = " \t\r";
    for (auto at = line.find_first_not_of(blanks); at != std::string_view::npos;
         at = line.find_first_not_of(blanks, at)) {
        auto const end = std::min(line.find_first_of(blanks, at), line.size());
        words.push_back(line.substr(at, end - at));
        at = end;
    }
    return words;
}

struct Column {
    std::size_t at;
    std::size_t width;
};

/// Where fixed MPS has its six fields.
constexpr std::array<Column, 6> columns{{{1, 2}, {4, 8}, {14, 8}, {24, 12}, {39, 8}, {49, 12}}};

Fields fields_by_columns(std::string_view line) {
    Fields fields;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto const [at, width] = columns.at(i);
        auto const field = at < line.size() ? stripped(line.substr(at, width)) : std::string_view();
        if (i == 0)
            fields.type = field;
        else
            fields.others.push_back(field);
    }
    while (!fields.others.empty() && fields.others.back().empty()) fields.others.pop_back();
    return fields;
}

/// The bounds that need no value.
bool is_without_value(std::string_view type) {
    return type == "FR" || type == "MI" || type == "PL" || type == "BV";
}

class Reader {
  public:
    Reader(std::string const& file, std::string_view text, Form form)
        : file_(file), rest_(text), form_(form) {}

    Problem read() {
        std::string_view line;
        while (next_line(line)) {
            if (line.front() != ' ' && line.front() != '\t') {
                if (!begin_section(line)) return finish();
            } else {
                take(line);
            }
        }
        refuse("the file ends without ENDATA: it is cut short, or is not an MPS file");
    }

  private:
    template <class... Args>
    [[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) const {
        throw DataError(
            fmt::format("{}: line {}: {}", file_, line_, fmt::format(text, std::forward<Args>(args)...)));
    }

    /// The next line that says something.
    bool next_line(std::string_view& line) {
        while (!rest_.empty()) {
            auto const end = rest_.find('\n');
            line = rest_.substr(0, end);
            rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
            ++line_;
            if (!stripped(line).empty() && line.front() != '*') return true;
        }
        ++line_;
        return false;
    }

    /// False: that was the last one.
    bool begin_section(std::string_view line) {
        auto const words = words_of(line);
        section_ = words.front();
        static std::vector<std::string> const known{"NAME",   "ROWS",   "COLUMNS",  "RHS",
                                                    "RANGES", "BOUNDS", "OBJSENSE", "ENDATA"};
        static std::vector<std::string> const others{
            "SOS",      "SOS1",       "SOS2",     "SETS",     "QUADOBJ", "QMATRIX", "QSECTION", "QCMATRIX",
            "CSECTION", "INDICATORS", "LAZYCONS", "USERCUTS", "GENCONS", "BRANCH",  "PWLOBJ"};
        auto const is = [&](std::string const& one) { return one == section_; };
        if (std::any_of(others.begin(), others.end(), is))
            refuse("section {} is not read: linear problems with integer variables are; {}", section_,
                   section_.front() == 'Q' ? "write a quadratic problem as JSON (docs/service/solve.md)"
                                           : "state the problem without it");
        if (std::none_of(known.begin(), known.end(), is))
            refuse("'{}' is not a section of MPS; {}", legible(section_),
                   suggestion(section_, known, "sections are"));
        if (section_ == "NAME") {
            problem_.name = words.size() > 1 ? std::string(stripped(line.substr(4))) : "";
        } else if (!seen_.insert(std::string(section_)).second) {
            refuse("a second section {}; bring both together", section_);
        }
        if (section_ == "OBJSENSE" && words.size() > 1) set_sense(words[1]);
        if (section_ == "COLUMNS" && objective_.empty())
            refuse("no row of ROWS is an objective: one with N is needed");
        return section_ != "ENDATA";
    }

    void take(std::string_view line) {
        auto const words = words_of(line);
        if (section_ == "ROWS") {
            take_row(line, words);
        } else if (section_ == "COLUMNS") {
            take_entries(line, words);
        } else if (section_ == "RHS" || section_ == "RANGES") {
            take_sides(line, words);
        } else if (section_ == "BOUNDS") {
            take_bound(line, words);
        } else if (section_ == "OBJSENSE") {
            set_sense(words.front());
        } else {
            refuse(
                "'{}' stands in no section; ROWS comes first, and names of sections begin in the first "
                "column",
                legible(stripped(line)));
        }
    }

    void set_sense(std::string_view word) {
        if (word == "MAX" || word == "MAXIMIZE" || word == "MAXIMISE")
            problem_.sense = Sense::maximize;
        else if (word != "MIN" && word != "MINIMIZE" && word != "MINIMISE")
            refuse("OBJSENSE is '{}' (must be MIN or MAX)", legible(word));
    }

    [[nodiscard]] bool by_columns() const { return form_ == Form::by_columns; }

    // ---- ROWS

    void take_row(std::string_view line, std::vector<std::string_view> const& words) {
        Fields fields =
            by_columns() ? fields_by_columns(line) : Fields{words.front(), {words.begin() + 1, words.end()}};
        if (fields.others.size() != 1)
            refuse("a row is a type and a name, but here are {} words", words.size());
        std::string const name(fields.others.front());
        if (fields.type.size() != 1 || std::string_view("NLGE").find(fields.type) == std::string_view::npos)
            refuse("row '{}' has type '{}' (must be N, L, G or E)", legible(name), legible(fields.type));
        auto const [place, is_new] = rows_.emplace(name, Known{line_, dropped});
        if (!is_new)
            refuse("row '{}' is there twice; the first is in line {}: give one another name, or leave it out",
                   legible(name), place->second.line);
        if (fields.type == "N") {
            if (objective_.empty()) {
                objective_ = name;
                place->second.index = objective_row;
            }
            return;  // other rows without bounds hold nothing back
        }
        place->second.index = problem_.rows.size();
        Row row{.name = name};
        if (fields.type != "L") row.lower = 0;
        if (fields.type != "G") row.upper = 0;
        problem_.rows.push_back(std::move(row));
        types_.push_back(fields.type.front());
    }

    // ---- COLUMNS

    /// name, then row and value once or twice; or a marker.
    void take_entries(std::string_view line, std::vector<std::string_view> const& words) {
        if (words.size() >= 3 && words[1] == "'MARKER'") {
            take_marker(words[2]);
            return;
        }
        auto const fields = by_columns() ? fields_by_columns(line).others : words;
        if (fields.size() != 3 && fields.size() != 5)
            refuse("a column is a name, then a row and a number, once or twice; here are {} words",
                   fields.size());
        if (problem_.variables.empty() || problem_.variables.back().name != fields[0])
            begin_column(std::string(fields[0]));
        for (std::size_t i = 1; i + 1 < fields.size(); i += 2)
            add_entry(fields[i], finite(fields[i + 1], "coefficient"));
    }

    void take_marker(std::string_view kind) {
        bool const begins = kind == "'INTORG'";
        if (!begins && kind != "'INTEND'")
            refuse("marker {} is not read (must be 'INTORG' or 'INTEND')", legible(kind));
        if (begins == integers_)
            refuse(
                "marker {} {}", kind,
                begins ? "within integers: the ones before have no 'INTEND'" : "without 'INTORG' before it");
        integers_ = begins;
    }

    void begin_column(std::string name) {
        auto const [place, is_new] = columns_.emplace(name, Known{line_, problem_.variables.size()});
        if (!is_new)
            refuse(
                "column '{}' goes on here, which began in line {}: its lines must stand together; or "
                "are these two columns of one name?",
                legible(name), place->second.line);
        problem_.variables.push_back({.name = std::move(name), .integer = integers_});
        filled_.clear();
    }

    void add_entry(std::string_view row, double coefficient) {
        auto const& known = row_named(row);
        if (!filled_.insert(std::string(row)).second)
            refuse("column '{}' has two entries for row '{}'; keep one",
                   legible(problem_.variables.back().name), legible(row));
        Term const term{problem_.variables.size() - 1, coefficient};
        if (known.index == objective_row)
            problem_.objective.push_back(term);
        else if (known.index != dropped)
            problem_.rows[known.index].terms.push_back(term);
    }

    // ---- RHS and RANGES

    void take_sides(std::string_view line, std::vector<std::string_view> words) {
        // A set may have no name.
        if (by_columns())
            words = fields_by_columns(line).others;
        else if (words.size() % 2 == 0)
            words.insert(words.begin(), std::string_view());
        if (words.size() != 3 && words.size() != 5)
            refuse("{} needs a row and a number, once or twice, after the name of the set; here are {} words",
                   section_, words.size());
        check_set(words[0]);
        for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
            auto const& row = row_named(words[i]);
            if (!given_.insert(fmt::format("{} {}", section_, words[i])).second)
                refuse("row '{}' has two values in {}; keep one", legible(words[i]), section_);
            double const value = finite(words[i + 1], "number");
            if (section_ == "RHS")
                set_side(row.index, value);
            else
                ranges_.push_back({row.index, value, line_, std::string(words[i])});
        }
    }

    void set_side(std::size_t row, double value) {
        if (row == objective_row) problem_.constant = -value;
        if (row == objective_row || row == dropped) return;
        if (types_[row] != 'L') problem_.rows[row].lower = value;
        if (types_[row] != 'G') problem_.rows[row].upper = value;
    }

    void check_set(std::string_view set) {
        auto const [place, is_new] = sets_.emplace(std::string(section_), std::string(set));
        if (!is_new && place->second != set)
            refuse("{} has a second set, '{}' beside '{}': only one can hold; leave the other out", section_,
                   legible(set), legible(place->second));
    }

    /// Ranges come to hold when all right-hand sides are known.
    void set_ranges() {
        for (auto const& [index, value, line, name] : ranges_) {
            line_ = line;
            if (index == objective_row || index == dropped)
                refuse("row '{}' is of type N, which can have no range", legible(name));
            Row& row = problem_.rows[index];
            if (types_[index] == 'L') row.lower = row.upper - std::abs(value);
            if (types_[index] == 'G') row.upper = row.lower + std::abs(value);
            if (types_[index] == 'E') (value < 0 ? row.lower : row.upper) += value;
        }
    }

    // ---- BOUNDS

    void take_bound(std::string_view line, std::vector<std::string_view> words) {
        Fields fields =
            by_columns() ? fields_by_columns(line) : Fields{words.front(), {words.begin() + 1, words.end()}};
        auto const type = fields.type;
        static constexpr std::array<std::string_view, 9> known{"UP", "LO", "FX", "FR", "MI",
                                                               "PL", "BV", "LI", "UI"};
        if (type == "SC" || type == "SI")
            refuse("bound {}: semi-continuous variables are not read; add a binary variable b, with x <= u b",
                   type);
        if (std::find(known.begin(), known.end(), type) == known.end())
            refuse("'{}' is not a type of bound (must be UP, LO, FX, FR, MI, PL, BV, LI or UI)",
                   legible(type));
        std::size_t const needed = is_without_value(type) ? 2 : 3;
        if (fields.others.size() + 1 == needed) fields.others.insert(fields.others.begin(), "");
        if (fields.others.size() < needed || fields.others.size() > 3)
            refuse("bound {} needs the name of the set, a column{}; here are {} words", type,
                   needed == 3 ? " and a number" : "", words.size());
        check_set(fields.others[0]);
        auto const found = columns_.find(std::string(fields.others[1]));
        if (found == columns_.end()) refuse("there is no column '{}' in COLUMNS", legible(fields.others[1]));
        set_bound(found->second.index, type, needed == 3 ? bound(fields.others[2]) : 0);
    }

    void set_bound(std::size_t index, std::string_view type, double value) {
        Variable& variable = problem_.variables[index];
        bool const sets_lower = type != "UP" && type != "UI" && type != "PL";
        bool const sets_upper = type != "LO" && type != "LI" && type != "MI";
        auto const once = [&](std::set<std::size_t>& set, std::string_view which) {
            if (!set.insert(index).second)
                refuse("column '{}' has a second {} bound; keep one", legible(variable.name), which);
        };
        if (sets_lower) once(with_lower_, "lower");
        if (sets_upper) once(with_upper_, "upper");
        if (type == "BV" || type == "LI" || type == "UI") variable.integer = true;
        if (sets_lower) variable.lower = type == "BV" ? 0 : type == "FR" || type == "MI" ? -unlimited : value;
        if (sets_upper) variable.upper = type == "BV" ? 1 : type == "FR" || type == "PL" ? unlimited : value;
        if (sets_upper) upper_lines_[index] = line_;
    }

    // ---- the end

    void check_bounds() {
        for (std::size_t i = 0; i < problem_.variables.size(); ++i) {
            auto const& variable = problem_.variables[i];
            bool const with_lower = with_lower_.count(i) > 0;
            bool const with_upper = with_upper_.count(i) > 0;
            line_ = with_upper ? upper_lines_[i] : columns_.at(variable.name).line;
            if (variable.integer && !with_lower && !with_upper)
                refuse(
                    "column '{}' is an integer without bounds, which some programs take as 0 to 1 and "
                    "others as 0 and more: say which in BOUNDS, by UP or by PL",
                    legible(variable.name));
            if (with_upper && !with_lower && variable.upper < 0)
                refuse(
                    "column '{}' has the upper bound {} and no lower one, which some programs take as 0 "
                    "and others as none: say which in BOUNDS, by LO or by MI",
                    legible(variable.name), variable.upper);
        }
    }

    Problem finish() {
        if (integers_) refuse("integers begin with a marker 'INTORG' and have no 'INTEND'");
        if (objective_.empty() && !problem_.variables.empty()) refuse("there is no objective: a row N");
        set_ranges();
        check_bounds();
        return std::move(problem_);
    }

    struct Known {
        std::size_t line;
        std::size_t index;
    };

    struct Range {
        std::size_t row;
        double value;
        std::size_t line;
        std::string name;
    };

    static constexpr std::size_t objective_row = static_cast<std::size_t>(-1);
    static constexpr std::size_t dropped = static_cast<std::size_t>(-2);

    [[nodiscard]] Known const& row_named(std::string_view name) const {
        auto const found = rows_.find(std::string(name));
        if (found == rows_.end()) refuse("there is no row '{}' in ROWS", legible(name));
        return found->second;
    }

    [[nodiscard]] double finite(std::string_view text, std::string_view what) const {
        auto const number = number_of(text);
        if (!number || !std::isfinite(*number))
            refuse("'{}' is not a {} (must be a finite number)", legible(text), what);
        return *number;
    }

    [[nodiscard]] double bound(std::string_view text) const {
        auto const number = number_of(text);
        if (!number) refuse("'{}' is not a bound (must be a number, or inf)", legible(text));
        return bound_of(*number);
    }

    std::string const& file_;
    std::string_view rest_;
    Form form_;
    std::size_t line_ = 0;
    std::string_view section_;
    std::set<std::string> seen_;
    Problem problem_;
    std::string objective_;
    std::vector<char> types_;  ///< of the rows: L, G or E
    std::unordered_map<std::string, Known> rows_;
    std::unordered_map<std::string, Known> columns_;
    std::set<std::string> filled_;             ///< rows that the column has an entry for
    std::set<std::string> given_;              ///< rows with a value, by section
    std::map<std::string, std::string> sets_;  ///< name of the set, by section
    std::vector<Range> ranges_;
    std::set<std::size_t> with_lower_;
    std::set<std::size_t> with_upper_;
    std::map<std::size_t, std::size_t> upper_lines_;
    bool integers_ = false;
};

/// Could a file whose names have blanks in them be meant: has each of its lines blanks between the columns?
bool is_in_columns(std::string_view text) {
    while (!text.empty()) {
        auto const end = text.find('\n');
        auto const line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (stripped(line).empty() || line.front() == '*' || line.front() != ' ') continue;
        if (line.find('\t') != std::string_view::npos) return false;
        constexpr std::array between{3, 12, 13, 22, 23, 36, 37, 38, 47, 48};
        for (auto const at : between) {
            auto const place = static_cast<std::size_t>(at);
            if (place < line.size() && line[place] != ' ' && line[place] != '\r') return false;
        }
    }
    return true;
}

}  // namespace

Problem read_mps(std::string const& file, std::string_view text) {
    try {
        return Reader(file, text, Form::by_words).read();
    } catch (DataError const&) {
        if (!is_in_columns(text)) throw;
        try {
            return Reader(file, text, Form::by_columns).read();
        } catch (DataError const&) {
            // What was wrong with its words is easier to understand.
        }
        throw;
    }
}

}  // namespace vaster::service::solve
