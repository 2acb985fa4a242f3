#include "domains/stream/tasks/senml_writer.hpp"

#include <fmt/core.h>

namespace vaster::stream {
namespace {

constexpr unsigned char first_printable = 0x20;

std::string json_of(std::string_view text) {
    std::string json;
    append_json(json, text);
    return json;
}

void append_escaped(std::string& json, char c) {
    switch (c) {
        case '"':
            json += "\\\"";
            return;
        case '\\':
            json += "\\\\";
            return;
        case '\n':
            json += "\\n";
            return;
        case '\r':
            json += "\\r";
            return;
        case '\t':
            json += "\\t";
            return;
        default:
            if (static_cast<unsigned char>(c) >= first_printable)
                json += c;
            else
                json += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
}

}  // namespace

void append_json(std::string& json, std::string_view text) {
    json += '"';
    for (char const c : text) append_escaped(json, c);
    json += '"';
}

SenmlWriter::SenmlWriter(std::vector<InputColumn> columns, Values values)
    : columns_(std::move(columns)), values_(values) {
    heads_.reserve(columns_.size());
    tails_.reserve(columns_.size());
    for (auto const& column : columns_) {
        heads_.push_back(fmt::format(R"({}{{"n":{},"{}":)", heads_.empty() ? "" : ",", json_of(column.name),
                                     column.text ? "sv" : "v"));
        tails_.push_back(fmt::format(R"(,"u":{}}})", json_of(column.unit)));
    }
}

void SenmlWriter::begin(std::int64_t time) {
    next_ = 0;
    text_ = fmt::format(R"({{"bt":{},"e":[)", time);
}

bool SenmlWriter::add(std::string_view text) {
    std::size_t const at = next_++;
    text_ += heads_[at];
    if (columns_[at].text || values_ == Values::text)
        append_json(text_, text);
    else if (!add_number(text))
        return false;
    text_ += tails_[at];
    return true;
}

/// A number as JSON has it: without a plus or blanks, and with a digit before the point.
bool SenmlWriter::add_number(std::string_view text) {
    if (text.empty() || text == "null") {
        text_ += "null";
        return true;
    }
    auto const number = number_of(text);
    if (number) text_ += fmt::format("{}", *number);
    return number.has_value();
}

std::string_view SenmlWriter::end() {
    text_ += "]}";
    return text_;
}

}  // namespace vaster::stream
