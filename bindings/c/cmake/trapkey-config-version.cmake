# The version of the installed library, from its header.

file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/../../../include/trapkey.h" _trapkey_lines
    REGEX "^#define TRAPKEY_VERSION_(MAJOR|MINOR|PATCH) [0-9]+$")
string(REGEX REPLACE "[^0-9;]" "" _trapkey_numbers "${_trapkey_lines}")
string(REPLACE ";" "." PACKAGE_VERSION "${_trapkey_numbers}")

# Before 1.0 each minor version may break.
if(PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION)
    set(PACKAGE_VERSION_COMPATIBLE FALSE)
elseif(PACKAGE_FIND_VERSION_COUNT GREATER 1 AND
       NOT PACKAGE_VERSION MATCHES "^${PACKAGE_FIND_VERSION_MAJOR}\\.${PACKAGE_FIND_VERSION_MINOR}\\.")
    set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
    if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
        set(PACKAGE_VERSION_EXACT TRUE)
    endif()
endif()
