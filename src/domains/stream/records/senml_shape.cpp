#include "domains/stream/records/senml_shape.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace vaster::stream {
namespace {

constexpr std::size_t longest_whole_number = 18;  // digits that fit into 64 bits for sure

/// Characters that stand for themselves in a JSON string, and need no look at UTF-8.
constexpr std::array<bool, 256> plain_characters = [] {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < 0x80; ++c) plain.at(c) = c != '"' && c != '\\';
    return plain;
}();

bool is_plain(char c) {
    return plain_characters[static_cast<unsigned char>(c)];
}

std::uint64_t eight_at(char const* text) {
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    return word;
}

/// As std::memcmp() says: pieces of a record are short enough for the call of it to take longer than this.
bool are_same(char const* a, char const* b, std::size_t size) {
    constexpr std::size_t word = sizeof(std::uint64_t);
    if (size < word) return std::equal(a, a + size, b);
    for (std::size_t at = 0; at + word < size; at += word)
        if (eight_at(a + at) != eight_at(b + at)) return false;
    return eight_at(a + size - word) == eight_at(b + size - word);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Where the whole number that begins there ends; `begin` itself where there is none that JSON allows.
char const* end_of_number(char const* begin, char const* end) {
    char const* place = begin;
    if (place < end && *place == '-') ++place;
    char const* const digits = place;
    while (place < end && is_digit(*place)) ++place;
    auto const n = static_cast<std::size_t>(place - digits);
    bool const has_zero_before = n > 1 && *digits == '0';
    return n == 0 || n > longest_whole_number || has_zero_before ? begin : place;
}

}  // namespace

/// Reads the record that a shape is learned from.
class ShapeReader {
  public:
    ShapeReader(SenmlShape& shape, Layout const& layout)
        : shape_(shape), text_(shape.text_), layout_(layout) {}

    bool read() {
        bool has_entries = false;
        if (!take('{')) return false;
        do {
            auto const key = take_string();
            if (!key || !take(':')) return false;
            if (*key == "e" && !has_entries) {
                has_entries = true;
                if (!read_entries()) return false;
            } else if (*key != "bt" || !read_time()) {
                return false;
            }
        } while (take(','));
        bool const is_closed = take('}');
        skip_blanks();
        if (!is_closed || !has_entries || place_ != text_.size()) return false;
        shape_.rest_ = static_cast<std::uint32_t>(begin_);
        return true;
    }

  private:
    bool read_entries() {
        if (!take('[')) return false;
        do {
            if (!read_entry()) return false;
        } while (take(','));
        return take(']');
    }

    bool read_entry() {
        std::optional<std::string_view> name;
        bool has_value = false;
        if (!take('{')) return false;
        do {
            auto const key = take_string();
            if (!key || !take(':')) return false;
            if (*key == "v" || *key == "sv") {
                if (has_value || !read_value()) return false;
                has_value = true;
                continue;
            }
            auto const text = take_string();
            if (!text || (*key == "n" && name)) return false;
            if (*key == "n") name = text;
        } while (take(','));
        if (!take('}') || !name || name->empty() || !has_value) return false;
        shape_.pieces_.back().target = target_of(*name);
        return true;
    }

    std::uint32_t target_of(std::string_view name) const {
        if (name == layout_.sensor) return SenmlShape::for_sensor;
        auto const slot = slot_of(layout_, name);
        return slot < layout_.fields.size() ? static_cast<std::uint32_t>(slot) : SenmlShape::for_nobody;
    }

    bool read_value() {
        if (!take('"')) return false;
        add_piece(SenmlShape::for_nobody);
        while (place_ < text_.size() && is_plain(text_[place_])) ++place_;
        begin_ = place_;
        return take('"');
    }

    bool read_time() {
        skip_blanks();
        add_piece(SenmlShape::for_time);
        char const* const begin = text_.data() + place_;
        char const* const end = end_of_number(begin, text_.data() + text_.size());
        place_ += static_cast<std::size_t>(end - begin);
        begin_ = place_;
        return end != begin;
    }

    void add_piece(std::uint32_t target) {
        shape_.pieces_.push_back(
            {static_cast<std::uint32_t>(begin_), static_cast<std::uint32_t>(place_ - begin_), target});
    }

    void skip_blanks() {
        while (place_ < text_.size() && (text_[place_] == ' ' || text_[place_] == '\t')) ++place_;
    }

    /// Goes over blanks and the character, if it is there.
    bool take(char c) {
        skip_blanks();
        if (place_ >= text_.size() || text_[place_] != c) return false;
        ++place_;
        return true;
    }

    /// A string of the text that all records have.
    std::optional<std::string_view> take_string() {
        if (!take('"')) return std::nullopt;
        auto const end = text_.find('"', place_);
        if (end == std::string_view::npos) return std::nullopt;
        auto const text = text_.substr(place_, end - place_);
        place_ = end + 1;
        return text.find('\\') == std::string_view::npos ? std::optional(text) : std::nullopt;
    }

    SenmlShape& shape_;
    std::string_view text_;
    Layout const& layout_;
    std::size_t place_ = 0;
    std::size_t begin_ = 0;  ///< of the text that follows the last value
};

std::optional<SenmlShape> SenmlShape::of(std::string_view body, Layout const& layout) {
    SenmlShape shape;
    shape.text_ = body;
    if (!ShapeReader(shape, layout).read()) return std::nullopt;
    return shape;
}

bool SenmlShape::take(std::string_view body, std::span<FieldValue> values,
                      std::optional<std::string_view>& sensor) const {
    char const* place = body.data();
    char const* const end = place + body.size();
    auto const skip = [&](char const* text, std::size_t size) {
        if (static_cast<std::size_t>(end - place) < size || !are_same(place, text, size)) return false;
        place += size;
        return true;
    };
    for (auto const& piece : pieces_) {
        if (!skip(text_.data() + piece.begin, piece.size)) return false;
        char const* const begin = place;
        if (piece.target == for_time) {
            place = end_of_number(begin, end);
            if (place == begin) return false;
            continue;
        }
        while (place < end && is_plain(*place)) ++place;
        std::string_view const text(begin, static_cast<std::size_t>(place - begin));
        if (piece.target < values.size())
            values[piece.target] = value_of(text);
        else if (piece.target == for_sensor)
            sensor = text;
    }
    return skip(text_.data() + rest_, text_.size() - rest_) && place == end;
}

}  // namespace vaster::stream
