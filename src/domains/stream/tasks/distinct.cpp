#include "domains/stream/tasks/distinct.hpp"

#include <bit>
#include <cmath>
#include <variant>

#include <openssl/evp.h>

#include "domains/stream/tasks/catalogue.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::stream {
namespace {

constexpr unsigned hash_bits = 64;
constexpr std::size_t sha1_size = 20;

using Sha1 = std::array<unsigned char, sha1_size>;

/// @throws UnavailableError where OpenSSL has no SHA-1 (it can be forbidden)
Sha1 sha1_of(std::string_view text) {
    Sha1 digest{};
    unsigned size = 0;
    bool const done = EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1 &&
                      size == sha1_size;
    require<UnavailableError>(done, "SHA-1, which DAC needs, is switched off in this host's OpenSSL");
    return digest;
}

std::uint64_t big_endian_start(Sha1 const& digest) {
    std::uint64_t start = 0;
    for (std::size_t i = 0; i < sizeof start; ++i) start = start << 8 | digest[i];
    return start;
}

std::int32_t little_endian_start(Sha1 const& digest) {
    std::uint32_t start = 0;
    for (std::size_t i = sizeof start; i-- > 0;) start = start << 8 | digest[i];
    return static_cast<std::int32_t>(start);
}

/// The constant a of 2^bits registers.
double bias_of(unsigned bits) {
    switch (bits) {
        case 4:
            return 0.673;
        case 5:
            return 0.697;
        case 6:
            return 0.709;
        default:
            return 0.7213 / (1 + 1.079 / std::exp2(bits));
    }
}

void check_kept(std::string_view kept, std::size_t n_registers) {
    require<DataError>(kept.size() == n_registers,
                       "a kept state of DAC has {} registers, but the task has {}", kept.size(), n_registers);
}

}  // namespace

HyperLogLog::HyperLogLog(unsigned bits) : bits_(bits), registers_(std::size_t{1} << bits) {
    VASTER_EXPECTS(bits >= 4 && bits <= 18);
    n_with_[0] = registers_.size();
}

void HyperLogLog::add(std::uint64_t hash) {
    std::uint64_t const rest = hash << bits_;
    unsigned const zeros = rest == 0 ? hash_bits - bits_ : static_cast<unsigned>(std::countl_zero(rest));
    raise(hash >> (hash_bits - bits_), static_cast<std::uint8_t>(zeros + 1));
}

void HyperLogLog::raise(std::size_t place, std::uint8_t value) {
    auto& held = registers_[place];
    if (value <= held) return;
    --n_with_[held];
    held = value;
    ++n_with_[held];
}

double HyperLogLog::estimate() const {
    auto const m = static_cast<double>(registers_.size());
    double sum = 0;
    for (std::size_t value = n_with_.size(); value-- > 0;)
        sum += std::ldexp(static_cast<double>(n_with_[value]), -static_cast<int>(value));
    double const raw = bias_of(bits_) * m * m / sum;
    bool const small = raw <= 2.5 * m && n_with_[0] > 0;
    return small ? m * std::log(m / static_cast<double>(n_with_[0])) : raw;
}

void HyperLogLog::merge(std::string_view registers) {
    check_kept(registers, registers_.size());
    for (std::size_t place = 0; place < registers.size(); ++place) {
        auto const value = static_cast<std::uint8_t>(registers[place]);
        require<DataError>(value <= hash_bits - bits_ + 1,
                           "a kept state of DAC has the register value {}, at most {} can be", value,
                           hash_bits - bits_ + 1);
        raise(place, value);
    }
}

PublishedLogLog::PublishedLogLog(unsigned bits) : bits_(bits), registers_(std::size_t{1} << bits) {}

void PublishedLogLog::add(std::int32_t hash) {
    constexpr std::uint8_t of_nothing = 31;
    std::int32_t const rest = hash >> bits_;
    auto const zeros = rest == 0
                           ? of_nothing
                           : static_cast<std::uint8_t>(std::countr_zero(static_cast<std::uint32_t>(rest)));
    raise(static_cast<std::uint32_t>(hash) & (registers_.size() - 1), zeros);
}

void PublishedLogLog::raise(std::size_t place, std::uint8_t value) {
    auto& held = registers_[place];
    if (value <= held) return;
    sum_ += value - held;
    held = value;
}

double PublishedLogLog::estimate() const {
    constexpr double constant = 0.79402;
    auto const m = static_cast<double>(registers_.size());
    return std::trunc(constant * m * std::exp2(static_cast<double>(sum_) / m));
}

void PublishedLogLog::merge(std::string_view registers) {
    check_kept(registers, registers_.size());
    for (std::size_t place = 0; place < registers.size(); ++place)
        raise(place, static_cast<std::uint8_t>(registers[place]));
}

namespace {

class Distinct final : public Task {
  public:
    explicit Distinct(TaskSetup const& setup) {
        auto const bits = static_cast<unsigned>(size_of(setup, "bits"));
        if (is_published(setup.parameters))
            sketch_.emplace<PublishedLogLog>(bits);
        else
            sketch_.emplace<HyperLogLog>(bits);
    }

    void take(Record const& record, Yield& yield) override {
        if (is_new(record.sensor_index)) add(record.sensor);
        yield.output.begin(record.number).cell(estimate_).end();
        yield.count(Outcome::output);
    }

    void save(std::uint32_t /*sensor_index*/, StateWriter& state) const override {
        std::visit(
            [&](auto const& sketch) {
                auto const& registers = sketch.registers();
                state.put(
                    std::string_view(reinterpret_cast<char const*>(registers.data()), registers.size()));
            },
            sketch_);
    }

    void load(std::uint32_t /*sensor_index*/, StateReader& state) override {
        auto const registers = state.get_text();
        std::visit([&](auto& sketch) { sketch.merge(registers); }, sketch_);
    }

  private:
    /// A sensor changes the sketch once.
    bool is_new(std::uint32_t sensor_index) {
        if (sensor_index >= seen_.size()) seen_.resize(2 * std::size_t{sensor_index} + 1);
        if (seen_[sensor_index]) return false;
        seen_[sensor_index] = true;
        return true;
    }

    void add(std::string_view sensor) {
        auto const digest = sha1_of(sensor);
        if (auto* const published = std::get_if<PublishedLogLog>(&sketch_))
            published->add(little_endian_start(digest));
        else
            std::get<HyperLogLog>(sketch_).add(big_endian_start(digest));
        estimate_ = std::visit([](auto const& sketch) { return sketch.estimate(); }, sketch_);
    }

    std::variant<HyperLogLog, PublishedLogLog> sketch_{HyperLogLog(4)};
    double estimate_ = 0;
    std::vector<bool> seen_;  ///< by sensor_index, since the state was loaded
};

}  // namespace

TaskKind distinct_task() {
    return {
        .code = "DAC",
        .name = "distinct_approx_count",
        .doc = "about how many different sensors there have been",
        .sigma = "1:1",
        .uses_fields = false,
        .parameters = {{.name = "bits",
                        .standard = std::int64_t{10},
                        .doc = "k, for 2^k registers; the relative standard error is 1.04 / 2^(k / 2)",
                        .bounds = {.at_least = 4, .at_most = 18}},
                       profile_parameter()},
        .keying = by_stream,
        .fields = [](TaskSetup const&) { return std::vector<std::string>(); },
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "estimate"}, 1};
            },
        .make = make_task<Distinct>,
    };
}

}  // namespace vaster::stream
