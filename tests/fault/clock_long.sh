#!/bin/sh
# The deadline of a job whose clock was set back, too.
exec sh "$SOURCE/tests/fault/clock.sh" all
