#include "xgboost_handles.hpp"

#include <cstdint>
#include <new>

#include <fmt/format.h>

#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models::xgb {

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

Matrix make_matrix(std::span<float const> values, std::size_t n_columns) {
    VASTER_EXPECTS(n_columns > 0 && values.size() % n_columns == 0);
    // NumPy's array interface, version 3: the address, then whether it is read-only.
    std::string const array =
        fmt::format(R"({{"data": [{}, true], "shape": [{}, {}], "typestr": "<f4", "version": 3}})",
                    reinterpret_cast<std::uintptr_t>(values.data()), values.size() / n_columns, n_columns);
    DMatrixHandle handle = nullptr;
    check(XGDMatrixCreateFromDense(array.c_str(), R"({"missing": NaN, "nthread": 1})", &handle),
          "the answers");
    return Matrix(handle);
}

void set_info(Matrix const& matrix, char const* field, std::span<float const> values) {
    check(XGDMatrixSetFloatInfo(matrix.get(), field, values.data(), values.size()), field);
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

std::vector<float> predict(Booster const& booster, Matrix const& matrix, std::size_t n_rows,
                           std::size_t n_classes) {
    static constexpr char config[] =
        R"({"type": 0, "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": true})";
    bst_ulong const* shape = nullptr;
    bst_ulong n_dims = 0;
    float const* scores = nullptr;
    check(XGBoosterPredictFromDMatrix(booster.get(), matrix.get(), config, &shape, &n_dims, &scores),
          "to predict");
    require<ModelError>(
        n_dims == 2 && shape[0] == n_rows && shape[1] == n_classes,
        "XGBoost's prediction has not the shape {} x {}; is the library newer than this program?", n_rows,
        n_classes);
    return {scores, scores + n_rows * n_classes};
}

}  // namespace vaster::models::xgb
