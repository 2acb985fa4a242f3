#include "core/store/row_window.hpp"

#include <algorithm>

namespace vaster::store {

std::uint64_t rows_of_block(Table const& table) {
    constexpr std::uint64_t block_bytes = std::uint64_t{1} << 20U;
    return std::max<std::uint64_t>(1, block_bytes / table.type().size);
}

std::span<std::byte const> RowWindow::row(std::uint64_t row) {
    auto const length = table_->type().size;
    if (row < first_ || row - first_ >= n_) {
        bool const in_order = row == next_;
        auto const left = table_->n_rows() - std::min(row, table_->n_rows());
        auto const n = in_order ? std::clamp<std::uint64_t>(left, 1, rows_of_block(*table_)) : 1;
        n_ = 0;  // nothing is there if the read fails
        bytes_.resize(n * length);
        table_->data().read_rows(row, bytes_);
        first_ = row;
        n_ = n;
    }
    next_ = row + 1;
    return std::span<std::byte const>(bytes_).subspan((row - first_) * length, length);
}

}  // namespace vaster::store
