# SPDX-License-Identifier: Apache-2.0
# Programs for the tests that know no board, each for one core.
set(far_test_images ${CMAKE_CURRENT_LIST_DIR})

far_image(test_silent 1 far_core ${far_test_images}/silent.c)
far_image(test_writer 1 "far_mailbox_flash;far_update" ${far_test_images}/writer.c)
far_image(test_restarter 0 far_link ${far_test_images}/restarter.c ${far_top}/app/ipm_esp32/talk.c)

# far_trespass(NAME READ|WRITE|RUN|DIG|MASKED_READ ADDRESS): a program that does what core 1 must not.
function(far_trespass name what address)
  far_image(test_trespass_${name} 1 far_core ${far_test_images}/trespass.c)
  target_compile_definitions(test_trespass_${name} PRIVATE TRESPASS=${what} ADDRESS=${address}u)
endfunction()
