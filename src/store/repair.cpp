#include "vaster/store/repair.hpp"

#include <algorithm>

#include "layout.hpp"
#include "settled.hpp"
#include "study_file.hpp"

namespace vaster::store {

std::vector<std::uint64_t> mend_plan(std::filesystem::path const& path, study::Plan const& plan) {
    auto const file = open_study_for_rows(path, h5::Driver::direct);
    std::vector<std::uint64_t> mended;
    if (file.header.plan_hash != study::hash_of(plan)) return mended;
    auto const n = std::min<std::uint64_t>(plan.experiments.size(), file.plan.n_rows());
    auto const [rows, holds] = settled_rows(file.plan, n);
    for (std::uint64_t i = 0; i < n; ++i) {
        auto const mark = tail_of(file.plan.row_at(rows, i).bytes()).mark;
        if (holds[i] && file.plan.committed(mark)) continue;
        file.plan.commit(i, plan_row(file.plan.type(), file.schema, plan.experiments[i]), 0, 1);
        mended.push_back(i);
    }
    return mended;
}

}  // namespace vaster::store
