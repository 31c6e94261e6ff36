#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the board's clock says, beside a counter of the chip that nobody else uses. Usage: time.sh
# SOURCE_FOLDER IMAGE_FOLDER
set -u
. "$1/test/target/lib.sh"

("$board" "$images" test_sleeper - </dev/null >out 2>err)
is $? 0 "$(cat out err)"
cat out
echo 'all is well'
