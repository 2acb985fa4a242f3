#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vaster/study/experiment.hpp"

namespace vaster::study {

/// Experiments in few bytes each, a fifth of what they take as a vector: some 60 where their design is a few
/// short cells. They are unpacked when they are asked for, one at a time; in order is fastest. A copy shares
/// what it was copied from.
class PackedPlan {
  public:
    class Iterator;

    PackedPlan() = default;
    PackedPlan(std::span<Experiment const> experiments);  // NOLINT(google-explicit-constructor)

    PackedPlan(std::vector<Experiment> const& experiments)  // NOLINT(google-explicit-constructor)
        : PackedPlan(std::span(experiments)) {}

    void push_back(Experiment const& experiment);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    /// By position, which is the index only where all of a plan is here. @throws std::out_of_range
    [[nodiscard]] Experiment at(std::size_t position) const;

    [[nodiscard]] Experiment operator[](std::size_t position) const { return at(position); }

    /// As hash_of() of the same experiments in a vector.
    [[nodiscard]] std::string hash() const;

    [[nodiscard]] Iterator begin() const;
    [[nodiscard]] Iterator end() const;

    /// Cut into parts of about a mebibyte, to be sent one after the other; add_part() puts them together.
    [[nodiscard]] std::size_t n_parts() const noexcept;
    [[nodiscard]] std::string part(std::size_t number) const;
    void add_part(std::string_view bytes);

  private:
    static constexpr std::size_t block_rows = 32;  ///< of which one is found by going through them

    void append(std::string_view entry);

    std::vector<std::shared_ptr<std::string>> blocks_;  ///< entries: length, then the experiment
    std::size_t size_ = 0;
};

/// Goes through a plan in order.
class PackedPlan::Iterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Experiment;
    using difference_type = std::ptrdiff_t;
    using pointer = Experiment const*;
    using reference = Experiment;

    Iterator(PackedPlan const& plan, std::size_t position) : plan_(&plan), position_(position) {}

    Experiment operator*() const;
    Iterator& operator++();

    bool operator==(Iterator const& other) const { return position_ == other.position_; }

  private:
    PackedPlan const* plan_;
    std::size_t position_;
    std::size_t offset_ = 0;  ///< of its entry in the block
};

}  // namespace vaster::study
