#include "base/support/in_threads.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "vaster/support/contracts.hpp"

namespace vaster {
namespace {

/// What is shared by the threads.
class Pieces {
  public:
    Pieces(std::size_t n, std::function<void(std::size_t)> const& work) : n_(n), work_(work) {}

    /// Takes the next piece and does it. False: there is none.
    bool do_one() {
        std::size_t const i = next_.fetch_add(1);
        if (i >= n_) return false;
        try {
            work_(i);
        } catch (...) {
            fail(i, std::current_exception());
        }
        return true;
    }

    /// Nothing more is begun. Of several errors that of the lowest piece is kept.
    void fail(std::size_t i, std::exception_ptr error) {
        next_ = n_;
        std::lock_guard const lock(mutex_);
        if (i >= failed_ && error_) return;
        failed_ = i;
        error_ = std::move(error);
    }

    /// When all threads have ended.
    void throw_error() const {
        if (error_) std::rethrow_exception(error_);
    }

  private:
    std::size_t n_;
    std::function<void(std::size_t)> const& work_;
    std::atomic<std::size_t> next_ = 0;
    std::mutex mutex_;
    std::size_t failed_ = std::numeric_limits<std::size_t>::max();
    std::exception_ptr error_;
};

}  // namespace

void for_each_in_threads(Threads const& threads, std::size_t n, std::function<void(std::size_t)> const& work,
                         std::function<void()> const& look_up) {
    VASTER_EXPECTS(threads.n > 0);
    Pieces pieces(n, work);
    {
        std::vector<std::jthread> others;
        std::size_t const n_others = std::min(threads.n, std::max<std::size_t>(n, 1)) - 1;
        others.reserve(n_others);
        try {
            while (others.size() < n_others)
                others.emplace_back([&] {
                    run_on(threads.processors);
                    while (pieces.do_one()) {
                    }
                });
        } catch (std::system_error const&) {  // no more than these
        }
        try {
            do look_up();
            while (pieces.do_one());
        } catch (...) {
            pieces.fail(0, std::current_exception());
        }
    }
    pieces.throw_error();
}

}  // namespace vaster
