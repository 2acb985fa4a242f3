#include "vaster/study/experiment.hpp"

#include <array>
#include <cstddef>
#include <stdexcept>
#include <streambuf>

#include "base/support/hash.hpp"
#include "core/study/serialization.hpp"

namespace vaster::study {
namespace {

/// An experiment without its expected seconds.
struct Decisive {
    Decisive(Experiment const& whole) : experiment(&whole) {}

    Experiment const* experiment;

    /// As Experiment's.
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        constexpr double no_seconds = 0;
        auto const& e = *experiment;
        archive << e.index << e.id << e.group << no_seconds << e.cost_key << e.design << e.n_rows
                << e.first_row << e.skip_reason;
    }
};

/// As Plan.
struct DecisivePlan {
    std::vector<Decisive> experiments;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& experiments;
    }
};

/// Takes the bytes of an archive and keeps nothing but their hash: a plan may have millions of rows.
class HashingBuffer final : public std::streambuf {
  public:
    HashingBuffer() { setp(piece_.data(), piece_.data() + piece_.size()); }

    /// Of all bytes so far.
    [[nodiscard]] std::string text() {
        flush();
        return hash_.text();
    }

  protected:
    int_type overflow(int_type character) override {
        flush();
        return std::streambuf::sputc(static_cast<char>(character));
    }

  private:
    void flush() {
        hash_.add({pbase(), static_cast<std::size_t>(pptr() - pbase())});
        setp(piece_.data(), piece_.data() + piece_.size());
    }

    ContentHash hash_;
    std::array<char, 65536> piece_{};
};

}  // namespace

std::uint64_t total_rows(Plan const& plan) {
    std::uint64_t total = 0;
    for (auto const& experiment : plan.experiments) total += experiment.n_rows;
    return total;
}

std::string hash_of(std::span<Experiment const> plan) {
    HashingBuffer hashing;
    {
        boost::archive::binary_oarchive archive(hashing, boost::archive::no_header);
        DecisivePlan const decisive{{plan.begin(), plan.end()}};
        archive << decisive;
    }
    return hashing.text();
}

std::string to_text(Failure failure) {
    switch (failure) {
        case Failure::error:
            return "error";
        case Failure::crash:
            return "crash";
        case Failure::timeout:
            return "timeout";
        case Failure::out_of_memory:
            return "out of memory";
        case Failure::infrastructure:
            return "infrastructure";
        case Failure::interrupted:
            return "interrupted";
    }
    throw std::logic_error("a failure that does not exist");
}

}  // namespace vaster::study
