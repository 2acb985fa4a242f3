#include "vaster/study/experiment.hpp"

#include <array>
#include <cstddef>
#include <stdexcept>
#include <streambuf>

#include "base/support/hash.hpp"
#include "core/study/packed_plan.hpp"
#include "core/study/plan_archive.hpp"

namespace vaster::study {
namespace {

/// The experiments of a plan, one after the other.
class InOrder {
  public:
    InOrder() = default;
    virtual ~InOrder() = default;
    InOrder(InOrder const&) = delete;
    InOrder& operator=(InOrder const&) = delete;

    virtual Experiment const& next() = 0;
};

/// An experiment without its expected seconds: the next one of its plan.
struct Decisive {
    InOrder* plan = nullptr;

    /// As Experiment's.
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        constexpr double no_seconds = 0;
        auto const& e = plan->next();
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

template <class Iterator>
class Walk final : public InOrder {
  public:
    explicit Walk(Iterator first) : at_(first) {}

    Experiment const& next() override {
        experiment_ = *at_;
        ++at_;
        return experiment_;
    }

  private:
    Iterator at_;
    Experiment experiment_;
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

std::string hash_of(InOrder& experiments, std::size_t n) {
    HashingBuffer hashing;
    {
        boost::archive::binary_oarchive archive(hashing, boost::archive::no_header);
        DecisivePlan const decisive{std::vector<Decisive>(n, Decisive{&experiments})};
        archive << decisive;
    }
    return hashing.text();
}

}  // namespace

std::uint64_t total_rows(Plan const& plan) {
    std::uint64_t total = 0;
    for (auto const& experiment : plan.experiments) total += experiment.n_rows;
    return total;
}

std::string hash_of(std::span<Experiment const> plan) {
    Walk walk(plan.begin());
    return hash_of(walk, plan.size());
}

std::string PackedPlan::hash() const {
    Walk walk(begin());
    return hash_of(walk, size());
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
