#include <algorithm>
#include <cctype>

#include "domains/stream/tasks/catalogue.hpp"

namespace vaster::stream {
namespace {

bool same_letters(std::string_view a, std::string_view b) {
    auto const lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::vector<TaskKind> const& task_kinds() {
    static std::vector<TaskKind> const kinds{
        accumulate_task(),
        annotate_task(),
        average_task(),
        blob_download_task(),
        blob_upload_task(),
        bloom_filter_task(),
        bloom_train_task(),
        classes_task(),
        csv_to_senml_task(),
        distinct_task(),
        interpolate_task(),
        kalman_task(),
        local_zip_task(),
        noop_task(),
        plot_task(),
        publish_task(),
        range_filter_task(),
        regression_predict_task(),
        regression_train_task(),
        remote_zip_task(),
        second_moment_task(),
        senml_parse_task(),
        sliding_regression_task(),
        subscribe_task(),
        table_insert_task(),
        table_lookup_task(),
        table_range_task(),
        tree_classify_task(),
        tree_train_task(),
        viete_task(),
        xml_parse_task(),
    };
    return kinds;
}

TaskKind const* find_task(std::string_view code_or_name) {
    for (auto const& kind : task_kinds())
        if (same_letters(kind.code, code_or_name) || same_letters(kind.name, code_or_name)) return &kind;
    return nullptr;
}

}  // namespace vaster::stream
