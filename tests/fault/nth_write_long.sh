#!/bin/sh
# Every single operation on journals, results file and trajectories fails once.
exec sh "$SOURCE/tests/fault/nth_write.sh" 1
