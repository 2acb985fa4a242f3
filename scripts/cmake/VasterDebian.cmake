# Run by cpack on the tree that it is about to pack: what Debian wants to be otherwise than `cmake --install` makes it.
set(tree "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share")
file(REMOVE "${tree}/doc/vaster/LICENSE")
configure_file("${CPACK_VASTER_COPYRIGHT}" "${tree}/doc/vaster/copyright" COPYONLY)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE "${tree}/doc/vaster/changelog"
"vaster (${CPACK_PACKAGE_VERSION}) bookworm; urgency=medium

  * See CHANGELOG.md.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
file(RENAME "${tree}/zsh/site-functions" "${tree}/zsh/vendor-completions")
foreach(file IN ITEMS doc/vaster/changelog man/man1/vaster.1 man/man1/vaster-mpirun.1)
  execute_process(COMMAND gzip -9nf "${tree}/${file}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
