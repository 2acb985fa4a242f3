# What `cmake --install` puts where, and what `cpack` makes of it: a Debian package.
include(VasterExport)
install(TARGETS vaster RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(PROGRAMS scripts/vaster-mpirun DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY data/ DESTINATION ${CMAKE_INSTALL_DATADIR}/vaster FILES_MATCHING PATTERN "*.csv" PATTERN "*.toml")
install(DIRECTORY slurm/ DESTINATION ${CMAKE_INSTALL_DATADIR}/vaster/slurm USE_SOURCE_PERMISSIONS)
install(FILES README.md LICENSE CHANGELOG.md SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs PATTERN "*.1" EXCLUDE)
install(FILES data/va/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/data/va)
install(FILES docs/vaster.1 docs/vaster-mpirun.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES scripts/packaging/completion/vaster.bash RENAME vaster
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES scripts/packaging/completion/vaster.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES scripts/packaging/completion/_vaster DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME vaster)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_CONTACT "The vaster authors <vaster@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Verbal-autopsy model comparison across sites, on MPI ranks")
set(CPACK_PACKAGE_DESCRIPTION
"Verbal autopsy assigns causes of death where no doctor saw the patient. vaster
trains and tests models for it within sites and across sites, hundreds of
experiments over the ranks of a cluster or the cores of a workstation, into
one HDF5 file that survives every interruption.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)           # libraries: what the program is linked to
set(CPACK_DEBIAN_PACKAGE_DEPENDS "openmpi-bin")  # mpirun is not a library
if(VASTER_WITH_SOLVERS)  # loaded or started when a problem is solved, never linked
  set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "coinor-libcbc3, coinor-libclp1, coinor-libipopt1v5, libnlopt0, glpk-utils")
endif()
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "slurm-client, python3-h5py, python3-pandas, r-cran-hdf5r")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
  WORLD_READ WORLD_EXECUTE)
# Whoever runs studies needs neither archives nor headers: no component "development".
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};vaster;Unspecified;/")
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/scripts/cmake/VasterDebian.cmake")
set(CPACK_VASTER_COPYRIGHT "${PROJECT_SOURCE_DIR}/scripts/packaging/debian/copyright")
include(CPack)
