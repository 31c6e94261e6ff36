# SPDX-License-Identifier: Apache-2.0
# What the build for this machine and those for bare boards have in common.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(FARFLASH_WERROR "Warnings are errors" ON)
set(far_warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wundef
  -Wmissing-prototypes -Wstrict-prototypes -Wcast-qual -Wswitch-enum -Wvla -Wformat=2)
if(FARFLASH_WERROR)
  list(APPEND far_warnings -Werror)
endif()
add_compile_options("$<$<COMPILE_LANGUAGE:C>:${far_warnings}>")

option(FARFLASH_COVERAGE "Count the branches taken in the freestanding rooms" OFF)

# The freestanding rooms see no hosted header and call nothing but mem*.
function(far_freestanding target)
  add_library(${target} STATIC ${ARGN})
  target_compile_options(${target} PRIVATE -ffreestanding)
  if(FARFLASH_COVERAGE) # as written, not as optimised; the tests around them stay fast
    target_compile_options(${target} PRIVATE --coverage -O0)
    target_link_options(${target} INTERFACE --coverage)
  endif()
endfunction()

get_filename_component(far_top ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
# Every include names its room from the top: "core/md5.h", "farflash/flash.h".
include_directories(${far_top} ${far_top}/include)
