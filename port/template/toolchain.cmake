# SPDX-License-Identifier: Apache-2.0
# The compiler of the chip's cores, and the flags that every file needs.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv32)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_ASM_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # there is no C library to link a program with
set(CMAKE_C_FLAGS_INIT "-march=rv32imac_zicsr -mabi=ilp32")
set(CMAKE_ASM_FLAGS_INIT "-march=rv32imac_zicsr -mabi=ilp32")
# There is a library of the compiler's for rv32imac, but none by the name with zicsr.
execute_process(COMMAND ${CMAKE_C_COMPILER} -march=rv32imac -mabi=ilp32 -print-libgcc-file-name
  OUTPUT_VARIABLE FARFLASH_LIBGCC OUTPUT_STRIP_TRAILING_WHITESPACE)
