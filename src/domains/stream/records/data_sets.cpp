#include "domains/stream/records/data_sets.hpp"

#include <algorithm>
#include <cctype>

namespace vaster::stream {
namespace {

constexpr std::int64_t minute = 60000;
constexpr std::int64_t hour = 60 * minute;

DataSet sys() {
    return {
        .name = "SYS",
        .other_name = "CITY",
        .doc = "weather and air at places in a city",
        .number = 1,
        .n_sensors = 90,
        .start = 1422748800000,
        .arrival = "uniform, 5,000/s",
        .texts = {{"source", "string"}},
        .numbers = {{"longitude", "lon", 6},
                    {"latitude", "lat", 6},
                    {"temperature", "far", 1},
                    {"humidity", "per", 1},
                    {"light", "per", 0},
                    {"dust", "per", 2},
                    {"airquality_raw", "per", 0}},
        .observed = {"temperature", "humidity", "light", "dust", "airquality_raw"},
        .spoilt = {"temperature", "humidity", "light", "dust", "airquality_raw"},
        .ranges = {{"temperature", -12.5, 43.1},
                   {"humidity", 10.7, 95.2},
                   {"light", 1345, 26282},
                   {"dust", 186.61, 5188.21},
                   {"airquality_raw", 17, 363}},
        .features = {"temperature", "humidity", "light"},
        .target = "airquality_raw",
        .model_window = 2 * hour,
        .truth = {.target = "airquality_raw",
                  .intercept = 20,
                  .terms = {{"temperature", 2}, {"humidity", 0.5}, {"light", 0.01}},
                  .noise = 5},
    };
}

DataSet fit() {
    return {
        .name = "FIT",
        .other_name = "",
        .doc = "motion and heart of people who exercise",
        .number = 2,
        .n_sensors = 10,
        .start = 1417890600000,
        .arrival = "uniform, 500/s",
        .texts = {{"subjectId", "string"}},
        .numbers = {{"acc_chest_x", "m/s2", 5},
                    {"acc_chest_y", "m/s2", 5},
                    {"acc_chest_z", "m/s2", 5},
                    {"ecg_lead_1", "mV", 5},
                    {"ecg_lead_2", "mV", 5},
                    {"acc_ankle_x", "m/s2", 5},
                    {"acc_ankle_y", "m/s2", 5},
                    {"acc_ankle_z", "m/s2", 5},
                    {"gyro_ankle_x", "deg/s", 5},
                    {"gyro_ankle_y", "deg/s", 5},
                    {"gyro_ankle_z", "deg/s", 5},
                    {"magnetometer_ankle_x", "tesla", 5},
                    {"magnetometer_ankle_y", "tesla", 5},
                    {"magnetometer_ankle_z", "tesla", 5},
                    {"acc_arm_x", "m/s2", 5},
                    {"acc_arm_y", "m/s2", 5},
                    {"acc_arm_z", "m/s2", 5},
                    {"gyro_arm_x", "deg/s", 5},
                    {"gyro_arm_y", "deg/s", 5},
                    {"gyro_arm_z", "deg/s", 5},
                    {"magnetometer_arm_x", "tesla", 5},
                    {"magnetometer_arm_y", "tesla", 5},
                    {"magnetometer_arm_z", "tesla", 5},
                    {"label", "number", 0}},
        .observed = {"acc_chest_x", "acc_chest_y", "acc_chest_z", "ecg_lead_1", "ecg_lead_2", "acc_ankle_x",
                     "acc_ankle_y", "acc_ankle_z", "acc_arm_x", "acc_arm_y", "acc_arm_z"},
        .spoilt = {"acc_chest_x", "acc_ankle_y", "acc_arm_z", "ecg_lead_1"},
        .ranges = {{"acc_chest_x", -13.931, 4.123},
                   {"acc_chest_y", -4.6376, 5.2361},
                   {"acc_chest_z", -8.1881, 7.8786},
                   {"ecg_lead_1", -4.9314, 6.1371},
                   {"ecg_lead_2", -6.786, 6.6604},
                   {"acc_ankle_x", -5.0006, 8.1472},
                   {"acc_ankle_y", -14.303, 1.5909},
                   {"acc_ankle_z", -8.6234, 8.6958},
                   {"acc_arm_x", -9.824, 5.5778},
                   {"acc_arm_y", -10.059, 8.506},
                   {"acc_arm_z", -6.6739, 9.5725}},
        .features = {"acc_chest_x", "acc_chest_y", "acc_chest_z", "acc_ankle_x", "acc_ankle_y", "acc_ankle_z",
                     "acc_arm_x", "acc_arm_y", "acc_arm_z"},
        .target = "ecg_lead_1",
        .model_window = minute,
        .truth = {.target = "ecg_lead_1",
                  .intercept = 0,
                  .terms = {{"acc_chest_x", 0.3}, {"acc_ankle_y", -0.2}, {"acc_arm_z", 0.1}},
                  .noise = 0.3},
    };
}

DataSet grid() {
    return {
        .name = "GRID",
        .other_name = "",
        .doc = "electricity that households use",
        .number = 3,
        .n_sensors = 6435,
        .start = 1262304000000,
        .arrival = "normal, 10,000/s",
        .texts = {{"meterid", "string"}},
        .numbers = {{"energyconsumed", "kWh", 3}},
        .observed = {"energyconsumed"},
        .spoilt = {"energyconsumed"},
        .ranges = {{"energyconsumed", 1.828, 36.658}},
        .features = {},
        .target = "",
        .truth = {.target = ""},
    };
}

DataSet taxi() {
    return {
        .name = "TAXI",
        .other_name = "",
        .doc = "trips of taxis and what they cost",
        .number = 4,
        .n_sensors = 20355,
        .start = 1358121600000,
        .arrival = "bimodal, 300/s and 3,200 to 4,000/s",
        .texts = {{"taxi_identifier", "string"},
                  {"hack_license", "string"},
                  {"pickup_datetime", "time"},
                  {"pickup_longitude", "lon"},
                  {"pickup_latitude", "lat"},
                  {"dropoff_longitude", "lon"},
                  {"dropoff_latitude", "lat"},
                  {"payment_type", "string"}},
        .numbers = {{"trip_time_in_secs", "second", 0},
                    {"trip_distance", "meter", 2},
                    {"fare_amount", "dollar", 2},
                    {"surcharge", "percentage", 2},
                    {"mta_tax", "percentage", 2},
                    {"tip_amount", "dollar", 2},
                    {"tolls_amount", "dollar", 2},
                    {"total_amount", "dollar", 2}},
        .observed = {"trip_time_in_secs", "trip_distance", "fare_amount", "surcharge", "mta_tax",
                     "tip_amount", "tolls_amount", "total_amount"},
        .spoilt = {"trip_time_in_secs", "trip_distance", "fare_amount"},
        // Those of tip and tolls are the published ones: they refuse trips without either.
        .ranges = {{"trip_time_in_secs", 140, 3155},
                   {"trip_distance", 1.37, 29.86},
                   {"fare_amount", 6, 201},
                   {"tip_amount", 0.65, 38.55},
                   {"tolls_amount", 2.5, 18}},
        .features = {"trip_time_in_secs", "trip_distance"},
        .target = "fare_amount",
        .model_window = 24 * hour,
        .truth = {.target = "fare_amount",
                  .intercept = 2.5,
                  .terms = {{"trip_time_in_secs", 0.005}, {"trip_distance", 2.1}},
                  .noise = 0.5},
    };
}

bool same_letters(std::string_view a, std::string_view b) {
    auto const lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::vector<DataSet> const& data_sets() {
    static std::vector<DataSet> const sets{sys(), fit(), grid(), taxi()};
    return sets;
}

DataSet const* find_data_set(std::string_view name) {
    if (name.empty()) return nullptr;
    for (auto const& set : data_sets())
        if (same_letters(set.name, name) || same_letters(set.other_name, name)) return &set;
    return nullptr;
}

std::vector<std::string_view> const& shape_names() {
    static std::vector<std::string_view> const names{"uniform", "normal", "bimodal"};
    return names;
}

}  // namespace vaster::stream
