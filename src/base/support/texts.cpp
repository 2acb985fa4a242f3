#include "base/support/texts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <fmt/format.h>

namespace vaster {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

constexpr std::array<char, 200> digit_pairs = [] {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < pairs.size(); ++i)
        pairs.at(i) = static_cast<char>('0' + (i % 2 == 0 ? i / 20 : i / 2 % 10));
    return pairs;
}();

constexpr std::size_t half = 9;  // digits that fit into 32 bits

/// Nine digits, zeros in front included.
void write_half(std::uint32_t number, char* to) {
    auto const pair = [&](std::uint32_t two, std::size_t at) {
        std::memcpy(to + at, digit_pairs.data() + std::size_t{2} * two, 2);
    };
    std::uint32_t const first = number / 100000;
    std::uint32_t const second = number / 10 % 10000;
    pair(first / 100, 0);
    pair(first % 100, 2);
    pair(second / 100, 4);
    pair(second % 100, 6);
    to[half - 1] = static_cast<char>('0' + number % 10);
}

/// The shortest digits that are read back as the same number, and of these the closest: number = significand
/// * 10^exponent. By Dragonbox (Jeon 2020, https://github.com/jk-jeon/dragonbox).
///
/// fmt has it inside and offers it to nobody, so it is named here and nowhere else. What is public costs
/// more: std::to_chars() takes 39 ns for a number of 17 digits, and 33 ns where the form is given; with the
/// digits from here all of the text takes 29 ns. Should fmt change it, either this does not compile any more,
/// or the test that compares texts with those of std::to_chars() fails; then std::to_chars() alone does.
auto shortest_digits(double number) {
    auto const decimal = fmt::detail::dragonbox::to_decimal(number);
    static_assert(std::is_same_v<decltype(decimal.significand), std::uint64_t>);
    static_assert(std::is_same_v<decltype(decimal.exponent), int>);
    return decimal;
}

/// Writes a number that has a point and needs no exponent: the digits of std::to_chars(), of whose time more
/// than half goes into its choice of form.
/// @param to  longest_number bytes: pieces are copied as a whole, since a copy of as many characters as there
/// are is a call of a function
/// @returns the length of the text; 0 for any other number, of which nothing is written
std::size_t write_with_point(double number, char* to) {
    constexpr double smallest = 1e-3;  // with a single digit, what is smaller is shorter with an exponent
    constexpr double largest = 1e14;   // so that both pieces have room
    constexpr std::uint32_t of_half = 1'000'000'000;
    constexpr std::size_t most = 2 * half;
    constexpr std::size_t most_after = 16;  // of 17 digits, where one at least comes before the point
    double const size = std::abs(number);
    if (!(size >= smallest && size < largest)) return 0;
    auto const decimal = shortest_digits(size);
    if (decimal.exponent >= 0) return 0;
    std::array<char, 2 * most> digits;  // NOLINT(cppcoreguidelines-pro-type-member-init): written next
    write_half(static_cast<std::uint32_t>(decimal.significand / of_half), digits.data());
    write_half(static_cast<std::uint32_t>(decimal.significand % of_half), digits.data() + half);
    std::size_t first = 0;
    while (digits[first] == '0') ++first;
    auto const n_after = static_cast<std::size_t>(-decimal.exponent);  // digits behind the point
    char* place = to;
    if (number < 0) *place++ = '-';
    auto const n = most - first;
    if (n > n_after) {
        std::memcpy(place, digits.data() + first, most);
        place += n - n_after;
        *place++ = '.';
        std::memcpy(place, digits.data() + most - n_after, most_after);
    } else {
        auto const zeros = std::string_view("0.000").substr(0, 2 + n_after - n);
        place = std::copy(zeros.begin(), zeros.end(), place);
        std::memcpy(place, digits.data() + first, most);
        place += n - n_after;
    }
    return static_cast<std::size_t>(place - to) + n_after;
}

template <class T>
std::size_t write_by_standard(T number, char* to) {
    return static_cast<std::size_t>(std::to_chars(to, to + longest_number, number).ptr - to);
}

}  // namespace

std::string_view stripped(std::string_view text) {
    // Not find_first_not_of(), which calls a function for each character.
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::size_t write_shortest(double number, char* to) {
    auto const n = write_with_point(number, to);
    return n > 0 ? n : write_by_standard(number, to);
}

std::size_t write_shortest(std::int64_t number, char* to) {
    return write_by_standard(number, to);
}

std::size_t write_shortest(std::uint64_t number, char* to) {
    return write_by_standard(number, to);
}

std::string counted(std::uint64_t n, std::string_view what) {
    return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string shell_word(std::string_view text) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=,:+@%";
    if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) return std::string(text);
    std::string word(1, '\'');
    for (char const c : text) {
        if (c == '\'')
            word += "'\\''";
        else
            word += c;
    }
    word.push_back('\'');
    return word;
}

}  // namespace vaster
