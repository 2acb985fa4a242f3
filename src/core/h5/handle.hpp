#pragma once

#include <string>
#include <utility>

#include <fmt/core.h>
#include <hdf5.h>

#include "vaster/support/errors.hpp"

namespace vaster::h5 {

/// HDF5's own words for its last error: the innermost reason, or "" when it left none. Clears them.
[[nodiscard]] std::string take_reason();

/// Keeps HDF5 from printing to standard error; every failure becomes an exception here.
void silence();

/// Throws E with the text and HDF5's own reason unless `holds`.
template <class E, class... Args>
void require_h5(bool holds, fmt::format_string<Args...> text, Args&&... args) {
    if (holds) return;
    std::string message = fmt::format(text, std::forward<Args>(args)...);
    std::string const reason = take_reason();
    throw E(reason.empty() ? message : message + ": " + reason);
}

/// An HDF5 identifier that is closed when it goes. Every file here belongs to one process alone (HDF5's own
/// driver or MPI_COMM_SELF), so that no close waits for another rank and unwinding may close.
template <auto close>
class Handle {
  public:
    Handle() = default;

    explicit Handle(hid_t id) noexcept : id_(id) {}

    Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}

    Handle& operator=(Handle&& other) noexcept {
        if (this != &other) reset(std::exchange(other.id_, H5I_INVALID_HID));
        return *this;
    }

    Handle(Handle const&) = delete;
    Handle& operator=(Handle const&) = delete;

    ~Handle() { reset(H5I_INVALID_HID); }

    [[nodiscard]] hid_t get() const noexcept { return id_; }

    [[nodiscard]] explicit operator bool() const noexcept { return id_ >= 0; }

    /// Closes now and says whether that worked: closing is when HDF5 writes what it kept back.
    [[nodiscard]] bool close_now() noexcept {
        hid_t const id = std::exchange(id_, H5I_INVALID_HID);
        return id < 0 || close(id) >= 0;
    }

  private:
    void reset(hid_t id) noexcept {
        if (id_ >= 0) close(id_);
        id_ = id;
    }

    hid_t id_ = H5I_INVALID_HID;
};

using File = Handle<H5Fclose>;
using Group = Handle<H5Gclose>;
using DatasetId = Handle<H5Dclose>;
using Space = Handle<H5Sclose>;
using Type = Handle<H5Tclose>;
using AttributeId = Handle<H5Aclose>;
using PropertyList = Handle<H5Pclose>;
using ObjectId = Handle<H5Oclose>;

}  // namespace vaster::h5
