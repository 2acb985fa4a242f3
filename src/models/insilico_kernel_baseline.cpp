#define VASTER_KERNEL_LANES 2
#define VASTER_KERNEL_VERSION baseline
#define VASTER_KERNEL_NAME "baseline"
#include "models/insilico_kernel_loops.hpp"
