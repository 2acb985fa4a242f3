# Run by cpack on the tree that it is about to pack: what Debian wants to be otherwise than `cmake --install` makes it.
set(tree "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share")
file(REMOVE "${tree}/doc/vaster/LICENSE")
configure_file("${CPACK_VASTER_COPYRIGHT}" "${tree}/doc/vaster/copyright" COPYONLY)
file(RENAME "${tree}/doc/vaster/CHANGELOG.md" "${tree}/doc/vaster/changelog")
foreach(file IN ITEMS doc/vaster/changelog man/man1/vaster.1)
  execute_process(COMMAND gzip -9nf "${tree}/${file}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
