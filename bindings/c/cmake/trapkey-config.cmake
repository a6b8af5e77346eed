# find_package(trapkey): the targets trapkey::trapkey, shared, and trapkey::trapkey_static.

include(CMakeFindDependencyMacro)
find_dependency(Threads)

# This file is installed as PREFIX/share/trapkey/cmake/trapkey-config.cmake.
get_filename_component(_trapkey_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

find_path(TRAPKEY_INCLUDE_DIR trapkey.h PATHS "${_trapkey_prefix}/include" NO_DEFAULT_PATH)
find_library(TRAPKEY_SHARED_LIBRARY NAMES libtrapkey.so libtrapkey.dylib trapkey
    PATHS "${_trapkey_prefix}/lib" "${_trapkey_prefix}/lib64"
    PATH_SUFFIXES "${CMAKE_LIBRARY_ARCHITECTURE}" NO_DEFAULT_PATH)
find_library(TRAPKEY_STATIC_LIBRARY NAMES libtrapkey.a
    PATHS "${_trapkey_prefix}/lib" "${_trapkey_prefix}/lib64"
    PATH_SUFFIXES "${CMAKE_LIBRARY_ARCHITECTURE}" NO_DEFAULT_PATH)
mark_as_advanced(TRAPKEY_INCLUDE_DIR TRAPKEY_SHARED_LIBRARY TRAPKEY_STATIC_LIBRARY)

if(NOT TRAPKEY_INCLUDE_DIR OR NOT (TRAPKEY_SHARED_LIBRARY OR TRAPKEY_STATIC_LIBRARY))
    set(trapkey_FOUND FALSE)
    set(trapkey_NOT_FOUND_MESSAGE "no trapkey.h or no libtrapkey under ${_trapkey_prefix}")
    return()
endif()

if(TRAPKEY_SHARED_LIBRARY AND NOT TARGET trapkey::trapkey)
    add_library(trapkey::trapkey SHARED IMPORTED)
    set_target_properties(trapkey::trapkey PROPERTIES
        IMPORTED_LOCATION "${TRAPKEY_SHARED_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${TRAPKEY_INCLUDE_DIR}")
endif()
if(TRAPKEY_STATIC_LIBRARY AND NOT TARGET trapkey::trapkey_static)
    add_library(trapkey::trapkey_static STATIC IMPORTED)
    set_target_properties(trapkey::trapkey_static PROPERTIES
        IMPORTED_LOCATION "${TRAPKEY_STATIC_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${TRAPKEY_INCLUDE_DIR}"
        INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m")
endif()
