#include "core/study/packed_plan.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <variant>

#include <fmt/core.h>

#include "vaster/support/contracts.hpp"

namespace vaster::study {
namespace {

constexpr std::size_t blocks_of_part = 512;  // some 60 bytes for each of 32 experiments

/// Seven bits a byte, the lowest first; all but the last have the eighth bit.
void put_number(std::string& to, std::uint64_t number) {
    for (; number >= 0x80U; number >>= 7U) to += static_cast<char>((number & 0x7fU) | 0x80U);
    to += static_cast<char>(number);
}

std::uint64_t take_number(std::string_view& from) {
    std::uint64_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
        VASTER_EXPECTS(!from.empty() && shift < 64);
        auto const byte = static_cast<std::uint8_t>(from.front());
        from.remove_prefix(1);
        number |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
        if (byte < 0x80U) return number;
    }
}

/// Small numbers of both signs become small ones without.
std::uint64_t without_sign(std::int64_t number) {
    auto const bits = static_cast<std::uint64_t>(number);
    return number < 0 ? ~(bits << 1U) : bits << 1U;
}

std::int64_t with_sign(std::uint64_t number) {
    auto const bits = number >> 1U;
    return static_cast<std::int64_t>((number & 1U) != 0 ? ~bits : bits);
}

template <class T>
void put_raw(std::string& to, T value) {
    to.append(reinterpret_cast<char const*>(&value), sizeof value);
}

template <class T>
T take_raw(std::string_view& from) {
    T value{};
    VASTER_EXPECTS(from.size() >= sizeof value);
    std::memcpy(&value, from.data(), sizeof value);
    from.remove_prefix(sizeof value);
    return value;
}

void put_text(std::string& to, std::string const& text) {
    put_number(to, text.size());
    to += text;
}

std::string_view take_bytes(std::string_view& from, std::uint64_t length) {
    VASTER_EXPECTS(from.size() >= length);
    auto const bytes = from.substr(0, length);
    from.remove_prefix(length);
    return bytes;
}

std::string take_text(std::string_view& from) {
    auto const length = take_number(from);
    return std::string(take_bytes(from, length));
}

void put_cell(std::string& to, Cell const& cell) {
    to += static_cast<char>(cell.index());
    if (auto const* integer = std::get_if<std::int64_t>(&cell))
        put_number(to, without_sign(*integer));
    else if (auto const* real = std::get_if<double>(&cell))
        put_raw(to, *real);
    else
        put_text(to, std::get<std::string>(cell));
}

Cell take_cell(std::string_view& from) {
    switch (take_raw<char>(from)) {
        case 0:
            return with_sign(take_number(from));
        case 1:
            return take_raw<double>(from);
        default:
            return take_text(from);
    }
}

std::string packed(Experiment const& experiment) {
    std::string bytes;
    put_number(bytes, experiment.index);
    put_raw(bytes, experiment.id.value);
    put_number(bytes, experiment.group);
    put_raw(bytes, experiment.expected_seconds);
    put_text(bytes, experiment.cost_key);
    put_number(bytes, experiment.design.size());
    for (auto const& cell : experiment.design) put_cell(bytes, cell);
    put_number(bytes, experiment.n_rows);
    put_number(bytes, experiment.first_row);
    put_text(bytes, experiment.skip_reason);
    return bytes;
}

Experiment unpacked(std::string_view bytes) {
    Experiment experiment;
    experiment.index = take_number(bytes);
    experiment.id.value = take_raw<decltype(experiment.id.value)>(bytes);
    experiment.group = take_number(bytes);
    experiment.expected_seconds = take_raw<double>(bytes);
    experiment.cost_key = take_text(bytes);
    experiment.design.resize(take_number(bytes));
    for (auto& cell : experiment.design) cell = take_cell(bytes);
    experiment.n_rows = take_number(bytes);
    experiment.first_row = take_number(bytes);
    experiment.skip_reason = take_text(bytes);
    return experiment;
}

/// The entry at the front, without its length.
std::string_view take_entry(std::string_view& from) {
    auto const length = take_number(from);
    return take_bytes(from, length);
}

}  // namespace

PackedPlan::PackedPlan(std::span<Experiment const> experiments) {
    for (auto const& experiment : experiments) push_back(experiment);
}

void PackedPlan::push_back(Experiment const& experiment) {
    append(packed(experiment));
}

void PackedPlan::append(std::string_view entry) {
    if (size_ % block_rows == 0) {
        if (!blocks_.empty()) blocks_.back()->shrink_to_fit();
        blocks_.push_back(std::make_shared<std::string>());
    } else if (blocks_.back().use_count() > 1) {
        blocks_.back() = std::make_shared<std::string>(*blocks_.back());
    }
    put_number(*blocks_.back(), entry.size());
    blocks_.back()->append(entry);
    ++size_;
}

Experiment PackedPlan::at(std::size_t position) const {
    if (position >= size_)
        throw std::out_of_range(fmt::format("experiment {} of a plan of {}", position, size_));
    std::string_view block = *blocks_[position / block_rows];
    for (std::size_t i = 0; i < position % block_rows; ++i) (void)take_entry(block);
    return unpacked(take_entry(block));
}

PackedPlan::Iterator PackedPlan::begin() const {
    return {*this, 0};
}

PackedPlan::Iterator PackedPlan::end() const {
    return {*this, size_};
}

Experiment PackedPlan::Iterator::operator*() const {
    auto rest = std::string_view(*plan_->blocks_[position_ / block_rows]).substr(offset_);
    return unpacked(take_entry(rest));
}

PackedPlan::Iterator& PackedPlan::Iterator::operator++() {
    std::string_view const block = *plan_->blocks_[position_ / block_rows];
    auto rest = block.substr(offset_);
    (void)take_entry(rest);
    ++position_;
    offset_ = position_ % block_rows == 0 ? 0 : block.size() - rest.size();
    return *this;
}

std::size_t PackedPlan::n_parts() const noexcept {
    return (blocks_.size() + blocks_of_part - 1) / blocks_of_part;
}

std::string PackedPlan::part(std::size_t number) const {
    std::string bytes;
    auto const end = std::min(blocks_.size(), (number + 1) * blocks_of_part);
    for (auto i = number * blocks_of_part; i < end; ++i) bytes += *blocks_[i];
    return bytes;
}

void PackedPlan::add_part(std::string_view bytes) {
    while (!bytes.empty()) append(take_entry(bytes));
}

}  // namespace vaster::study
