# The Debian package: cpack -G DEB
set(CPACK_PACKAGE_NAME duenna)
set(CPACK_PACKAGE_CONTACT "The Duenna authors <duenna@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "chaperone for AI agents")
set(CPACK_PACKAGE_DESCRIPTION
	"Runs an AI agent under supervision: what it and its children do to files, programs\n\
and hosts is judged by rules, asked, and recorded. Needs no root and no container.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
