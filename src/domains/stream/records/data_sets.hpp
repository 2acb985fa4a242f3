#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace vaster::stream {

/// Arrivals over the 24 parts of a cycle.
enum class Shape : std::uint8_t { uniform, normal, bimodal };

/// A made-up data set: what RIoTBench's data of that name look like, without a row of them.
struct DataSet {
    /// A field of text, such as the sensor's ID.
    struct Text {
        std::string_view name;
        std::string_view unit;
    };

    struct Number {
        std::string_view name;
        std::string_view unit;
        int decimals = 0;
    };

    /// Values outside of it are not measurements.
    struct Range {
        std::string_view field;
        double least = 0;
        double most = 0;
    };

    struct Term {
        std::string_view field;
        double coefficient = 0;
    };

    /// How a field truly depends on others: target = intercept + sum of terms + noise.
    struct Truth {
        std::string_view target;  ///< empty: there is none
        double intercept = 0;
        std::vector<Term> terms = {};
        double noise = 0;  ///< standard deviation
    };

    std::string_view name;        ///< "SYS"
    std::string_view other_name;  ///< "CITY"; may be empty
    std::string_view doc;
    std::uint64_t number = 0;                ///< in the seeds of its records
    std::uint64_t n_sensors = 0;             ///< unless told otherwise
    std::int64_t start = 0;                  ///< time of the first record [ms since 1970-01-01 UTC]
    std::string_view arrival;                ///< as in the paper (arXiv 1701.08530), for people
    std::vector<Text> texts;                 ///< in the order of a record; the first is the sensor's ID
    std::vector<Number> numbers;             ///< they follow in this order
    std::vector<std::string_view> observed;  ///< fields that tasks work on unless told otherwise
    std::vector<std::string_view> spoilt;    ///< fields that the generator's faults strike
    std::vector<Range> ranges;               ///< of range filters, unless told otherwise
    std::vector<std::string_view> features;  ///< of models
    std::string_view target;                 ///< of models; empty: there are none
    std::int64_t model_window = 0;           ///< of the rows that models are trained on [ms]
    Truth truth;

    /// Name of the field that tells sensors apart.
    [[nodiscard]] std::string_view id() const { return texts.front().name; }
};

/// SYS, FIT, GRID and TAXI.
[[nodiscard]] std::vector<DataSet> const& data_sets();

/// By either name, in any case of letters; null when there is none.
[[nodiscard]] DataSet const* find_data_set(std::string_view name);

/// "uniform", "normal", "bimodal", by Shape.
[[nodiscard]] std::vector<std::string_view> const& shape_names();

}  // namespace vaster::stream
