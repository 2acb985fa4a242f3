#include "domains/va/models/xgboost_handles.hpp"

#include <cstdint>
#include <new>

#include <fmt/core.h>

#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models::xgb {
namespace {

/// NumPy's array interface, version 3: the address, then whether it is read-only.
std::string array_interface(AnswerCodes const& codes) {
    return fmt::format(R"({{"data": [{}, true], "shape": [{}, {}], "typestr": "|u1", "version": 3}})",
                       reinterpret_cast<std::uintptr_t>(codes.values.data()), codes.n_rows(),
                       codes.n_columns);
}

/// The number that XGBoost takes for a hole.
char const* missing_mark(AnswerCodes const& codes) {
    return codes.two == AnswerCodes::Two::hole ? "2" : "NaN";
}

}  // namespace

std::string clean_reason(std::string_view text) {
    text = text.substr(0, text.find("\nStack trace"));
    // "[10:14:52] ../src/objective/multiclass_obj.cu:121: Check failed: ..."
    if (text.starts_with('[')) {
        if (auto const end = text.find("] "); end != text.npos) text.remove_prefix(end + 2);
        if (auto const end = text.find(": "); end != text.npos && text.substr(0, end).find(' ') == text.npos)
            text.remove_prefix(end + 2);
    }
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    return std::string(text);
}

void check(int status, std::string_view call) {
    if (status == 0) return;
    std::string_view const text = XGBGetLastError();
    if (text.find("bad_alloc") != text.npos) throw std::bad_alloc();
    throw ModelError(fmt::format("XGBoost refused {}: {}", call, clean_reason(text)));
}

Matrix make_matrix(AnswerCodes const& codes) {
    VASTER_EXPECTS(codes.n_columns > 0 && codes.values.size() % codes.n_columns == 0);
    std::string const config = fmt::format(R"({{"missing": {}, "nthread": 1}})", missing_mark(codes));
    DMatrixHandle handle = nullptr;
    check(XGDMatrixCreateFromDense(array_interface(codes).c_str(), config.c_str(), &handle), "the answers");
    return Matrix(handle);
}

void set_info(Matrix const& matrix, char const* field, std::span<float const> values) {
    check(XGDMatrixSetFloatInfo(matrix.get(), field, values.data(), values.size()), field);
}

Settings device_settings(std::optional<std::size_t> device, std::string const& tree_method) {
    if (!device) return {{"tree_method", tree_method}};
#if XGBOOST_VER_MAJOR >= 2
    return {{"tree_method", tree_method}, {"device", fmt::format("cuda:{}", *device)}};
#else  // names the device in the tree method
    VASTER_EXPECTS(tree_method == "hist");
    return {{"tree_method", "gpu_hist"}, {"gpu_id", fmt::format("{}", *device)}};
#endif
}

Booster make_booster(Matrix const& training, Settings const& settings) {
    DMatrixHandle const cached = training.get();
    BoosterHandle handle = nullptr;
    check(XGBoosterCreate(&cached, 1, &handle), "to make a booster");
    Booster booster(handle);
    for (auto const& [name, value] : settings)
        check(XGBoosterSetParam(booster.get(), name.c_str(), value.c_str()),
              fmt::format("{} = {}", name, value));
    return booster;
}

void boost_round(Booster const& booster, Matrix const& training, int round) {
    check(XGBoosterUpdateOneIter(booster.get(), round, training.get()), fmt::format("round {}", round + 1));
}

void boost_round(Booster const& booster, Matrix const& training, int round, std::vector<float>& first,
                 std::vector<float>& second) {
    VASTER_EXPECTS(first.size() == second.size());
    check(XGBoosterBoostOneIter(booster.get(), training.get(), first.data(), second.data(), first.size()),
          fmt::format("round {}", round + 1));
}

std::span<float const> training_scores(Booster const& booster, Matrix const& training) {
    constexpr auto config =
        R"({"type": 1, "training": true, "iteration_begin": 0, "iteration_end": 0, "strict_shape": true})";
    bst_ulong const* shape = nullptr;
    bst_ulong n_dims = 0;
    float const* scores = nullptr;
    check(XGBoosterPredictFromDMatrix(booster.get(), training.get(), config, &shape, &n_dims, &scores),
          "to say its scores");
    std::size_t n = 1;
    for (bst_ulong i = 0; i < n_dims; ++i) n *= shape[i];
    return {scores, n};
}

std::vector<float> predict(Booster const& booster, AnswerCodes const& codes, std::size_t n_classes) {
    std::string const config = fmt::format(
        R"({{"type": 0, "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": true,)"
        R"( "cache_id": 0, "missing": {}}})",
        missing_mark(codes));
    bst_ulong const* shape = nullptr;
    bst_ulong n_dims = 0;
    float const* scores = nullptr;
    check(XGBoosterPredictFromDense(booster.get(), array_interface(codes).c_str(), config.c_str(), nullptr,
                                    &shape, &n_dims, &scores),
          "to predict");
    std::size_t const n_rows = codes.n_rows();
    require<ModelError>(
        n_dims == 2 && shape[0] == n_rows && shape[1] == n_classes,
        "XGBoost's prediction does not have the shape {} x {}; is the library newer than this program?",
        n_rows, n_classes);
    return {scores, scores + n_rows * n_classes};
}

}  // namespace vaster::models::xgb
