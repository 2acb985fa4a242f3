#define VASTER_KERNEL_LANES 2
#define VASTER_KERNEL_VERSION baseline
#define VASTER_KERNEL_NAME "baseline"
#include "domains/va/models/insilico/kernel_loops.hpp"
