#include "core/store/resume.hpp"

#include <set>

#include "core/store/layout.hpp"
#include "core/store/reader.hpp"
#include "core/store/writer.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::store {

Resumed prepare_resume(std::filesystem::path const& path, FailedRows failed_rows,
                       std::vector<study::ExperimentIndex> const& again) {
    Resumed resumed;
    std::set<std::uint64_t> torn;
    for (auto& bad : verify(path)) {
        require<DataError>(bad.row.has_value(),
                           "{}: {}; the study cannot be resumed: use an intact copy, or start a new study",
                           path.string(), bad.text());
        if (bad.table != records_path) continue;
        torn.insert(*bad.row);
        resumed.torn.push_back(std::move(bad));
    }
    std::set<std::uint64_t> renewed(again.begin(), again.end());
    renewed.insert(torn.begin(), torn.end());
    Reader const study(path);
    Writer writer(path);
    for (std::size_t row = 0; row < study.size(); ++row) {
        auto const status = study.status(row);
        bool const open = study.stage(row) == study.stages() || failed_rows == FailedRows::retry_all_stages;
        bool const retry = status == study::Status::failed && failed_rows != FailedRows::keep && open;
        if (!renewed.contains(row) && !retry) {
            if (status == study::Status::done) ++resumed.done;
            if (status == study::Status::failed) ++resumed.failed;
            if (status == study::Status::failed && !open) ++resumed.closed;
            if (status == study::Status::skipped) ++resumed.skipped;
            if (status >= study::Status::done) continue;
        }
        if (retry) ++resumed.retried;
        if (renewed.contains(row) || retry || status == study::Status::running) writer.reset(row);
        if (study.experiment(row).skip_reason.empty())
            resumed.pending.push_back(row);
        else
            ++resumed.skipped;
    }
    writer.sync();
    return resumed;
}

}  // namespace vaster::store
