#!/bin/sh
# A hundred kills of the whole run; then the same table, bit for bit, and the same trajectories.
exec sh "$SOURCE/tests/restart/kill_resume.sh" 100 xyz
