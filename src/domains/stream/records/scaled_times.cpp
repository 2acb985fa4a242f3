#include "domains/stream/records/scaled_times.hpp"

#include <cmath>
#include <utility>

namespace vaster::stream {
namespace {

class ScaledTimes final : public RecordParser {
  public:
    ScaledTimes(std::unique_ptr<RecordParser> parser, double scale)
        : parser_(std::move(parser)), scale_(scale) {}

    std::optional<Fault> parse(std::string_view line, Record& record) override {
        if (auto const fault = parser_->parse(line, record)) return fault;
        constexpr double end = 9223372036854775808.0;  // 2^63
        double const time = std::floor(static_cast<double>(record.time) / scale_);
        if (!(time >= -end && time < end)) return Fault::bad_time;
        record.time = static_cast<std::int64_t>(time);
        return std::nullopt;
    }

    std::vector<std::string> names(std::string_view line) override { return parser_->names(line); }

  private:
    std::unique_ptr<RecordParser> parser_;
    double scale_;
};

}  // namespace

std::unique_ptr<RecordParser> with_scaled_times(std::unique_ptr<RecordParser> parser, double scale) {
    return std::make_unique<ScaledTimes>(std::move(parser), scale);
}

}  // namespace vaster::stream
