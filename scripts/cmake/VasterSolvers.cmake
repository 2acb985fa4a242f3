# The solvers of optimisation problems. Their headers are needed to build; their libraries are loaded when a problem is solved, so
# that nothing is linked (docs/decisions/0014-solvers-are-loaded-or-run.md). VASTER_*_SONAME: what they are called here.
if(NOT VASTER_WITH_SOLVERS)
  return()
endif()
find_program(VASTER_OBJDUMP objdump REQUIRED)

function(vaster_solver name library header package)
  find_library(VASTER_${name}_LIBRARY ${library})
  find_path(VASTER_${name}_INCLUDE_DIR ${header})
  if(NOT VASTER_${name}_LIBRARY OR NOT VASTER_${name}_INCLUDE_DIR)
    message(FATAL_ERROR "lib${library} and <${header}> were not found: install ${package} (scripts/install-dependencies), or build without "
      "'vaster solve': -DVASTER_WITH_SOLVERS=OFF")
  endif()
  execute_process(COMMAND "${VASTER_OBJDUMP}" -p "${VASTER_${name}_LIBRARY}" OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "SONAME +([^\n ]+)" found "${text}")
  set(VASTER_${name}_SONAME "${CMAKE_MATCH_1}" PARENT_SCOPE)
endfunction()

vaster_solver(CLP Clp coin/Clp_C_Interface.h coinor-libclp-dev)
vaster_solver(CBC CbcSolver coin/Cbc_C_Interface.h coinor-libcbc-dev)
vaster_solver(IPOPT ipopt coin/IpStdCInterface.h coinor-libipopt-dev)
vaster_solver(NLOPT nlopt nlopt.h libnlopt-dev)
