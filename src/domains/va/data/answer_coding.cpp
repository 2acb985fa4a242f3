#include "domains/va/data/answer_coding.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "domains/va/data/column_roles.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/parameters.hpp"

namespace vaster::va {

namespace {

/// Texts are compared as this: numbers in one spelling.
std::string comparable(std::string_view text) {
    auto number = plain_number(text);
    return number ? *std::move(number) : std::string(text);
}

/// Numbers that questionnaires write for "not known", "refused" and "does not apply".
bool is_code_of_not_known(std::string_view number) {
    constexpr std::array<std::string_view, 16> codes = {"2",  "3",  "7",   "8",   "9",   "66",  "77", "88",
                                                        "98", "99", "777", "888", "998", "999", "-1", "-9"};
    return std::find(codes.begin(), codes.end(), number) != codes.end();
}

bool is_sex(std::string_view text) {
    constexpr std::array<std::string_view, 6> sexes = {"m", "f", "male", "female", "man", "woman"};
    return std::find(sexes.begin(), sexes.end(), folded(text)) != sexes.end();
}

bool has_decimal_comma(std::string_view text) {
    std::size_t const comma = text.find(',');
    if (comma == std::string_view::npos) return false;
    return plain_number(text.substr(0, comma)) && plain_number(text.substr(comma + 1));
}

std::string name_of(csv::CsvReader const& reader, std::size_t column) {
    return fmt::format("column {} ({})", column + 1, reader.header()[column]);
}

std::string key_line(std::string_view key, std::vector<std::string> const& texts) {
    return fmt::format("data.{} = {}", key, to_toml(Value(texts)));
}

std::vector<std::string> only_texts(std::vector<CountedText> const& counted) {
    std::vector<std::string> texts;
    texts.reserve(counted.size());
    for (auto const& [text, count] : counted) texts.push_back(text);
    return texts;
}

/// `Y|y`, most frequent first.
std::string spelled(std::vector<CountedText> texts) {
    std::stable_sort(texts.begin(), texts.end(),
                     [](auto const& a, auto const& b) { return a.count > b.count; });
    for (auto& [text, count] : texts)
        if (text.empty()) text = "empty";
    return fmt::format("{}", fmt::join(only_texts(texts), "|"));
}

void add_all(std::vector<std::string>& list, std::vector<std::string> const& more) {
    for (auto const& text : more)
        if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

}  // namespace

std::vector<std::string> problems_of(AnswerSpellings const& spellings) {
    std::vector<std::string> problems;
    std::map<std::string, std::string_view> key_of;
    std::pair<std::string_view, std::vector<std::string> const*> const lists[] = {
        {"data.present", &spellings.present},
        {"data.absent", &spellings.absent},
        {"data.missing", &spellings.missing}};
    for (auto const& [key, texts] : lists)
        for (auto const& text : *texts) {
            auto const [known, is_new] = key_of.emplace(comparable(trimmed(text)), key);
            if (!is_new)
                problems.push_back(fmt::format("{}: \"{}\" is in {} already; a spelling means one thing", key,
                                               text, known->second));
        }
    return problems;
}

AnswerDecoder::AnswerDecoder(AnswerSpellings const& told, std::optional<std::size_t> id_column)
    : id_column_(id_column) {
    auto const take = [&](std::vector<std::string> const& texts, Answer answer, std::string_view key) {
        for (auto const& text : texts) {
            std::string const tidy(trimmed(text));
            told_.emplace(comparable(tidy), Told{answer, tidy, key});
        }
    };
    take(told.present, Answer::present, "present");
    take(told.absent, Answer::absent, "absent");
    take(told.missing, Answer::missing, "missing");
}

Answer AnswerDecoder::decode(std::string_view cell, csv::CsvReader const& reader, std::size_t column) {
    if (cell.size() <= 1) {
        std::size_t const known = of_character_[cell.empty() ? 0 : static_cast<unsigned char>(cell.front())];
        if (known != 0 && values_[known - 1].family != Family::unknown) {
            ++values_[known - 1].count;
            return values_[known - 1].answer;
        }
    }
    constexpr std::size_t most_values = 4096;
    auto const found = of_cell_.find(cell);
    if (found == of_cell_.end() && values_.size() >= most_values && read(cell).family == Family::unknown) {
        ++uncounted_[column];
        return Answer::missing;
    }
    std::size_t const position = found != of_cell_.end() ? found->second : value_of(cell, reader, column);
    Value& value = values_[position];
    ++value.count;
    if (value.family == Family::unknown) {
        Cells& cells = value.cells[column];
        if (cells.count++ == 0) cells.first = row_of(reader);
    }
    return value.answer;
}

AnswerDecoder::Row AnswerDecoder::row_of(csv::CsvReader const& reader) const {
    return {reader.line(), id_column_ ? std::string(trimmed(reader.cells()[*id_column_])) : ""};
}

std::string AnswerDecoder::place_of(csv::CsvReader const& reader, Row const& row, std::size_t column) {
    return fmt::format("line {}, {}{}", row.line, row.id.empty() ? "" : fmt::format("ID {}, ", row.id),
                       name_of(reader, column));
}

/// Takes a cell in that was not there before.
std::size_t AnswerDecoder::value_of(std::string_view cell, csv::CsvReader const& reader, std::size_t column) {
    Value value = read(cell);
    value.first = row_of(reader);
    value.column = column;
    values_.push_back(std::move(value));
    of_cell_.emplace(cell, values_.size() - 1);
    if (cell.size() <= 1)
        of_character_[cell.empty() ? 0 : static_cast<unsigned char>(cell.front())] = values_.size();
    return values_.size() - 1;
}

AnswerDecoder::Value AnswerDecoder::read(std::string_view cell) const {
    std::string text(trimmed(cell));
    auto const number = plain_number(text);
    if (auto const told = told_.find(number ? *number : text); told != told_.end())
        return {std::move(text), Family::told, told->second.answer};
    if (text.empty()) return {"", Family::empty, open_answer};
    if (number) {
        if (*number == "1") return {std::move(text), Family::digits, Answer::present};
        if (*number == "0") return {std::move(text), Family::digits, Answer::absent};
        return {std::move(text), Family::unknown, Answer::missing};
    }
    std::string const word = folded(text);
    auto const is = [&](std::string_view a, std::string_view b) { return word == a || word == b; };
    if (word == "y") return {std::move(text), Family::letters, Answer::present};
    if (word == "n") return {std::move(text), Family::letters, Answer::absent};
    if (word == "yes") return {std::move(text), Family::words, Answer::present};
    if (word == "no") return {std::move(text), Family::words, Answer::absent};
    if (is("true", "t")) return {std::move(text), Family::logical, Answer::present};
    if (is("false", "f")) return {std::move(text), Family::logical, Answer::absent};
    if (is("dk", "ref")) return {std::move(text), Family::dont_know, Answer::missing};
    if (NothingWords().contains(text)) return {std::move(text), Family::missing, Answer::missing};
    return {std::move(text), Family::unknown, Answer::missing};
}

/// The texts of some values, each once, with the cells that have it.
std::vector<CountedText> AnswerDecoder::texts_of(std::function<bool(Value const&)> const& wanted) const {
    std::vector<CountedText> texts;
    for (auto const& value : values_) {
        if (!wanted(value)) continue;
        auto found = std::find_if(texts.begin(), texts.end(),
                                  [&](CountedText const& known) { return known.text == value.text; });
        if (found == texts.end()) found = texts.insert(found, {value.text, 0});
        found->count += value.count;
    }
    return texts;
}

std::uint64_t AnswerDecoder::count_of(std::function<bool(Value const&)> const& wanted) const {
    std::uint64_t count = 0;
    for (auto const& value : values_)
        if (wanted(value)) count += value.count;
    return count;
}

/// Those that say present or absent, in the order in which they came.
std::vector<AnswerDecoder::Family> AnswerDecoder::families() const {
    std::vector<Family> found;
    for (auto const& value : values_)
        if (value.family <= Family::logical &&
            std::find(found.begin(), found.end(), value.family) == found.end())
            found.push_back(value.family);
    return found;
}

/// The same without those that are there in columns that are hardly symptoms, as far as their first cells
/// tell.
std::vector<AnswerDecoder::Family> AnswerDecoder::families_beside(Suspects const& suspects) const {
    auto found = families();
    std::erase_if(found, [&](Family family) {
        return std::all_of(values_.begin(), values_.end(), [&](Value const& value) {
            return value.family != family || suspects.contains(value.column);
        });
    });
    return found;
}

/// Is this a table as InterVA-4 has them, in which nothing but an empty cell says absent?
bool AnswerDecoder::empty_is_absent() const {
    bool const letters_alone = families() == std::vector<Family>{Family::letters};
    return letters_alone && count_of([](Value const& v) { return v.answer == Answer::absent; }) == 0;
}

Answer AnswerDecoder::empty_means() const {
    return empty_is_absent() ? Answer::absent : Answer::missing;
}

std::string AnswerDecoder::text_of(Answer empty_means) const {
    auto const means = [&](Value const& value, Answer answer) {
        return value.family != Family::unknown &&
               (value.answer == open_answer ? empty_means : value.answer) == answer;
    };
    auto const texts = [&](Answer answer) {
        return texts_of([&](Value const& value) { return means(value, answer); });
    };
    auto const absent = texts(Answer::absent);
    auto const missing = texts(Answer::missing);
    std::string text = fmt::format("{}/{}", spelled(texts(Answer::present)),
                                   absent.empty() ? "(nothing says absent)" : spelled(absent));
    text += missing.empty() ? "; no cell says missing" : fmt::format(", missing {}", listed(missing));
    auto const is_open = [](Value const& value) { return value.answer == open_answer; };
    auto const says_no = [](Value const& value) {
        return value.family == Family::letters && value.answer == Answer::absent;
    };
    if (empty_means == Answer::missing && count_of(is_open) > 0 && count_of(says_no) > 0)
        text += fmt::format("; empty ({}) is missing, since '{}' is used", grouped(count_of(is_open)),
                            texts_of(says_no).front().text);
    return text;
}

/// Columns with more than two values that are neither answers nor a usual number for "not known", or with a
/// sex (whose "f" would else be the f of t and f).
AnswerDecoder::Suspects AnswerDecoder::suspects() const {
    std::map<std::size_t, std::set<std::string>> strange;
    std::map<std::size_t, std::set<std::string>> unknown;
    for (auto const& value : values_)
        for (auto const& [column, cells] : value.cells) {
            std::string const text = comparable(value.text);
            unknown[column].insert(text);
            if (!is_code_of_not_known(text)) strange[column].insert(text);
        }
    constexpr std::size_t most_of_a_symptom = 2;
    Suspects suspects;
    for (auto const& [column, texts] : strange)
        if (texts.size() > most_of_a_symptom || std::any_of(texts.begin(), texts.end(), is_sex))
            suspects[column] = unknown[column];
    for (auto const& [column, count] : uncounted_) suspects[column] = unknown[column];
    return suspects;
}

/// The unknown values of columns that may well be symptoms, one line each.
std::vector<std::string> AnswerDecoder::unknown_values(csv::CsvReader const& reader,
                                                       Suspects const& suspects) const {
    struct Seen {
        std::uint64_t count = 0;
        std::set<std::size_t> columns;
        Row first;
        std::size_t column = 0;
        std::string text;
    };

    std::map<std::string, Seen> seen;
    std::vector<std::string> order;
    for (auto const& value : values_)
        for (auto const& [column, cells] : value.cells) {
            if (suspects.contains(column)) continue;
            std::string const text = comparable(value.text);
            auto const [known, is_new] = seen.try_emplace(text);
            if (is_new) order.push_back(text);
            Seen& of_text = known->second;
            of_text.count += cells.count;
            of_text.columns.insert(column);
            if (is_new ||
                std::pair(cells.first.line, column) < std::pair(of_text.first.line, of_text.column)) {
                of_text.first = cells.first;
                of_text.column = column;
                of_text.text = value.text;
            }
        }
    std::vector<std::string> lines;
    std::vector<std::string> all;
    for (auto const& [text, told] : told_)
        if (told.key == "missing") all.push_back(told.text);
    add_all(all, order);
    constexpr std::size_t n_shown = 12;
    for (std::size_t i = 0; i < std::min(order.size(), n_shown); ++i) {
        Seen const& of_text = seen[order[i]];
        lines.push_back(fmt::format("value '{}' in {} cell{} of {} column{} (first: {})", of_text.text,
                                    grouped(of_text.count), of_text.count == 1 ? "" : "s",
                                    of_text.columns.size(), of_text.columns.size() == 1 ? "" : "s",
                                    place_of(reader, of_text.first, of_text.column)));
    }
    if (order.size() > n_shown) lines.push_back(fmt::format("and {} more values", order.size() - n_shown));
    if (!lines.empty())
        lines.back() += fmt::format("; {} if {}; data.present and data.absent take other spellings",
                                    key_line("missing", all),
                                    order.size() == 1 ? "it means not known" : "they mean not known");
    return lines;
}

std::string AnswerDecoder::mixture(csv::CsvReader const& reader, std::vector<Family> const& found) const {
    std::vector<std::string> parts;
    std::vector<std::string> present;
    std::vector<std::string> absent;
    for (Family const family : found) {
        auto const texts = [&](Answer answer) {
            return texts_of([&](Value const& v) { return v.family == family && v.answer == answer; });
        };
        auto const first = std::find_if(values_.begin(), values_.end(),
                                        [&](Value const& value) { return value.family == family; });
        auto all = texts(Answer::present);
        add_all(present, only_texts(all));
        auto const no = texts(Answer::absent);
        add_all(absent, only_texts(no));
        all.insert(all.end(), no.begin(), no.end());
        parts.push_back(fmt::format("{} (first: '{}' on {})", listed(all), first->text,
                                    place_of(reader, first->first, first->column)));
    }
    return fmt::format("{} codings in one table: {}; if they mean the same, {}{}{}", parts.size(),
                       fmt::join(parts, " and "), key_line("present", present), absent.empty() ? "" : ", ",
                       absent.empty() ? "" : key_line("absent", absent));
}

/// Says that nothing in the table says present, or absent, where that leaves a doubt.
std::string AnswerDecoder::silence() const {
    auto const with = [&](Answer answer) {
        return texts_of(
            [&](Value const& value) { return value.answer == answer && value.family != Family::unknown; });
    };
    auto const present = with(Answer::present);
    auto const absent = with(Answer::absent);
    auto const unsaid = texts_of([](Value const& value) {
        return value.family == Family::empty || value.family == Family::missing ||
               value.family == Family::dont_know;
    });
    if (present.empty() && absent.empty())
        return fmt::format("every symptom cell is {}; there is nothing to learn from",
                           unsaid.size() == 1 && unsaid.front().text.empty() ? "empty" : "empty or missing");
    if (present.empty())
        return fmt::format("no cell says present: {}; data.present names the spelling that does", listed([&] {
                               auto all = absent;
                               all.insert(all.end(), unsaid.begin(), unsaid.end());
                               return all;
                           }()));
    bool const is_open = std::any_of(values_.begin(), values_.end(),
                                     [](Value const& value) { return value.answer == open_answer; });
    if (!absent.empty() || unsaid.empty() || told_.contains("") || (is_open && empty_is_absent())) return "";
    auto all = present;
    all.insert(all.end(), unsaid.begin(), unsaid.end());
    return fmt::format(
        "no cell says absent: {}; {} may be absent (where only what was ticked is written down) or "
        "missing: {} or {} says which",
        listed(all), spelled(unsaid), key_line("absent", only_texts(unsaid)),
        key_line("missing", only_texts(unsaid)));
}

/// Spellings that a key names and no cell has.
std::vector<std::string> AnswerDecoder::idle_spellings(std::string const& path) const {
    std::vector<std::string> notes;
    for (auto const& [text, told] : told_) {
        bool const seen = std::any_of(
            values_.begin(), values_.end(), [&, spelling = std::string_view(text)](Value const& value) {
                return value.family == Family::told && comparable(value.text) == spelling;
            });
        if (!seen)
            notes.push_back(fmt::format("{}: data.{}: {} occurs nowhere", path, told.key,
                                        told.text.empty() ? "an empty cell" : "'" + told.text + "'"));
    }
    return notes;
}

/// Asks what a column is for, if it is not a symptom.
std::string AnswerDecoder::question_about(csv::CsvReader const& reader, std::size_t column,
                                          std::set<std::string> const& texts) const {
    bool const numbers = std::all_of(texts.begin(), texts.end(),
                                     [](std::string const& text) { return plain_number(text).has_value(); });
    std::string const example = texts.empty() ? "" : fmt::format(", such as '{}'", *texts.begin());
    return fmt::format("{} has {}{} other {}{}: is it a label column, an ID or {}?", name_of(reader, column),
                       uncounted_.contains(column) ? "more than " : "", texts.size(),
                       numbers ? "numbers" : "values", example,
                       numbers ? "a number (to be cut into groups first)"
                               : "one of the site, the cause or a sub-population");
}

/// The columns that are hardly symptoms, a line each, and the key that leaves them out.
std::vector<std::string> AnswerDecoder::strange_columns(csv::CsvReader const& reader,
                                                        Suspects const& suspects,
                                                        std::span<std::string const> label_columns) const {
    constexpr std::size_t n_shown = 12;
    std::vector<std::string> lines;
    std::vector<std::string> to_leave_out;
    for (auto const& [column, texts] : suspects) {
        std::string const& name = reader.header()[column];
        if (is_named_like_ids(name)) {
            lines.push_back(fmt::format("{}: data.id = \"{}\" if these are the IDs of the deaths",
                                        name_of(reader, column), name));
            continue;
        }
        to_leave_out.push_back(name);
        if (to_leave_out.size() <= n_shown) lines.push_back(question_about(reader, column, texts));
    }
    if (to_leave_out.size() > n_shown)
        lines.push_back(fmt::format("and {} more such columns", to_leave_out.size() - n_shown));
    if (to_leave_out.empty()) return lines;
    std::vector<std::string> all(label_columns.begin(), label_columns.end());
    add_all(all, to_leave_out);
    lines.push_back(fmt::format("{} leaves {} out, data.id takes IDs, data.weight weights",
                                key_line("label_columns", all), to_leave_out.size() == 1 ? "it" : "them"));
    return lines;
}

std::vector<std::string> AnswerDecoder::objections(csv::CsvReader const& reader,
                                                   std::span<std::string const> label_columns) const {
    auto const strange = suspects();
    auto problems = strange_columns(reader, strange, label_columns);
    for (auto& line : unknown_values(reader, strange)) problems.push_back(std::move(line));
    auto const comma = std::find_if(values_.begin(), values_.end(), [](Value const& value) {
        return value.family == Family::unknown && has_decimal_comma(value.text);
    });
    if (comma != values_.end())
        problems.push_back(fmt::format("'{}' (first: {}) has a decimal comma; numbers need a point",
                                       comma->text, place_of(reader, comma->first, comma->column)));
    if (auto const found = families_beside(strange); found.size() > 1)
        problems.push_back(mixture(reader, found));
    for (auto const& value : values_)
        if (value.family == Family::dont_know && empty_is_absent())
            problems.push_back(
                fmt::format("value '{}' in {} cell{} (first: {}) of a table of Y and empty; {} if it "
                            "means not known",
                            value.text, grouped(value.count), value.count == 1 ? "" : "s",
                            place_of(reader, value.first, value.column), key_line("missing", {value.text})));
    return problems;
}

Coding AnswerDecoder::finish(csv::CsvReader const& reader, std::span<std::string const> label_columns) const {
    auto const problems = objections(reader, label_columns);
    constexpr std::string_view forms = "a table has one coding: Y/N, Y/empty, 1/0, yes/no or TRUE/FALSE";
    require<DataError>(problems.size() != 1, "{}: {}; {}", reader.name(),
                       problems.empty() ? "" : problems.front(), forms);
    require<DataError>(problems.empty(), "{}: the answers cannot be read ({}):\n  {}", reader.name(), forms,
                       fmt::join(problems, "\n  "));
    std::string const doubt = silence();
    require<DataError>(doubt.empty(), "{}: {}", reader.name(), doubt);
    Coding coding;
    coding.empty_means = empty_means();
    coding.text = text_of(coding.empty_means);
    coding.notes = idle_spellings(reader.name());
    return coding;
}

Coding AnswerDecoder::settle(csv::CsvReader const& reader, std::optional<Answer> told,
                             std::string_view flag) const {
    require<DataError>(families().size() <= 1, "{}: {}", reader.name(),
                       families().size() <= 1 ? "" : mixture(reader, families()));
    auto const n_empty = count_of([](Value const& value) { return value.answer == open_answer; });
    auto const says_absent = count_of(
        [](Value const& value) { return value.answer == Answer::absent && value.family != Family::unknown; });
    require<DataError>(n_empty == 0 || told || empty_is_absent() || says_absent > 0,
                       "{}: {} symptom cells are empty, and nothing in the file shows whether that means "
                       "absent or missing: no "
                       "cell says {}; {} says which",
                       reader.name(), grouped(n_empty), families().empty() ? "present or absent" : "absent",
                       flag);
    Coding coding;
    coding.empty_means = told.value_or(empty_means());
    coding.text = text_of(coding.empty_means);
    return coding;
}

std::optional<Answer> AnswerDecoder::meaning_of(std::string_view cell) const {
    Value const value = read(cell);
    if (value.family == Family::unknown) return std::nullopt;
    return value.answer;
}

std::string const& AnswerDecoder::known_answers() {
    static std::string const text =
        "Y, N, yes, no, 1, 0, TRUE, FALSE, an empty cell, \".\", \"-\", NA, DK and ref";
    return text;
}

}  // namespace vaster::va
